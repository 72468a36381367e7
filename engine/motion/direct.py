"""A plane laid straight over pictures: the homography that brings a frame onto the anchor with least difference in brightness.

For surfaces with next to no texture. Flow says nothing there, but the edges and the shading around still fix a few numbers: each
edge counts only across itself, which is what a fit of brightness does by itself (Evangelidis and Psarakis 2008). Knows no patch.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.flow import Box, Field, Gray, inside, sample
from engine.motion.planar import Homography

_WAYS = ((cv2.MOTION_TRANSLATION, 0.5), (cv2.MOTION_TRANSLATION, 1.0), (cv2.MOTION_AFFINE, 1.0), (cv2.MOTION_HOMOGRAPHY, 1.0))
"""What is fitted one after the other, and at which size."""
_WORTH = 0.85
"""More numbers must leave at most this share of what fewer left unexplained; else they follow noise."""
_ROUNDS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
SOFT_PX = 5
"""Width of the blur under the fit."""
SMALLEST_PX = 24
_LARGEST_PX = 90_000
"""Area on which a plane is fitted; larger pictures are made smaller for it."""
_LEAST_SEEN = 200


def aligned(
    anchor: Gray, anchor_box: Box, weight: Field, grey: Gray, box: Box, start: Homography
) -> tuple[Homography, float] | None:
    """(homography frame -> anchor, correlation -1..1), found from `start`; None where nothing converges.

    `weight` (anchor's size) says by > 0.5 which of the anchor's pixels count; brightness and contrast of the whole do not matter.
    """
    best: tuple[Homography, float] | None = None
    plane, full = start, min(1.0, (_LARGEST_PX / grey.size) ** 0.5)
    for motion, part in _WAYS:
        scale = part * full
        if part < 1 and min(grey.shape) * scale < SMALLEST_PX:
            continue
        found = _moved_on(motion, scale, anchor, anchor_box, weight, grey, box, plane)
        if found is None:
            continue
        if part < 1:
            plane = found[0]
        elif best is None or 1 - found[1] < _WORTH * (1 - best[1]):
            best, plane = found, found[0]
    return best


def _moved_on(
    motion: int, scale: float, anchor: Gray, anchor_box: Box, weight: Field, grey: Gray, box: Box, plane: Homography
) -> tuple[Homography, float] | None:
    """The plane with what is left between the frame and the anchor carried by it."""
    at = planar.as_map(plane, box)
    carried = sample(anchor.astype(np.float32), at, anchor_box)
    counted = np.asarray((sample(weight, at, anchor_box) * inside(at, anchor_box) > 0.5), np.uint8) * np.uint8(255)
    if np.count_nonzero(counted) < _LEAST_SEEN:
        return None
    pictures = [np.rint(np.clip(carried, 0, 255)).astype(np.uint8), counted, grey]
    if scale < 1:
        pictures = [np.asarray(cv2.resize(p, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8) for p in pictures]
    start = np.eye(3 if motion == cv2.MOTION_HOMOGRAPHY else 2, 3, dtype=np.float32)
    try:
        correlation, warp = cv2.findTransformECC(pictures[2], pictures[0], start, motion, _ROUNDS, pictures[1], SOFT_PX)
    except cv2.error:  # it ran away
        return None
    left = np.eye(3)
    left[: warp.shape[0]] = warp
    to_small = _shrinking(grey, pictures[2]) @ shifted_by((-box.x, -box.y))
    moved = plane @ np.linalg.inv(to_small) @ left @ to_small
    return np.asarray(moved / moved[2, 2], np.float64), float(correlation)


def shifted_by(shift: npt.NDArray[np.float64] | tuple[float, float]) -> Homography:
    """The plane that is moved by (x, y) pixels."""
    return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]], np.float64)


def _shrinking(large: Gray, small: Gray) -> Homography:
    """From the pixels of a picture to those of its smaller copy; a pixel's middle is at whole numbers on both."""
    across, down = small.shape[1] / large.shape[1], small.shape[0] / large.shape[0]
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]], np.float64)
