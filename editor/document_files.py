"""Reads and writes the files of a document in one worker thread, one job at a time, so that the window never waits for a disk.

    save, save, open  ->  [saves in the order asked]  ->  [the newest open]     each answered on the window's thread

A project is frozen: what is written is what was there when the user asked, whatever is edited meanwhile. Knows neither undo nor
what a project holds.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from editor.render_thread import for_the_user
from engine.errors import PatchreelError
from engine.folders import GENERATED, data_dir
from engine.project import file
from engine.project.assets import AssetStore, assets_folder, unsaved_assets_folder
from engine.project.file import Loaded
from engine.project.model import Project
from engine.project.own_copies import with_own_copies


@dataclass(slots=True, eq=False)
class Place:
    """Where one opened document lies. Saves that outlive the document keep its place, and so find its assets."""

    path: Path | None
    session: str
    """The journal's name of it."""

    @property
    def assets(self) -> AssetStore:
        return AssetStore(assets_folder(self.path) if self.path else unsaved_assets_folder(self.session))


@dataclass(frozen=True, slots=True, eq=False)
class SaveWish:
    """A project as it was when the user asked to save it, and the undo step it was at."""

    project: Project
    path: Path
    extra: Mapping[str, Any]
    index: int
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class OpenWish:
    """`load` runs in the worker thread; `seen` is the project that was shown when the user asked."""

    load: Callable[[], Loaded]
    path: Path | None
    session: str
    """The session to go on with; empty for a new one."""
    seen: Project


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[PatchreelError], None]


class DocumentFiles(QObject):
    """The queue. Lives on the window's thread, as do its signals.

    Signals: saved(SaveWish), save_failed(SaveWish, PatchreelError), read(OpenWish, Loaded),
    read_failed(OpenWish, PatchreelError), idle(): nothing runs and nothing waits any more.
    """

    saved = Signal(object)
    save_failed = Signal(object, object)
    read = Signal(object, object)
    read_failed = Signal(object, object)
    idle = Signal()
    _ended = Signal(object)

    def __init__(self, current: Callable[[], Project], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current = current
        self._worker: ThreadPoolExecutor | None = None
        self._running: tuple[Future[Any], _Job] | None = None
        self._follow_up: _Job | None = None
        self._saves: deque[SaveWish] = deque()
        self._writing: SaveWish | None = None
        self._open: OpenWish | None = None
        self.failures = 0
        """How many saves failed so far."""
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        return self._running is not None or self.is_saving or self._open is not None

    @property
    def is_saving(self) -> bool:
        return self._writing is not None or self._follow_up is not None or bool(self._saves)

    def is_saving_at(self, place: Place) -> bool:
        """Whether a save of that document is not over yet."""
        return any(wish.place is place for wish in (self._writing, *self._saves) if wish is not None)

    def save(self, wish: SaveWish) -> None:
        """Write after the saves that were asked for before; one to the same file that has not begun is replaced."""
        last = self._saves[-1] if self._saves else None
        if last is not None and (last.path, last.place) == (wish.path, wish.place):
            self._saves.pop()
        self._saves.append(wish)
        self._go_on()

    def open(self, wish: OpenWish) -> None:
        """Read when all saves are over, so that a file is read as it was saved. The newest wish wins; others are dropped."""
        self._open = wish
        self._go_on()

    def forget_open(self) -> None:
        self._open = None

    def finish(self, timeout_s: float) -> bool:
        """Wait for all saves without serving the window; wishes to open are dropped. False: one did not end in time."""
        self._open, until = None, monotonic() + timeout_s
        while self._running is not None:
            wait_for([self._running[0]], max(0.0, until - monotonic()))
            if not self._running[0].done():
                break
            self._deliver(self._running[0])
        if self._worker is not None:
            self._worker.shutdown(wait=self._running is None)
            self._worker = None
        return self._running is None

    # One after another

    def _go_on(self) -> None:
        if self._running is not None:
            return
        if self._follow_up is not None:
            job, self._follow_up = self._follow_up, None
            self._start(job)
        elif self._saves:
            self._start(self._write_job(self._saves.popleft()))
        elif self._open is not None:
            self._start(self._read_job(self._open))

    def _start(self, job: _Job) -> None:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="files")
        future = self._worker.submit(job.work)
        self._running = (future, job)
        future.add_done_callback(self._tell)

    def _tell(self, future: Future[Any]) -> None:
        """In the worker thread. The window may be gone where closing did not wait for the end."""
        with suppress(RuntimeError):
            self._ended.emit(future)

    @Slot(object)
    def _deliver(self, future: Future[Any]) -> None:
        if self._running is None or self._running[0] is not future:
            return  # `finish` was faster
        job, self._running = self._running[1], None
        error = future.exception()
        if error is None:
            job.done(future.result())
        else:
            job.failed(for_the_user(error))
        self._go_on()
        if not self.is_busy:
            self.idle.emit()

    # Saving

    def _write_job(self, wish: SaveWish) -> _Job:
        self._writing = wish
        old, seen = wish.place.assets, self._current()
        done = partial(self._wrote, wish, old, seen)
        return _Job(partial(_write, wish, wish.place.path, old), done, partial(self._not_written, wish))

    def _wrote(self, wish: SaveWish, old: AssetStore, seen: Project | None, _result: None) -> None:
        """A result that came during the save lies where the assets were: it goes along before that place is left."""
        if wish.path != wish.place.path and seen is not None and self._current() is not seen:
            copy = partial(old.copy_all_to, assets_folder(wish.path))
            self._start(_Job(copy, partial(self._wrote, wish, old, None), partial(self._not_written, wish)))
            return
        self._writing = None
        if wish.path != wish.place.path:
            leave = old.copy_all_to if wish.place.path else old.move_all_to
            self._follow_up = _Job(partial(leave, assets_folder(wish.path)), _nothing, partial(self._not_written, wish))
        self.saved.emit(wish)

    def _not_written(self, wish: SaveWish, error: PatchreelError) -> None:
        self._writing = None
        self.failures += 1
        self.save_failed.emit(wish, error)

    # Opening

    def _read_job(self, wish: OpenWish) -> _Job:
        return _Job(wish.load, partial(self._was_read, wish), partial(self._not_read, wish))

    def _was_read(self, wish: OpenWish, loaded: Loaded) -> None:
        """Where a save was asked for meanwhile it comes first, and the file is read again after it."""
        if wish is self._open and not self._saves:
            self._open = None
            self.read.emit(wish, loaded)

    def _not_read(self, wish: OpenWish, error: PatchreelError) -> None:
        if wish is self._open:
            self._open = None
            self.read_failed.emit(wish, error)


def _nothing(_result: object) -> None:
    """The end of a job that nobody waits for."""


def _write(wish: SaveWish, own: Path | None, assets: AssetStore) -> None:
    """In the worker thread. The assets are there before the file that names them, generated clips among them."""
    target = AssetStore(assets_folder(wish.path))
    if wish.path != own:
        assets.copy_all_to(target.folder)
    project = with_own_copies(wish.project, target, (assets.folder, data_dir() / GENERATED))
    file.save(project, wish.path, wish.extra)
