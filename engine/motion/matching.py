"""What following a region is made of: corners and where they went, maps fitted to them, and how alike two pictures are.

Everything is about small grey crops; knows no region that moves on and no frame numbers.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.sources import Alpha
from engine.motion.flow import Box, Gray
from engine.motion.planar import Homography, project

Points = npt.NDArray[np.float64]

_CORNERS = 220
LEAST = 6
"""Corners below which nothing is fitted."""
_AGREES_PX = 0.8
_FIT_PX = 1.2
_TURN_POINTS = 24
"""From so many on an affine map is; with fewer only shift, size and turn are."""
_PLANE_POINTS = 60
"""From so many agreeing corners on a homography is trusted; an affine map needs fewer and bends less."""
_BARE = 1.5
"""Deviation in 8-bit levels below which a region shows nothing that could be told apart."""


def levels(box: Box) -> int:
    """Pyramid levels: on the coarsest one the window still lies mostly inside the region."""
    return int(np.clip(np.log2(max(1.0, min(box.width, box.height) / 24)), 0, 3))


def corners(grey: Gray, alpha: Alpha) -> Points:
    """(N, 2) places inside the region that can be followed; on its edge too where its inside is bare."""
    inside = (alpha > 0.5).astype(np.uint8)
    distance = max(3.0, float(np.sqrt(inside.sum())) / 18)
    for mask in (cv2.erode(inside, np.ones((5, 5), np.uint8)), inside):
        found = cv2.goodFeaturesToTrack(grey, _CORNERS, 0.01, distance, mask=mask, blockSize=5) if mask.any() else None
        if found is not None and len(found) >= 2 * LEAST:
            break
    return found.reshape(-1, 2).astype(np.float64) if found is not None else np.zeros((0, 2))


def tracked(
    before: Gray, now: Gray, points: Points, guess: Points, levels: int
) -> tuple[Points, npt.NDArray[np.bool_]]:
    """(N, 2) where points went, looked for around `guess`, and which of them come back to where they were.

    Pyramidal Lucas-Kanade (Bouguet 2000), forward and backward (Kalal et al. 2010).
    """
    if not len(points):
        return points, np.zeros(0, np.bool_)
    size = (15, 15) if levels else (11, 11)
    how = {"winSize": size, "maxLevel": levels, "flags": cv2.OPTFLOW_USE_INITIAL_FLOW, "minEigThreshold": 1e-3}
    source, first = points.astype(np.float32).reshape(-1, 1, 2), guess.astype(np.float32).reshape(-1, 1, 2)
    there, ok, _ = cv2.calcOpticalFlowPyrLK(before, now, source, first.copy(), **how)  # type: ignore[call-overload]
    start = (there - (first - source)).astype(np.float32)
    back, again, _ = cv2.calcOpticalFlowPyrLK(now, before, there, start, **how)  # type: ignore[call-overload]
    missed = np.linalg.norm((back - source).reshape(-1, 2), axis=1)
    good = (ok.ravel() > 0) & (again.ravel() > 0) & (missed < _AGREES_PX)
    return there.reshape(-1, 2).astype(np.float64), good


def fitted(source: Points, target: Points, *, may_bend: bool) -> tuple[Homography, float] | None:
    """The map that most corners agree with, and the share that does: a shift and turn with few, a homography with many."""
    if len(source) < LEAST:
        return None
    if len(source) < _TURN_POINTS:
        found, inliers = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=_FIT_PX)
    else:
        found, inliers = cv2.estimateAffine2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=_FIT_PX)
    if found is None:
        return None
    agreed = np.asarray(inliers).ravel() > 0
    matrix, share = np.vstack([found, [0, 0, 1]]).astype(np.float64), float(agreed.mean())
    if may_bend and len(source) >= _PLANE_POINTS:
        bent, inside = cv2.findHomography(source, target, cv2.RANSAC, _FIT_PX)
        if bent is not None and float(np.asarray(inside).mean()) > share + 0.05:
            return np.asarray(bent, np.float64), float(np.asarray(inside).mean())
    return matrix, share


def is_small_step(matrix: Homography, box: Box) -> bool:
    """Whether a map changes sizes and the outline no more than one frame can."""
    corners = np.array(
        [(box.x, box.y), (box.x + box.width, box.y), (box.x + box.width, box.y + box.height), (box.x, box.y + box.height)],
        np.float64,
    )
    placed = project(matrix, corners)
    if not np.isfinite(placed).all():
        return False
    growth = _sides(placed) / _sides(corners)
    return bool((growth > 0.7).all() and (growth < 1.4).all())


def _sides(corners: Points) -> Points:
    return np.asarray(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1), np.float64)


def levelled(expected: Gray, now: Gray, alpha: Alpha) -> Gray:
    """`expected` in the light of the frame: mean and contrast inside the region."""
    inside = alpha > 0.5
    if inside.sum() < 16:
        return expected
    one, other = expected[inside].astype(np.float32), now[inside].astype(np.float32)
    gain = float(np.clip(other.std() / max(1.0, float(one.std())), 0.5, 2.0))
    return np.asarray(np.clip((expected - one.mean()) * gain + other.mean(), 0, 255), np.uint8)


def correlation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32], weight: Alpha) -> float:
    """-1..1: how alike two pictures (8-bit levels) are where `weight` (0..1) counts, whatever their light."""
    total = float(weight.sum())
    if total < 4:
        return 0.0
    means = [float((image * weight).sum()) / total for image in (one, other)]
    a, b = one - means[0], other - means[1]
    spreads = [float((c * c * weight).sum()) / total for c in (a, b)]
    if max(spreads) < _BARE * _BARE:  # nothing to correlate: alike where they are as bright
        return max(0.0, 1 - abs(means[0] - means[1]) / 24)
    return float((a * b * weight).sum()) / total / float(np.sqrt(max(spreads[0] * spreads[1], 1e-6)))


def scores(template: Gray, cover: npt.NDArray[np.bool_], searched: Gray) -> npt.NDArray[np.float32] | None:
    """Correlation of what `cover` leaves of a template with every place in a picture; None where that says nothing."""
    if min(np.subtract(searched.shape, template.shape)) < 0 or cover.sum() < 16 or template[cover].std() < 2:
        return None
    found = cv2.matchTemplate(searched, template, cv2.TM_CCOEFF_NORMED, mask=cover.astype(np.uint8))
    return np.where(np.isfinite(found) & (np.abs(found) <= 1.001), found, np.float32(-1))


def shrunk(image: Gray, scale: float) -> Gray:
    """A copy of `scale` (0..1) times the size, no side shorter than 4."""
    size = (max(4, round(image.shape[1] * scale)), max(4, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
