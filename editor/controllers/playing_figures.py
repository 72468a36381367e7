"""The figures of the status bar: how smooth playing is or was, and how full the cache is. Reads only."""

import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QObject, QTimer, Slot

from editor.controllers.preview_controller import PreviewController
from editor.lane import Lane, Work
from editor.player import Player
from editor.services import Services
from editor.status_bar import StatusBar

SHOWN_EVERY_MS, RATE_OVER_S, JUMP = 500, 3.0, Fraction(1)
CACHE_FIRST_MS, CACHE_EVERY_MS = 3_000, 60_000


class PlayingFigures(QObject):
    """Counts the pictures that came while it plays at real time; faster than that frames are passed over on purpose."""

    def __init__(
        self, services: Services, player: Player, preview: PreviewController, status: StatusBar, parent: QObject | None = None, *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._services, self._player, self._preview, self._status, self._now = services, player, preview, status, now
        self._last: Fraction | None = None
        self._came: deque[float] = deque()
        self._dropped = 0
        self._is_stopped = False
        self._shown = QTimer(self, interval=SHOWN_EVERY_MS)
        self._shown.timeout.connect(self._show)
        self._later = QTimer(self, interval=CACHE_FIRST_MS, singleShot=True)
        self._later.timeout.connect(self._look)
        self._lane = Lane(services.threads.keys, self)  # it rests most of the time
        self._lane.done.connect(self._looked)
        player.playing_changed.connect(self._playing_changed)
        preview.frame_ready.connect(self._frame_came)
        services.document.path_changed.connect(self._forget)
        self._later.start()

    def stop(self) -> None:
        """The window closes: nothing is asked any more."""
        self._is_stopped = True
        self._later.stop()

    @Slot(bool)
    def _playing_changed(self, is_playing: bool) -> None:
        if is_playing:
            self._last, self._dropped = None, 0
            self._came.clear()
            self._shown.start()
        else:
            self._shown.stop()
            self._show()

    @Slot(object)
    def _frame_came(self, _frame: object) -> None:
        request, last = self._preview.last_request, self._last
        if abs(self._player.speed) != 1 or request is None or request.time == last:
            return
        passed = abs(request.time - last) if last is not None else JUMP
        if passed < JUMP:  # else it began, was sought or went round
            self._dropped += max(0, round(passed * request.project.canvas.rate) - 1)
        self._last = request.time
        self._came.append(self._now())
        while self._came[-1] - self._came[0] > RATE_OVER_S:
            self._came.popleft()

    @Slot(object)
    def _forget(self, _path: object) -> None:
        """Another project was not played yet."""
        self._came.clear()
        self._status.show_playing("")

    @Slot()
    def _show(self) -> None:
        taken = self._came[-1] - self._came[0] if self._came else 0.0
        if taken > 0:
            self._status.show_playing(f"{(len(self._came) - 1) / taken:.1f} fps, {self._dropped} dropped")

    @Slot()
    def _look(self) -> None:
        cache = self._services.cache
        self._lane.give(Work("cache", lambda _cancel, _report: cache.used_bytes()))

    @Slot(object, object)
    def _looked(self, _work: Work, used: int) -> None:
        self._status.show_cache(f"Cache {used / (1 << 30):.1f} of {self._services.cache.max_bytes / (1 << 30):.0f} GB")
        if not self._is_stopped:
            self._later.start(CACHE_EVERY_MS)
