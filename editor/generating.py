"""Who generates for the project that is open: one `Generating` of the engine at a time, its news brought to the window's thread.

    window -> ask(what, do) -> [a thread] -> answered(what, about, result) or refused(what, about, error)

Nothing here waits. What was under way when the program ended is taken up by `start`.
"""

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from editor.lane import Lane, Work
from editor.render_thread import RenderThread
from engine.jobs.generation_values import Generating
from engine.running import CancelToken, Report

GATHER_MS = 60
"""News of so much time is one reading of the list."""

Make = Callable[[str], Generating]
"""Makes the one for a project, by its name in the store."""

Ask = Callable[[Generating, CancelToken, Report], Any]
"""What is done with it, on a background thread."""


class GeneratingNow(QObject):
    """Those of other projects that were open go on with what is under way.

    Signals, all on the window's thread: listed(tuple of Generation, newest first, deleted ones too), replaced(): another project,
    answered(what, about, result), refused(what, about, PatchreelError), dropped(what, about): cancelled.
    """

    listed = Signal(object)
    replaced = Signal()
    answered = Signal(str, object, object)
    refused = Signal(str, object, object)
    dropped = Signal(str, object)
    _news = Signal(str)

    def __init__(
        self, make: Make, project: str, work: RenderThread, asking: RenderThread, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make, self._project = make, project
        self._made: dict[str, Generating] = {}
        self._waiting: list[Callable[[], object]] = []
        self._work, self._asking = Lane(work, self), Lane(asking, self)
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self.read)
        self._news.connect(self._changed)
        for lane in (self._work, self._asking):
            lane.done.connect(self._done)
            lane.failed.connect(self._failed)
            lane.cancelled.connect(self._dropped)

    @property
    def now(self) -> Generating:
        """The one for the open project."""
        if self._project not in self._made:
            self._take(self._project, self._make(self._project))
        return self._made[self._project]

    @property
    def project(self) -> str:
        """The name of the open project in the store."""
        return self._project

    @property
    def is_used(self) -> bool:
        """Whether anything was ever asked for."""
        return bool(self._made)

    def when_ready(self, then: Callable[[], object]) -> None:
        """Once the one for the open project is made: at once where it is. The first one brings a dozen modules with it, so it is
        made in the background.
        """
        if self._project in self._made:
            then()
            return
        self._waiting.append(then)
        if len(self._waiting) == 1:
            project = self._project
            self._work.give(Work("make", lambda _cancel, _report: self._make(project), project))

    def start(self) -> None:
        """Take up what ended programs left, and read the list."""
        self.ask("resume", lambda now, _cancel, _report: now.resume())
        self.read()

    def replace(self, project: str, *, is_same: bool) -> None:
        """Another project is open; where it `is_same`, it has got a file and with it this name in the store."""
        before, self._project = self._project, project
        if project == before or not self._made:
            return
        if is_same and before in self._made:
            self._made[project] = self._made.pop(before)
            self._made[project].move_to(project)
        self.replaced.emit()
        self.read()

    def close(self) -> None:
        """End what runs; it goes on at the next start."""
        self._gather.stop()
        self._asking.stop_all()
        for made in self._made.values():
            made.changed = _nobody
            made.close()
        self._made.clear()

    def read(self) -> None:
        """Read the list again."""
        self.ask("list", lambda now, _cancel, _report: now.listed(with_trash=True))

    def ask(self, what: str, do: Ask, about: Any = None) -> None:
        """In the background, one after another."""
        now = self.now
        self._work.give(Work(what, lambda cancel, report: do(now, cancel, report), about))

    def send(self, what: str, do: Ask, about: Any = None) -> int:
        """The same for what may wait for the user's decision; returns what `stop_sending` takes."""
        now = self.now
        return self._asking.give(Work(what, lambda cancel, report: do(now, cancel, report), about))

    def stop_sending(self, ticket: int) -> None:
        """Give up what waits."""
        self._asking.stop(ticket)

    # Inside

    def _take(self, project: str, made: Generating) -> None:
        if project not in self._made:
            made.changed = self._news.emit
            self._made[project] = made
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            self.when_ready(then)

    @Slot(str)
    def _changed(self, _generation: str) -> None:
        if not self._gather.isActive():
            self._gather.start()

    @Slot(object, object)
    def _done(self, work: Work, result: object) -> None:
        if work.what == "make":
            self._take(work.about, cast(Generating, result))
        elif work.what == "list":
            self.listed.emit(result)
        else:
            self.answered.emit(work.what, work.about, result)

    @Slot(object, object)
    def _failed(self, work: Work, error: object) -> None:
        if work.what == "make":
            self._waiting.clear()  # whoever comes next has it made anew
        self.refused.emit(work.what, work.about, error)

    @Slot(object)
    def _dropped(self, work: Work) -> None:
        if work.what == "make":
            self._waiting.clear()
        self.dropped.emit(work.what, work.about)


def _nobody(_generation: str) -> None:
    """The news of a project that is no longer open."""
