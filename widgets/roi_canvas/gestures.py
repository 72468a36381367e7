"""The gestures that change a region with the button held: each says what the region is for a pointer position.

Positions are picture pixels. A gesture never changes its own start, so Esc can go back to `before` at any time.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from widgets.roi_canvas.dragging import Picture, drawn, pulled
from widgets.roi_canvas.region import Bounds, Point, Region, bounds_of, box, fitted, lasso, moved, with_point

MIN_BOX_PX = 2
TURN_STEP = math.radians(15)


class Gesture(Protocol):
    """One drag, from press to release."""

    @property
    def before(self) -> Region | None:
        """The region to go back to on Esc."""
        ...

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Region | None:
        """The region for this pointer position; None while there is not enough of one."""
        ...


@dataclass(frozen=True, slots=True)
class DrawBox:
    """A new box from a press on the picture."""

    picture: Picture
    start: Point
    before: Region | None
    feather_px: float

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Region | None:
        rect = drawn(self.picture, self.start, pointer, square=square, centred=centred)
        if rect.width < MIN_BOX_PX or rect.height < MIN_BOX_PX:
            return None
        return _normalised_box(self.picture, rect, self.feather_px)


@dataclass(frozen=True, slots=True)
class PullHandle:
    """One of the eight handles pulled; a lasso stretches with its bounds."""

    picture: Picture
    start: Point
    before: Region
    handle: tuple[int, int]

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Region:
        by = pointer[0] - self.start[0], pointer[1] - self.start[1]
        bounds = _in_pixels(self.picture, bounds_of(self.before.points))
        rect = pulled(self.picture, bounds, self.handle, *by, square=square, centred=centred)
        if rect.width < MIN_BOX_PX or rect.height < MIN_BOX_PX:
            rect = _at_least(self.picture, rect)
        if self.before.kind == "box":
            return _normalised_box(self.picture, rect, self.before.feather_px)
        return fitted(self.before, _normalised(self.picture, rect))


@dataclass(frozen=True, slots=True)
class MoveBody:
    """The whole region moved, by whole pixels."""

    picture: Picture
    start: Point
    before: Region

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Region:
        dx = round(pointer[0] - self.start[0])
        dy = round(pointer[1] - self.start[1])
        if square:  # Shift keeps the move on one axis, as everywhere else
            dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
        return moved(self.before, dx / self.picture.width, dy / self.picture.height)


@dataclass(frozen=True, slots=True)
class MovePoint:
    """One point of a lasso moved."""

    picture: Picture
    start: Point
    before: Region
    index: int

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Region:
        x, y = self.before.points[self.index]
        return with_point(
            self.before,
            self.index,
            (
                x + (pointer[0] - self.start[0]) / self.picture.width,
                y + (pointer[1] - self.start[1]) / self.picture.height,
            ),
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """A lasso turned round the middle of its bounds; Shift turns by 15°. It stays inside the picture or does not turn."""

    picture: Picture
    start: Point
    before: Region

    def at(self, pointer: Point, *, square: bool, centred: bool) -> Region:
        bounds = _in_pixels(self.picture, bounds_of(self.before.points))
        middle = (bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2
        angle = _direction(middle, pointer) - _direction(middle, self.start)
        if square:
            angle = round(angle / TURN_STEP) * TURN_STEP
        cos, sin = math.cos(angle), math.sin(angle)
        points = []
        for x, y in self.before.points:
            away_x, away_y = x * self.picture.width - middle[0], y * self.picture.height - middle[1]
            points.append((
                (middle[0] + cos * away_x - sin * away_y) / self.picture.width,
                (middle[1] + sin * away_x + cos * away_y) / self.picture.height,
            ))
        limits = bounds_of(tuple(points))
        if limits.width > 1 or limits.height > 1:
            return self.before
        dx = max(0.0, -limits.left) - max(0.0, limits.right - 1)
        dy = max(0.0, -limits.top) - max(0.0, limits.bottom - 1)
        return lasso(tuple((x + dx, y + dy) for x, y in points), self.before.feather_px)


def grown(region: Region, dx: int, dy: int, picture: Picture) -> Region:
    """The region with its right and lower edge moved by pixels, inside the picture and never thinner than two."""
    bounds = bounds_of(region.points)
    right = min(1.0, max(bounds.left + MIN_BOX_PX / picture.width, bounds.right + dx / picture.width))
    bottom = min(1.0, max(bounds.top + MIN_BOX_PX / picture.height, bounds.bottom + dy / picture.height))
    return fitted(region, Bounds(bounds.left, bounds.top, right, bottom))


def _direction(middle: Point, point: Point) -> float:
    return math.atan2(point[1] - middle[1], point[0] - middle[0])


def _in_pixels(picture: Picture, bounds: Bounds) -> Bounds:
    return Bounds(
        bounds.left * picture.width,
        bounds.top * picture.height,
        bounds.right * picture.width,
        bounds.bottom * picture.height,
    )


def _normalised(picture: Picture, rect: Bounds) -> Bounds:
    return Bounds(
        rect.left / picture.width,
        rect.top / picture.height,
        rect.right / picture.width,
        rect.bottom / picture.height,
    )


def _normalised_box(picture: Picture, rect: Bounds, feather_px: float) -> Region:
    unit = _normalised(picture, rect)
    return box(unit.left, unit.top, unit.right, unit.bottom, feather_px)


def _at_least(picture: Picture, rect: Bounds) -> Bounds:
    """The rectangle made `MIN_BOX_PX` wide and high, kept inside the picture."""
    width, height = max(MIN_BOX_PX, rect.width), max(MIN_BOX_PX, rect.height)
    left, top = min(rect.left, picture.width - width), min(rect.top, picture.height - height)
    return Bounds(left, top, left + width, top + height)
