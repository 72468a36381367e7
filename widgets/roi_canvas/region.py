"""A region of the picture as a plain value: outlines added and taken away in order, and the arithmetic on them.

Coordinates are fractions 0..1 of the picture as displayed, so a region means the same at every zoom, proxy and size.
Knows nothing of widgets, of the project's own region type, or of the mouse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

RegionKind = Literal["box", "lasso", "ellipse", "brush"]
Point = tuple[float, float]

MIN_LASSO_POINTS = 3
BY_BOUNDS: frozenset[RegionKind] = frozenset({"box", "ellipse"})


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline of a region, added to it or taken away from it.

    A box and an ellipse have two points (left top, right bottom of their bounds), a lasso three or more, closed by itself, a
    brush stroke one or more, joined by a round pen of `radius` (a fraction of the picture's height; 0 for the other kinds).
    Raises ValueError for the wrong number of points or a pen without width.
    """

    kind: RegionKind
    points: tuple[Point, ...]
    radius: float = 0.0
    is_subtracted: bool = False

    def __post_init__(self) -> None:
        if self.kind in BY_BOUNDS and len(self.points) != 2:
            raise ValueError(f"a{'n' if self.kind == 'ellipse' else ''} {self.kind} has two corner points")
        if self.kind == "lasso" and len(self.points) < MIN_LASSO_POINTS:
            raise ValueError("a lasso has three points or more")
        if self.kind == "brush" and not (self.points and self.radius > 0):
            raise ValueError("a brush stroke has a point or more, and a pen with a width")


@dataclass(frozen=True, slots=True)
class Region:
    """A first outline, and what was added to it and taken away from it. Growing, then inverting, come after the shapes.

    `feather_px` is the width of the soft edge outside all of it, `grow_px` how far the outline is moved outwards (inwards where
    negative), both in pixels of the source. Raises ValueError for shapes that are none and a feather below zero.
    """

    kind: RegionKind
    points: tuple[Point, ...]
    feather_px: float = 0.0
    radius: float = 0.0
    more: tuple[Shape, ...] = ()
    grow_px: float = 0.0
    is_inverted: bool = False

    def __post_init__(self) -> None:
        Shape(self.kind, self.points, self.radius)
        if not self.feather_px >= 0:
            raise ValueError("a feather is zero or wider")

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Every outline, the first one first."""
        return (Shape(self.kind, self.points, self.radius), *self.more)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest upright rectangle round something."""

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


@dataclass(frozen=True, slots=True)
class Other:
    """Another region on the same picture: seen, and chosen by a click."""

    id: str
    name: str
    region: Region
    is_after: bool = False
    """Whether it follows the chosen one in the order of the keys."""
    is_mark: bool = False
    """Seen only, with a dashed line: no click and no key chooses it."""


def box(left: float, top: float, right: float, bottom: float, feather_px: float = 0.0) -> Region:
    """A box from two opposite corners in any order, clamped to the picture."""
    return region_of(by_bounds("box", Bounds(left, top, right, bottom)), feather_px)


def by_bounds(kind: RegionKind, bounds: Bounds) -> Shape:
    """A box or an ellipse from its bounds, edges in any order, clamped to the picture."""
    xs = sorted((_unit(bounds.left), _unit(bounds.right)))
    ys = sorted((_unit(bounds.top), _unit(bounds.bottom)))
    return Shape(kind, ((xs[0], ys[0]), (xs[1], ys[1])))


def region_of(shape: Shape, feather_px: float = 0.0) -> Region:
    """A region of one shape."""
    return Region(shape.kind, shape.points, feather_px, shape.radius)


def with_shapes(region: Region, shapes: Sequence[Shape]) -> Region:
    """The region made of other shapes, its feather, growth and sense kept. ValueError where the first one takes away."""
    if not shapes or shapes[0].is_subtracted:
        raise ValueError("a region begins with a shape that is added")
    first = shapes[0]
    return replace(region, kind=first.kind, points=first.points, radius=first.radius, more=tuple(shapes[1:]))


def without_shape(region: Region, index: int) -> Region | None:
    """The region without one of its shapes; what was only taken away from that one goes with it. None where nothing is left."""
    left = [shape for place, shape in enumerate(region.shapes) if place != index]
    while left and left[0].is_subtracted:
        left.pop(0)
    return with_shapes(region, left) if left else None


def with_sense(region: Region, index: int, *, is_subtracted: bool) -> Region:
    """The region with one of its shapes added or taken away; the first one is always added."""
    shapes = list(region.shapes)
    if index > 0:
        shapes[index] = replace(shapes[index], is_subtracted=is_subtracted)
    return with_shapes(region, shapes)


def bounds_of(points: Sequence[Point]) -> Bounds:
    """The bounds of one point or more."""
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return Bounds(min(xs), min(ys), max(xs), max(ys))


@lru_cache(maxsize=64)
def _kept_bounds(points: tuple[Point, ...]) -> Bounds:
    """A stroke has hundreds of points and is asked for many times."""
    return bounds_of(points)


def bounds_of_shapes(shapes: Sequence[Shape], aspect: float) -> Bounds:
    """The bounds of one shape or more with the width of their pens, inside the picture. `aspect` is its width by height."""
    each = [(_kept_bounds(shape.points), shape.radius) for shape in shapes]
    return Bounds(
        _unit(min(b.left - r / aspect for b, r in each)),
        _unit(min(b.top - r for b, r in each)),
        _unit(max(b.right + r / aspect for b, r in each)),
        _unit(max(b.bottom + r for b, r in each)),
    )


def moved(shapes: Sequence[Shape], dx: float, dy: float) -> tuple[Shape, ...]:
    """The shapes shifted together, as far as the picture's edge allows for their points."""
    limits = bounds_of([point for shape in shapes for point in shape.points])
    dx = min(1.0 - limits.right, max(-limits.left, dx))
    dy = min(1.0 - limits.bottom, max(-limits.top, dy))
    return tuple(replace(s, points=tuple((_unit(x + dx), _unit(y + dy)) for x, y in s.points)) for s in shapes)


def with_point(shape: Shape, index: int, point: Point) -> Shape:
    """The shape with one of its points elsewhere."""
    points = list(shape.points)
    points[index] = (_unit(point[0]), _unit(point[1]))
    return replace(shape, points=tuple(points))


def without_point(shape: Shape, index: int) -> Shape | None:
    """A lasso or a stroke with one point less; None where too few would be left, and for shapes made of their bounds."""
    least = {"lasso": MIN_LASSO_POINTS, "brush": 1}.get(shape.kind)
    if least is None or len(shape.points) <= least:
        return None
    return replace(shape, points=shape.points[:index] + shape.points[index + 1 :])


def fitted(shapes: Sequence[Shape], source: Bounds, target: Bounds) -> tuple[Shape, ...]:
    """The shapes stretched as `source` is onto `target`. A pen stays round: it grows by the mean of both directions."""
    across = target.width / source.width if source.width else 1.0
    down = target.height / source.height if source.height else 1.0

    def placed(point: Point) -> Point:
        return (
            _unit(target.left + (point[0] - source.left) * across),
            _unit(target.top + (point[1] - source.top) * down),
        )

    pen = (across * down) ** 0.5
    return tuple(replace(s, points=tuple(map(placed, s.points)), radius=s.radius * pen or s.radius) for s in shapes)


def size_px(bounds: Bounds, width_px: float, height_px: float) -> tuple[int, int]:
    """Bounds in whole pixels of a picture, for read-outs."""
    return round(bounds.width * width_px), round(bounds.height * height_px)


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
