"""The gestures with the button held: what the chosen shapes are, or the new shape is, for a pointer position.

Positions are picture pixels. A gesture never changes its own start, so Esc can go back at any time.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Protocol

from widgets.roi_canvas.dragging import Picture, drawn, pulled
from widgets.roi_canvas.region import (
    BY_BOUNDS,
    Bounds,
    Point,
    RegionKind,
    Shape,
    bounds_of,
    bounds_of_shapes,
    by_bounds,
    fitted,
    moved,
    with_point,
)
from widgets.roi_canvas.thinning import simplified

MIN_BOX_PX = 2
TURN_STEP = math.radians(15)


class Gesture(Protocol):
    """One drag that changes the chosen shapes."""

    def at(self, pointer: Point, *, square: bool, centred: bool) -> tuple[Shape, ...]:
        """The shapes for this pointer position, as many as there were."""
        ...


class Drawing(Protocol):
    """One drag that makes a shape."""

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Shape | None:
        """The shape for this pointer position; None while there is not enough of one."""
        ...

    def finished(self, tolerance: float) -> Shape | None:
        """The shape when the button is let go; `tolerance` (px) thins a line drawn by hand."""
        ...


@dataclass(slots=True)
class DrawBounds:
    """A new box or ellipse from a press on the picture."""

    picture: Picture
    start: Point
    kind: RegionKind
    _last: Shape | None = None

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Shape | None:
        rect = drawn(self.picture, self.start, pointer, square=square, centred=centred)
        is_enough = rect.width >= MIN_BOX_PX and rect.height >= MIN_BOX_PX
        self._last = by_bounds(self.kind, normalised(self.picture, rect)) if is_enough else None
        return self._last

    def finished(self, tolerance: float) -> Shape | None:
        return self._last


@dataclass(slots=True)
class DrawStroke:
    """A new brush stroke; Shift keeps it straight. `radius` is that of the pen, as a fraction of the height."""

    picture: Picture
    start: Point
    radius: float
    step: float
    """Points nearer to the last one than this (px) are left out."""
    _points: list[Point] = field(default_factory=list)

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Shape | None:
        if not self._points:
            self._points.append(self._inside(self.start))
        point = self._inside(pointer)
        if square:
            self._points = [self._points[0], point]
        elif math.dist(self._points[-1], point) >= self.step:
            self._points.append(point)
        return self._shape(self._points)

    def finished(self, tolerance: float) -> Shape | None:
        return self._shape(list(simplified(tuple(self._points or [self._inside(self.start)]), tolerance)))

    def _shape(self, points: list[Point]) -> Shape:
        unit = tuple((x / self.picture.width, y / self.picture.height) for x, y in points)
        return Shape("brush", unit, self.radius)

    def _inside(self, point: Point) -> Point:
        return min(float(self.picture.width), max(0.0, point[0])), min(float(self.picture.height), max(0.0, point[1]))


@dataclass(frozen=True, slots=True)
class PullHandle:
    """One of the eight handles pulled: the shapes stretch with their bounds."""

    picture: Picture
    start: Point
    before: tuple[Shape, ...]
    handle: tuple[int, int]

    def at(self, pointer: Point, *, square: bool, centred: bool) -> tuple[Shape, ...]:
        by = pointer[0] - self.start[0], pointer[1] - self.start[1]
        source = bounds_of_shapes(self.before, self.picture.aspect)
        rect = pulled(self.picture, in_pixels(self.picture, source), self.handle, *by, square=square, centred=centred)
        if rect.width < MIN_BOX_PX or rect.height < MIN_BOX_PX:
            rect = _at_least(self.picture, rect)
        return stretched(self.before, source, normalised(self.picture, rect))


@dataclass(frozen=True, slots=True)
class MoveBody:
    """The shapes moved together, by whole pixels."""

    picture: Picture
    start: Point
    before: tuple[Shape, ...]

    def at(self, pointer: Point, *, square: bool, centred: bool) -> tuple[Shape, ...]:
        dx = round(pointer[0] - self.start[0])
        dy = round(pointer[1] - self.start[1])
        if square:  # Shift keeps the move on one axis, as everywhere else
            dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
        return moved(self.before, dx / self.picture.width, dy / self.picture.height)


@dataclass(frozen=True, slots=True)
class MovePoint:
    """One point of a lasso or a stroke moved."""

    picture: Picture
    start: Point
    before: Shape
    index: int

    def at(self, pointer: Point, *, square: bool, centred: bool) -> tuple[Shape, ...]:
        x, y = self.before.points[self.index]
        away_x = (pointer[0] - self.start[0]) / self.picture.width
        away_y = (pointer[1] - self.start[1]) / self.picture.height
        return (with_point(self.before, self.index, (x + away_x, y + away_y)),)


@dataclass(frozen=True, slots=True)
class Turn:
    """Lassos and strokes turned round the middle of their bounds; Shift turns by 15°. They stay inside the picture."""

    picture: Picture
    start: Point
    before: tuple[Shape, ...]

    def at(self, pointer: Point, *, square: bool, centred: bool) -> tuple[Shape, ...]:
        bounds = in_pixels(self.picture, bounds_of_shapes(self.before, self.picture.aspect))
        middle = (bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2
        angle = _direction(middle, pointer) - _direction(middle, self.start)
        if square:
            angle = round(angle / TURN_STEP) * TURN_STEP
        points = [self._turned(shape, middle, angle) for shape in self.before]
        limits = bounds_of([point for each in points for point in each])
        if limits.width > 1 or limits.height > 1:
            return self.before
        dx = max(0.0, -limits.left) - max(0.0, limits.right - 1)
        dy = max(0.0, -limits.top) - max(0.0, limits.bottom - 1)
        shifted = [tuple((_unit(x + dx), _unit(y + dy)) for x, y in each) for each in points]
        return tuple(replace(shape, points=each) for shape, each in zip(self.before, shifted, strict=True))

    def _turned(self, shape: Shape, middle: Point, angle: float) -> list[Point]:
        cos, sin = math.cos(angle), math.sin(angle)
        width, height = self.picture.width, self.picture.height
        away = [(x * width - middle[0], y * height - middle[1]) for x, y in shape.points]
        return [((middle[0] + cos * x - sin * y) / width, (middle[1] + sin * x + cos * y) / height) for x, y in away]


def can_turn(shapes: tuple[Shape, ...]) -> bool:
    """Whether all of it is made of free points: a turned box would be no box."""
    return all(shape.kind not in BY_BOUNDS for shape in shapes)


def stretched(shapes: tuple[Shape, ...], source: Bounds, target: Bounds) -> tuple[Shape, ...]:
    """`fitted`; the corners of a single box or ellipse become exactly those of the target."""
    if len(shapes) == 1 and shapes[0].kind in BY_BOUNDS:
        return (replace(by_bounds(shapes[0].kind, target), is_subtracted=shapes[0].is_subtracted),)
    return fitted(shapes, source, target)


def grown(shapes: tuple[Shape, ...], dx: int, dy: int, picture: Picture) -> tuple[Shape, ...]:
    """The shapes with their right and lower edge moved by pixels, inside the picture and never thinner than two."""
    bounds = bounds_of_shapes(shapes, picture.aspect)
    right = min(1.0, max(bounds.left + MIN_BOX_PX / picture.width, bounds.right + dx / picture.width))
    bottom = min(1.0, max(bounds.top + MIN_BOX_PX / picture.height, bounds.bottom + dy / picture.height))
    return stretched(shapes, bounds, Bounds(bounds.left, bounds.top, right, bottom))


def in_pixels(picture: Picture, bounds: Bounds) -> Bounds:
    """Fractions as picture pixels."""
    width, height = picture.width, picture.height
    return Bounds(bounds.left * width, bounds.top * height, bounds.right * width, bounds.bottom * height)


def normalised(picture: Picture, rect: Bounds) -> Bounds:
    """Picture pixels as fractions."""
    width, height = picture.width, picture.height
    return Bounds(rect.left / width, rect.top / height, rect.right / width, rect.bottom / height)


def _direction(middle: Point, point: Point) -> float:
    return math.atan2(point[1] - middle[1], point[0] - middle[0])


def _at_least(picture: Picture, rect: Bounds) -> Bounds:
    """The rectangle made `MIN_BOX_PX` wide and high, kept inside the picture."""
    width, height = max(MIN_BOX_PX, rect.width), max(MIN_BOX_PX, rect.height)
    left, top = min(rect.left, picture.width - width), min(rect.top, picture.height - height)
    return Bounds(left, top, left + width, top + height)


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
