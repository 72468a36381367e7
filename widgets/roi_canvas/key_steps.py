"""What keys do to the region: move, resize, choose, place and delete shapes without a mouse."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF

from widgets.roi_canvas.editing import ALL, RegionEditing
from widgets.roi_canvas.gestures import MIN_BOX_PX, grown, normalised
from widgets.roi_canvas.hit import has_points
from widgets.roi_canvas.region import (
    Bounds,
    Point,
    Region,
    Shape,
    bounds_of_shapes,
    by_bounds,
    moved,
    with_point,
    without_point,
    without_shape,
)
from widgets.roi_canvas.whole import is_nothing

DEFAULT_SHARE = 0.2
"""Half the height of a shape placed by key, of what is seen of the picture."""
LASSO_CORNERS = ((0.5, 0.0), (0.85, 0.15), (1.0, 0.5), (0.85, 0.85), (0.5, 1.0), (0.15, 0.85), (0.0, 0.5), (0.15, 0.15))
PEN_FACTOR = 1.15


class KeySteps:
    """Steps until `end` are one gesture, as a held key makes them."""

    def __init__(self, editing: RegionEditing) -> None:
        self._editing = editing
        self._before: Region | None = None

    def nudge(self, dx: int, dy: int) -> bool:
        """Moves the chosen point, or else the chosen shapes, by picture pixels."""
        editing, picture = self._editing, self._editing.picture
        across, down = dx / picture.width, dy / picture.height
        point = editing.point
        if point is None:
            return self._step(lambda shapes: moved(shapes, across, down))

        def shift(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
            x, y = shapes[0].points[point]
            return (with_point(shapes[0], point, (x + across, y + down)),)

        return self._step(shift)

    def grow(self, dx: int, dy: int) -> bool:
        """Moves the right and the lower edge of the chosen shapes by picture pixels."""
        return self._step(lambda shapes: grown(shapes, dx, dy, self._editing.picture))

    def end(self) -> None:
        """The key went up."""
        before, self._before = self._before, None
        region = self._editing.region
        if before is not None and region is not None and before != region:
            self._editing.committed.emit(region)

    def _step(self, change: Callable[[tuple[Shape, ...]], Sequence[Shape]]) -> bool:
        editing = self._editing
        if editing.region is None or not editing.selected or editing.busy:
            return False
        if self._before is None:
            self._before = editing.region
            editing.begin_change()
        editing.change(editing.with_chosen(editing.region, change(editing.chosen)))
        return True

    def place(self, seen: QRectF) -> bool:
        """Puts a shape of the tool in the hand into the middle of what is seen, or of the region that it changes."""
        editing = self._editing
        if editing.tool == "select" or editing.busy or editing.image.isEmpty():
            return False
        bounds = self._place_in(seen)
        middle = (bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2
        if editing.tool == "lasso":
            editing.accept(Shape("lasso", tuple(_corner(bounds, corner) for corner in LASSO_CORNERS)))
        elif editing.tool == "brush":
            editing.accept(Shape("brush", (middle,), editing.pen))
        else:
            editing.accept(by_bounds(editing.tool, bounds))
        editing.looks_changed.emit()
        return True

    def _place_in(self, seen: QRectF) -> Bounds:
        """On whole pixels and inside the picture."""
        editing, picture = self._editing, self._editing.picture
        if editing.joins and editing.region is not None:
            around = bounds_of_shapes(editing.chosen or editing.region.shapes, picture.aspect)
            middle = around.right if editing.combine == "add" else (around.left + around.right) / 2
            half = around.width / 4, around.height / 4
        else:
            inside = editing.image.intersected(seen)
            around = _fractions(editing, inside if not inside.isEmpty() else editing.image)
            middle = (around.left + around.right) / 2
            side = min(around.width * picture.width, around.height * picture.height) * DEFAULT_SHARE
            half = side / picture.width, side / picture.height
        left, right = _span(middle * picture.width, half[0] * picture.width, picture.width)
        top, bottom = _span((around.top + around.bottom) / 2 * picture.height, half[1] * picture.height, picture.height)
        return normalised(picture, Bounds(left, top, right, bottom))

    def cycle(self, *, forward: bool) -> bool:
        """The next or previous shape, the region as a whole first, then the other regions; False past the last one."""
        editing = self._editing
        if editing.busy or editing.region is None:
            return False
        if not editing.selected:
            editing.set_active(ALL)
            return True
        count = len(editing.region.shapes)
        place = editing.active + (1 if forward else -1)
        if count > 1 and ALL <= place < count:
            editing.set_active(place)
            return True
        return False

    def cycle_points(self, *, forward: bool) -> bool:
        """The next or previous point of the chosen shape, round; False for shapes that are made of their bounds."""
        editing = self._editing
        if editing.busy or not editing.selected or not has_points(editing.chosen):
            return False
        count = len(editing.chosen[0].points)
        before = editing.point if editing.point is not None else (-1 if forward else 0)
        editing.point = (before + (1 if forward else -1)) % count
        editing.looks_changed.emit()
        return True

    def remove(self) -> bool:
        """Deletes the chosen point, or else the chosen shape; the last shape is for the owner to delete."""
        editing = self._editing
        if editing.region is None or not editing.selected or editing.busy:
            return False
        if editing.point is not None and (thinner := without_point(editing.chosen[0], editing.point)) is not None:
            self._replace(editing.with_chosen(editing.region, (thinner,)))
            return True
        left = without_shape(editing.region, editing.active) if editing.active != ALL else None
        if left is None:
            editing.emptied.emit()
        elif is_nothing(left, editing.picture.width, editing.picture.height):
            editing.refused.emit("Nothing was deleted: the shapes that are left take each other away.")
        else:
            self._replace(left)
        return True

    def _replace(self, region: Region) -> None:
        editing = self._editing
        editing.begin_change()
        if editing.active >= len(region.shapes):
            editing.set_active(len(region.shapes) - 1 if len(region.shapes) > 1 else ALL)
        editing.change(region)
        editing.committed.emit(region)

    def remove_last_point(self) -> bool:
        """Takes back the last point of the lasso in progress; without points the lasso is dropped."""
        editing = self._editing
        if editing.draft is None:
            return False
        editing.draft.remove_last()
        if not editing.draft.points:
            editing.draft = None
        editing.looks_changed.emit()
        return True

    def change_pen(self, *, larger: bool) -> bool:
        """The brush a step larger or smaller."""
        if self._editing.tool != "brush":
            return False
        self._editing.set_pen(self._editing.pen * (PEN_FACTOR if larger else 1 / PEN_FACTOR))
        return True

    def cancel(self) -> bool:
        """Esc: drops the gesture, else the tool, else the chosen point, else the selection; False when there was nothing."""
        editing = self._editing
        if editing.drop_gesture():
            return True
        if editing.tool != "select":
            editing.set_tool("select")
        elif editing.point is not None:
            editing.point = None
            editing.looks_changed.emit()
        elif editing.selected:
            editing.set_selected(False)
        else:
            return False
        return True


def _span(middle: float, half: float, most: int) -> tuple[int, int]:
    """Both ends round a middle in whole pixels, at least two apart where there are two, inside 0..most."""
    length = min(most, max(MIN_BOX_PX, round(2 * half)))
    low = min(most - length, max(0, round(middle - length / 2)))
    return low, low + length


def _corner(bounds: Bounds, share: Point) -> Point:
    return bounds.left + share[0] * bounds.width, bounds.top + share[1] * bounds.height


def _fractions(editing: RegionEditing, rect: QRectF) -> Bounds:
    """A rectangle of the widget as fractions of the picture."""
    left, top = editing.to_picture(rect.topLeft())
    right, bottom = editing.to_picture(QPointF(rect.right(), rect.bottom()))
    return normalised(editing.picture, Bounds(left, top, right, bottom))
