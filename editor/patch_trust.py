"""How far each patch holds, frame by frame, and what it measures: kept, so that timeline and panel answer at once.

Filled by running jobs as frames come, and read from the cache in the background when a project opens. Never opens a file itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from editor.media_files import MediaFiles
from editor.render_thread import Outcome, RenderThread
from editor.view_models import Trusted
from engine.cache.store import Cache
from engine.jobs.carried import FrameTrust
from engine.jobs.propagate import trust_of
from engine.jobs.review import FrameReview, Review
from engine.media.index import FrameIndex
from engine.project.model import AnchorPixels, Carrying, Media, MediaKind, Method, Patch, PatchVersion, Project, Region
from engine.rational_time import TimeRange
from engine.running import CancelToken, Report

TOGETHER_MS = 50
"""A running job tells of every frame; the timeline is shown them together."""


@dataclass(frozen=True, slots=True)
class PixelsKey:
    """What decides the frames of a patch's version: versions that agree in it are the same, whatever their number."""

    media_id: str
    pixels: str
    region: Region
    anchor: Fraction
    crop: tuple[int, int, int, int]
    others: tuple[AnchorPixels, ...]
    carrying: Carrying
    request: str


def key_of(patch: Patch, version: PatchVersion) -> PixelsKey:
    return PixelsKey(
        patch.media_id, version.pixels, version.region, version.anchor, version.crop, version.others, patch.carrying,
        version.request_hash if patch.carrying.method is Method.TRACK else "",
    )


def _measured_key(patch: Patch, version: PatchVersion) -> tuple[PixelsKey, TimeRange | None]:
    """What decides the measurements: where the patch fades at the ends of its window, these too."""
    return key_of(patch, version), patch.window if patch.carrying.falloff_frames else None


@dataclass(slots=True)
class _Record:
    """The frames of one version that are known; `revision` counts what was added."""

    frames: dict[Fraction, FrameTrust] = field(default_factory=dict)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class _Told:
    """The levels of a patch as they were told last, and what they were told of."""

    patch: Patch
    record: _Record
    revision: int
    levels: Trusted


@dataclass(frozen=True, slots=True)
class _Recorded:
    """Read what is known of a patch."""

    media: Media
    patch: Patch
    index: FrameIndex


def _read(request: _Recorded, cache: Cache, *, cancel: CancelToken, report: Report) -> tuple[FrameTrust, ...]:
    cancel.check()
    return trust_of(request.media, request.patch, request.index, cache)


class PatchTrust(QObject):
    """Confidence and measurements by patch version.

    Signals: changed(patch_id) when something about a patch became known; loaded(patch_id) once its record was read;
    levels_changed(levels by patch id) for the timeline, several changes told together.
    """

    changed = Signal(str)
    loaded = Signal(str)
    levels_changed = Signal(object)

    def __init__(self, cache: Cache, files: MediaFiles, thread: RenderThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache, self._files, self._thread = cache, files, thread
        self._project = Project()
        self._trust: dict[PixelsKey, _Record] = {}
        self._told: dict[str, _Told] = {}
        self._reviews: dict[tuple[PixelsKey, TimeRange | None], dict[Fraction, FrameReview]] = {}
        self._asked: dict[int, Patch] = {}
        self._known: set[PixelsKey] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOGETHER_MS)
        self._timer.timeout.connect(self._tell_levels)
        self.changed.connect(self._later)
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._dropped_with_error)
        thread.cancelled.connect(self._dropped)
        files.changed.connect(self._ask_for_all)

    # What is known

    def frames(self, patch: Patch) -> tuple[FrameTrust, ...]:
        """Of the version that is shown, inside the window, by time; frames that were not carried (yet) are left out."""
        version = patch.version
        if version is None:
            return ()
        return self._inside(patch, self._record(patch, version))

    def review(self, patch: Patch) -> Review | None:
        """The measurements of the version that is shown, where every carried frame of the window was measured."""
        version = patch.version
        if version is None:
            return None
        found = self._reviews.get(_measured_key(patch, version), {})
        shown = [found[time] for time in sorted(found) if self._is_still(patch) or patch.window.contains(time)]
        carried = [trust for trust in self.frames(patch) if trust.is_carried]
        if not shown or len(shown) < len(carried):
            return None
        return Review(patch.id, version.number, tuple(shown))

    def frame_review(self, patch: Patch, time: Fraction) -> FrameReview | None:
        """The measurements of one frame of the version that is shown."""
        version = patch.version
        return self._reviews.get(_measured_key(patch, version), {}).get(time) if version is not None else None

    def levels(self) -> dict[str, Trusted]:
        """By patch id, for the timeline; without those of which nothing is known."""
        self._told = {patch.id: self._tell(patch, patch.version) for patch in self._project.patches if patch.version is not None}
        return {patch_id: told.levels for patch_id, told in self._told.items() if told.levels}

    def _tell(self, patch: Patch, version: PatchVersion) -> "_Told":
        """The levels told last, the very same, where neither the patch nor what is known of its frames is another."""
        told = self._told.get(patch.id)
        if told is not None and told.patch is patch and told.revision == told.record.revision:
            return told
        record = self._record(patch, version)
        levels = tuple((trust.time, trust.level) for trust in self._inside(patch, record))
        return _Told(patch, record, record.revision, levels)

    def _record(self, patch: Patch, version: PatchVersion) -> "_Record":
        return self._trust.setdefault(key_of(patch, version), _Record())

    def _inside(self, patch: Patch, record: "_Record") -> tuple[FrameTrust, ...]:
        if self._is_still(patch):
            return tuple(record.frames.values())
        return tuple(record.frames[time] for time in sorted(record.frames) if patch.window.contains(time))

    def is_loaded(self, patch: Patch) -> bool:
        """Whether the record of its shown version was read."""
        version = patch.version
        return version is not None and key_of(patch, version) in self._known

    def is_complete(self, patch: Patch) -> bool:
        """Whether every frame of the window was carried."""
        index = self._files.index(self._project.media_by_id(patch.media_id))
        wanted = len(index.frames_between(patch.window.start, patch.window.end)) if index is not None else 1
        return len(self.frames(patch)) >= wanted

    # What becomes known

    def add_frames(self, patch: Patch, trusts: Iterable[FrameTrust]) -> None:
        """Frames that a job carried for this patch's shown version."""
        if patch.version is not None:
            record = self._record(patch, patch.version)
            record.frames.update({trust.time: trust for trust in trusts})
            record.revision += 1
            self._known.add(key_of(patch, patch.version))
            self.changed.emit(patch.id)

    def add_reviews(self, patch: Patch, reviews: Iterable[FrameReview], *, tell: bool = True) -> None:
        """Frames that a job measured for this patch's shown version."""
        if patch.version is not None:
            kept = self._reviews.setdefault(_measured_key(patch, patch.version), {})
            kept.update({review.time: review for review in reviews})
            if tell:
                self.changed.emit(patch.id)

    def forget(self) -> None:
        """The cache was emptied: nothing is known any more."""
        for kept in (self._trust, self._told, self._reviews, self._known):
            kept.clear()
        self._ask_for_all()

    @Slot(object, object)
    def follow_project(self, before: Project, after: Project) -> None:
        """Connect to `Document.project_changed`."""
        self._project = after
        if before.patches is not after.patches or before.media is not after.media:
            self._ask_for_all()
            self._later("")

    def stop(self) -> None:
        """The window closes."""
        self._timer.stop()
        self._asked.clear()

    # Inside

    @Slot(str)
    def _later(self, _patch_id: str) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _tell_levels(self) -> None:
        self.levels_changed.emit(self.levels())

    def _is_still(self, patch: Patch) -> bool:
        media = next((m for m in self._project.media if m.id == patch.media_id), None)
        return media is not None and media.kind is MediaKind.IMAGE

    @Slot()
    def _ask_for_all(self) -> None:
        taken = self._known | {key_of(p, p.version) for p in self._asked.values() if p.version}
        for patch in self._project.patches:
            version = patch.version
            if version is None or self._is_told(patch) or key_of(patch, version) in taken:
                continue
            media = self._project.media_by_id(patch.media_id)
            index = self._files.index(media)
            if index is not None:
                read = partial(_read, cache=self._cache)
                self._asked[self._thread.submit(read, _Recorded(media, patch, index))] = patch
            elif media.kind is MediaKind.IMAGE:
                self._still(patch, version)

    def _is_told(self, patch: Patch) -> bool:
        """Whether frames of this very patch were told: then its record was read."""
        told = self._told.get(patch.id)
        return told is not None and told.patch is patch and bool(told.levels)

    def _still(self, patch: Patch, version: PatchVersion) -> None:
        self._known.add(key_of(patch, version))
        self.loaded.emit(patch.id)

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        patch = self._asked.pop(ticket, None)
        if patch is not None:
            self.add_frames(patch, outcome.result)
            self.loaded.emit(patch.id)

    @Slot(int, object)
    def _dropped_with_error(self, ticket: int, _error: object) -> None:
        self._asked.pop(ticket, None)

    @Slot(int)
    def _dropped(self, ticket: int) -> None:
        self._asked.pop(ticket, None)
