"""How long the window's thread needs for one event, in processor time and by the clock: an application that notes each event.

`Clocked` is the QApplication of the bench. Events sent from within another belong to that one. A gesture is read with `reading`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication


@dataclass(slots=True)
class Reading:
    """What one gesture cost. Times in ms."""

    events: int = 0
    longest_ms: float = 0.0
    """Processor time of the window's thread."""
    longest_wall_ms: float = 0.0
    slowest: str = ""
    """What the event with the most processor time was, and for whom."""
    over: list[str] = field(default_factory=list)
    """Every event over 16 ms, as it came."""

    def note(self, cpu_ms: float, wall_ms: float, what: str) -> None:
        self.events += 1
        self.longest_wall_ms = max(self.longest_wall_ms, wall_ms)
        if cpu_ms > self.longest_ms:
            self.longest_ms, self.slowest = cpu_ms, what
        if cpu_ms > TARGET_MS:
            self.over.append(f"{cpu_ms:.0f} ms {what}")


TARGET_MS = 16


class Clocked(QApplication):
    """Notes how long each event took, while somebody reads."""

    reading: Reading | None = None
    _depth = 0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self.reading is None or self._depth:
            return super().notify(receiver, event)
        parent = receiver.parent() if isinstance(receiver, QObject) else None
        what = f"{event.type().name} for {type(receiver).__name__} of {type(parent).__name__}"
        cpu, wall, self._depth = time.thread_time(), time.perf_counter(), self._depth + 1
        try:
            return super().notify(receiver, event)
        finally:
            self._depth -= 1
            if self.reading is not None:
                self.reading.note(1000 * (time.thread_time() - cpu), 1000 * (time.perf_counter() - wall), what)


@contextmanager
def reading() -> Iterator[Reading]:
    """Events on the window's thread from here to the end of the block."""
    app = QApplication.instance()
    assert isinstance(app, Clocked), "the bench's conftest makes the application"
    app.reading = made = Reading()
    try:
        yield made
    finally:
        app.reading = None
