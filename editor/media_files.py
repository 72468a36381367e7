"""What the window knows of the project's files without opening them itself: frame indexes, what is offline, pictures, waves.

Everything answers at once from what is there, asks a background thread for what is not, and says when it has come.
"""

from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from editor.background import PictureRequest, PictureWish, Threads, ThumbnailWorker
from editor.document import Document
from editor.render_thread import Outcome
from engine.cache.store import Cache
from engine.errors import MediaError
from engine.jobs.workspace import Workspace
from engine.media.fingerprint import file_state
from engine.media.index import FrameIndex
from engine.media.indexing import frame_index
from engine.media.peaks import PEAK_SECONDS, Peaks, peaks
from engine.project.model import Media, MediaKind, Project
from engine.running import CancelToken, Report

MOST_PICTURES = 1500
MOST_WISHES = 200
AT_ONCE = 6

Columns = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Look:
    """Look at a file: is it there, and which frames does it have."""

    media: Media
    cache: Cache


def _look(request: _Look, *, cancel: CancelToken, report: Report) -> FrameIndex | None:
    """The index of a video, None for what has no frames. Raises: MediaError: the file is gone or unreadable."""
    file_state(request.media.path)
    if request.media.kind is not MediaKind.VIDEO:
        return None
    return frame_index(request.media.path, request.media.fingerprint, request.cache)


class MediaFiles(QObject):
    """Frame indexes of the project's videos, and which files are missing."""

    changed = Signal()
    """An index came, or a file turned out to be missing or there again."""

    def __init__(self, document: Document, cache: Cache, threads: Threads, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache, self._thread = cache, threads.media
        self._indexes: dict[str, FrameIndex | None] = {}
        self._varying: dict[str, tuple[FrameIndex, bool]] = {}
        self._offline: dict[str, str] = {}
        self._asked: dict[int, Media] = {}
        self._thread.succeeded.connect(self._came)
        self._thread.failed.connect(self._failed)
        self._thread.cancelled.connect(self._dropped)
        document.project_changed.connect(self._project_changed)
        self._project = document.project

    def index(self, media: Media) -> FrameIndex | None:
        """The frame index where it is known already."""
        return self._indexes.get(_key(media))

    def is_vfr(self, media: Media) -> bool:
        """Whether a media's frames are known to differ in length; every frame is looked at once, not at each edit."""
        index = self.index(media)
        if index is None:
            return False
        known = self._varying.get(_key(media))
        if known is None or known[0] is not index:
            known = self._varying[_key(media)] = index, index.is_vfr
        return known[1]

    def put_index(self, media: Media, index: FrameIndex) -> None:
        """An index that another job has found."""
        self._indexes[_key(media)] = index
        self.changed.emit()

    @property
    def offline(self) -> frozenset[str]:
        """Ids of media whose file is not there."""
        return frozenset(media.id for media in self._project.media if _key(media) in self._offline)

    def reason(self, media: Media) -> str:
        """Why a media is offline, one sentence; empty where it is not."""
        return self._offline.get(_key(media), "")

    def look_again(self, media: Media) -> None:
        """The file may have come back or gone."""
        self._indexes.pop(_key(media), None)
        self._offline.pop(_key(media), None)
        self._ask(media)

    @Slot(object, object)
    def _project_changed(self, _before: Project, after: Project) -> None:
        self._project = after
        asked = {_key(media) for media in self._asked.values()}
        for media in after.media:
            if _key(media) not in self._indexes and _key(media) not in self._offline and _key(media) not in asked:
                self._ask(media)

    def _ask(self, media: Media) -> None:
        self._asked[self._thread.submit(_look, _Look(media, self._cache))] = media

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        media = self._asked.pop(ticket, None)
        if media is not None:
            self._indexes[_key(media)] = outcome.result
            self.changed.emit()

    @Slot(int, object)
    def _failed(self, ticket: int, error: Exception) -> None:
        media = self._asked.pop(ticket, None)
        if media is not None:
            self._offline[_key(media)] = str(error)
            self.changed.emit()

    @Slot(int)
    def _dropped(self, ticket: int) -> None:
        self._asked.pop(ticket, None)


def _key(media: Media) -> str:
    return f"{media.fingerprint}:{media.path}"


class Pictures(QObject):
    """Small pictures of media: for the clips on the timeline and the bin."""

    arrived = Signal()

    def __init__(self, threads: Threads, workspace: "WorkspaceOf", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread, self._workspace = threads.thumbnails, workspace
        self.worker = ThumbnailWorker()
        self._have: OrderedDict[tuple[str, Fraction, int], QImage | None] = OrderedDict()
        self._wishes: OrderedDict[tuple[str, Fraction, int], PictureWish] = OrderedDict()
        self._ticket = 0
        self._is_closed = False
        self._thread.succeeded.connect(self._came)
        self._thread.failed.connect(self._failed)
        self._thread.cancelled.connect(self._stopped)

    def get(self, media: Media, time: Fraction, height: int) -> QImage | None:
        """The picture, or None while it is being drawn (the last wish is granted first)."""
        key = (media.fingerprint, time, height)
        if key in self._have:
            self._have.move_to_end(key)
            return self._have[key]
        self._wishes[key] = PictureWish(media, time, height)
        self._wishes.move_to_end(key)
        while len(self._wishes) > MOST_WISHES:
            self._wishes.popitem(last=False)
        self._go_on()
        return None

    def close(self) -> None:
        """Ask for nothing more."""
        self._is_closed = True

    def _go_on(self) -> None:
        if self._ticket or not self._wishes or self._is_closed:
            return
        newest = [self._wishes[key] for key in list(self._wishes)[-AT_ONCE:][::-1]]
        self._ticket = self._thread.submit(self.worker, PictureRequest(tuple(newest), self._workspace()))

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        if ticket != self._ticket:
            return
        self._ticket = 0
        for wish, image in zip(outcome.request.wishes, outcome.result, strict=True):
            key = (wish.media.fingerprint, wish.time, wish.height)
            self._wishes.pop(key, None)
            self._have[key] = image
        while len(self._have) > MOST_PICTURES:
            self._have.popitem(last=False)
        self.arrived.emit()
        self._go_on()

    @Slot(int, object)
    def _failed(self, ticket: int, _error: Exception) -> None:
        self._stopped(ticket)

    @Slot(int)
    def _stopped(self, ticket: int) -> None:
        if ticket == self._ticket:
            self._ticket = 0
            self._wishes.clear()


@dataclass(frozen=True, slots=True)
class _Sound:
    media: Media
    cache: Cache


def _measure(request: _Sound, *, cancel: CancelToken, report: Report) -> Peaks:
    return peaks(request.media, request.cache, cancel=cancel, report=report)


class Waves(QObject):
    """Outlines of sounds."""

    arrived = Signal()

    def __init__(self, threads: Threads, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread, self._cache = threads.sounds, cache
        self._have: dict[str, Peaks | None] = {}
        self._asked: dict[int, str] = {}
        self._is_closed = False
        self._thread.succeeded.connect(self._came)
        self._thread.failed.connect(self._gone)
        self._thread.cancelled.connect(self._dropped)

    def get(self, media: Media, start: Fraction, end: Fraction, columns: int) -> Columns | None:
        """(columns, 2) peak and rms 0..1 of a source range, or None while it is being measured."""
        known = self._have.get(media.fingerprint)
        if known is not None:
            return columns_of(known, start, end, columns)
        if not self._is_closed and media.fingerprint not in self._have and media.fingerprint not in self._asked.values():
            self._asked[self._thread.submit(_measure, _Sound(media, self._cache))] = media.fingerprint
        return None

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        fingerprint = self._asked.pop(ticket, None)
        if fingerprint is not None:
            self._have[fingerprint] = outcome.result
            self.arrived.emit()

    def close(self) -> None:
        """Ask for nothing more."""
        self._is_closed = True

    @Slot(int, object)
    def _gone(self, ticket: int, error: Exception) -> None:
        fingerprint = self._asked.pop(ticket, None)
        if fingerprint is not None and isinstance(error, MediaError):
            self._have[fingerprint] = None

    @Slot(int)
    def _dropped(self, ticket: int) -> None:
        self._asked.pop(ticket, None)


def columns_of(known: Peaks, start: Fraction, end: Fraction, columns: int) -> Columns:
    """Peaks gathered into columns: the greatest excursion and the rms of each."""
    found = np.zeros((columns, 2), np.float32)
    edges = np.linspace(float(start / PEAK_SECONDS), float(end / PEAK_SECONDS), columns + 1)
    first = np.clip(np.floor(edges[:-1]).astype(np.int64), 0, None)
    inside = first < len(known.rms)
    if not inside.any():
        return found
    places = first[inside]
    peak = np.maximum(np.abs(known.minimum.astype(np.float32)), np.abs(known.maximum.astype(np.float32)))
    last = min(len(peak), int(np.ceil(edges[-1])) + 1)
    found[inside, 0] = np.maximum.reduceat(peak[:last], places)
    counts = np.maximum(1, np.diff(places, append=max(last, places[-1] + 1)))
    squares = np.add.reduceat(np.square(known.rms[:last].astype(np.float32)), places)
    found[inside, 1] = np.sqrt(squares / counts)
    return np.clip(found, 0, 1)


class WorkspaceOf:
    """The workspace of whatever the document is now: its assets move at the first save."""

    def __init__(self, document: Document, cache: Cache) -> None:
        self._document, self._cache = document, cache

    def __call__(self) -> Workspace:
        return Workspace(self._document.assets, self._cache)
