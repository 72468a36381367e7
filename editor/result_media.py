"""Results of generating as media of the project's kind: looked at once in the background, then known with picture and length."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from editor.lane import Lane, Work
from editor.media_files import Pictures
from editor.render_thread import RenderThread
from engine.cache.store import Cache
from engine.media.importing import import_media
from engine.project.model import Media, MediaKind

PICTURE_PX = 270
"""Height of a still picture on a card."""


class ResultMedia(QObject):
    """Answers at once from what is known, and says by `arrived` when more is."""

    arrived = Signal()

    def __init__(self, thread: RenderThread, pictures: Pictures, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane, self._pictures, self._cache = Lane(thread, self), pictures, cache
        self._have: dict[Path, Media | None] = {}
        self._asked: set[Path] = set()
        self._waiting: dict[Path, list[Callable[[Media], None]]] = {}
        pictures.arrived.connect(self.arrived)
        self._lane.done.connect(self._came)
        self._lane.failed.connect(self._gone)
        self._lane.cancelled.connect(self._dropped)

    def media(self, path: Path) -> Media | None:
        """The file as media; None while it is looked at, and where it cannot be used."""
        if path not in self._have and path not in self._asked:
            self._asked.add(path)
            self._lane.give(Work("look", lambda _cancel, _report: import_media(path, self._cache), path))
        return self._have.get(path)

    def when_known(self, path: Path, then: Callable[[Media], None]) -> None:
        """Call back with the media, at once or later; never where the file cannot be used."""
        media = self.media(path)
        if media is not None:
            then(media)
        elif path not in self._have:
            self._waiting.setdefault(path, []).append(then)

    def picture(self, path: Path) -> QImage | None:
        """Its first frame, None while it is being made."""
        media = self.media(path)
        if media is None or media.kind is MediaKind.AUDIO:
            return None
        return self._pictures.get(media, Fraction(0), PICTURE_PX)

    @Slot(object, object)
    def _came(self, work: Work, media: Media) -> None:
        self._asked.discard(work.about)
        self._have[work.about] = media
        for then in self._waiting.pop(work.about, ()):
            then(media)
        self.arrived.emit()

    @Slot(object, object)
    def _gone(self, work: Work, _error: object) -> None:
        self._asked.discard(work.about)
        self._have[work.about] = None
        self._waiting.pop(work.about, None)

    @Slot(object)
    def _dropped(self, work: Work) -> None:
        self._asked.discard(work.about)
