"""Offline provider: covers the region with another place of the same picture, so that light and colour join."""

from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError
from engine.providers.local.inpaint import grown
from engine.providers.local.pixels import Rgb01, as_float, mask_box, number, reply, word
from engine.providers.local.poisson import cloned, mixed
from engine.providers.protocol import (
    Area,
    ContextCrop,
    FrameContext,
    ParameterSpec,
    ProviderInfo,
    RegionEditReply,
    RegionEditRequest,
)
from engine.running import CancelToken, Progress, Report

_ACROSS = ParameterSpec("dx", "Source across", 0.0, -1.0, 1.0, 0.001)
_DOWN = ParameterSpec("dy", "Source down", 0.0, -1.0, 1.0, 0.001)
_BLEND = ParameterSpec("blend", "Blend", "seamless", choices=("seamless", "mixed", "plain"))

_RIM_PX = 12
"""Surroundings of the region that a source found by itself must resemble."""
_SEARCH_PX = 128
"""A source is looked for at this size of the region's larger side."""
_REACH = 1.5
"""How far it is looked for, as a share of the region's larger side."""


class Heal:
    """Poisson clone. The source is the region moved by fractions of the displayed picture; where both are 0 the place beside the
    region whose rim resembles the region's most is taken.
    """

    info = ProviderInfo(
        "local.heal", "Heal", "Covers the region with a place beside it: drag the cross on the picture there. Offline, instant.",
        is_remote=False, needs_context=True, parameters=(_ACROSS, _DOWN, _BLEND),
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        hole = request.mask > 0
        whole = _whole(request, context)
        shift = _picked(request, context)
        if shift == (0, 0):
            report(Progress(0.1, "Looking for a place like it"))
            shift = _found(whole, request, hole, cancel)
        source = _source(whole, request, hole, shift)
        cancel.check()
        pixels = as_float(request.crop)
        blend = word(request.params, _BLEND)
        # A pixel more than the region: the solver needs values on its border that are neither's inside.
        if blend == "plain":
            pixels = np.where(hole[..., None], source, pixels)
        else:
            rows, columns = _around(hole)
            part = np.s_[rows, columns]
            join = mixed if blend == "mixed" else cloned
            pixels[part] = join(source[part], pixels[part], hole[part])
        report(Progress(1.0, "Healed"))
        return reply(request, pixels.astype(np.float32))


def _whole(request: RegionEditRequest, context: FrameContext | None) -> ContextCrop:
    """As much of the edited frame as may serve as a source."""
    if context is None:
        return ContextCrop(Fraction(0), request.crop, 0, 0)
    across, down = _picked(request, context)
    rows, columns = mask_box(request.mask)
    width, height = columns.stop - columns.start, rows.stop - rows.start
    more = round(max(width, height) * (1 + _REACH)) if (across, down) == (0, 0) else 2
    left, top = min(0, columns.start + across - more), min(0, rows.start + down - more)
    right = max(request.crop.shape[1], columns.stop + across + more)
    bottom = max(request.crop.shape[0], rows.stop + down + more)
    area: Area = (left, top, right - left, bottom - top)
    return context.crop(context.anchor, area) or ContextCrop(Fraction(0), request.crop, 0, 0)


def _picked(request: RegionEditRequest, context: FrameContext | None) -> tuple[int, int]:
    """Pixels from the region to its source."""
    height, width = request.crop.shape[:2] if context is None else context.picture[3:1:-1]
    return round(number(request.params, _ACROSS) * width), round(number(request.params, _DOWN) * height)


def _around(hole: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = mask_box(hole.astype(np.float32))
    return slice(max(0, rows.start - 4), rows.stop + 4), slice(max(0, columns.start - 4), columns.stop + 4)


def _source(whole: ContextCrop, request: RegionEditRequest, hole: npt.NDArray[np.bool_], shift: tuple[int, int]) -> Rgb01:
    """(h, w, 3) like the crop: what lies `shift` further in the frame.

    The frame's edge is repeated for the rim only. Raises: ProviderError where the source itself leaves the frame.
    """
    rows, columns = mask_box(hole.astype(np.float32))
    left, top = columns.start + shift[0] - whole.x, rows.start + shift[1] - whole.y
    height, width = whole.pixels.shape[:2]
    if left < 0 or top < 0 or left + columns.stop - columns.start > width or top + rows.stop - rows.start > height:
        raise ProviderError("The source of the healing lies outside the picture.", "Pick one nearer to the region.")
    y = np.clip(np.arange(hole.shape[0]) + shift[1] - whole.y, 0, height - 1)
    x = np.clip(np.arange(hole.shape[1]) + shift[0] - whole.x, 0, width - 1)
    return as_float(whole.pixels[np.ix_(y, x)])


def _found(whole: ContextCrop, request: RegionEditRequest, hole: npt.NDArray[np.bool_], cancel: CancelToken) -> tuple[int, int]:
    """The shift to the place whose rim is most like the region's, apart from the region itself."""
    ring = grown(hole, _RIM_PX) & ~hole
    rows, columns = mask_box((ring | hole).astype(np.float32))
    scale = min(1.0, _SEARCH_PX / max(rows.stop - rows.start, columns.stop - columns.start))
    # The rim of a source may reach over the frame's edge, the source itself may not.
    picture = _shrunk(np.pad(as_float(whole.pixels), [(_RIM_PX, _RIM_PX), (_RIM_PX, _RIM_PX), (0, 0)], mode="edge"), scale)
    taken = np.zeros(whole.pixels.shape[:2], np.float32)
    taken[-whole.y:hole.shape[0] - whole.y, -whole.x:hole.shape[1] - whole.x] = hole
    pattern = _shrunk(as_float(request.crop)[rows, columns], scale)
    rim = (_shrunk(ring[rows, columns].astype(np.float32), scale) > 0.5).astype(np.float32)
    own = (_shrunk(hole[rows, columns].astype(np.float32), scale) > 0).astype(np.float32)
    if picture.shape[0] < pattern.shape[0] or picture.shape[1] < pattern.shape[1] or not rim.any():
        raise _no_place()
    cancel.check()
    cost = cv2.matchTemplate(picture, pattern, cv2.TM_SQDIFF, mask=np.repeat(rim[..., None], 3, axis=2)) / rim.sum()
    overlap = cv2.matchTemplate(_shrunk(np.pad(taken, _RIM_PX), scale), own, cv2.TM_CCORR)
    y, x = np.mgrid[:cost.shape[0], :cost.shape[1]]
    home = ((columns.start - whole.x + _RIM_PX) * scale, (rows.start - whole.y + _RIM_PX) * scale)
    far = np.hypot(x - home[0], y - home[1]) / max(pattern.shape[:2])
    cost = np.where(overlap > 0.5, np.inf, np.maximum(cost, 0) + 2e-4 * far)
    if not np.isfinite(cost).any():
        raise _no_place()
    best_y, best_x = np.unravel_index(int(np.argmin(cost)), cost.shape)
    across, down = round((float(best_x) - home[0]) / scale), round((float(best_y) - home[1]) / scale)
    hole_rows, hole_columns = mask_box(hole.astype(np.float32))
    return (
        _kept(across, whole.x - hole_columns.start, whole.x + whole.pixels.shape[1] - hole_columns.stop),
        _kept(down, whole.y - hole_rows.start, whole.y + whole.pixels.shape[0] - hole_rows.stop),
    )


def _kept(value: int, least: int, most: int) -> int:
    return min(max(value, least), most)


def _no_place() -> ProviderError:
    return ProviderError("There is no place beside the region as large as it to copy from.", "Draw the region smaller.")


def _shrunk(image: npt.NDArray[np.float32], scale: float) -> npt.NDArray[np.float32]:
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
