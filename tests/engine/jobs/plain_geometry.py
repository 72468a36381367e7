"""Where a region lies, by plain geometry on the displayed picture: shares no code with the program, and is slow."""

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from engine.media.picture import Picture
from engine.project.model import Region, RegionKind

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def near(
    region: Region, picture: Picture, rotation: int, reach_px: float, moved: tuple[float, float] = (0.0, 0.0)
) -> Mask | None:
    """Stored pixels whose centre, as displayed, is at most `reach_px` from a shape; None where that would say too little."""
    if region.is_inverted or region.grow_px < 0 or any(shape.is_subtracted for shape in region.more):
        return None
    turned = rotation % 180 != 0
    width, height = (picture.height, picture.width) if turned else (picture.width, picture.height)
    y, x = np.mgrid[0:height, 0:width] + 0.5
    centres = np.stack([x - moved[0], y - moved[1]], axis=-1).reshape(-1, 2)
    hit = np.zeros(len(centres), np.bool_)
    for shape in region.shapes:
        points = np.array(shape.points) * (width, height)
        hit |= far_from(shape.kind, points, shape.radius * height, centres) <= reach_px + region.grow_px
    return np.rot90(hit.reshape(height, width), rotation // 90)


def far_from(kind: RegionKind, points: Floats, radius: float, centres: Floats) -> Floats:
    """Distance of every centre from a shape, 0 inside."""
    if kind is RegionKind.BOX:
        beyond = np.maximum(0, np.maximum(points[0] - centres, centres - points[1]))
        return np.asarray(np.hypot(beyond[:, 0], beyond[:, 1]))
    if kind is RegionKind.BRUSH:
        return np.asarray(np.maximum(0, from_lines(np.vstack([points, points[-1:]]), centres) - radius))
    if kind is RegionKind.ELLIPSE:
        angles = np.linspace(0, 2 * np.pi, 400)
        middle, half = points.mean(axis=0), (points[1] - points[0]) / 2
        rim = middle + half * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    else:
        rim = np.vstack([points, points[:1]])
    outline = np.round(rim * 256).astype(np.int32)[:, None]
    fine = [(float(x * 256), float(y * 256)) for x, y in centres]
    inside = np.array([cv2.pointPolygonTest(outline, at, measureDist=False) >= 0 for at in fine])
    return np.where(inside, 0.0, from_lines(rim, centres))


def from_lines(ends: Floats, centres: Floats) -> Floats:
    """Distance of every centre from the nearest of the lines that join `ends`."""
    nearest = np.full(len(centres), np.inf)
    for a, b in pairwise(ends):
        along = b - a
        share = np.clip((centres - a) @ along / max(1e-12, float(along @ along)), 0, 1)
        away = centres - a - share[:, None] * along
        nearest = np.minimum(nearest, np.hypot(away[:, 0], away[:, 1]))
    return nearest
