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

WEIGHTS = (9.444, 3.874, 0.181, -2.757, -2.637)
CONSTANT = -11.039
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
    """What tells a cut: difference of pattern, change of contrast, difference in levels, likeness of histograms, of the middles.

    The first is the mean difference of the two, each brought to mean 0 and deviation 1, so that light does not count; the third
    is in 8-bit levels with equal means; the last is the best correlation of one frame's middle anywhere in the other: a pan
    keeps it.
    """
    contrast = [max(_LEAST_CONTRAST, float(image.std())) for image in (before, after)]
    levelled = [image - image.mean() for image in (before, after)]
    pattern = float(np.abs(levelled[0] / np.float32(contrast[0]) - levelled[1] / np.float32(contrast[1])).mean())
    levels = float(np.abs(levelled[0] - levelled[1]).mean())
    return pattern, abs(log(contrast[0] / contrast[1])), levels, _likeness(before, after), _aligned_similarity(before, after)


def _likeness(before: Small, after: Small) -> float:
    one, other = (cv2.calcHist([image], [0], None, [32], [0, 256]) for image in (before, after))
    return float(cv2.compareHist(cv2.GaussianBlur(one, (1, 5), 1), cv2.GaussianBlur(other, (1, 5), 1), cv2.HISTCMP_CORREL))


def _aligned_similarity(before: Small, after: Small) -> float:
    """Best normalised correlation of the middle of one frame within the other: near 1 under a pan."""
    height, width = before.shape
    middle = before[height // 4:-height // 4, width // 4:-width // 4]
    return float(cv2.matchTemplate(after, np.ascontiguousarray(middle), cv2.TM_CCOEFF_NORMED).max())
