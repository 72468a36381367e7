"""A patch on a part of its anchor frame: its rectangle in the picture, its alpha and the picture with it, over any box."""

import numpy as np

from engine.compositing.sources import Alpha, PatchFrame
from engine.errors import BadInputError
from engine.motion.flow import Box
from engine.motion.view import Rgb01, View


def composited(original: Rgb01, patch: PatchFrame, alpha: Alpha, box: Box) -> Rgb01:
    """The anchor (`original`, over `box`) with the patch on it, by an alpha that covers it."""
    rgb = original.copy()
    top, left, rows, columns = _overlap(patch, box)
    peak = np.float32(np.iinfo(patch.rgb.dtype).max)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    part = np.s_[top:top + height, left:left + width]
    rgb[part] += alpha[part][..., None] * (patch.rgb[rows, columns].astype(np.float32) / peak - rgb[part])
    return rgb


def alpha_on(patch: PatchFrame, box: Box) -> Alpha:
    """(h, w) of a box."""
    alpha = np.zeros((box.height, box.width), np.float32)
    top, left, rows, columns = _overlap(patch, box)
    alpha[top:top + rows.stop - rows.start, left:left + columns.stop - columns.start] = patch.alpha[rows, columns]
    return alpha


def visible_box(patch: PatchFrame, view: View) -> Box:
    """The patch's rectangle clipped to the frame. Raises: BadInputError where they do not meet."""
    height, width = patch.alpha.shape
    left, top = max(0, patch.x), max(0, patch.y)
    right, bottom = min(view.width, patch.x + width), min(view.height, patch.y + height)
    if right <= left or bottom <= top:
        raise BadInputError("The patch lies outside the picture.", "Draw its region on the picture.")
    return Box(left, top, right - left, bottom - top)


def _overlap(patch: PatchFrame, box: Box) -> tuple[int, int, slice, slice]:
    """Where the common part of patch and box begins in the box, and its rows and columns in the patch."""
    height, width = patch.alpha.shape
    left, top = max(patch.x, box.x), max(patch.y, box.y)
    right, bottom = min(patch.x + width, box.x + box.width), min(patch.y + height, box.y + box.height)
    rows, columns = slice(top - patch.y, max(top, bottom) - patch.y), slice(left - patch.x, max(left, right) - patch.x)
    return top - box.y, left - box.x, rows, columns
