"""What runs in the background, for people: one entry per job with its name, how far it is, how it ended. Runs nothing itself."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import count

from PySide6.QtCore import QObject, Signal

from engine.running import Progress

MOST_FINISHED = 50


class JobState(Enum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class JobEntry:
    """One job. `wishes` are what can be done with it once it has ended: words -> what they do."""

    id: int
    icon_name: str
    name: str
    cancel: Callable[[], None]
    state: JobState = JobState.RUNNING
    progress: Progress = field(default_factory=lambda: Progress(0.0))
    sentence: str = ""
    wishes: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self.began

    @property
    def rest(self) -> str:
        """ "Encoding, 42 %, about 4 s left"."""
        share = self.progress.fraction
        words = [self.progress.text, f"{int(share * 100)} %" if share > 0 else "waiting", left_words(self.elapsed, share)]
        return ", ".join(word for word in words if word)


def left_words(elapsed: float, share: float) -> str:
    """ "about 4 s left", once there is something to judge by."""
    if elapsed < 1 or not 0.03 <= share < 1:
        return ""
    left = elapsed * (1 - share) / share
    return f"about {max(1, round(left))} s left" if left < 90 else f"about {round(left / 60)} min left"


class JobsBoard(QObject):
    """Signals carry the id of an entry; `running_changed` how many run."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    running_changed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids = count(1)
        self._entries: dict[int, JobEntry] = {}

    @property
    def entries(self) -> tuple[JobEntry, ...]:
        """In the order in which they began."""
        return tuple(self._entries.values())

    @property
    def running(self) -> int:
        return sum(entry.state is JobState.RUNNING for entry in self._entries.values())

    def entry(self, entry_id: int) -> JobEntry | None:
        return self._entries.get(entry_id)

    def add(self, icon_name: str, name: str, cancel: Callable[[], None]) -> int:
        """A job that was asked for; `cancel` is called when the user wants it to stop."""
        made = JobEntry(next(self._ids), icon_name, name, cancel)
        self._entries[made.id] = made
        self.added.emit(made.id)
        self.running_changed.emit(self.running)
        return made.id

    def rename(self, entry_id: int, name: str) -> None:
        """Another name, where what it does has changed."""
        entry = self._entries.get(entry_id)
        if entry is not None and entry.name != name:
            entry.name = name
            self.changed.emit(entry_id)

    def report(self, entry_id: int, progress: Progress) -> None:
        """How far it is."""
        entry = self._entries.get(entry_id)
        if entry is not None and entry.state is JobState.RUNNING:
            entry.progress = progress
            self.changed.emit(entry_id)

    def finish(
        self, entry_id: int, state: JobState, sentence: str, wishes: Mapping[str, Callable[[], object]] | None = None
    ) -> None:
        """How it ended, in a few words, and what can be done now."""
        entry = self._entries.get(entry_id)
        if entry is not None and entry.state is JobState.RUNNING:
            entry.state, entry.sentence, entry.wishes = state, sentence, wishes or {}
            self.changed.emit(entry_id)
            self.running_changed.emit(self.running)
            self._drop_oldest()

    def remove(self, entry_id: int) -> None:
        """Forget it."""
        entry = self._entries.pop(entry_id, None)
        if entry is not None:
            self.removed.emit(entry_id)
            self.running_changed.emit(self.running)

    def clear_finished(self) -> None:
        """Forget what has ended."""
        for entry in self.entries:
            if entry.state is not JobState.RUNNING:
                self.remove(entry.id)

    def _drop_oldest(self) -> None:
        ended = [entry for entry in self.entries if entry.state is not JobState.RUNNING]
        for entry in ended[: max(0, len(ended) - MOST_FINISHED)]:
            self.remove(entry.id)
