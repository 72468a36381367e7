"""What presses and drags do to the region: the state machine behind the canvas. Keys are in `key_steps`.

Gets pointer positions in widget coordinates and plain flags; knows no events, no painting, no project.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from PySide6.QtCore import QObject, QPointF, Signal

from widgets.roi_canvas.dragging import HANDLES
from widgets.roi_canvas.gestures import DrawBounds, Drawing, DrawStroke, Gesture, MoveBody, MovePoint, PullHandle, Turn
from widgets.roi_canvas.hit import Hit, hit_test, shape_at
from widgets.roi_canvas.lasso_draft import LassoDraft
from widgets.roi_canvas.on_screen import OnScreen
from widgets.roi_canvas.region import Other, Point, Region, Shape, region_of, with_shapes
from widgets.roi_canvas.whole import is_nothing

Tool = Literal["select", "box", "lasso", "ellipse", "brush"]
Combine = Literal["new", "add", "subtract"]
TOOLS: tuple[Tool, ...] = ("select", "box", "lasso", "ellipse", "brush")

ALL = -1
DRAG_STARTS_AT = 4.0
CHANGE_STARTS_AT = 2.0  # less on the screen is a click: a region must not jump to whole pixels by being clicked
CLOSE_REACH = 9.0
THIN_PX = 1.2  # how far, on the screen, a hand-drawn line may be straightened
THIN_STROKE_PX = 0.7
HAND_STEP_PX = 2.0
PEN_LEAST, PEN_MOST = 0.001, 0.5
NOTHING_LEFT = "Nothing was taken away: nothing of the region would be left. Take away less, or delete the patch."


class RegionEditing(OnScreen):
    """One region, one tool, at most one gesture or lasso in progress."""

    drawn = Signal(object)
    changed = Signal(object, int)
    committed = Signal(object)
    emptied = Signal()  # the last shape was deleted
    other_chosen = Signal(str)
    active_changed = Signal(int)
    tool_changed = Signal(str)
    refused = Signal(str)
    looks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.region: Region | None = None
        self.others: tuple[Other, ...] = ()
        self.selected = False
        self.active = ALL
        self.point: int | None = None
        self.pointer: QPointF | None = None
        self.tool: Tool = "select"
        self.combine: Combine = "new"
        self.feather_px = 0.0
        self.pen = 0.03  # radius, as a fraction of the picture's height
        self.draft: LassoDraft | None = None
        self._gesture: Gesture | None = None
        self._drawing: Drawing | None = None
        self._before: Region | None = None
        self._gesture_id = 0
        self._pressed: QPointF | None = None
        self._moved = False

    # From the owner

    def set_region(self, region: Region | None, *, is_another: bool = False) -> None:
        """Shows another region; while a hand is at work, the hand wins and nothing happens."""
        if self.busy or (region == self.region and not is_another):
            return
        count = len(self.region.shapes) if self.region else 0
        self.region = region
        self.selected = self.selected and region is not None
        if is_another or region is None or len(region.shapes) != count:
            self._set_active(ALL if is_another or region is None or self.active >= len(region.shapes) else self.active)
        self._keep_point()
        self.looks_changed.emit()

    def set_selected(self, selected: bool) -> None:
        """Shows or takes away the handles."""
        self.selected = selected and self.region is not None
        if not self.selected:
            self._set_active(ALL)
        self.looks_changed.emit()

    def set_active(self, index: int) -> None:
        """Chooses one shape, or with `ALL` the region as a whole, and shows its handles; ValueError where there is none.

        While a hand is at work, the hand wins and nothing happens.
        """
        if self.region is None or not ALL <= index < len(self.region.shapes):
            raise ValueError(f"there is no shape {index}")
        if self.busy:
            return
        self.selected = True
        self._set_active(index)
        self.looks_changed.emit()

    def set_tool(self, tool: Tool) -> None:
        """Takes another tool; a gesture or lasso in progress is dropped. ValueError for an unknown word."""
        if tool not in TOOLS:
            raise ValueError(f"there is no region tool {tool!r}")
        if tool != self.tool:
            self.drop_gesture()
            self.tool = tool
            self.tool_changed.emit(tool)
            self.looks_changed.emit()

    def set_pen(self, radius: float) -> None:
        """The radius of the brush as a fraction of the picture's height, within what is sensible."""
        self.pen = min(PEN_MOST, max(PEN_LEAST, radius))
        self.looks_changed.emit()

    # How things are

    @property
    def chosen_places(self) -> tuple[int, ...]:
        """Which shapes the handles are round."""
        if self.region is None:
            return ()
        places = range(len(self.region.shapes))
        return (self.active,) if self.active in places else tuple(places)  # one that is being drawn may have fewer shapes

    @property
    def chosen(self) -> tuple[Shape, ...]:
        """The shapes the handles are round."""
        return tuple(self.region.shapes[place] for place in self.chosen_places) if self.region else ()

    @property
    def busy(self) -> bool:
        """Whether a gesture or a lasso is in progress."""
        return self._gesture is not None or self._drawing is not None or self.draft is not None

    @property
    def is_drawing(self) -> bool:
        """Whether a shape is being made."""
        return self._drawing is not None or self.draft is not None

    @property
    def joins(self) -> bool:
        """Whether what is drawn now changes the region instead of replacing it."""
        return self.combine != "new" and self.tool != "select" and (self.region or self._before) is not None

    def hit(self, at: QPointF) -> Hit | None:
        """What of the region a press here would take; without handles shown, only its body by the select tool."""
        if self.region is None or self.draft is not None or self.joins or self.image.isEmpty():
            return None
        if self.tool != "select" and (not self.selected or self.tool == "brush"):
            return None
        found = hit_test(self.chosen, self.image, at, self.unit) if self.selected else None
        if found is None and shape_at(self.region.shapes, self.image, at) is not None:
            return Hit("body")
        return found

    def other_at(self, at: QPointF) -> Other | None:
        """The other region that a press here would choose."""
        if self.tool != "select" or self.image.isEmpty():
            return None
        choices = (other for other in self.others if not other.is_mark)
        found = [other for other in choices if shape_at(other.region.shapes, self.image, at) is not None]
        return found[-1] if found else None

    # From the mouse

    def press(self, at: QPointF) -> bool:
        """The button went down; False when nothing here wants it."""
        if self.image.isEmpty():
            return False
        self._pressed, self._moved = at, False
        if self.draft is not None:
            return True
        hit, other = self.hit(at), self.other_at(at)
        if hit is not None and self.region is not None:
            self._take(hit, at)
        elif other is not None:
            self.other_chosen.emit(other.id)
        elif self.tool != "select":
            self._start_drawing(at)
        else:
            self.set_selected(False)
            return False
        self.looks_changed.emit()
        return True

    @property
    def is_changing(self) -> bool:
        """Whether a hand moves, pulls or turns what was drawn: each move asks for an edit."""
        return self._gesture is not None

    def drag(self, at: QPointF, *, square: bool = False, centred: bool = False) -> None:
        """The pointer moved, with or without the button."""
        self.pointer = at
        if self._gesture is not None or self._drawing is not None:
            self._moved = self._moved or self._far_from_press(at, CHANGE_STARTS_AT)
            if self._moved:
                self._go_on(self.to_picture(at), square=square, centred=centred)
        elif self.draft is not None:
            self._go_on_drawing(self.draft, at)
        if self.tool == "brush":
            self.looks_changed.emit()

    def release(self, at: QPointF, *, square: bool = False, centred: bool = False) -> None:
        """The button went up: the gesture is finished."""
        if self._gesture is not None or self._drawing is not None:
            self.drag(at, square=square, centred=centred)
        pressed, self._pressed = self._pressed, None
        if self._drawing is not None:
            self._finish_drawing(self._drawing)
        elif self._gesture is not None:
            self._finish(at)
        elif self.draft is not None and pressed is not None:
            if self.draft.by_hand or self._closes(self.draft, at):
                self.close_lasso()
            else:
                self.draft.click(self.to_picture(at))
        self.looks_changed.emit()

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self.pointer = None
        self.looks_changed.emit()

    def choose_all(self, at: QPointF) -> bool:
        """A double click in a region of several shapes: all of them together; False elsewhere."""
        if self.tool != "select" or self.busy or self.region is None or not self.region.more or self.hit(at) is None:
            return False
        self.set_active(ALL)
        return True

    # What keys share with the mouse

    def close_lasso(self) -> bool:
        """Makes the lasso in progress a region; False when there is none to close."""
        if self.draft is None:
            return False
        draft, self.draft = self.draft, None
        shape = draft.closed(THIN_PX * self.pixels_per_step)
        if shape is None and not draft.by_hand:
            self.draft = draft  # too few points yet: go on clicking
        elif shape is not None:
            self.accept(shape)
        self.looks_changed.emit()
        return True

    def drop_gesture(self) -> bool:
        """Puts back what a gesture changed and forgets a lasso in progress; False when there was neither."""
        was_busy, was_changing = self.busy, self._gesture is not None
        is_other = (was_changing or self._drawing is not None) and self.region != self._before
        if is_other:
            self.region = self._before
        self._gesture = self._drawing = self.draft = self._pressed = self._before = None
        if is_other and was_changing and self.region is not None:
            self.changed.emit(self.region, self._gesture_id)
        if was_busy:
            self.looks_changed.emit()
        return was_busy

    def accept(self, shape: Shape) -> None:
        """A shape was finished: a new region, or one more shape of the one there is."""
        base = self.region if self.joins else None
        self.selected = True
        if base is None:
            self.region = region_of(replace(shape, is_subtracted=False), self.feather_px)
            self._set_active(ALL)
            self.drawn.emit(self.region)
            return
        joined = with_shapes(base, (*base.shapes, self._joining(shape)))
        if is_nothing(joined, self.picture.width, self.picture.height):
            self.refused.emit(NOTHING_LEFT)
            return
        self.begin_change()
        self.change(joined)
        self._set_active(len(joined.shapes) - 1)
        self.committed.emit(joined)

    def begin_change(self) -> None:
        """What follows, until the next call, is one step."""
        self._gesture_id += 1

    def change(self, region: Region) -> None:
        """The region is another one; says so where it is."""
        if region != self.region:
            self.region = region
            self._keep_point()
            self.changed.emit(region, self._gesture_id)
            self.looks_changed.emit()

    def with_chosen(self, region: Region, shapes: Sequence[Shape]) -> Region:
        """The region with the chosen shapes put in place of what they were."""
        made = list(region.shapes)
        for place, shape in zip(self.chosen_places, shapes, strict=True):
            made[place] = shape
        return with_shapes(region, made)

    # Inside

    def _take(self, hit: Hit, at: QPointF) -> None:
        """A gesture with what is under the pointer; a press in another shape chooses that one first."""
        assert self.region is not None
        if hit.part == "body" and self.active != ALL and shape_at(self.chosen, self.image, at) is None:
            self._set_active(shape_at(self.region.shapes, self.image, at) or 0)
        self.selected = True
        self.point = hit.index if hit.part == "point" else None
        self._before = self.region
        self.begin_change()
        start = self.to_picture(at)
        if hit.part == "handle":
            self._gesture = PullHandle(self.picture, start, self.chosen, HANDLES[hit.index])
        elif hit.part == "point":
            self._gesture = MovePoint(self.picture, start, self.chosen[0], hit.index)
        else:
            self._gesture = (Turn if hit.part == "turn" else MoveBody)(self.picture, start, self.chosen)

    def _start_drawing(self, at: QPointF) -> None:
        if self.tool == "lasso":
            self.draft = LassoDraft(self.picture)
            return
        self._before, start = self.region, self.to_picture(at)
        if self.tool == "brush":
            self._drawing = DrawStroke(self.picture, start, self.pen, HAND_STEP_PX * self.pixels_per_step)
            self._go_on(start, square=False, centred=False)
        elif self.tool in {"box", "ellipse"}:
            self._drawing = DrawBounds(self.picture, start, "box" if self.tool == "box" else "ellipse")

    def _go_on(self, pointer: Point, *, square: bool, centred: bool) -> None:
        before = self._before
        if self._drawing is not None:
            shape = self._drawing.at(pointer, square=square, centred=centred)
            base = before if self.joins else None
            if shape is None:
                self.region = base
            elif base is not None:
                self.region = with_shapes(base, (*base.shapes, self._joining(shape)))
            else:
                self.region = region_of(shape, self.feather_px)
            self.looks_changed.emit()
        elif self._gesture is not None and before is not None:
            self.change(self.with_chosen(before, self._gesture.at(pointer, square=square, centred=centred)))

    def _joining(self, shape: Shape) -> Shape:
        return replace(shape, is_subtracted=self.combine == "subtract")

    def _finish(self, at: QPointF) -> None:
        before, self._before, self._gesture = self._before, None, None
        if self.region is not None and self.region != before:
            self.committed.emit(self.region)
        elif not self._moved and self.region is not None and self.active == ALL and len(self.region.shapes) > 1:
            inside = shape_at(self.region.shapes, self.image, at)
            self._set_active(ALL if inside is None else inside)

    def _finish_drawing(self, drawing: Drawing) -> None:
        shape = drawing.finished(THIN_STROKE_PX * self.pixels_per_step)
        self.region, self._before, self._drawing = self._before, None, None
        if shape is not None and (self._moved or self.tool == "brush"):
            self.accept(shape)
        elif not self.joins:
            self.set_selected(False)  # a click without a drag draws nothing

    def _go_on_drawing(self, draft: LassoDraft, at: QPointF) -> None:
        draft.pointer = self.to_picture(at)
        pressed = self._pressed
        far = self._far_from_press(at, DRAG_STARTS_AT)
        if pressed is not None and not draft.clicked and (draft.by_hand or far):
            step = HAND_STEP_PX * self.pixels_per_step
            if not draft.by_hand:
                draft.draw(self.to_picture(pressed), step)
            draft.draw(draft.pointer, step)
        self.looks_changed.emit()

    def _set_active(self, index: int) -> None:
        if index != self.active:
            self.active, self.point = index, None
            self.active_changed.emit(index)

    def _keep_point(self) -> None:
        """A point that is gone is not chosen."""
        is_there = len(self.chosen) == 1 and self.point is not None and self.point < len(self.chosen[0].points)
        self.point = self.point if is_there else None

    def _far_from_press(self, at: QPointF, distance: float) -> bool:
        return self._pressed is not None and (at - self._pressed).manhattanLength() >= distance

    def _closes(self, draft: LassoDraft, at: QPointF) -> bool:
        """Whether a click here is on the first point of a lasso that can be closed."""
        if len(draft.clicked) < 3:
            return False
        away = at - self.to_widget(draft.clicked[0])
        return max(abs(away.x()), abs(away.y())) <= CLOSE_REACH * self.unit
