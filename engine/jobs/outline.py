"""A region as it lies on any frame of its patch's window: what the viewer draws there, and what a correction begins with.

Reads what carrying left in the cache; computes no motion, opens no file. Coordinates are fractions of the displayed picture.
"""

from dataclasses import replace
from fractions import Fraction
from math import sqrt

import numpy as np
import numpy.typing as npt

from engine.cache.store import Cache
from engine.compositing.geometry import displayed_size, stored_to_displayed
from engine.jobs.carried import PatchFrames
from engine.motion.lie import Matrix
from engine.motion.planar import project
from engine.project.model import Media, MediaKind, Patch, Region, RegionKind, Shape

Point = tuple[float, float]

_UPRIGHT = 4e-4
"""A box whose corners leave its sides by less than this (0.8 px of 1920) is still a box."""
_ELLIPSE_POINTS = 48


def outline_at(media: Media, patch: Patch, time: Fraction, cache: Cache) -> Region | None:
    """The region of a patch on the frame that begins at source time `time`; None where it is not known or not in the picture.

    On the anchor and on a key it is the region as it was drawn there; elsewhere what carrying found, between two anchors both
    outlines together. Boxes and ellipses stay what they are while they only move and grow, and become lassos where they turn.
    """
    if media.kind is MediaKind.IMAGE or time == patch.anchor:
        return patch.region
    drawn = next((key.region for key in patch.keys if key.time == time), None)
    if drawn is not None or patch.version is None:
        return drawn
    sides = [s for s in PatchFrames(media, patch, cache).sides(time) or () if s.share > 0 and s.head.to_anchor]
    found = [(moved(s.anchor.region, s.head.to_anchor), s.share) for s in sides]
    if len(found) == 2 and _fit_together(found[0][0], found[1][0]):
        (one, share), (other, rest) = found
        return _inside(_between(one, other, rest / (share + rest)))
    return _inside(max(found, key=lambda pair: pair[1])[0]) if found else None


def displayed_matrix(to_anchor: Matrix, width: int, height: int, rotation: int, pixel_aspect: Fraction) -> Matrix:
    """A homography of stored pixels (`CarriedFrame.to_anchor`) as one of fractions of the displayed picture."""
    if not to_anchor:
        return ()
    wide, high = displayed_size(width, height, rotation, pixel_aspect)
    shown = np.diag([1 / wide, 1 / high, 1.0]) @ stored_to_displayed(width, height, rotation, pixel_aspect)
    shown = shown @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # pixel 0 lies from 0 to 1
    matrix = shown @ np.array(to_anchor).reshape(3, 3) @ np.linalg.inv(shown)
    return tuple(float(n) for n in (matrix / matrix[2, 2]).ravel())


def moved(region: Region, to_anchor: Matrix) -> Region:
    """A region of the anchor as it lies on the frame that `to_anchor` leads from; it may reach outside the picture."""
    to_frame = np.asarray(np.linalg.inv(np.array(to_anchor, np.float64).reshape(3, 3)), np.float64)
    first, *more = (_moved_shape(shape, to_frame) for shape in region.shapes)
    return replace(region, kind=first.kind, points=first.points, radius=first.radius, more=tuple(more))


def _moved_shape(shape: Shape, to_frame: npt.NDArray[np.float64]) -> Shape:
    if shape.kind in {RegionKind.BOX, RegionKind.ELLIPSE}:
        (left, top), (right, bottom) = shape.points
        corners = _through(to_frame, [(left, top), (right, top), (right, bottom), (left, bottom)])
        slant = np.abs(corners - np.roll(corners, 1, axis=0))
        if max(slant[0, 0], slant[1, 1], slant[2, 0], slant[3, 1]) < _UPRIGHT:
            low, high = corners.min(axis=0), corners.max(axis=0)
            return replace(shape, points=(_point(low), _point(high)))
        around = corners if shape.kind is RegionKind.BOX else _through(to_frame, _ellipse(left, top, right, bottom))
        return replace(shape, kind=RegionKind.LASSO, points=tuple(map(_point, around)))
    points = tuple(map(_point, _through(to_frame, shape.points)))
    return replace(shape, points=points, radius=shape.radius * _growth(to_frame, shape.points[0]))


def _through(matrix: npt.NDArray[np.float64], points: "list[Point] | tuple[Point, ...]") -> npt.NDArray[np.float64]:
    return project(matrix, np.asarray(points, np.float64))


def _point(values: npt.NDArray[np.float64]) -> Point:
    return float(values[0]), float(values[1])


def _ellipse(left: float, top: float, right: float, bottom: float) -> list[Point]:
    turn = np.arange(_ELLIPSE_POINTS) * (2 * np.pi / _ELLIPSE_POINTS)
    x, y = (left + right) / 2 + (right - left) / 2 * np.cos(turn), (top + bottom) / 2 + (bottom - top) / 2 * np.sin(turn)
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


def _growth(matrix: npt.NDArray[np.float64], point: Point) -> float:
    """By how much lengths grow at a point."""
    step = 1e-4
    at, right, down = _through(matrix, [point, (point[0] + step, point[1]), (point[0], point[1] + step)])
    (a, b), (c, d) = (right - at) / step, (down - at) / step
    return sqrt(abs(float(a * d - b * c)))


def _fit_together(one: Region, other: Region) -> bool:
    pairs = zip(one.shapes, other.shapes, strict=False)
    same = all((a.kind, len(a.points), a.is_subtracted) == (b.kind, len(b.points), b.is_subtracted) for a, b in pairs)
    return same and len(one.shapes) == len(other.shapes) and one.is_inverted == other.is_inverted


def _between(one: Region, other: Region, way: float) -> Region:
    def mixed(a: float, b: float) -> float:
        return a + (b - a) * way

    shapes = [
        replace(
            a, radius=mixed(a.radius, b.radius),
            points=tuple((mixed(p[0], q[0]), mixed(p[1], q[1])) for p, q in zip(a.points, b.points, strict=True)),
        )
        for a, b in zip(one.shapes, other.shapes, strict=True)
    ]
    first, *more = shapes
    return replace(
        one, points=first.points, radius=first.radius, more=tuple(more), feather_px=mixed(one.feather_px, other.feather_px),
        grow_px=mixed(one.grow_px, other.grow_px),
    )


def _inside(region: Region) -> Region | None:
    """The region with its points in the picture; None where its first outline lies outside or nothing is left of it."""
    left, top, right, bottom = region.bounds
    if right <= 0 or bottom <= 0 or left >= 1 or top >= 1:
        return None
    first, *more = (
        replace(s, points=tuple((min(1.0, max(0.0, x)), min(1.0, max(0.0, y))) for x, y in s.points)) for s in region.shapes
    )
    return replace(region, points=first.points, more=tuple(more))
