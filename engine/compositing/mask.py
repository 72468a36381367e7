"""From a region (fractions of the displayed picture) to alpha in stored pixels: rasterised, anti-aliased, feathered.

The one place where a region becomes pixels; viewer, providers, propagation and compositor all read its result. Knows no patch.
"""

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.geometry import Points, to_stored
from engine.compositing.shapes import Frame, Window, grown, outside_distance, painted
from engine.compositing.sources import Alpha
from engine.errors import EditError
from engine.project.model import Region, RegionKind

_SAMPLES = ((200_000, 8), (1_000_000, 4))
"""Up to this area so many samples per pixel and axis; beyond, two are enough: the outline is a small part of such a region."""


@dataclass(frozen=True, slots=True)
class RegionMask:
    """Alpha of a region in stored pixels: `alpha` (h, w) float32 0..1 with its corner at (`x`, `y`). Read-only.

    1 inside the outline, a smooth fall outside it, exactly 0 from `feather_px` on (with a pixel's width of anti-aliasing on the
    outline itself). The box lies inside the picture.
    """

    x: int
    y: int
    alpha: Alpha

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x, y, width, height."""
        height, width = self.alpha.shape
        return self.x, self.y, width, height


def region_mask(region: Region, width: int, height: int, rotation: int = 0, pixel_aspect: Fraction = Fraction(1)) -> RegionMask:
    """Rasterise a region for a stored picture of `width` × `height` pixels.

    Feather, growth and the pen are measured on the displayed picture in units of a stored pixel's height, so that a fade is as
    wide sideways as it is up and down where pixels are not square. Raises: EditError where nothing of the region is in the
    picture.
    """
    frame = Frame(width, height, rotation, float(pixel_aspect))
    x, y, alpha = _plain(region, frame) if _is_plain(region) else _combined(region, frame)
    if not alpha.max() > 0:
        raise _outside()
    alpha.flags.writeable = False
    return RegionMask(x, y, alpha)


def region_bounds(region: Region, displayed_width: int, displayed_height: int) -> tuple[float, float, float, float]:
    """left, top, right, bottom of a region's outline in displayed pixels, its feather left out.

    Of several shapes those that are added count, each whole, with what the region is grown by, as far as the picture goes; an
    inverted region is the picture.
    """
    frame = Frame(displayed_width, displayed_height, 0, 1.0)
    if region.is_inverted:
        return 0.0, 0.0, float(frame.width), float(frame.height)
    if _is_plain(region):
        left, top, right, bottom = region.bounds
        return left * frame.width, top * frame.height, right * frame.width, bottom * frame.height
    low, high = _reached(region, frame, region.grow_px)
    low, high = (np.clip(corner, 0, (frame.width, frame.height)) for corner in (low, high))
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def region_pixels(region: Region, displayed_width: int, displayed_height: int) -> tuple[int, int, int, int]:
    """x, y, width, height of a region's outline in whole displayed pixels, for the read-out of the viewer; at least 1 × 1."""
    left, top, right, bottom = map(round, region_bounds(region, displayed_width, displayed_height))
    return left, top, max(1, right - left), max(1, bottom - top)


def _reached(region: Region, frame: Frame, distance: float) -> tuple[Points, Points]:
    """Left top and right bottom of all shapes that are added, in stored pixels, with what lies within a distance of them."""
    corners = [frame.bounds(shape) for shape in region.shapes if not shape.is_subtracted]
    reach = frame.reach(distance)
    return np.min([low for low, _ in corners], axis=0) - reach, np.max([high for _, high in corners], axis=0) + reach


def _is_plain(region: Region) -> bool:
    """One box or one lasso and nothing more: both have exact ways of their own."""
    changed = bool(region.more) or region.grow_px != 0 or region.is_inverted
    return region.kind in {RegionKind.BOX, RegionKind.LASSO} and not changed


def _plain(region: Region, frame: Frame) -> tuple[int, int, Alpha]:
    aspect = frame.aspect
    outline = _outline(region, frame.rotation) * (frame.width, frame.height)
    x, y, right, bottom = _box(outline, region.feather_px, frame.width, frame.height, aspect)
    local = outline - (x, y)
    shape = (bottom - y, right - x)
    fields = _box_fields if region.kind is RegionKind.BOX else _lasso_fields
    coverage, distance = fields(local, shape, aspect)
    return x, y, np.maximum(coverage, _ramp(distance, region.feather_px)).astype(np.float32)


def _combined(region: Region, frame: Frame) -> tuple[int, int, Alpha]:
    """Shapes, growth, inversion and feather in this order. The picture's edge is no outline: what touches it is not moved away
    from it, and nothing fades in from outside, where nothing is seen."""
    window = _window(region, frame)
    coverage = grown(painted(region, frame, window), region.grow_px)
    if region.is_inverted:
        coverage = np.asarray(1 - coverage, np.float32)
    alpha = coverage
    if region.feather_px >= 0.01:
        alpha = np.maximum(coverage, _ramp(outside_distance(coverage, region.feather_px), region.feather_px))
    if alpha.shape[1] != window.width:
        way = cv2.INTER_AREA if frame.aspect > 1 else cv2.INTER_LINEAR
        alpha = np.asarray(cv2.resize(alpha, (window.width, window.height), interpolation=way), np.float32)
    return _trimmed(window.x, window.y, alpha)


def _window(region: Region, frame: Frame) -> Window:
    """The part of the picture that the region may reach; all of it where the region is inverted."""
    low, high = np.zeros(2), np.array([frame.width, frame.height], np.float64)
    if not region.is_inverted:
        start, end = _reached(region, frame, region.feather_px + max(0.0, region.grow_px))
        low, high = np.maximum(low, np.floor(start - 1)), np.minimum(high, np.ceil(end + 1))
        if (high <= low).any():
            raise _outside()
    return Window(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def _trimmed(x: int, y: int, alpha: Alpha) -> tuple[int, int, Alpha]:
    """Without the rows and columns at the rim where nothing is."""
    rows, columns = np.flatnonzero(alpha.max(axis=1)), np.flatnonzero(alpha.max(axis=0))
    if not len(rows):
        raise _outside()
    cut = alpha[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return x + int(columns[0]), y + int(rows[0]), np.ascontiguousarray(cut)


def _outside() -> EditError:
    return EditError("The region lies outside the picture, so nothing would change.", "Draw it on the picture.")


def _outline(region: Region, rotation: int) -> Points:
    """Corner points (N, 2) as fractions of the stored picture."""
    if region.kind is RegionKind.BOX:
        left, top, right, bottom = region.bounds
        if right <= left or bottom <= top:
            raise EditError("The box has no area.", "Draw it larger.")
        return to_stored([(left, top), (right, top), (right, bottom), (left, bottom)], rotation)
    if len(region.points) < 3:
        raise EditError("A lasso needs at least three points.", "Draw around the part that is to change.")
    return to_stored(region.points, rotation)


def _box(outline: Points, feather_px: float, width: int, height: int, aspect: float) -> tuple[int, int, int, int]:
    """left, top, right, bottom in whole pixels, with room for the feather, clipped to the picture."""
    reach = np.array([feather_px / aspect, feather_px]) + 1
    low = np.clip(np.floor(outline.min(0) - reach), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(outline.max(0) + reach), 0, (width, height)).astype(int)
    inside = (outline.min(0) < (width, height)).all() and (outline.max(0) > 0).all()
    if not inside or (high <= low).any():
        raise _outside()
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _ramp(distance: Alpha, feather_px: float) -> Alpha:
    """Smoothstep from 1 on the outline to exactly 0 at `feather_px`."""
    if feather_px < 0.01:
        return np.zeros_like(distance)
    t = np.clip(1 - distance / np.float32(feather_px), 0, 1).astype(np.float32)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _box_fields(outline: Points, shape: tuple[int, int], aspect: float) -> tuple[Alpha, Alpha]:
    """Coverage 0..1 of each pixel by an upright rectangle, and the distance of pixel centres from it; both exact."""
    (left, top), (right, bottom) = outline.min(0), outline.max(0)
    across, dx = _interval(left, right, shape[1])
    down, dy = _interval(top, bottom, shape[0])
    distance = np.hypot(dx[None, :] * aspect, dy[:, None])
    return (down[:, None] * across[None, :]).astype(np.float32), distance.astype(np.float32)


def _interval(low: float, high: float, size: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Share of each unit cell in [low, high], and the distance of its centre from it."""
    edge = np.arange(size, dtype=np.float64)
    share = np.clip(np.minimum(edge + 1, high) - np.maximum(edge, low), 0, 1)
    centre = edge + 0.5
    return share, np.maximum(0, np.maximum(low - centre, centre - high))


def _lasso_fields(outline: Points, shape: tuple[int, int], aspect: float) -> tuple[Alpha, Alpha]:
    """The same for a polygon, from a finer raster whose cells are square as displayed."""
    height, width = shape
    fine = next((samples for area, samples in _SAMPLES if height * width <= area), 2)
    raster = np.zeros((height * fine, max(1, round(width * fine * aspect))), np.uint8)
    scale = np.array([raster.shape[1] / width, fine])
    # fillPoly takes pixel centres as whole numbers, with 8 fractional bits, and fills what its line touches: half a fine cell
    # more.
    points = np.round((outline * scale - 0.5) * 256).astype(np.int32)
    cv2.fillPoly(raster, [points], 255, shift=8)
    far = cv2.distanceTransform(255 - raster, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    distance = cv2.resize(np.maximum(far - 0.5, 0) / fine, (width, height), interpolation=cv2.INTER_AREA)
    coverage = cv2.resize(raster, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(coverage / np.float32(255), np.float32), distance.astype(np.float32)
