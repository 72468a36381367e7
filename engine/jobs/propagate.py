"""Carries a patch's version over its window and keeps every carried frame in the cache, with how far it may be trusted.

Frames that an earlier run carried are not carried again: dragging an end of the window computes only the new side.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.cache.store import Cache
from engine.compositing import patch_codec
from engine.compositing.mask import region_mask
from engine.compositing.sources import PatchFrame
from engine.errors import MediaError
from engine.jobs.pixels import pixels_of
from engine.jobs.workspace import PATCH_FRAMES, ProjectSources, Workspace, patch_frame_key
from engine.media.index import FrameIndex
from engine.motion.confidence import Level, Reason, level
from engine.motion.propagation import CarriedFrame, propagate
from engine.project.model import Media, MediaKind, Patch, PatchVersion
from engine.rational_time import TimeRange
from engine.running import CancelToken, Progress, Report

CONFIDENCE = "patch-confidence"


@dataclass(frozen=True, slots=True)
class FrameTrust:
    """How far a patch holds on one frame; `time` is source time."""

    time: Fraction
    confidence: float
    reasons: tuple[str, ...] = ()
    is_carried: bool = True
    """False beyond a cut or where the region has left the picture: nothing is changed there."""

    @property
    def level(self) -> Level:
        return level(self.confidence)


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
    request: PropagateRequest, workspace: Workspace, *, cancel: CancelToken, report: Report, partial: Partial | None = None
) -> Propagated:
    """Raises: MediaError, StorageError (a missing asset); Cancelled, with everything carried so far kept."""
    version = request.patch.version
    if version is None:
        raise MediaError(f"“{request.patch.name}” has no result to carry yet.", "Run the patch first.")
    with workspace.sources() as sources:
        if request.media.kind is MediaKind.IMAGE:
            return _on_still(request, version, workspace)
        index = sources.index(request.media)
        frames = index.frames_between(request.patch.window.start, request.patch.window.end)
        anchor = index.frame_at(version.anchor)
        frames = range(min(frames.start, anchor), max(frames.stop, anchor + 1))
        carrying = _Carrying(request.media, version, index, workspace.cache)
        known = carrying.known(frames)
        missing = _missing_window(frames, anchor, known)
        if missing:
            _carry(carrying, missing, known, sources, workspace, cancel, report, partial)
    report(Progress(1.0, "Carried"))
    return _result(request, version, index, frames, anchor, known)


def trust_of(media: Media, patch: Patch, index: FrameIndex, cache: Cache) -> tuple[FrameTrust, ...]:
    """What is known of a patch's frames without computing anything; frames never carried are left out."""
    version = patch.version
    if version is None:
        return ()
    frames = index.frames_between(patch.window.start, patch.window.end)
    known = _Carrying(media, version, index, cache).known(frames, with_pixels=False)
    return tuple(known[n] for n in frames if n in known)


def is_carried(media: Media, patch: Patch, sources: ProjectSources, workspace: Workspace) -> bool:
    """Whether every frame of the window has its carried pixels in the cache."""
    version = patch.version
    if version is None:
        return False
    if media.kind is MediaKind.IMAGE:
        return sources.patch_frame(media, version, version.anchor) is not None
    index = sources.index(media)
    frames = index.frames_between(patch.window.start, patch.window.end)
    carrying = _Carrying(media, version, index, workspace.cache)
    return all(workspace.cache.get(PATCH_FRAMES, carrying.key(n)) is not None for n in frames)


def anchor_patch(version: PatchVersion, sources: ProjectSources, media: Media, workspace: Workspace) -> PatchFrame:
    """The version as it lies on its anchor frame. Raises: StorageError where its pixels are gone."""
    picture = sources.picture(media, version.anchor)
    mask = region_mask(version.region, picture.width, picture.height, sources.rotation(media), sources.pixel_aspect(media))
    pixels = pixels_of(workspace.assets.get(version.pixels))
    if pixels.shape[:2] != mask.alpha.shape or (mask.x, mask.y) != version.crop[:2]:
        raise MediaError(f"The file of “{media.name}” has another size than the patch was made for.", "Run the patch again.")
    alpha = (np.rint(mask.alpha * 65535) / 65535).astype(np.float32)
    alpha.flags.writeable = pixels.flags.writeable = False
    return PatchFrame(mask.x, mask.y, pixels, alpha)


@dataclass(frozen=True, slots=True)
class _Carrying:
    """The cache entries of one version's frames."""

    media: Media
    version: PatchVersion
    index: FrameIndex
    cache: Cache

    def key(self, frame: int) -> str:
        return patch_frame_key(self.media, self.version, self.index.time_of(frame))

    def known(self, frames: range, *, with_pixels: bool = True) -> dict[int, FrameTrust]:
        found = {}
        for frame in frames:
            data = self.cache.get(CONFIDENCE, self.key(frame))
            if data is None:
                continue
            trust = _trust_from(data, self.index.time_of(frame))
            if not with_pixels or self.cache.get(PATCH_FRAMES, self.key(frame)) is not None:
                found[frame] = trust
        return found

    def store(self, carried: CarriedFrame) -> FrameTrust:
        """Pixels first, so that a known confidence means that the pixels are there."""
        key = self.key(carried.frame)
        self.cache.put(PATCH_FRAMES, key, patch_codec.encode(carried.patch or _nothing()))
        names = [reason.name for reason in carried.reasons]
        head = {"confidence": carried.confidence, "reasons": names, "carried": carried.patch is not None}
        data = json.dumps(head).encode()
        self.cache.put(CONFIDENCE, key, data)
        return _trust_from(data, self.index.time_of(carried.frame))


def _nothing() -> PatchFrame:
    """What lies on a frame to which nothing was carried (hidden, out of the picture, another shot): known, and invisible."""
    return PatchFrame(0, 0, np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.float32))


def _trust_from(data: bytes, time: Fraction) -> FrameTrust:
    head = json.loads(data)
    return FrameTrust(time, head["confidence"], tuple(Reason[name].value for name in head["reasons"]), head["carried"])


def _missing_window(frames: range, anchor: int, known: dict[int, FrameTrust]) -> range:
    """The part of the window that must be carried, anchor included; empty where all is known."""
    after = any(n not in known for n in range(anchor, frames.stop))
    before = any(n not in known for n in range(frames.start, anchor))
    if not after and not before:
        return range(0)
    return range(frames.start if before else anchor, frames.stop if after else anchor + 1)


def _carry(
    carrying: _Carrying, frames: range, known: dict[int, FrameTrust], sources: ProjectSources, workspace: Workspace,
    cancel: CancelToken, report: Report, partial: Partial | None,
) -> None:
    media, version, index = carrying.media, carrying.version, carrying.index
    patch = anchor_patch(version, sources, media, workspace)
    anchor = index.frame_at(version.anchor)
    carried = propagate(lambda n: sources.picture(media, index.time_of(n)), anchor, patch, frames, cancel=cancel)
    for done, item in enumerate(carried, start=1):
        known[item.frame] = carrying.store(item)
        if partial is not None:
            partial(known[item.frame])
        report(Progress(done / len(frames), f"{done} of {len(frames)} frames"))


def _on_still(request: PropagateRequest, version: PatchVersion, workspace: Workspace) -> Propagated:
    """A still has one picture, shown all the time: the patch lies on it as it is."""
    with workspace.sources() as sources:
        patch = anchor_patch(version, sources, request.media, workspace)
    key = patch_frame_key(request.media, version, Fraction(0))
    workspace.cache.put(PATCH_FRAMES, key, patch_codec.encode(patch))
    return Propagated(request.patch.id, version.number, (FrameTrust(version.anchor, 1.0),), request.patch.window)


def _result(
    request: PropagateRequest, version: PatchVersion, index: FrameIndex, frames: range, anchor: int, known: dict[int, FrameTrust]
) -> Propagated:
    cut = Reason.CUT.value
    first = next((n + 1 for n in range(anchor, frames.start - 1, -1) if cut in known[n].reasons), frames.start)
    stop = next((n for n in range(anchor, frames.stop) if cut in known[n].reasons), frames.stop)
    warnings = []
    if (first, stop) != (frames.start, frames.stop):
        warnings.append(f"The window was shortened to {stop - first} frames, because the shot ends there.")
    doubtful = sum(known[n].level == "red" for n in range(first, stop))
    if doubtful:
        warnings.append(f"{doubtful} of {stop - first} frames need a look.")
    reached = TimeRange.between(index.time_of(first), index.end_of(stop - 1))
    trusts = tuple(known[n] for n in range(first, stop))
    return Propagated(request.patch.id, version.number, trusts, reached, tuple(warnings))
