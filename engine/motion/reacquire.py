"""Finds the patch again straight from the anchor: local features matched against it, and the plane that most of them agree on.

For what came back after it was hidden or had left the picture, where nothing can be followed from the frame before. Works on
copies of bounded size, so that its cost does not grow with the picture.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.flow import Box, Gray
from engine.motion.view import View

_ANCHOR_SIDE_PX, _FRAME_SIDE_PX = 420, 900
_FEATURES, _FRAME_FEATURES = 500, 1500
_RATIO = 0.8
_LEAST_MATCHES, _LEAST_FOR_PLANE = 7, 16
_WITHIN_PX = 3.0


class Reacquirer:
    """Features are Lowe's (2004), those of the anchor computed on first use."""

    def __init__(self, anchor: View, patch: Box) -> None:
        self._view = anchor
        self._context = patch.grown(max(32, max(patch.width, patch.height) // 2), anchor.width, anchor.height)
        context = max(self._context.width, self._context.height)
        self._scale = min(1.0, _ANCHOR_SIDE_PX / context, _FRAME_SIDE_PX / max(anchor.width, anchor.height))
        self._known: tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]] | None = None

    def find(self, view: View, area: Box) -> planar.Homography | None:
        """The plane's homography frame -> anchor, from what `area` of the frame shows. None where too little agrees."""
        if self._known is None:
            self._known = _features(self._view.grey(self._context), self._context, self._scale, _FEATURES)
        points, descriptors = _features(view.grey(area), area, self._scale, _FRAME_FEATURES)
        if min(len(self._known[0]), len(points)) < _LEAST_MATCHES:
            return None
        pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(self._known[1], descriptors, k=2)
        good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
        if len(good) < _LEAST_MATCHES:
            return None
        there = self._known[0][[match.queryIdx for match in good]]
        here = points[[match.trainIdx for match in good]]
        return _agreed(here, there, _WITHIN_PX / self._scale)


def _features(grey: Gray, box: Box, scale: float, most: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    size = (max(16, round(grey.shape[1] * scale)), max(16, round(grey.shape[0] * scale)))
    small = grey if scale == 1 else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    found, descriptors = cv2.SIFT.create(most).detectAndCompute(small, None)
    if descriptors is None:
        return np.zeros((0, 2)), np.zeros((0, 128), np.float32)
    ratio = np.array([grey.shape[1] / small.shape[1], grey.shape[0] / small.shape[0]])
    # Found by several threads: their order must not decide which samples a random search draws.
    order = sorted(range(len(found)), key=lambda n: (*found[n].pt, found[n].size, found[n].angle))
    points = (np.array([found[n].pt for n in order]) + 0.5) * ratio - 0.5 + np.array([box.x, box.y])
    return points, np.asarray(descriptors, np.float32)[order]


def _agreed(here: npt.NDArray[np.float64], there: npt.NDArray[np.float64], within: float) -> planar.Homography | None:
    """Four corners' worth of freedom where many agree, turn and scale alone where few do."""
    similar, kept = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=2 * within, maxIters=2000)
    count = 0 if similar is None else int(kept.sum())
    if count >= _LEAST_FOR_PLANE or len(here) >= _LEAST_FOR_PLANE:
        found, inliers = cv2.findHomography(here, there, cv2.USAC_MAGSAC, within, maxIters=2000, confidence=0.999)
        is_agreed = found is not None and int(inliers.sum()) >= max(_LEAST_FOR_PLANE, count)
        if is_agreed and planar.is_sane(np.asarray(found, np.float64), here[np.asarray(inliers).ravel() > 0]):
            return np.asarray(found, np.float64)
    if count < _LEAST_MATCHES:
        return None
    matrix = np.vstack([np.asarray(similar, np.float64), [0, 0, 1]])
    return matrix if 0.25 < abs(float(np.linalg.det(matrix))) < 4 else None
