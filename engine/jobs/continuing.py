"""Fills the span between two anchors of a patch with what a motion service makes of them: every frame of it becomes an anchor.

The service sees the surroundings of the region on the two frames, with the patch on them, and nothing else. Each of its frames is
lined up with the source's own frame, matched in colour, and laid into the region as it lies there; near the two anchors it is
blended with what the motion carried, because services take first and last frames as wishes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.geometry import as_stored, upright
from engine.compositing.mask import RegionMask, region_mask
from engine.errors import EditError, MediaError, ProviderError
from engine.jobs.carried import PatchFrames
from engine.jobs.outline import outline_at
from engine.jobs.pixels import png_of
from engine.jobs.region_edit import CONTEXT_MAX_PX, CONTEXT_MIN_PX, CONTEXT_SHARE
from engine.jobs.reply import fitted_reply
from engine.jobs.video_frames import VideoFrames
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.colour import region_to_rgb
from engine.media.hdr import is_hdr
from engine.media.index import FrameIndex
from engine.project.anchors import anchors_of
from engine.project.model import AnchorPixels, Media, Patch, PatchVersion
from engine.providers.generation import MotionContinuer, Rgb8
from engine.providers.protocol import Crop
from engine.running import CancelToken, Progress, Report, part

SEAM_FRAMES = 3
"""So many frames beside each anchor are blended with what the motion carried."""
SEAM_LEVELS = 16.0
"""A first or last frame that differs from ours by more than this, in 8-bit levels inside the region, is told of."""
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ContinueRequest:
    """Fill between the anchors of the shown version of `patch`, which was carried before."""

    media: Media
    patch: Patch
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Continued:
    """`version` has an anchor on every frame that was filled; its number is given when it is attached."""

    version: PatchVersion
    cost_usd: float
    frames: int
    warnings: tuple[str, ...]


def run(
    request: ContinueRequest, service: MotionContinuer, workspace: Workspace, *, cancel: CancelToken, report: Report
) -> Continued:
    """Raises: EditError (one anchor only, HDR, nothing carried), MediaError, StorageError; what the service raises; Cancelled."""
    version = request.patch.version
    anchors = anchors_of(version) if version is not None else ()
    if version is None or len(anchors) < 2:
        raise EditError("A motion service moves what lies between two anchors, and this patch has one.", "Put in a key first.")
    pairs = list(pairwise(anchors))
    with workspace.sources() as sources:
        spans = [
            _Span(request, workspace, sources, before, after).filled(
                service, cancel, part(report, number / len(pairs), (number + 1) / len(pairs))
            )
            for number, (before, after) in enumerate(pairs)
        ]
    made = [one for span in spans for one in span.anchors]
    cost = sum(span.cost_usd for span in spans)
    warnings = tuple(dict.fromkeys((*version.warnings, *(text for span in spans for text in span.warnings))))
    others = tuple(sorted((*version.others, *made), key=lambda one: one.anchor))
    report(Progress(1.0, "Filled"))
    filled = replace(version, number=0, others=others, cost_usd=cost, model=spans[-1].model, warnings=warnings)
    return Continued(filled, cost, len(made), warnings)


@dataclass(frozen=True, slots=True)
class _Filled:
    anchors: tuple[AnchorPixels, ...]
    cost_usd: float
    model: str
    warnings: tuple[str, ...]


class _Span:
    """The frames between two anchors, and the one window of the picture that holds the region on all of them."""

    def __init__(
        self, request: ContinueRequest, workspace: Workspace, sources: ProjectSources, before: AnchorPixels, after: AnchorPixels
    ) -> None:
        self._media, self._patch, self._prompt = request.media, request.patch, request.prompt or request.patch.recipe.prompt
        self._workspace, self._sources = workspace, sources
        self._known = PatchFrames(request.media, request.patch, workspace.cache)
        self._index: FrameIndex = sources.index(request.media)
        first, last = self._index.frame_at(before.anchor), self._index.frame_at(after.anchor)
        self._times = tuple(self._index.time_of(number) for number in range(first, last + 1))
        self._turn, self._aspect = sources.rotation(request.media), sources.pixel_aspect(request.media)
        self._window = self._around([mask.box for time in self._times if (mask := self._mask(time)) is not None])

    def filled(self, service: MotionContinuer, cancel: CancelToken, report: Report) -> _Filled:
        first, last = self._sent(self._times[0]), self._sent(self._times[-1])
        seconds = float(self._times[-1] - self._times[0])
        made = service.between(first, last, seconds, self._prompt, cancel=cancel, report=part(report, 0.0, 0.7))
        asset = self._workspace.assets.put(made.path.read_bytes(), ".mp4")
        found: list[AnchorPixels] = []
        warnings = list(made.warnings)
        inner = self._times[1:-1]
        with VideoFrames(str(self._workspace.assets.path(asset))) as frames:
            warnings += self._seams(frames, made.shown, made.by)
            for number, time in enumerate(inner):
                cancel.check()
                frame, nearness = frames.at((number + 1) / (len(inner) + 1)), _nearness(number, len(inner))
                one = self._anchor(time, frame, made.shown, nearness)
                if one is not None:
                    found.append(replace(one, raw_reply=asset))
                report(Progress(0.7 + 0.3 * (number + 1) / len(inner), f"{number + 1} of {len(inner)} frames"))
        if len(found) < len(inner):
            warnings.append(f"On {len(inner) - len(found)} frames the region is not in the picture; nothing was laid there.")
        warnings.append(f"{len(found)} frames were moved by {made.by}; look at them closely.")
        return _Filled(tuple(found), made.cost_usd, made.model, tuple(warnings))

    # --- what leaves -------------------------------------------------------------------------------------------------

    def _around(self, boxes: list[Box]) -> Box:
        if not boxes:
            raise EditError("The region lies on none of the frames between the anchors.", "Carry the patch first.")
        picture = self._sources.picture(self._media, self._times[0])
        left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
        margin = min(CONTEXT_MAX_PX, max(CONTEXT_MIN_PX, round(max(right - left, bottom - top) * CONTEXT_SHARE)))
        left, top = max(0, left - margin), max(0, top - margin)
        return left, top, min(picture.width, right + margin) - left, min(picture.height, bottom + margin) - top

    def _sent(self, time: Fraction) -> Rgb8:
        """(h, w, 3) the window of an anchor's frame with the patch on it, as a service sees it: upright, square pixels, 8 bit.

        Raises: EditError for HDR, whose light a service would lose.
        """
        if is_hdr(self._sources.picture(self._media, time).colour):
            raise EditError("A motion service would lose the light of this HDR source.", "Use another way to carry the patch.")
        shown = np.rint(np.clip(upright(self._with_patch(time), self._turn), 0, 1) * 255).astype(np.uint8)
        return self._square(shown)

    def _square(self, picture: Rgb8) -> Rgb8:
        aspect = float(1 / self._aspect if self._turn % 180 else self._aspect)
        if aspect == 1:
            return np.ascontiguousarray(picture)
        size = max(1, round(picture.shape[1] * aspect)), picture.shape[0]
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if aspect < 1 else cv2.INTER_CUBIC), np.uint8)

    def _own(self, time: Fraction) -> npt.NDArray[np.float32]:
        """(h, w, 3) the source's window in stored orientation, 0..1."""
        return np.asarray(region_to_rgb(self._sources.picture(self._media, time), *self._window), np.float32)

    def _with_patch(self, time: Fraction) -> npt.NDArray[np.float32]:
        """The same with the patch as it is carried there."""
        own, laid = self._own(time).copy(), self._known.frame(time)
        if laid is None:
            raise MediaError("The patch was not carried over the frames between its anchors.", "Carry it first.")
        x, y, width, height = self._window
        left, top = max(x, laid.x), max(y, laid.y)
        right, bottom = min(x + width, laid.x + laid.alpha.shape[1]), min(y + height, laid.y + laid.alpha.shape[0])
        if right <= left or bottom <= top:
            return own
        there = np.s_[top - laid.y : bottom - laid.y, left - laid.x : right - laid.x]
        here = np.s_[top - y : bottom - y, left - x : right - x]
        light = laid.rgb[there].astype(np.float32) / np.float32(np.iinfo(laid.rgb.dtype).max)
        own[here] += laid.alpha[there][..., None] * (light - own[here])
        return own

    # --- what comes back ---------------------------------------------------------------------------------------------

    def _mask(self, time: Fraction) -> RegionMask | None:
        """The region as it lies on a frame; None where it is not in the picture."""
        outline = outline_at(self._media, self._patch, time, self._workspace.cache)
        if outline is None:
            return None
        picture = self._sources.picture(self._media, time)
        try:
            return region_mask(outline, picture.width, picture.height, self._turn, self._aspect)
        except EditError:
            return None

    def _anchor(
        self, time: Fraction, frame: Rgb8, shown: tuple[float, float, float, float], nearness: float
    ) -> AnchorPixels | None:
        """A frame of the service laid into the region there. `nearness` is the share of what the motion carried."""
        mask, outline = self._mask(time), outline_at(self._media, self._patch, time, self._workspace.cache)
        if mask is None or outline is None:
            return None
        fitted = self._fitted(time, frame, shown, mask)
        if nearness > 0:
            fitted += np.float32(nearness) * (self._with_patch(time) - fitted)
        peak = 255 if self._sources.picture(self._media, time).format.bits == 8 else 65535
        own = self._inside(self._own(time), mask)
        light = np.where(mask.alpha[..., None] > 0, self._inside(fitted, mask), own)  # the mask is ours to enforce
        pixels = np.rint(np.clip(light, 0, 1) * peak).astype(np.uint8 if peak == 255 else np.uint16)
        name = self._workspace.assets.put(png_of(pixels), ".png")
        return AnchorPixels(time, outline, name, (mask.x, mask.y, pixels.shape[1], pixels.shape[0]))

    def _inside(self, window: npt.NDArray[np.float32], mask: RegionMask) -> npt.NDArray[np.float32]:
        x, y, width, height = mask.box
        left, top = x - self._window[0], y - self._window[1]
        return window[top : top + height, left : left + width]

    def _fitted(
        self, time: Fraction, frame: Rgb8, shown: tuple[float, float, float, float], mask: RegionMask
    ) -> npt.NDArray[np.float32]:
        """(h, w, 3) a frame of the service on the source's window there, stored, 0..1: lined up and matched in colour by what
        lies around the region. Raises: ProviderError where it cannot be laid on it.
        """
        crop: Crop = np.rint(np.clip(upright(self._own(time), self._turn), 0, 1) * 65535).astype(np.uint16)
        alpha = np.zeros((self._window[3], self._window[2]), np.float32)
        self._inside(alpha, mask)[...] = mask.alpha
        turned = np.ascontiguousarray(upright(alpha, self._turn))
        whole: Rgb8 = np.concatenate([frame, np.full((*frame.shape[:2], 1), 255, np.uint8)], axis=2)
        sent = self._square(np.zeros((*crop.shape[:2], 3), np.uint8)).shape
        try:
            fitted = fitted_reply(whole, crop, turned, (float(sent[1]), float(sent[0])), shown)
        except (cv2.error, ArithmeticError, ValueError, MemoryError) as error:
            raise ProviderError("A frame of the video could not be laid on the picture.", "The video is kept.") from error
        return as_stored(fitted.pixels, self._turn).astype(np.float32) / np.float32(65535)

    def _seams(self, frames: VideoFrames, shown: tuple[float, float, float, float], name: str) -> Iterator[str]:
        """Whether the video begins and ends with the pictures that were sent."""
        for frame, what, time in ((frames.at(0.0), "begins", self._times[0]), (frames.at(1.0), "ends", self._times[-1])):
            mask = self._mask(time)
            if mask is None:
                continue
            ours = self._inside(self._with_patch(time), mask)
            theirs = self._inside(self._fitted(time, frame, shown, mask), mask)
            levels = 255 * float(np.abs(ours - theirs)[mask.alpha > 0.5].mean()) if (mask.alpha > 0.5).any() else 0.0
            if levels > SEAM_LEVELS:
                yield f"The video of {name} {what} with another picture than the one sent ({levels:.0f} of 255 levels off)."


def _nearness(number: int, count: int) -> float:
    """The share of what the motion carried: 1 on the anchors, 0 from `SEAM_FRAMES` frames on."""
    away = min(number, count - 1 - number) + 1
    share = max(0.0, 1 - away / (SEAM_FRAMES + 1))
    return share * share * (3 - 2 * share)
