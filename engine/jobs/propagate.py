"""Carries a patch's version over its window and keeps every carried frame in the cache, with how far it may be trusted.

Frames that an earlier run carried are not carried again: dragging an end of the window computes only the new side, a further
anchor only the span to its neighbours, a thing in front only itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from engine.cache.store import Cache
from engine.compositing.sources import PatchFrame
from engine.errors import MediaError
from engine.jobs.anchor_patch import anchor_patch, region_patch
from engine.jobs.carried import FrameTrust, PatchFrames, has_ended, nothing
from engine.jobs.measuring import Measuring
from engine.jobs.outline import displayed_matrix
from engine.jobs.track import FrameEditor, refuse_remote_track
from engine.jobs.whole_picture import whole_picture
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.motion.grain import grained
from engine.motion.lie import STILL, Matrix
from engine.motion.propagation import CarriedFrame, hold, propagate
from engine.motion.rebuilding import End, rebuild
from engine.motion.region import follow
from engine.project.model import AnchorPixels, Media, MediaKind, Method, Patch, PatchVersion, RegionKey
from engine.providers.registry import Registry, local_registry
from engine.rational_time import TimeRange
from engine.running import CancelToken, Progress, Report


@dataclass(frozen=True, slots=True)
class PropagateRequest:
    """Carry the current version of `patch` over its window."""

    media: Media
    patch: Patch


@dataclass(frozen=True, slots=True)
class Propagated:
    """`frames` by time; `reached` is the window without what lies beyond cuts (the patch's window should become it)."""

    patch_id: str
    version_number: int
    frames: tuple[FrameTrust, ...]
    reached: TimeRange
    warnings: tuple[str, ...] = ()


Partial = Callable[[FrameTrust], None]


def run(
    request: PropagateRequest, workspace: Workspace, *, cancel: CancelToken, report: Report, partial: Partial | None = None,
    registry: Registry | None = None,
) -> Propagated:
    """`registry` is asked with `Method.TRACK` only; the offline providers where it is None.

    Raises: MediaError, StorageError (a missing asset); EditError for a remote provider that would work on every frame; Cancelled,
    with everything carried so far kept.
    """
    version = request.patch.version
    if version is None:
        raise MediaError(f"“{request.patch.name}” has no result to carry yet.", "Run the patch first.")
    with workspace.sources() as sources:
        if request.media.kind is MediaKind.IMAGE:
            return _on_still(request, version, sources, workspace)
        work = _Work(request, version, sources, workspace, registry or local_registry(), cancel)
        with work.measuring:
            work.carry(report, partial or (lambda _trust: None))
        report(Progress(1.0, "Carried"))
        return work.result()


def trust_of(media: Media, patch: Patch, index: FrameIndex, cache: Cache) -> tuple[FrameTrust, ...]:
    """What is known of a patch's frames without computing anything; frames never carried are left out."""
    if patch.version is None:
        return ()
    known = PatchFrames(media, patch, cache)
    times = (index.time_of(n) for n in index.frames_between(patch.window.start, patch.window.end))
    return tuple(trust for time in times if (trust := known.trust(time)) is not None)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is carried from one frame over a part of the window: an anchor's pixels, or the region of what stays in front.

    Between two anchors, with `Method.REBUILD`: both of them.
    """

    start: int
    frames: range
    what: AnchorPixels | RegionKey | tuple[AnchorPixels, AnchorPixels]


class _Work:
    """One run: what is missing, in the order in which it is carried."""

    def __init__(
        self, request: PropagateRequest, version: PatchVersion, sources: ProjectSources, workspace: Workspace,
        registry: Registry, cancel: CancelToken,
    ) -> None:
        self._media, self._patch, self._version = request.media, request.patch, version
        self._sources, self._workspace, self._cancel = sources, workspace, cancel
        self._known = PatchFrames(request.media, request.patch, workspace.cache)
        self._index = sources.index(request.media)
        self._method = request.patch.carrying.method
        window = self._index.frames_between(request.patch.window.start, request.patch.window.end)
        self._anchors = [self._index.frame_at(anchor.anchor) for anchor in self._known.anchors]
        self._frames = range(min(window.start, self._anchors[0]), max(window.stop, self._anchors[-1] + 1))
        made_by = next((info for info in registry.infos() if info.id == version.recipe.provider), None)
        self._gets_grain = request.patch.carrying.matches_grain and not (made_by is not None and made_by.per_frame)
        self._told: dict[int, FrameTrust] = {}
        times = [self._time(n) for n in window]
        self.measuring = Measuring(request.media, request.patch, version, times, workspace.cache)
        self._editor: FrameEditor | None = None
        if self._method is Method.TRACK:
            refuse_remote_track(request.patch, version.recipe, registry)
            self._editor = FrameEditor(request.media, version.recipe, registry, sources, cancel)

    def carry(self, report: Report, partial: Partial) -> None:
        jobs = [(piece, missing) for piece in self._pieces() if (missing := self._missing(piece))]
        unedited = [n for n in self._frames if self._editor and not self._known.is_edited(self._time(n))]
        total, done = sum(len(missing) for _, missing in jobs) + len(unedited), 0
        asked = len({*unedited, *(n for _, missing in jobs for n in missing)})  # with something in front: two pieces each
        for piece, missing in jobs:
            for frame in self._carried(piece, missing):
                done += 1
                self._tell(frame, partial)
                report(Progress(done / total, f"{done * asked // total} of {asked} frames"))
        for frame in unedited:
            done += 1
            if not self._known.is_edited(self._time(frame)):
                self._tell(frame, partial)
            report(Progress(done / total, f"{done * asked // total} of {asked} frames"))

    def result(self) -> Propagated:
        found = {n: self._told.get(n) or self._known.trust(t) or FrameTrust(t, 0.0, (), False) for n, t in self._times()}
        before, after = range(self._anchors[0], self._frames.start - 1, -1), range(self._anchors[-1], self._frames.stop)
        first = next((n + 1 for n in before if has_ended(found[n])), self._frames.start)
        stop = next((n for n in after if has_ended(found[n])), self._frames.stop)
        warnings = []
        if (first, stop) != (self._frames.start, self._frames.stop):
            warnings.append(f"The window was shortened to {stop - first} frames, because the shot ends there.")
        doubtful = sum(found[n].level == "red" for n in range(first, stop))
        if doubtful:
            warnings.append(f"{doubtful} of {stop - first} frames need a look.")
        reached = TimeRange.between(self._time(first), self._index.end_of(stop - 1))
        trusts = tuple(found[n] for n in range(first, stop))
        return Propagated(self._patch.id, self._version.number, trusts, reached, tuple(warnings))

    # Inside

    def _time(self, frame: int) -> Fraction:
        return self._index.time_of(frame)

    def _times(self) -> Iterator[tuple[int, Fraction]]:
        return ((frame, self._time(frame)) for frame in self._frames)

    def _picture(self, frame: int) -> Picture:
        """An anchor that is damaged was mended from other frames, or it would not be one."""
        return self._shown(frame) if frame in self._anchors else whole_picture(self._sources, self._media, self._time(frame))

    def _shown(self, frame: int) -> Picture:
        """As it is shown, which may be damaged: for what is made from other frames."""
        return self._sources.picture(self._media, self._time(frame))

    def _pieces(self) -> Iterator[_Piece]:
        """What stays in front first, so that a frame that is told of is whole; then from every anchor to its neighbours."""
        for front in self._patch.carrying.in_front:
            start = self._index.frame_at(front.time)
            yield _Piece(start, range(min(self._frames.start, start), max(self._frames.stop, start + 1)), front)
        anchors, rebuilds = self._known.anchors, self._method is Method.REBUILD
        ends = [self._frames.start - 1, *self._anchors, self._frames.stop]
        for number, anchor in enumerate(anchors):
            own = self._anchors[number]
            first = own if rebuilds and number else ends[number] + 1
            stop = own + 1 if rebuilds and number < len(anchors) - 1 else ends[number + 2]
            yield _Piece(own, range(first, stop), anchor)
        for number, pair in enumerate(pairwise(anchors)) if rebuilds else ():
            between = range(self._anchors[number] + 1, self._anchors[number + 1])
            yield _Piece(between.start, between, pair)

    def _key(self, piece: _Piece, frame: int) -> str:
        what, time = piece.what, self._time(frame)
        if isinstance(what, RegionKey):
            return self._known.front_key(what, time)
        return self._known.anchor_key(what, time) if isinstance(what, AnchorPixels) else self._known.rebuilt_key(*what, time)

    def _missing(self, piece: _Piece) -> range:
        """The part of a piece that must be carried, its anchor included; empty where all is known."""
        after = any(not self._has(piece, n) for n in range(piece.start, piece.frames.stop))
        before = any(not self._has(piece, n) for n in range(piece.frames.start, piece.start))
        if not after and not before:
            return range(0)
        return range(piece.frames.start if before else piece.start, piece.frames.stop if after else piece.start + 1)

    def _has(self, piece: _Piece, frame: int) -> bool:
        key, entries = self._key(piece, frame), self._known.entries
        return entries.head(key) is not None and entries.has_frame(key)

    def _carried(self, piece: _Piece, frames: range) -> Iterator[int]:
        """Carry and keep; gives the number of each frame once it is kept."""
        for carried in self._found(piece, frames):
            self._known.entries.put(self._key(piece, carried.frame), carried, self._displayed(carried))
            yield carried.frame

    def _displayed(self, carried: CarriedFrame) -> Matrix:
        if not carried.to_anchor:
            return ()
        picture, sources, media = self._shown(carried.frame), self._sources, self._media
        turned, aspect = sources.rotation(media), sources.pixel_aspect(media)
        return displayed_matrix(carried.to_anchor, picture.width, picture.height, turned, aspect)

    def _found(self, piece: _Piece, frames: range) -> Iterator[CarriedFrame]:
        what, picture, cancel = piece.what, self._picture, self._cancel
        if isinstance(what, tuple):
            return (self._with_grain(rebuilt, piece) for rebuilt in self._rebuilt(*what))
        if isinstance(what, RegionKey) or self._method is Method.TRACK:
            time = what.time if isinstance(what, RegionKey) else what.anchor
            region = region_patch(what.region, time, self._sources, self._media)
            return follow(picture, piece.start, region, frames, cancel=cancel)
        patch = anchor_patch(what, self._sources, self._media, self._workspace)
        if self._method is Method.HOLD:
            held = hold(picture, piece.start, patch, frames, cancel=cancel)
            return (self._with_grain(carried, piece) for carried in held)
        return propagate(picture, piece.start, self._grained(patch, piece, piece.start), frames, cancel=cancel)

    def _rebuilt(self, first: AnchorPixels, last: AnchorPixels) -> Iterator[CarriedFrame]:
        one, other = (
            End(self._index.frame_at(end.anchor), anchor_patch(end, self._sources, self._media, self._workspace))
            for end in (first, last)
        )

        def share_of(frame: int) -> float:
            return float((self._time(frame) - first.anchor) / (last.anchor - first.anchor))

        return rebuild(self._shown, one, other, share_of, cancel=self._cancel)

    def _grained(self, patch: PatchFrame, piece: _Piece, frame: int) -> PatchFrame:
        """The anchor's patch with the grain of the anchor's picture; carrying then exchanges it for each frame's own."""
        if not self._gets_grain:
            return patch
        return grained(patch, self._picture(piece.start), seed=int(self._key(piece, frame)[:15], 16))

    def _with_grain(self, carried: CarriedFrame, piece: _Piece) -> CarriedFrame:
        """What is held or rebuilt has no frame's own grain: it gets another on each, or it would stand like dirt on a pane."""
        patch = carried.patch
        return replace(carried, patch=self._grained(patch, piece, carried.frame)) if patch is not None else carried

    def _tell(self, frame: int, partial: Partial) -> None:
        """Say how far a frame holds once all it is made of is there; where every frame is edited by itself, that is done now."""
        time = self._time(frame)
        if frame not in self._frames or (carried := self._known.carried_trust(time)) is None:
            return
        if self._editor is not None and not self._known.is_edited(time):
            alpha = self._known.carried(time) if carried.is_carried else None
            edited = self._editor.edited(time, alpha) if alpha is not None else nothing()
            self._known.entries.put_edit(self._known.edit_key(time), edited)
        trust = self._known.trust(time)
        if trust is not None:
            self._told[frame] = trust
            partial(trust)
            if not has_ended(trust):  # beyond a cut nothing was decoded, and the window will end there
                self.measuring.add(time, self._picture(frame))


def _on_still(request: PropagateRequest, version: PatchVersion, sources: ProjectSources, workspace: Workspace) -> Propagated:
    """A still has one picture, shown all the time: the patch lies on it as it is."""
    known = PatchFrames(request.media, request.patch, workspace.cache)
    anchor = known.anchors[0]
    patch = anchor_patch(anchor, sources, request.media, workspace)
    known.entries.put(known.anchor_key(anchor, version.anchor), CarriedFrame(0, patch, 1.0), STILL)
    return Propagated(request.patch.id, version.number, (FrameTrust(version.anchor, 1.0),), request.patch.window)
