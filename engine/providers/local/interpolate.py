"""Offline provider: rebuilds the region of a damaged frame from the frames before and after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError
from engine.motion.cuts import Small, is_cut
from engine.motion.interpolation import judged
from engine.providers.local.pixels import as_float, number, reply
from engine.providers.protocol import Crop, FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.rational_time import TimeRange
from engine.running import CancelToken, Progress, Report

_SKIP = ParameterSpec(
    "skip", "Damaged beside", 0.0, 0.0, 12.0, 1.0, hint="So many frames on each side are damaged too, and are not looked at"
)

_SEARCH_SECONDS = Fraction(3, 2)
"""Further away nothing that moves looks alike."""
_LOOK_AT = 4
"""Frames looked at on each side: as many damaged ones in a row are found without being told."""
_BROKEN_DOUBT = 0.25
"""Mean doubt of what lies between a frame that is broken inside the region and one that is not."""
_RIM_PX = 12

_ONE_SIDE = "There is a good frame on one side only; the region shows that frame."
_UNCLEAR = "The frames before and after differ much; look at the result."


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """A frame of the shot at the place of the crop."""

    time: Fraction
    pixels: Crop


class Interpolate:
    """The picture between the nearest good frame before and after; where the shot has one side only, that side's frame."""

    info = ProviderInfo(
        "local.interpolate", "Rebuild from neighbours",
        "Rebuilds the region from the frames before and after it: for scratches, drop-outs and flashes. Offline, about a second.",
        is_remote=False, needs_context=True, mends_damage=True, parameters=(_SKIP,),
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        """Raises: ProviderError where there is no other frame; Cancelled."""
        cancel.check()
        if context is None:
            raise ProviderError("There are no other frames to rebuild the region from.", "Choose “Remove” instead.")
        report(Progress(0.1, "Reading the frames beside it"))
        sides = _sides(request, context, round(number(request.params, _SKIP)), cancel)
        inside = request.mask > 0
        before, after = (_good(side, inside, cancel) for side in sides)
        if before is None and after is None:
            raise ProviderError("The shot has no other frame to rebuild the region from.", "Choose “Remove” instead.")
        report(Progress(0.4, "Following the motion"))
        if before is None or after is None:
            return _from_one(request, before or after)
        return _from_both(request, before, after, context.anchor, cancel, report)


def _sides(request: RegionEditRequest, context: FrameContext, skip: int, cancel: CancelToken) -> list[list[_Neighbour]]:
    """The frames of the shot before and after the anchor, the nearest first."""
    times = [_times(context, skip, step) for step in (-1, 1)]
    sides = [list(_neighbours(request, context, context.shot(side), cancel)) for side in times]
    if any(sides):
        return sides
    # A frame that is broken all over looks like a shot of its own: then its neighbours are asked whether they are one.
    sides = [list(_neighbours(request, context, iter(side), cancel)) for side in times]
    if all(sides) and not is_cut(*(_small(side[0].pixels) for side in sides)):
        return sides
    return [[], []]


def _small(pixels: Crop) -> Small:
    grey = cv2.cvtColor(as_float(pixels), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (64, 36), interpolation=cv2.INTER_AREA) * 255, np.float32)


def _neighbours(
    request: RegionEditRequest, context: FrameContext, times: Iterator[Fraction], cancel: CancelToken
) -> Iterator[_Neighbour]:
    height, width = request.crop.shape[:2]
    for time in times:
        cancel.check()
        found = context.crop(time, (0, 0, width, height))
        if found is not None and found.pixels.shape == request.crop.shape:
            yield _Neighbour(time, found.pixels)


def _times(context: FrameContext, skip: int, step: int) -> Sequence[Fraction]:
    anchor = context.anchor
    start = anchor if step > 0 else max(Fraction(0), anchor - _SEARCH_SECONDS)
    times = context.times(TimeRange(start, _SEARCH_SECONDS if step > 0 else anchor - start))
    apart = [time for time in times if (time > anchor if step > 0 else time < anchor)]
    return (apart if step > 0 else apart[::-1])[skip:skip + _LOOK_AT]


def _good(side: Sequence[_Neighbour], inside: npt.NDArray[np.bool_], cancel: CancelToken) -> _Neighbour | None:
    """The nearest frame that is not broken itself; the nearest where all of them are alike in nothing."""
    for place, near in enumerate(side[:-1]):
        if not all(_is_apart(near.pixels, further.pixels, inside, cancel) for further in side[place + 1:place + 3]):
            return near
    return side[0] if side else None


def _is_apart(near: Crop, further: Crop, inside: npt.NDArray[np.bool_], cancel: CancelToken) -> bool:
    """Whether no motion brings two frames together inside the region, and much less so than around it."""
    doubt = judged(near, further, 0.5, cancel=cancel).doubt
    around = cv2.dilate(inside.astype(np.uint8), np.ones((2 * _RIM_PX + 1, 2 * _RIM_PX + 1), np.uint8)) > inside
    outside = float(doubt[around].mean()) if around.any() else 0.0
    return bool(inside.any()) and float(doubt[inside].mean()) > max(_BROKEN_DOUBT, 2 * outside)


def _from_one(request: RegionEditRequest, only: _Neighbour | None) -> RegionEditReply:
    assert only is not None
    return RegionEditReply(reply(request, as_float(only.pixels)).pixels, warnings=(_ONE_SIDE,))


def _from_both(
    request: RegionEditRequest, before: _Neighbour, after: _Neighbour, anchor: Fraction, cancel: CancelToken, report: Report
) -> RegionEditReply:
    share = float((anchor - before.time) / (after.time - before.time))
    made = judged(before.pixels, after.pixels, share, cancel=cancel)
    inside = request.mask > 0
    doubt = float(made.doubt[inside].mean()) if inside.any() else 0.0
    report(Progress(1.0, "Rebuilt"))
    edited = reply(request, as_float(made.pixels))
    return RegionEditReply(edited.pixels, warnings=(_UNCLEAR,) if doubt > 0.25 else ())
