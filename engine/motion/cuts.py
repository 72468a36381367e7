"""Is there a hard cut between two neighbouring frames? A small, honest test: it may miss a dissolve and says nothing of fades."""

import cv2
import numpy as np
import numpy.typing as npt

Small = npt.NDArray[np.float32]

DIFFERENCE_LEVELS = 22.0
"""Mean absolute difference, in 8-bit levels after the best shift, above which two frames may be of different shots."""
SIMILARITY = 0.75
"""Correlation of brightness histograms above which they are the same shot after all (a fast pan)."""


def is_cut(before: Small, after: Small) -> bool:
    """True where two frames (small grey copies, 0..255) show different shots.

    A global change of brightness is not one, and neither is a pan: both the pixels and the histograms must differ.
    """
    levelled = after - after.mean() + before.mean()
    if float(np.abs(levelled - before).mean()) < DIFFERENCE_LEVELS:
        return False
    return _correlation(before, after) < SIMILARITY and _aligned_similarity(before, after) < 0.6


def _correlation(before: Small, after: Small) -> float:
    one, other = (cv2.calcHist([image], [0], None, [32], [0, 256]) for image in (before, after))
    return float(cv2.compareHist(cv2.GaussianBlur(one, (1, 5), 1), cv2.GaussianBlur(other, (1, 5), 1), cv2.HISTCMP_CORREL))


def _aligned_similarity(before: Small, after: Small) -> float:
    """Best normalised correlation of the middle of one frame within the other: near 1 under a pan."""
    height, width = before.shape
    middle = before[height // 4:-height // 4, width // 4:-width // 4]
    return float(cv2.matchTemplate(after, np.ascontiguousarray(middle), cv2.TM_CCOEFF_NORMED).max())
