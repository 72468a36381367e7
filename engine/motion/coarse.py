"""By how many whole pixels the patch's surroundings moved since the last frame, by matching small copies.

Flow finds a few times its block size; a pan by a tenth of the picture needs this first. Knows the last frame and no anchor.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion.flow import Gray
from engine.motion.history import History
from engine.motion.view import View

_SURROUNDINGS_PX = 16
_SIDE_PX = 72
_REACH = 0.08
"""Of the picture's width: how much further than before a patch may move from one frame to the next."""
_LEAST_FREE = 0.3
_LEAST_CONTRAST = 5.0
_LEAST_CORRELATION, _LEAST_GAIN = 0.5, 0.08
_LEAST_GAIN_LEVELS = 1.5
_AS_GOOD = 0.15
"""By how much a match may correlate less than the best: what repeats is sampled anew at every place of a small copy."""


def coarse_shift(view: View, before: History) -> npt.NDArray[np.int64]:
    """(2,) x and y; zero where nothing shows a motion clearly."""
    still = np.zeros(2, np.int64)
    box = before.patch_box.grown(_SURROUNDINGS_PX, view.width, view.height)
    reach = round(_REACH * view.width) + int(np.abs(before.step_px).max())
    area = box.grown(reach, view.width, view.height)
    scale = min(1.0, _SIDE_PX / max(box.width, box.height))
    template, wide = _shrunk(before.view.grey(box), scale), _shrunk(view.grey(area), scale)
    free = _shrunk(np.asarray(255 * (1 - before.covered_on(box)), np.uint8), scale) > 200
    if free.mean() < _LEAST_FREE or float(template[free].std()) < _LEAST_CONTRAST:
        return still
    found = _scores(template, free, wide)
    at = np.round((np.array([box.x - area.x, box.y - area.y])) * scale).astype(int)
    at = np.minimum(at, np.array(found.shape[::-1]) - 1)
    best, where = _nearest_of_the_best(found, at + before.step_px * scale)
    # A match elsewhere must be clearly better than none: repeated texture matches everywhere.
    if best < _LEAST_CORRELATION or best < float(found[at[1], at[0]]) + _LEAST_GAIN:
        return still
    # On a plain surface that means nothing yet: it must also be seen in levels.
    if _unlike(wide, template, free, at) < _unlike(wide, template, free, np.array(where)) + _LEAST_GAIN_LEVELS:
        return still
    return np.asarray(np.rint((np.array(where) - at) / scale), np.int64)


def _scores(template: Gray, free: npt.NDArray[np.bool_], wide: Gray) -> npt.NDArray[np.float32]:
    mask = None if free.all() else cv2.erode(free.astype(np.uint8), np.ones((3, 3), np.uint8))
    found = cv2.matchTemplate(wide, template, cv2.TM_CCOEFF_NORMED, mask=mask)
    return np.where(np.isfinite(found), found, -1).astype(np.float32)


def _nearest_of_the_best(scores: npt.NDArray[np.float32], expected: npt.NDArray[np.float64]) -> tuple[float, tuple[int, int]]:
    """Score and (x, y): what repeats fits a period off just as well, and then the way that is expected is the likelier one."""
    peaks = scores >= np.maximum(cv2.dilate(scores, np.ones((3, 3))), scores.max() - _AS_GOOD)
    rows, columns = np.nonzero(peaks)
    nearest = np.argmin(np.hypot(columns - expected[0], rows - expected[1]))
    row, column = int(rows[nearest]), int(columns[nearest])
    return float(scores[row, column]), (column, row)


def _unlike(image: Gray, template: Gray, free: npt.NDArray[np.bool_], at: npt.NDArray[np.int64]) -> float:
    """Mean difference in levels between the free part of a template and what lies at (x, y), brightness aside."""
    height, width = template.shape
    there = (image[at[1]:at[1] + height, at[0]:at[0] + width].astype(np.float32) - template)[free]
    return float(np.abs(there - np.median(there)).mean())


def _shrunk(image: Gray, scale: float) -> Gray:
    size = (max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
