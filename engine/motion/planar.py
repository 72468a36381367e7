"""The rigid hypothesis: one homography for the whole region, fitted to a map.

A wall, a sign or a screen moves as a plane, and thousands of flow vectors fitted together are more exact than each alone.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion.flow import Box, Field, Map

Homography = npt.NDArray[np.float64]

_SAMPLES = 700
_MIN_SAMPLES = 24
INLIER_PX = 1.0


def fit(at: Map, box: Box, weight: Field) -> tuple[Homography, float] | None:
    """The homography frame -> anchor that most of a map agrees with, and the share that does (0..1).

    `weight` (h, w) says what may vote (> 0.5). None where too little may. Robust by MAGSAC (Barath et al. 2019), then least
    squares on the inliers; OpenCV's generator starts from a fixed seed, so equal input gives equal output.
    """
    rows, columns = np.nonzero(weight > 0.5)
    if len(rows) < _MIN_SAMPLES:
        return None
    step = max(1, len(rows) // _SAMPLES)
    rows, columns = rows[::step], columns[::step]
    source = np.stack([columns + box.x, rows + box.y], axis=1).astype(np.float64)
    target = at[rows, columns].astype(np.float64)
    if min(np.ptp(source, axis=0)) < 4:
        return None
    found, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, INLIER_PX, maxIters=500, confidence=0.999)
    if found is None or not is_sane(matrix := np.asarray(found, np.float64), source):
        return None
    refined = _least_squares(source, target, np.asarray(inliers).ravel() > 0)
    matrix = refined if refined is not None and is_sane(refined, source) else matrix
    distance = np.linalg.norm(project(matrix, source) - target, axis=1)
    return matrix, float((distance < INLIER_PX).mean())


def project(matrix: Homography, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, 2) points through a homography."""
    homogeneous = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:], np.float64)


def as_map(matrix: Homography, box: Box) -> Map:
    """The map of a homography over a box."""
    x = np.arange(box.x, box.x + box.width, dtype=np.float64)[None, :]
    y = np.arange(box.y, box.y + box.height, dtype=np.float64)[:, None]
    depth = 1 / (matrix[2, 0] * x + (matrix[2, 1] * y + matrix[2, 2]))
    result = np.empty((box.height, box.width, 2), np.float32)
    for axis in range(2):
        result[..., axis] = (matrix[axis, 0] * x + (matrix[axis, 1] * y + matrix[axis, 2])) * depth
    return result


def _least_squares(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64], inliers: npt.NDArray[np.bool_]
) -> Homography | None:
    if inliers.sum() < _MIN_SAMPLES:
        return None
    matrix, _ = cv2.findHomography(source[inliers], target[inliers], 0)
    return None if matrix is None else np.asarray(matrix, np.float64)


def is_sane(matrix: Homography, source: npt.NDArray[np.float64]) -> bool:
    """No mirror image, no vanishing line through the region, and an area within a factor of 16."""
    low, high = source.min(0), source.max(0)
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    depth = corners @ matrix[2, :2] + matrix[2, 2]
    if (depth * depth[0] <= 0).any() or (np.abs(depth) < 1e-6).any():
        return False
    x, y = project(matrix, corners).T
    area = 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    ratio = area / float(np.prod(high - low))
    return 1 / 16 < ratio < 16


def is_spread(some: Field, all_: Field) -> bool:
    """True where `some` votes are enough, and lie over as wide an area as `all_` do, to fix a plane by themselves."""
    rows, columns = np.nonzero(some > 0.5)
    if len(rows) < 8 * _MIN_SAMPLES:
        return False
    wide = np.nonzero(all_ > 0.5)
    return float(rows.std()) > 0.6 * float(wide[0].std()) and float(columns.std()) > 0.6 * float(wide[1].std())


def is_gradual(before: Homography, now: Homography, box: Box) -> bool:
    """True where a plane (frame -> anchor) keeps its shape over `box` from one frame to the next, as what is filmed does."""
    corners = np.array([(x, y) for x in (box.x, box.x + box.width) for y in (box.y, box.y + box.height)], np.float64)
    moved = project(np.linalg.inv(before) @ now, corners) - corners
    return float(np.linalg.norm(moved - moved.mean(0), axis=1).max()) < 3 + 0.08 * max(box.width, box.height)
