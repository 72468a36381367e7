"""The overlay on which a region is drawn and changed. Put it on a viewer with `add_overlay`.

Knows one region, the others on the same picture, and the picture's place; what becomes of them is for others. Nothing here
reads a project.
"""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap import Tag
from widgets.roi_canvas import painting
from widgets.roi_canvas.cursors import cursor_at
from widgets.roi_canvas.editing import Combine, RegionEditing, Tool
from widgets.roi_canvas.hit import bounds_on_screen
from widgets.roi_canvas.key_steps import KeySteps
from widgets.roi_canvas.keys import ARROWS, Meaning, meaning, shaping, with_key
from widgets.roi_canvas.region import Other, Region
from widgets.roi_canvas.scene import Scene
from widgets.roi_canvas.tag_place import place_tag
from widgets.roi_canvas.words import description, tag_parts
from widgets.theme import theme_of

Presentation = Literal["edit", "outline", "hidden"]

MARCH_MS = 100
MARCH_STEP = 0.7  # widths of the dash
MARCH_PERIOD = sum(painting.DASHES)
SHAPING = {Qt.Key.Key_Shift, Qt.Key.Key_Alt}


class RoiCanvas(QWidget):
    """Draws, changes and shows one region in fractions of the picture.

    A drag reports `region_changed` with one gesture id from press to release, then `region_committed` if something
    changed. A new region reports `region_drawn` once. Esc during a drag reports the region as it was before.
    """

    region_drawn = Signal(object)  # Region
    region_changed = Signal(object, int)  # Region, gesture id
    region_committed = Signal(object)  # Region
    tool_changed = Signal(str)
    refused = Signal(str)  # why a shape could not be taken away, for the status bar
    region_emptied = Signal()  # the last shape was deleted: the region itself is the owner's to delete
    other_chosen = Signal(str)  # another region was clicked
    active_changed = Signal(int)  # another shape is chosen; -1 the region as a whole
    pen_changed = Signal(float)
    focus_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editing = RegionEditing(self)
        self._steps = KeySteps(self._editing)
        self._scene = Scene(self._editing)
        self._name = "Region 1"
        self._presentation: Presentation = "edit"
        self._reduced_motion = False
        self._march = 0.0
        self._last_at = QPointF()
        self._latest: tuple[QPointF, Qt.KeyboardModifier] | None = None
        self._catching_up = QTimer(self, interval=0, singleShot=True)
        self._catching_up.timeout.connect(self._catch_up)
        self._tag = Tag(self)
        self._timer = QTimer(self)
        self._timer.setInterval(MARCH_MS)
        self._timer.timeout.connect(self._march_on)
        self._connect()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Region on the picture")
        self._refresh()

    def _connect(self) -> None:
        self._editing.drawn.connect(self.region_drawn)
        self._editing.changed.connect(self.region_changed)
        self._editing.committed.connect(self.region_committed)
        self._editing.tool_changed.connect(self.tool_changed)
        self._editing.refused.connect(self.refused)
        self._editing.emptied.connect(self.region_emptied)
        self._editing.other_chosen.connect(self.other_chosen)
        self._editing.active_changed.connect(self.active_changed)
        self._editing.looks_changed.connect(self._refresh)

    # For the owner

    def region(self) -> Region | None:
        """The region as it is now, also in the middle of a gesture."""
        return self._editing.region

    def set_region(self, region: Region | None, name: str = "Region 1") -> None:
        """Shows a region under a name. While a gesture runs the hand wins and this does nothing."""
        is_another, self._name = name != self._name, name
        self._editing.set_region(region, is_another=is_another)
        self._refresh()

    def set_others(self, others: Sequence[Other]) -> None:
        """Other regions on the same picture, in the order of the keys; a click on one reports `other_chosen`."""
        if tuple(others) != self._editing.others:
            self._editing.others = tuple(others)
            self.update()

    def others(self) -> tuple[Other, ...]:
        """The other regions as they were given."""
        return self._editing.others

    def active_shape(self) -> int:
        """Which shape of the region the handles are round; -1 for all of them together."""
        return self._editing.active

    def set_active_shape(self, index: int) -> None:
        """Chooses a shape, or with -1 the region as a whole; ValueError where there is none such."""
        self._editing.set_active(index)

    def pen(self) -> float:
        """The brush's radius, as a fraction of the picture's height."""
        return self._editing.pen

    def set_pen(self, radius: float) -> None:
        """Another brush; out of range the nearest that makes sense."""
        before = self._editing.pen
        self._editing.set_pen(radius)
        if self._editing.pen != before:
            self.pen_changed.emit(self._editing.pen)

    def set_source_scale(self, scale: float) -> None:
        """How many pixels of the picture one of the source fills: feather, growth and sizes are told in those."""
        if scale > 0 and scale != self._editing.source_scale:
            self._editing.source_scale = scale
            self._refresh()

    def set_selected(self, selected: bool) -> None:
        """Shows or takes away the handles."""
        self._editing.set_selected(selected)

    def is_selected(self) -> bool:
        """Whether the region has its handles, and the arrow keys move it."""
        return self._editing.selected

    def tool(self) -> Tool:
        """The tool in the hand."""
        return self._editing.tool

    def set_tool(self, tool: Tool) -> None:
        """One of `TOOLS`; ValueError for another word."""
        self._editing.set_tool(tool)

    def set_combine(self, combine: Combine) -> None:
        """What a drawn shape does to the region there is: "new" replaces, "add" and "subtract" change it."""
        self._editing.combine = combine
        self._refresh()

    def combine(self) -> Combine:
        """What a drawn shape does now."""
        return self._editing.combine

    def set_feather(self, feather_px: float) -> None:
        """The feather new regions get, in picture pixels."""
        self._editing.feather_px = feather_px

    def set_presentation(self, presentation: Presentation) -> None:
        """ "edit": everything; "outline": only the line, the mouse passes; "hidden": nothing (playback)."""
        self._presentation = presentation
        if presentation != "edit":
            self._editing.drop_gesture()
            self.unsetCursor()
        self._refresh()

    def set_reduced_motion(self, reduced: bool) -> None:
        """A still outline."""
        self._reduced_motion = reduced
        self._refresh()

    def is_marching(self) -> bool:
        """Whether the outline moves now."""
        return self._timer.isActive()

    def set_view(self, image_rect: QRectF, picture_size: QSize) -> None:
        """Where the picture lies, in this widget's coordinates, and its size in its own pixels."""
        self._editing.set_view(image_rect, picture_size)
        self._refresh()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        ours = event.button() == Qt.MouseButton.LeftButton and self._presentation == "edit"
        if not ours or not self._editing.press(event.position()):
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._presentation != "edit":
            event.ignore()
            return
        self._last_at = event.position()
        if self._editing.is_changing and self._catching_up.isActive():
            self._latest = event.position(), event.modifiers()
            return
        if self._editing.is_changing:
            self._catching_up.start()  # further moves before the next turn of the event loop are one
        self._editing.drag(event.position(), **shaping(event.modifiers()))
        self.setCursor(cursor_at(self._editing, event.position()))
        if not self._editing.busy:
            event.ignore()

    @Slot()
    def _catch_up(self) -> None:
        """The region goes to where the hand is by now: of several moves between two pictures only the last one counts."""
        self._catching_up.stop()
        latest, self._latest = self._latest, None
        if latest is not None and self._editing.is_changing:
            self._editing.drag(latest[0], **shaping(latest[1]))
            self.setCursor(cursor_at(self._editing, latest[0]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._editing.busy:
            event.ignore()
            return
        self._catch_up()
        self._editing.release(event.position(), **shaping(event.modifiers()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        ours = event.button() == Qt.MouseButton.LeftButton and self._presentation == "edit"
        if not ours or not (self._editing.close_lasso() or self._editing.choose_all(event.position())):
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._editing.leave()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if not (control and turned and self._presentation == "edit" and self._editing.tool == "brush"):
            event.ignore()
            return
        self._change_pen(larger=turned > 0)

    def _change_pen(self, *, larger: bool) -> bool:
        before = self._editing.pen
        done = self._steps.change_pen(larger=larger)
        if self._editing.pen != before:
            self.pen_changed.emit(self._editing.pen)
        return done

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride}:
            self._catch_up()
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._meaning(event) is not None:
            event.accept()  # else the program's own shortcuts would take the key first
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in SHAPING:
            self._shape_by_key(event, held=True)
            event.ignore()
            return
        wanted, pen = self._meaning(event), self._editing.pen
        if wanted is None or not wanted():
            event.ignore()
        if self._editing.pen != pen:
            self.pen_changed.emit(self._editing.pen)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in SHAPING:
            self._shape_by_key(event, held=False)
        if event.key() in ARROWS and not event.isAutoRepeat():
            self._steps.end()
        event.ignore()

    def _shape_by_key(self, event: QKeyEvent, *, held: bool) -> None:
        """Shift or Alt went down or up in the middle of a drag."""
        if self._editing.busy:
            self._editing.drag(self._last_at, **shaping(with_key(event, held=held)))

    def _meaning(self, event: QKeyEvent) -> Meaning | None:
        if self._presentation != "edit":
            return None
        return meaning(event, self._editing, self._steps, self.rect().toRectF())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the shapes and on to the other regions before it leaves the canvas."""
        if self._presentation == "edit" and self._editing.tool == "select":
            if self._steps.cycle(forward=forward):
                return True
            follow = [other for other in self._editing.others if other.is_after == forward and not other.is_mark]
            if follow and not self._editing.busy:
                self.other_chosen.emit(follow[0 if forward else -1].id)
                return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._steps.end()
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._presentation != "hidden" and not self._editing.image.isEmpty():
            self._scene.paint(painter, self, self._march, editable=self._presentation == "edit")
        painter.end()

    def _refresh(self) -> None:
        self._editing.unit = theme_of(self).scale
        self._place_tag()
        self._keep_marching()
        self._describe()
        self.update()

    def _place_tag(self) -> None:
        region = self._editing.region
        in_hand = self._presentation == "edit" and (self._editing.selected or self._editing.busy)
        if not in_hand or region is None or self._editing.draft or self._editing.image.isEmpty():
            self._tag.hide()
            return
        kind = self._editing.chosen[0].kind if self._editing.chosen else region.kind
        self._tag.set_parts(self._name, tag_parts(self._editing), kind)
        at = place_tag(self._taken(region), self._tag.size(), self._free())
        self._tag.setVisible(at is not None)
        if at is not None:
            self._tag.move(at)

    def _taken(self, region: Region) -> QRect:
        bounds = bounds_on_screen(region.shapes, self._editing.image).toAlignedRect()
        reach = round(painting.HANDLE / 2 * self._editing.unit)
        return bounds.adjusted(-reach, -reach, reach, reach)

    def _free(self) -> QRect:
        return self._editing.image.toAlignedRect().intersected(self.rect())

    def _describe(self) -> None:
        what = description(self._editing, self._name)
        if self.accessibleDescription() != what:
            self.setAccessibleDescription(what)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._refresh()

    # Marching

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._keep_marching()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _keep_marching(self) -> None:
        something = self._editing.region is not None or self._editing.draft is not None
        wanted = something and self._presentation != "hidden" and not self._reduced_motion and self.isVisible()
        if wanted and not self._timer.isActive():
            self._timer.start()
        elif not wanted:
            self._timer.stop()

    def _march_on(self) -> None:
        self._march = (self._march + MARCH_STEP) % MARCH_PERIOD
        region = self._editing.region
        if region is None or self._editing.draft is not None:
            self.update()
            return
        grown = max(0.0, region.grow_px) * self._editing.screen_per_source
        margin = theme_of(self).px(painting.OUTLINE_MARGIN) + round(grown)
        bounds = bounds_on_screen(region.shapes, self._editing.image).toAlignedRect()
        self.update(bounds.adjusted(-margin, -margin, margin, margin))
