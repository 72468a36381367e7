"""Measures how long the window's thread works without serving its events: processor time, so a busy machine is not blamed.

A timer asks to be served every 5 ms. The processor time that the thread spends between two servings is the longest any key press
or paint has to wait for our own code. Time spent waiting for other threads and programs is noted too, and not judged.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Slot

INTERVAL_MS, INNERMOST = 5, 6
NoStalls = Callable[[float], AbstractContextManager["StallWatch"]]


class StallWatch(QObject):
    """Watches the thread it is made on, from `start` to `stop`. Times in ms."""

    def __init__(self, limit_ms: float) -> None:
        super().__init__()
        self.longest_ms = 0.0
        """Processor time of this thread between two servings."""
        self.longest_wall_ms = 0.0
        self.servings = 0
        self.suspects: list[str] = []
        """Where the thread was while it was not served, for those over the limit."""
        self._limit_ms = limit_ms
        self._timer = QTimer(self, interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._served)
        self._watched = threading.get_ident()
        self._stopped = threading.Event()
        self._observer = threading.Thread(target=self._observe, name="stall observer")
        self._seen: list[str] = []
        self._cpu = self._wall = 0.0

    def start(self) -> None:
        self._cpu, self._wall = time.thread_time(), time.monotonic()
        self._timer.start()
        self._observer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._served()
        self._stopped.set()
        self._observer.join()

    @Slot()
    def _served(self) -> None:
        cpu, wall = time.thread_time(), time.monotonic()
        used_ms, self.servings = 1000 * (cpu - self._cpu), self.servings + 1
        if used_ms > self._limit_ms:
            self.suspects.append(f"{used_ms:.0f} ms\n" + "".join(self._seen[-1:]))
        self._seen.clear()
        self.longest_ms = max(self.longest_ms, used_ms)
        self.longest_wall_ms = max(self.longest_wall_ms, 1000 * (wall - self._wall))
        self._cpu, self._wall = time.thread_time(), wall  # what it cost to note this is not the window's

    def _observe(self) -> None:
        while not self._stopped.wait(self._limit_ms / 2000):
            if 1000 * (time.monotonic() - self._wall) > self._limit_ms / 2:
                self._seen.append(_where(self._watched))


def _where(thread: int) -> str:
    """The innermost calls of a thread. Its frames are let go at once: they hold on to events and objects that Qt is done with,
    and a wrapper that outlives its object is taken for the next one at the same place.
    """
    frame, lines = sys._current_frames().get(thread), list[str]()
    while frame is not None and len(lines) < INNERMOST:
        lines.append(f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    del frame
    return "\n".join(reversed(lines))


@contextmanager
def watching(limit_ms: float) -> Iterator[StallWatch]:
    """Fails where the event loop was not served for `limit_ms` of the thread's own processor time."""
    watch = StallWatch(limit_ms)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()
    if watch.longest_ms > limit_ms:
        stalls = "\n".join(watch.suspects)
        pytest.fail(f"the window stalled for {watch.longest_ms:.0f} ms, {limit_ms:.0f} are allowed:\n{stalls}", pytrace=False)


@pytest.fixture
def no_stalls(qapp: object) -> NoStalls:
    """`with no_stalls(50):` fails where the window's thread works longer than that without serving its events."""
    return watching
