"""The playback clock: which time is due now, by a monotonic clock, both ways and at several speeds. No pictures, no window."""

import time
from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from engine.rational_time import ZERO, TimeRange

FASTEST = 8
TICK_MS = 15


class Player(QObject):
    """Emits `time_due` while it plays; whoever shows frames takes the newest and may be late without slowing the clock."""

    time_due = Signal(object)  # Fraction, timeline seconds
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._now = now
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._speed = 0
        self._from = ZERO
        self._since = 0.0
        self._range = TimeRange(ZERO, ZERO)
        self._loops = False

    @property
    def speed(self) -> int:
        """Times real time; negative backward, 0 while it stands."""
        return self._speed

    @property
    def is_playing(self) -> bool:
        return self._speed != 0

    def set_loops(self, loops: bool) -> None:
        """Begin again at the other end of the range instead of stopping there."""
        self._loops = loops

    def play(self, start: Fraction, within: TimeRange, speed: int = 1) -> None:
        """Run from a time inside a range; at its far end forward playback from there begins at the range's start."""
        if within.duration <= 0:
            return
        was_playing = self.is_playing
        self._range = within
        inside = within.start <= start < within.end
        self._from = start if inside else within.start
        if speed < 0 and start >= within.end:
            self._from = within.end
        self._speed, self._since = max(-FASTEST, min(FASTEST, speed)), self._now()
        self._timer.start()
        if not was_playing:
            self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stand still."""
        if self.is_playing:
            self._speed = 0
            self._timer.stop()
            self.playing_changed.emit(False)

    @property
    def time(self) -> Fraction:
        """The time that is due now."""
        elapsed = Fraction(self._now() - self._since).limit_denominator(1_000_000)
        return self._from + elapsed * self._speed

    @Slot()
    def _tick(self) -> None:
        due = self.time
        if self._range.start <= due < self._range.end:
            self.time_due.emit(due)
            return
        end = self._range.end if self._speed > 0 else self._range.start
        if not self._loops:
            self.time_due.emit(end)
            self.stop()
            return
        self._from = self._range.start if self._speed > 0 else self._range.end
        self._since = self._now()
        self.time_due.emit(self._from)
