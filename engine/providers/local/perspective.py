"""Draws a picture into four corners: as a poster lies on a wall that is seen from the side. Knows no region and no provider."""

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError

Rgba01 = npt.NDArray[np.float32]
Corners = npt.NDArray[np.float64]

_SAMPLES = 3
"""Per pixel and direction: letters seen from the side stay readable, and edges are smooth."""


def corners_of(text: str) -> Corners:
    """(4, 2) fractions of “x,y x,y x,y x,y”: left top, right top, right bottom, left bottom. Raises: ProviderError."""
    try:
        corners = np.array([[float(part) for part in pair.split(",")] for pair in text.split()], np.float64)
    except ValueError:
        corners = np.zeros(0)
    if corners.shape != (4, 2) or not np.isfinite(corners).all() or np.abs(corners - 0.5).max() > 8:
        raise ProviderError(f"“{text}” are not four corners.", "Write them as x,y x,y x,y x,y, as shares of the region's box.")
    edges = np.roll(corners, -1, axis=0) - corners
    after = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0]
    if not (turns > 1e-6).all():
        raise ProviderError(
            "The four corners cross each other or lie on a line.", "Name them clockwise from the picture's left top corner."
        )
    return corners


def in_corners(image: npt.NDArray[np.uint8], size: tuple[int, int], fit: str, corners: Corners) -> Rgba01:
    """`image` (H, W, 4) as (height, width, 4) 0..1, straight alpha, transparent outside the corners.

    “cover” cuts the picture to the shape of the corners, “contain” leaves room beside it, “stretch” takes it whole.
    """
    height, width = size
    target = corners * (width, height)
    rgba = image.astype(np.float32) / np.float32(255)
    rgba[..., :3] *= rgba[..., 3:]
    rgba, source = _shrunk(rgba, _used(image.shape[1], image.shape[0], target, fit), target)
    edge = 1 if fit == "contain" else 0
    rgba = np.pad(rgba, [(edge, edge), (edge, edge), (0, 0)])
    matrix = cv2.getPerspectiveTransform((source + edge).astype(np.float32), (target * _SAMPLES).astype(np.float32))
    centres = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix = np.linalg.inv(centres) @ matrix @ centres  # corners of pixels to their middles
    large = (width * _SAMPLES, height * _SAMPLES)
    border = cv2.BORDER_CONSTANT if edge else cv2.BORDER_REPLICATE
    drawn = np.clip(cv2.warpPerspective(rgba, matrix, large, flags=cv2.INTER_CUBIC, borderMode=border), 0, 1)
    inside = np.zeros(large[::-1], np.uint8)
    cv2.fillConvexPoly(inside, np.rint((target * _SAMPLES - 0.5) * 256).astype(np.int32), 255, cv2.LINE_8, 8)
    small = np.asarray(cv2.resize(drawn * (inside[..., None] > 0), (width, height), interpolation=cv2.INTER_AREA), np.float32)
    small[..., :3] = np.clip(small[..., :3] / np.maximum(small[..., 3:], 1e-6), 0, 1)
    return small


def _used(width: int, height: int, target: Corners, fit: str) -> Corners:
    """(4, 2) points of the picture that come to lie in the corners."""
    sides = np.linalg.norm(np.roll(target, -1, axis=0) - target, axis=1)
    wanted = (sides[0] + sides[2]) / max(1e-6, sides[1] + sides[3])
    across, down = 1.0, 1.0
    if fit != "stretch":
        ratio = wanted / (width / height)
        is_wider = (ratio > 1) == (fit == "cover")
        across, down = (1.0, 1 / ratio) if is_wider else (ratio, 1.0)
    x, y = 0.5 * across * width, 0.5 * down * height
    middle = np.array([width / 2, height / 2])
    return np.asarray(np.array([[-x, -y], [x, -y], [x, y], [-x, y]]) + middle, np.float64)


def _shrunk(rgba: Rgba01, source: Corners, target: Corners) -> tuple[Rgba01, Corners]:
    """The picture near the size at which it is drawn: a large one sampled sparsely would sparkle."""
    large = [np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1).max() for points in (source, target * _SAMPLES)]
    scale = large[1] / max(1e-6, large[0])
    if scale >= 0.75:
        return rgba, source
    size = (max(1, round(rgba.shape[1] * scale)), max(1, round(rgba.shape[0] * scale)))
    exact = np.array([size[0] / rgba.shape[1], size[1] / rgba.shape[0]])
    return np.asarray(cv2.resize(rgba, size, interpolation=cv2.INTER_AREA), np.float32), source * exact
