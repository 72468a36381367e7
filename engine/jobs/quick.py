"""A first look at frames that a window has just come to cover: carried at a quarter of the size, from the nearest known frame.

It is a look only: what it makes lies in the cache under a kind of its own, is shown by `LookSources` until the real frame is
there, and is never exported, measured or trusted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from engine.cache.keys import key as make_key
from engine.compositing import patch_codec
from engine.compositing.sources import Alpha, PatchFrame, Rgb, in_steps
from engine.jobs.carried import FrameTrust, PatchFrames
from engine.jobs.propagate import Propagated, PropagateRequest
from engine.jobs.propagate import run as carry
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.index import FrameIndex
from engine.media.picture import Picture, Plane
from engine.motion.propagation import propagate
from engine.project.model import Media, MediaKind, Method, Patch
from engine.providers.registry import Registry
from engine.running import CancelToken, Progress, Report, ignore

QUICK = "patch-quick"
PARTS = 4
"""Width and height are divided by this."""
LEAST_PX = 8
"""A patch that would be smaller than this is not worth a quick look."""


@dataclass(frozen=True, slots=True)
class QuickFrame:
    """A quick look at one frame is there; `time` is source time."""

    time: Fraction


def run(
    request: PropagateRequest, workspace: Workspace, *, cancel: CancelToken, report: Report,
    partial: Callable[[QuickFrame], None],
) -> int:
    """Make a quick look of every frame of the window that is not carried yet; returns how many.

    Only beyond the ends of what is known, and not where pixels hold still, which is as quick. Raises: MediaError; Cancelled.
    """
    media, patch = request.media, request.patch
    if media.kind is not MediaKind.VIDEO or patch.version is None or patch.carrying.method is Method.HOLD:
        return 0
    frames = PatchFrames(media, patch, workspace.cache)
    made = 0
    with workspace.sources() as sources:
        index = sources.index(media)
        for start, window in _sides(patch, index, frames):
            for frame in _carried(request, index, frames, start, window, sources, cancel):
                workspace.cache.put(QUICK, _key(frames, index.time_of(frame[0])), patch_codec.encode(frame[1]))
                made += 1
                partial(QuickFrame(index.time_of(frame[0])))
    report(Progress(1.0, "A first look"))
    return made


def look_then_carry(
    request: PropagateRequest, workspace: Workspace, *, cancel: CancelToken, report: Report,
    partial: Callable[[QuickFrame | FrameTrust], None], registry: Registry | None = None,
) -> Propagated:
    """A quick look of what is missing, then the real frames; see `propagate.run`."""
    run(request, workspace, cancel=cancel, report=ignore, partial=partial)
    return carry(request, workspace, cancel=cancel, report=report, partial=partial, registry=registry)


def _sides(patch: Patch, index: FrameIndex, frames: PatchFrames) -> list[tuple[int, range]]:
    """(frame to start from, frames from it to the window's end) for both ends; none where nothing is missing, or known."""
    window = index.frames_between(patch.window.start, patch.window.end)
    known = [n for n in window if frames.is_known(index.time_of(n))]
    if not known:
        return []
    sides = [(known[-1], range(known[-1], window.stop)), (known[0], range(window.start, known[0] + 1))]
    return [(start, side) for start, side in sides if len(side) > 1]


def _carried(
    request: PropagateRequest, index: FrameIndex, frames: PatchFrames, start: int, window: range, sources: ProjectSources,
    cancel: CancelToken,
) -> Iterator[tuple[int, PatchFrame]]:
    media = request.media
    is_edited = request.patch.carrying.method is Method.TRACK
    patch = (frames.frame if is_edited else frames.carried)(index.time_of(start))
    if patch is None or min(patch.alpha.shape) < LEAST_PX * PARTS:
        return
    small = _small_patch(patch)
    for found in propagate(lambda n: _small(sources.picture(media, index.time_of(n))), start, small, window, cancel=cancel):
        if found.frame != start and found.patch is not None:
            yield found.frame, _large_patch(found.patch)


def _small(picture: Picture) -> Picture:
    """Each plane at a quarter of its size."""
    width, height = -(-picture.width // PARTS), -(-picture.height // PARTS)
    planes: list[Plane] = []
    for plane in picture.planes:
        across = picture.format.shift_x if plane.shape[1] < picture.width else 0
        down = picture.format.shift_y if plane.shape[0] < picture.height else 0
        planes.append(_resized(plane, (-(-width >> across), -(-height >> down)), cv2.INTER_AREA))
    return Picture(tuple(planes), picture.format, picture.colour)


def _small_patch(patch: PatchFrame) -> PatchFrame:
    """Padded to the coarse grid first."""
    left, top = patch.x % PARTS, patch.y % PARTS
    height, width = patch.alpha.shape
    pad = ((top, -(top + height) % PARTS), (left, -(left + width) % PARTS))
    alpha = np.pad(patch.alpha, pad)
    rgb = np.pad(patch.rgb, (*pad, (0, 0)), mode="edge")
    size = alpha.shape[1] // PARTS, alpha.shape[0] // PARTS
    return PatchFrame(
        patch.x // PARTS, patch.y // PARTS, _resized(rgb, size, cv2.INTER_AREA),
        _fine(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)),
    )  # fmt: skip


def _large_patch(patch: PatchFrame) -> PatchFrame:
    height, width = patch.alpha.shape
    size = (width * PARTS, height * PARTS)
    alpha = _fine(cv2.resize(patch.alpha, size, interpolation=cv2.INTER_LINEAR))
    return PatchFrame(patch.x * PARTS, patch.y * PARTS, _resized(patch.rgb, size, cv2.INTER_LINEAR), alpha)


def _fine(alpha: npt.NDArray[Any]) -> Alpha:
    """In the steps that storing keeps."""
    steps: Alpha = in_steps(np.clip(alpha, 0, 1))
    return steps


def _resized(plane: npt.NDArray[Any], size: tuple[int, int], how: int) -> Rgb:
    """`size` is (width, height); 8 or 16 bit stays what it is."""
    made = np.ascontiguousarray(cv2.resize(plane, size, interpolation=how))
    return made.astype(np.uint8) if plane.dtype == np.uint8 else made.astype(np.uint16)


def _key(frames: PatchFrames, time: Fraction) -> str:
    return make_key("quick-1", frames.name(time))


class LookSources(ProjectSources):
    """Sources for looking: a frame that was not carried yet shows its quick look, and `is_quick` says so."""

    is_quick = False

    def begin(self) -> None:
        """Another frame is composed."""
        self.is_quick = False

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        real = super().patch_frame(media, patch, time)
        if real is not None or patch.version is None:
            return real
        data = self.library.cache.get(QUICK, _key(PatchFrames(media, patch, self.library.cache), time))
        if data is None:
            return None
        self.is_quick = True
        return patch_codec.decode(data)
