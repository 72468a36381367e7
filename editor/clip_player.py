"""Plays one file by itself, small and without sound: the frames that are due, decoded on a thread of its own, the newest wins.

There is one player for the whole gallery, so one file plays at a time. Nothing is opened before the first frame is asked for.
"""

from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from editor.player import Player
from editor.render_thread import Outcome, RenderThread
from engine.cache.store import Cache
from engine.errors import PatchreelError
from engine.media.display import to_display_rgb
from engine.media.library import MediaLibrary
from engine.project.model import Media
from engine.rational_time import ZERO, TimeRange
from engine.running import CancelToken, Report
from widgets.frame_image import to_qimage


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """The frame of a file at a source time, no larger than this."""

    media: Media
    time: Fraction
    most: tuple[int, int]
    """Pixels: width, height."""
    cache: Cache


class ClipWorker:
    """Called on one thread only. Keeps the file open that was asked for last."""

    def __init__(self) -> None:
        self._library: MediaLibrary | None = None
        self._media = ""

    def __call__(self, request: ClipFrame, *, cancel: CancelToken, report: Report) -> QImage:
        """Raises: MediaError."""
        if self._library is None or self._media != request.media.path:
            self.close()
            self._library, self._media = MediaLibrary(request.cache, _no_asset), request.media.path
        library, media = self._library, request.media
        picture = library.picture(media, request.time)
        return to_qimage(to_display_rgb(picture, library.rotation(media), library.pixel_aspect(media), request.most))

    def close(self) -> None:
        """After its thread has ended, or for another file."""
        if self._library is not None:
            self._library.close()
        self._library = None


def _no_asset(_hash: str) -> bytes:
    return b""


class ClipPlayer(QObject):
    """Signals: frame(key, QImage, seconds), ended(key), failed(key, PatchreelError). `key` is the caller's name for the file."""

    frame = Signal(str, QImage, float)
    ended = Signal(str)
    failed = Signal(str, object)

    def __init__(self, thread: RenderThread, worker: ClipWorker, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread, self._worker, self._cache = thread, worker, cache
        self._clock = Player(self)
        self._clock.time_due.connect(self._due)
        self._clock.playing_changed.connect(self._playing_changed)
        self._key, self._media, self._most = "", None, (480, 480)
        self._position = ZERO
        self._ticket = 0
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._failed)

    _media: Media | None

    @property
    def playing(self) -> str:
        """The key of what plays; empty where nothing does."""
        return self._key if self._clock.is_playing else ""

    def play(self, key: str, media: Media, most: tuple[int, int]) -> None:
        """From where it was stopped, or from the start; what played before ends."""
        if key != self._key:
            self.stop()
            self._position = ZERO
        self._key, self._media, self._most = key, media, most
        length = media.available_range or TimeRange(ZERO, ZERO)
        self._clock.play(self._position, length)
        self._due(self._clock.time)

    def stop(self) -> None:
        """Stand still; the place is kept for the same file."""
        self._clock.stop()

    def seek(self, share: float) -> None:
        """To a place of what plays, 0..1 of its length."""
        if self._media is None or self._media.available_range is None:
            return
        length = self._media.available_range.duration
        self._position = length * Fraction(min(0.999, max(0.0, share))).limit_denominator(100_000)
        if self._clock.is_playing:
            self._clock.play(self._position, self._media.available_range)

    @Slot(object)
    def _due(self, time: Fraction) -> None:
        if self._media is not None:
            self._position = max(ZERO, time)
            self._ticket = self._thread.submit(self._worker, ClipFrame(self._media, self._position, self._most, self._cache))

    @Slot(int, object)
    def _came(self, _ticket: int, outcome: Outcome) -> None:
        """Late frames of what no longer plays are nobody's."""
        request = outcome.request
        if self._clock.is_playing and isinstance(request, ClipFrame) and request.media is self._media:
            self.frame.emit(self._key, outcome.result, float(request.time))

    @Slot(int, object)
    def _failed(self, _ticket: int, error: PatchreelError) -> None:
        if self._clock.is_playing:
            self.stop()
            self.failed.emit(self._key, error)

    @Slot(bool)
    def _playing_changed(self, playing: bool) -> None:
        if not playing:
            length = self._media.available_range.duration if self._media and self._media.available_range else ZERO
            if self._position >= length - Fraction(1, 10):
                self._position = ZERO
            self.ended.emit(self._key)
