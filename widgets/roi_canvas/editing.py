"""What presses, drags and keys do to the region: the state machine behind the canvas.

Gets pointer positions in widget coordinates and plain flags; knows no events, no painting, no project.
"""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Signal

from widgets.roi_canvas.combine import Combine, combined
from widgets.roi_canvas.dragging import HANDLES, Picture
from widgets.roi_canvas.gestures import DrawBox, Gesture, MoveBody, MovePoint, PullHandle, Turn, grown
from widgets.roi_canvas.hit import Hit, hit_test
from widgets.roi_canvas.lasso_draft import LassoDraft
from widgets.roi_canvas.region import Point, Region, moved

Tool = Literal["select", "box", "lasso"]
TOOLS: tuple[Tool, ...] = ("select", "box", "lasso")

DRAG_STARTS_AT = 4.0
CHANGE_STARTS_AT = 2.0  # less on the screen is a click: a region must not jump to whole pixels by being clicked
CLOSE_REACH = 9.0
THIN_PX = 1.2  # how far, on the screen, a hand-drawn line may be straightened
HAND_STEP_PX = 2.0
NOT_TOUCHING = "Nothing was added: the region must stay one outline without holes. Start on the region."
APART = "Nothing was taken away: the region must stay one outline without holes. Cut from its edge."


class RegionEditing(QObject):
    """One region, one tool, at most one gesture or lasso in progress."""

    drawn = Signal(object)
    changed = Signal(object, int)
    committed = Signal(object)
    tool_changed = Signal(str)
    refused = Signal(str)
    looks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.image = QRectF()
        self.picture = Picture(1, 1)
        self.region: Region | None = None
        self.selected = False
        self.tool: Tool = "select"
        self.combine: Combine = "new"
        self.feather_px = 0.0
        self.unit = 1.0  # screen px per px of the design
        self.draft: LassoDraft | None = None
        self._gesture: Gesture | None = None
        self._gesture_id = 0
        self._nudging: Region | None = None
        self._pressed: QPointF | None = None
        self._moved = False

    # From the owner

    def set_view(self, image: QRectF, picture: QSize) -> None:
        """The picture lies elsewhere. The region does not change: it is kept in fractions."""
        self.image = image
        self.picture = Picture(max(1, picture.width()), max(1, picture.height()))

    def set_region(self, region: Region | None) -> None:
        """Shows another region; while a hand is at work, the hand wins and nothing happens."""
        if not self.busy and region != self.region:
            self.region = region
            self.selected = self.selected and region is not None
            self.looks_changed.emit()

    def set_selected(self, selected: bool) -> None:
        """Shows or takes away the handles."""
        self.selected = selected and self.region is not None
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

    @property
    def base(self) -> Region | None:
        """The region a shape in progress is added to or taken from."""
        drawing = isinstance(self._gesture, DrawBox)
        if not self._joins or not (drawing or self.draft):
            return None
        return self._gesture.before if self._gesture is not None else self.region

    @property
    def _joins(self) -> bool:
        """Whether what is drawn now changes the region instead of replacing it."""
        return self.combine != "new" and self.tool != "select"

    @property
    def busy(self) -> bool:
        """Whether a gesture or a lasso is in progress."""
        return self._gesture is not None or self.draft is not None

    # From the mouse

    def press(self, at: QPointF) -> bool:
        """The button went down; False when nothing here wants it."""
        if self.image.isEmpty():
            return False
        self._pressed, self._moved = at, False
        if self.draft is not None:
            return True
        hit = self.hit(at)
        if hit is not None and self.region is not None:
            self.selected = True
            self._begin(self._gesture_for(hit, self.region, self.to_picture(at)))
        elif self.tool == "box":
            self._begin(DrawBox(self.picture, self.to_picture(at), self.region, self.feather_px))
        elif self.tool == "lasso":
            self.draft = LassoDraft(self.picture, self.feather_px)
        else:
            self.set_selected(False)
            return False
        self.looks_changed.emit()
        return True

    def drag(self, at: QPointF, *, square: bool = False, centred: bool = False) -> None:
        """The pointer moved, with or without the button."""
        if self._gesture is not None:
            self._moved = self._moved or self._far_from_press(at, CHANGE_STARTS_AT)
            if self._moved:
                self._go_on(self._gesture, at, square=square, centred=centred)
        elif self.draft is not None:
            self._go_on_drawing(self.draft, at)

    def release(self, at: QPointF, *, square: bool = False, centred: bool = False) -> None:
        """The button went up: the gesture is finished."""
        if self._gesture is not None:
            self.drag(at, square=square, centred=centred)
        pressed, self._pressed = self._pressed, None
        if self._gesture is not None:
            self._finish(self._gesture)
        elif self.draft is not None and pressed is not None:
            if self.draft.by_hand or self._closes(self.draft, at):
                self.close_lasso()
            else:
                self.draft.click(self.to_picture(at))
        self.looks_changed.emit()

    def hit(self, at: QPointF) -> Hit | None:
        """What of the region a press here would take; without handles shown, only its body by the select tool."""
        if self.region is None or self.draft is not None or self._joins:
            return None
        if self.selected:
            return hit_test(self.region, self.image, at, self.unit)
        found = hit_test(self.region, self.image, at, self.unit) if self.tool == "select" else None
        return Hit("body") if found else None

    # From the keys

    def close_lasso(self) -> bool:
        """Makes the lasso in progress a region; False when there is none to close."""
        if self.draft is None:
            return False
        draft, self.draft = self.draft, None
        region = draft.closed(THIN_PX * self._pixels_per_step())
        if region is None and not draft.by_hand:
            self.draft = draft  # too few points yet: go on clicking
        elif region is not None:
            self._accept(region, self.region)
        self.looks_changed.emit()
        return True

    def remove_last_point(self) -> bool:
        """Takes back the last point of the lasso in progress; without points the lasso is dropped."""
        if self.draft is None:
            return False
        self.draft.remove_last()
        if not self.draft.points:
            self.draft = None
        self.looks_changed.emit()
        return True

    def cancel(self) -> bool:
        """Esc: drops the gesture, else the tool, else the selection; False when there was nothing to drop."""
        if self.drop_gesture():
            return True
        if self.tool != "select":
            self.set_tool("select")
            return True
        if self.selected:
            self.set_selected(False)
            return True
        return False

    def drop_gesture(self) -> bool:
        """Puts back what a gesture changed and forgets a lasso in progress; False when there was neither."""
        gesture, self._gesture = self._gesture, None
        had_draft, self.draft = self.draft is not None, None
        self._pressed = None
        if gesture is not None and self.region != gesture.before:
            self.region = gesture.before
            if self.region is not None and not isinstance(gesture, DrawBox):
                self.changed.emit(self.region, self._gesture_id)
        if gesture is not None or had_draft:
            self.looks_changed.emit()
        return gesture is not None or had_draft

    def nudge(self, dx: int, dy: int) -> bool:
        """Moves the selected region by picture pixels; the steps until `end_nudge` are one gesture."""
        return self._step(lambda region: moved(region, dx / self.picture.width, dy / self.picture.height))

    def grow(self, dx: int, dy: int) -> bool:
        """Moves the right and the lower edge of the selected region by picture pixels, as `nudge` does the whole."""
        return self._step(lambda region: grown(region, dx, dy, self.picture))

    def _step(self, change: Callable[[Region], Region]) -> bool:
        if self.region is None or not self.selected or self.busy:
            return False
        if self._nudging is None:
            self._nudging = self.region
            self._gesture_id += 1
        region = change(self.region)
        if region != self.region:
            self.region = region
            self.changed.emit(region, self._gesture_id)
            self.looks_changed.emit()
        return True

    def end_nudge(self) -> None:
        """The arrow key went up."""
        before, self._nudging = self._nudging, None
        if before is not None and self.region is not None and before != self.region:
            self.committed.emit(self.region)

    # Inside

    def to_picture(self, at: QPointF) -> Point:
        """Widget coordinates to picture pixels."""
        return (
            (at.x() - self.image.x()) / self.image.width() * self.picture.width,
            (at.y() - self.image.y()) / self.image.height() * self.picture.height,
        )

    def to_widget(self, point: Point) -> QPointF:
        """Picture pixels to widget coordinates."""
        return QPointF(
            self.image.x() + point[0] / self.picture.width * self.image.width(),
            self.image.y() + point[1] / self.picture.height * self.image.height(),
        )

    def _gesture_for(self, hit: Hit, region: Region, start: Point) -> Gesture:
        if hit.part == "handle":
            return PullHandle(self.picture, start, region, HANDLES[hit.index])
        if hit.part == "point":
            return MovePoint(self.picture, start, region, hit.index)
        if hit.part == "turn":
            return Turn(self.picture, start, region)
        return MoveBody(self.picture, start, region)

    def _begin(self, gesture: Gesture) -> None:
        self._gesture = gesture
        self._gesture_id += 1

    def _go_on(self, gesture: Gesture, at: QPointF, *, square: bool, centred: bool) -> None:
        region = gesture.at(self.to_picture(at), square=square, centred=centred)
        if region == self.region:
            return
        self.region = region
        if region is not None and not isinstance(gesture, DrawBox):
            self.changed.emit(region, self._gesture_id)
        self.looks_changed.emit()

    def _finish(self, gesture: Gesture) -> None:
        self._gesture = None
        if not isinstance(gesture, DrawBox):
            if self.region is not None and self.region != gesture.before:
                self.committed.emit(self.region)
        elif self.region is None or self.region == gesture.before:
            self.region = gesture.before  # a click without a drag draws nothing
            self.selected = False
        else:
            self._accept(self.region, gesture.before)

    def _accept(self, shape: Region, base: Region | None) -> None:
        """A shape was finished: a new region, or a change of the one there is."""
        self.selected = True
        if base is None or not self._joins:
            self.region = shape
            self.drawn.emit(shape)
            return
        self.region = combined(base, shape, self.combine, self.picture) or base
        if self.region == base:
            self.refused.emit(APART if self.combine == "subtract" else NOT_TOUCHING)
            return
        self._gesture_id += 1
        self.changed.emit(self.region, self._gesture_id)
        self.committed.emit(self.region)

    def _go_on_drawing(self, draft: LassoDraft, at: QPointF) -> None:
        draft.pointer = self.to_picture(at)
        pressed = self._pressed
        far = self._far_from_press(at, DRAG_STARTS_AT)
        if pressed is not None and not draft.clicked and (draft.by_hand or far):
            step = HAND_STEP_PX * self._pixels_per_step()
            if not draft.by_hand:
                draft.draw(self.to_picture(pressed), step)
            draft.draw(draft.pointer, step)
        self.looks_changed.emit()

    def _far_from_press(self, at: QPointF, distance: float) -> bool:
        return self._pressed is not None and (at - self._pressed).manhattanLength() >= distance

    def _closes(self, draft: LassoDraft, at: QPointF) -> bool:
        """Whether a click here is on the first point of a lasso that can be closed."""
        if len(draft.clicked) < 3:
            return False
        away = at - self.to_widget(draft.clicked[0])
        return max(abs(away.x()), abs(away.y())) <= CLOSE_REACH * self.unit

    def _pixels_per_step(self) -> float:
        """How many picture pixels one logical screen pixel spans."""
        return self.picture.width / max(1.0, self.image.width())
