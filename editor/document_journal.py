"""Keeps the journal of one document: after each change, at most every three seconds, never on the window's thread.

change -> timer (3 s) -> frozen project -> one writer thread -> DATA/journal/<session>.patchreel
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from engine.errors import PatchreelError
from engine.project import journal
from engine.project.file import writer
from engine.project.model import Project

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is written: the project as it is at that moment. `edits` 0 means that there is nothing to recover."""

    project: Project
    path: Path | None
    edits: int
    extra: Mapping[str, Any]


class DocumentJournal(QObject):
    """Writes the journal of one session after another; holds a lock on the one it writes.

    Signals:
        written(entry: JournalEntry): the session is safe on the disk.
        failed(sentence: str): it is not; the disk is full, say. Emitted from the writer thread: connect bound slots.
    """

    written = Signal(object)
    failed = Signal(str)

    def __init__(self, take: Callable[[], Snapshot], interval_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take = take
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self.write_now)
        self._writer: ThreadPoolExecutor | None = None
        self._waiting: Future[None] | None = None
        self._lock: QLockFile | None = None
        self._text = writer()
        self._is_worked_on = False
        self.session = journal.new_session()

    def schedule(self) -> None:
        """Something changed: write within the interval. A timer that runs is not put off, so busy hands are journalled too."""
        if not self._timer.isActive():
            self._timer.start()

    def note_work(self) -> None:
        """The user edited what is open: if it was recovered, that went well, and its tries are forgotten at the next writing."""
        self._is_worked_on = True

    @property
    def is_waiting(self) -> bool:
        """Whether something will be written within the interval, or is being written."""
        return self._timer.isActive() or (self._waiting is not None and not self._waiting.done())

    def write_now(self) -> Future[None]:
        """Write, or remove the entry where there is nothing to recover; returns at once. What waits to be written is replaced."""
        self._timer.stop()
        snapshot = self._take()
        self._hold_lock()
        if self._waiting is not None:
            self._waiting.cancel()  # one that runs already goes on
        self._waiting = self._submit(self._write, self.session, snapshot, self._is_worked_on)
        return self._waiting

    def begin(self, session: str = "", *, keep: bool = False) -> None:
        """End the session cleanly, and begin another one (or go on with one that was recovered); returns at once.

        Args:
            keep: what is there is written and stays, since a save of it is not over yet.
        """
        self._leave(keep)
        self._is_worked_on = False
        self.session = session or journal.new_session()

    def end(self, timeout_s: float, *, keep: bool = False) -> bool:
        """Remove the entry (the user saved or chose not to) or keep it; wait for the writer. False: it did not end in time."""
        last = self._leave(keep)
        ended = not wait_for([last], timeout_s).not_done if last is not None else True
        if self._writer is not None:
            self._writer.shutdown(wait=ended)
            self._writer = None
        return ended

    def _leave(self, keep: bool) -> Future[None] | None:
        self._timer.stop()
        if keep:
            self.write_now()
        elif self._waiting is not None:
            self._waiting.cancel()
        self._waiting = None
        lock, self._lock = self._lock, None
        if self._writer is None:
            _retire(self.session, lock, keep)
            return None
        return self._submit(_retire, self.session, lock, keep)

    def _submit(self, work: Callable[..., None], *arguments: Any) -> Future[None]:
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        return self._writer.submit(work, *arguments)

    def _hold_lock(self) -> None:
        if self._lock is None:
            self._lock = _lock_of(self.session)
            self._lock.tryLock(0)

    def _write(self, session: str, snapshot: Snapshot, is_worked_on: bool) -> None:
        if snapshot.edits == 0:
            journal.remove_entry(session)
            return
        try:
            entry = journal.write_entry(session, snapshot.project, snapshot.path, snapshot.edits, snapshot.extra, self._text)
        except PatchreelError as error:
            _log.warning("journal not written: %s", error)
            self.failed.emit(f"The journal cannot be written, so a crash would lose unsaved work. {error}")
        else:
            if is_worked_on:
                journal.forget_tries(session)
            self.written.emit(entry)


def _retire(session: str, lock: QLockFile | None, keep: bool) -> None:
    """Nothing is written to the session any more."""
    if not keep:
        journal.remove_entry(session)
    if lock is not None:
        lock.unlock()


def recoverable() -> list[journal.JournalEntry]:
    """Sessions that ended without being closed; those another window has open are left out."""
    return [entry for entry in journal.entries() if not _is_open(entry.session)]


def _is_open(session: str) -> bool:
    lock = _lock_of(session)
    is_free = lock.tryLock(0)
    if is_free:
        lock.unlock()
    return not is_free


def _lock_of(session: str) -> QLockFile:
    journal.journal_dir().mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(journal.lock_file(session)))
    lock.setStaleLockTime(0)  # never stale by age, only when its process is gone
    return lock
