"""A region of the picture as a plain value, and the arithmetic on it.

Coordinates are fractions 0..1 of the picture as displayed, so a region means the same at every zoom, proxy and size.
Knows nothing of widgets, of the project's own region type, or of the mouse.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

RegionKind = Literal["box", "lasso"]
Point = tuple[float, float]
_Line = npt.NDArray[np.float64]

MIN_LASSO_POINTS = 3


@dataclass(frozen=True, slots=True)
class Region:
    """A box (two corners: left top, right bottom) or a lasso (three or more points, closed by itself).

    `feather_px` is the width of the soft edge in picture pixels. Raises ValueError for the wrong number of points.
    """

    kind: RegionKind
    points: tuple[Point, ...]
    feather_px: float = 0.0

    def __post_init__(self) -> None:
        if self.kind == "box" and len(self.points) != 2:
            raise ValueError("a box has two corner points")
        if self.kind == "lasso" and len(self.points) < MIN_LASSO_POINTS:
            raise ValueError("a lasso has three points or more")
        if not self.feather_px >= 0:
            raise ValueError("a feather is zero or wider")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest upright rectangle round some points."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def bounds_of(points: tuple[Point, ...]) -> Bounds:
    """The bounds of one point or more."""
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return Bounds(min(xs), min(ys), max(xs), max(ys))


def box(left: float, top: float, right: float, bottom: float, feather_px: float = 0.0) -> Region:
    """A box from two opposite corners in any order, clamped to the picture."""
    xs = sorted((_unit(left), _unit(right)))
    ys = sorted((_unit(top), _unit(bottom)))
    return Region("box", ((xs[0], ys[0]), (xs[1], ys[1])), feather_px)


def lasso(points: tuple[Point, ...], feather_px: float = 0.0) -> Region:
    """A lasso with each point clamped to the picture."""
    return Region("lasso", tuple((_unit(x), _unit(y)) for x, y in points), feather_px)


def moved(region: Region, dx: float, dy: float) -> Region:
    """The region shifted as a whole, as far as the picture's edge allows; its shape stays."""
    limits = bounds_of(region.points)
    dx = min(1.0 - limits.right, max(-limits.left, dx))
    dy = min(1.0 - limits.bottom, max(-limits.top, dy))
    return replace(region, points=tuple((_unit(x + dx), _unit(y + dy)) for x, y in region.points))


def with_point(region: Region, index: int, point: Point) -> Region:
    """A lasso with one of its points elsewhere."""
    points = list(region.points)
    points[index] = (_unit(point[0]), _unit(point[1]))
    return replace(region, points=tuple(points))


def fitted(region: Region, target: Bounds) -> Region:
    """The region stretched so that its bounds become `target`."""
    source = bounds_of(region.points)

    def stretch(value: float, low: float, length: float, new_low: float, new_length: float) -> float:
        return new_low + (value - low) / length * new_length if length else new_low

    points = tuple(
        (
            _unit(stretch(x, source.left, source.width, target.left, target.width)),
            _unit(stretch(y, source.top, source.height, target.top, target.height)),
        )
        for x, y in region.points
    )
    return replace(region, points=points)


def size_px(region: Region, width_px: int, height_px: int) -> tuple[int, int]:
    """The region's bounds in whole picture pixels, for read-outs."""
    limits = bounds_of(region.points)
    return round(limits.width * width_px), round(limits.height * height_px)


def simplified(points: tuple[Point, ...], tolerance: float) -> tuple[Point, ...]:
    """Drops points of a drawn line that lie within `tolerance` of the line through the rest.

    Ramer 1972, Douglas and Peucker 1973. The ends stay. Iterative, so a long line cannot exhaust the stack.
    """
    if len(points) < 3:
        return points
    line = np.asarray(points, dtype=np.float64)
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        away = _distances_to_segment(line[first + 1 : last], line[first], line[last])
        farthest = int(np.argmax(away))
        if away[farthest] > tolerance:
            index = first + 1 + farthest
            keep.add(index)
            spans += [(first, index), (index, last)]
    return tuple(points[index] for index in sorted(keep))


def _distances_to_segment(points: _Line, start: _Line, end: _Line) -> _Line:
    along, offset = end - start, points - start
    length = float(along @ along)
    share = np.clip(offset @ along / length, 0.0, 1.0) if length else np.zeros(len(points))
    away: _Line = np.hypot(*(offset - share[:, None] * along).T)
    return away


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
