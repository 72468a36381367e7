"""Is there a hard cut between two neighbouring frames? Asked pair by pair, of small grey copies; a dissolve or a fade is none.

Five measurements that each fool themselves (a flash, a pan, a fade, two shots of equal colours) are weighed together by a
logistic model. Its weights were fitted by `tests/bench/cuts.py --fit` to edits of half of the test clips; that bench says how
well it does on the other half.
"""

from math import exp, log

import cv2
import numpy as np
import numpy.typing as npt

Small = npt.NDArray[np.float32]

WEIGHTS = (6.457, 2.086, 0.251, -1.308, -2.329)
CONSTANT = -7.933
_LEAST_CONTRAST = 6.0
"""Levels: a nearly black frame is not stretched until its noise looks like a picture."""


def is_cut(before: Small, after: Small) -> bool:
    """True where two frames (small grey copies of one size, 0..255) show different shots."""
    return likelihood(before, after) >= 0.5


def likelihood(before: Small, after: Small) -> float:
    """0..1: how surely there is a hard cut between two frames."""
    score = CONSTANT + sum(weight * value for weight, value in zip(WEIGHTS, measured(before, after), strict=True))
    return 1 / (1 + exp(-min(40.0, max(-40.0, score))))


def measured(before: Small, after: Small) -> tuple[float, float, float, float, float]:
    """What tells a cut: difference of pattern, change of contrast, difference in levels, likeness of histograms, a match.

    The first is the mean difference of the two, each brought to mean 0 and deviation 1, so that light does not count; the third
    is in 8-bit levels with equal means. Both are taken as they lie and shifted onto each other, and the smaller counts: a pan is
    no cut. The last is how well the shifted ones correlate, 0 (not at all) to 3.
    """
    contrast = [max(_LEAST_CONTRAST, float(image.std())) for image in (before, after)]
    shifted, match = _shifted(before, after)
    differences = [_differences(*pair, contrast) for pair in ((before, after), shifted)]
    pattern, levels = (min(values) for values in zip(*differences, strict=True))
    return pattern, abs(log(contrast[0] / contrast[1])), levels, _likeness(before, after), -log(1.05 - max(0.0, match))


def _differences(before: Small, after: Small, contrast: list[float]) -> tuple[float, float]:
    one, other = before - before.mean(), after - after.mean()
    pattern = np.abs(one / np.float32(contrast[0]) - other / np.float32(contrast[1])).mean()
    return float(pattern), float(np.abs(one - other).mean())


def _likeness(before: Small, after: Small) -> float:
    one, other = (cv2.calcHist([image], [0], None, [32], [0, 256]) for image in (before, after))
    return float(cv2.compareHist(cv2.GaussianBlur(one, (1, 5), 1), cv2.GaussianBlur(other, (1, 5), 1), cv2.HISTCMP_CORREL))


def _shifted(before: Small, after: Small) -> tuple[tuple[Small, Small], float]:
    """What both show where a part of one is laid where it fits best on the other, to half a pixel, and how well it fits.

    The parts are the middle and both ends, so that half a width of a pan is found.
    """
    fine = [_doubled(image) for image in (before, after)]
    height, width = fine[0].shape
    top, half = height // 4, width // 2
    found = []
    for left in (half // 2, 0, width - half):
        part = np.ascontiguousarray(fine[0][top:height - top, left:left + half])
        _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(fine[1], part, cv2.TM_CCOEFF_NORMED))
        found.append((best, y - top, x - left))
    best, dy, dx = max(found)
    one = fine[0][max(0, -dy):height - max(0, dy), max(0, -dx):width - max(0, dx)]
    other = fine[1][max(0, dy):height - max(0, -dy), max(0, dx):width - max(0, -dx)]
    return (one, other), float(best)


def _doubled(image: Small) -> Small:
    return np.asarray(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.float32)
