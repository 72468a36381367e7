"""The timeline: shows a `TimelineView`, reports what the hand does to it. Changes nothing itself.

It must not know the project, undo or files; pictures and waves come from two injected callables.
"""

from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.dropped_files import take_copy
from widgets.timeline.drops import Payload, ghost_at, landed, payload_of, show_drop
from widgets.timeline.gestures import Pointer, Scrub
from widgets.timeline.hits import hit_at
from widgets.timeline.mouse import Mouse
from widgets.timeline.requests import (
    ExplainSpan,
    MoveClip,
    Pan,
    Request,
    Seek,
    Select,
    SetWindow,
    ToggleLocked,
    ToggleVisible,
    TrimClip,
)
from widgets.timeline.surface import ZOOM_STEP, Surface
from widgets.timeline.tips import tip_for
from widgets.timeline.values import Hit, HitKind, Landing, Peaks, Thumbnails, TimelineView

WHEEL_NOTCH = 120
SCROLL_PX = 60
RUN_MS, RUN_PART = 30, 0.3  # beyond an end the content runs, the faster the farther
LEAST_STRETCH, MOST_STRETCH = 0.6, 2.5

LandingOf = Callable[[Payload, str, Fraction], Landing | None]


class Timeline(Surface):
    """Plain values in, signals out. All times are exact seconds; requests lie on the view's frames or on a snap point."""

    playhead_moved = Signal(object)  # Fraction
    selection_changed = Signal(object)  # tuple of ids
    clip_move_requested = Signal(str, str, object, int)  # clip, track, start, gesture
    clip_trim_requested = Signal(str, str, object, int)  # clip, "start" | "end", time, gesture
    patch_window_requested = Signal(str, object, object, int)  # patch, start, end, gesture
    gesture_finished = Signal(int)
    gesture_cancelled = Signal(int)
    visible_toggled = Signal(str)
    locked_toggled = Signal(str)
    media_dropped = Signal(object, str, object)  # DroppedFiles | DroppedMedia, track or "", time
    plan_span_clicked = Signal(object)  # StripSpan
    item_activated = Signal(str)  # double click on a clip or patch
    context_menu_requested = Signal(object, QPoint)  # Hit, global position

    def __init__(self, thumbnails: Thumbnails | None = None, peaks: Peaks | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(thumbnails, peaks, parent)
        self._landing_of: LandingOf = lambda payload, track_id, time: None
        self._mouse = Mouse(self._state)
        self._last_pointer = Pointer(QPoint())
        self._runner = QTimer(self, interval=RUN_MS)
        self._runner.timeout.connect(self._run)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAccessibleName("Timeline")
        self.viewport().setMouseTracking(True)

    @property
    def selection(self) -> tuple[str, ...]:
        return self._state.selection

    def set_view(self, view: TimelineView) -> None:
        """Show another view; zoom, scroll and playhead stay, and so do selected items that still exist."""
        super().set_view(view)
        ids = {item.id for track in view.tracks for item in track.items}
        self._select(tuple(item for item in self._state.selection if item in ids))

    def set_selection(self, ids: tuple[str, ...]) -> None:
        """Select from outside; emits nothing."""
        self._state.select(ids)
        self._repaint()

    @property
    def is_held(self) -> bool:
        return self._mouse.gesture is not None

    def set_landing(self, landing: LandingOf) -> None:
        """Where a drop would really lie, for its ghost; None from it means under the pointer, for 5 s."""
        self._landing_of = landing

    def set_snapping(self, on: bool) -> None:
        self._state.snapping = on

    def hit_at(self, point: QPoint) -> Hit:
        """What lies under a viewport point."""
        return hit_at(self._state, point)

    def _select(self, ids: tuple[str, ...]) -> None:
        if ids != self._state.selection:
            self._state.select(ids)
            self.selection_changed.emit(ids)
            self._repaint()

    def _perform(self, requests: list[Request]) -> None:
        """Turn what a gesture asks for into signals."""
        gesture = self._mouse.gesture_id
        for request in requests:
            match request:
                case Seek(time):
                    self._seek(time)
                case Select(ids):
                    self._select(ids)
                case Pan(dx, dy):
                    self._scroll_px(self._state.scale.offset_px - dx)
                    self.verticalScrollBar().setValue(self._state.scroll_y - dy)
                case MoveClip(clip_id, track_id, start):
                    self.clip_move_requested.emit(clip_id, track_id, start, gesture)
                case TrimClip(clip_id, edge, time):
                    self.clip_trim_requested.emit(clip_id, edge, time, gesture)
                case SetWindow(patch_id, start, end):
                    self.patch_window_requested.emit(patch_id, start, end, gesture)
                case ToggleVisible(track_id):
                    self.visible_toggled.emit(track_id)
                case ToggleLocked(track_id):
                    self.locked_toggled.emit(track_id)
                case ExplainSpan(span):
                    self.plan_span_clicked.emit(span)

    def _seek(self, time: Fraction) -> None:
        if time != self._state.playhead:
            self.set_playhead(time)
            self.playhead_moved.emit(time)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._hover(event.position().toPoint())
        self._perform(self._mouse.pressed(event.button(), _pointer(event)))
        if event.button() == Qt.MouseButton.MiddleButton:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() == Qt.MouseButton.NoButton:
            self._end_lost_drag()
            self._hover(event.position().toPoint())
            return
        self._drag(_pointer(event))

    def _drag(self, pointer: Pointer) -> None:
        """Go on with a drag; beyond the lanes' ends the content starts to run under the hand."""
        self._perform(self._mouse.moved(pointer))
        if self._mouse.gesture is None:
            return
        self._last_pointer = pointer
        is_outside = bool(self._overshoot(pointer)) and self._mouse.gesture.scrolls
        if is_outside != self._runner.isActive():
            self._runner.start() if is_outside else self._runner.stop()
        if not isinstance(self._mouse.gesture, Scrub):  # the playhead repaints its own strip
            self._repaint()

    def _end_lost_drag(self) -> None:
        """A release that went elsewhere (a dialog came up) ends the drag all the same."""
        if self._mouse.gesture is not None:
            finished, number = self._mouse.is_editing, self._mouse.gesture_id
            self._mouse.forget()
            self._runner.stop()
            self._repaint()
            if finished:
                self.gesture_finished.emit(number)

    def _overshoot(self, pointer: Pointer) -> int:
        """How far a pointer is left (negative) or right of the lanes."""
        left, right = self._state.metrics.head_width, self._state.width
        return min(0, pointer.at.x() - left) + max(0, pointer.at.x() - right + 1)

    def _run(self) -> None:
        if self._mouse.gesture is None:
            self._runner.stop()
            return
        self._scroll_px(self._state.scale.offset_px + self._overshoot(self._last_pointer) * RUN_PART)
        self._perform(self._mouse.moved(self._last_pointer))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._runner.stop()
        finished = self._mouse.gesture_id if self._mouse.is_editing else 0
        self._perform(self._mouse.released(_pointer(event)))
        if finished:
            self.gesture_finished.emit(finished)
        self._hover(event.position().toPoint())
        self._repaint()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        hit = self.hit_at(event.position().toPoint())
        if hit.id and event.button() == Qt.MouseButton.LeftButton:
            self.item_activated.emit(hit.id)
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self._mouse.gesture is None:
            self._set_hover(Hit(HitKind.NOTHING))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._repaint()

    def event(self, event: QEvent) -> bool:
        """During a drag Esc is the drag's, whatever shortcut the window has for it."""
        asks_first = event.type() == QEvent.Type.ShortcutOverride and self._mouse.gesture is not None
        if asks_first and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._mouse.gesture is not None:
            self._cancel()
        else:
            event.ignore()

    def _cancel(self) -> None:
        editing, number = self._mouse.is_editing, self._mouse.gesture_id
        self._mouse.forget()
        self._runner.stop()
        if editing:
            self.gesture_cancelled.emit(number)
        self._repaint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl zooms at the pointer, Shift or a sideways wheel scrolls time, Alt changes heights, plain scrolls tracks."""
        steps = event.angleDelta()
        held = event.modifiers()
        notch = (steps.y() or steps.x()) / WHEEL_NOTCH
        if held & Qt.KeyboardModifier.ControlModifier:
            self._zoom(ZOOM_STEP**notch, max(event.position().x(), self._state.metrics.head_width))
        elif held & Qt.KeyboardModifier.AltModifier:
            self._state.stretch = min(MOST_STRETCH, max(LEAST_STRETCH, self._state.stretch * 1.1**notch))
            self._relay()
        elif held & Qt.KeyboardModifier.ShiftModifier or abs(steps.x()) > abs(steps.y()):
            self._scroll_px(self._state.scale.offset_px - notch * SCROLL_PX)
        else:
            self.verticalScrollBar().setValue(round(self._state.scroll_y - notch * SCROLL_PX))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        hit = self.hit_at(event.pos())
        if hit.id and hit.id not in self._state.selection:
            self._select((hit.id,))
        self.context_menu_requested.emit(hit, event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = tip_for(self._state, self.hit_at(event.pos()), event.pos().x())
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    def _hover(self, point: QPoint) -> None:
        self._set_hover(self.hit_at(point))

    def _set_hover(self, hit: Hit) -> None:
        before = self._state.hover
        self._state.hover = hit
        if (before.kind, before.id, before.track_id) != (hit.kind, hit.id, hit.track_id):
            self.viewport().setCursor(self._cursor_for(hit))
            self._repaint()

    def _cursor_for(self, hit: Hit) -> Qt.CursorShape:
        track = next((track for track in self._state.view.tracks if track.id == hit.track_id), None)
        if hit.kind.is_edge and track is not None and not track.locked:
            return Qt.CursorShape.SizeHorCursor
        pointing = {HitKind.ANCHOR, HitKind.PLAN, HitKind.EYE, HitKind.PADLOCK, HitKind.CONFIDENCE}
        return Qt.CursorShape.PointingHandCursor if hit.kind in pointing else Qt.CursorShape.ArrowCursor

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if payload_of(event.mimeData()) is not None:
            take_copy(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        payload = payload_of(event.mimeData())
        if payload is not None:
            point = event.position().toPoint()
            meant = ghost_at(self._state, payload, point)
            show_drop(self._state, landed(meant, self._landing_of(payload, meant.track_id, meant.start)), point)
            take_copy(event)
            self._repaint()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._state.clear_overlays()
        self._repaint()

    def dropEvent(self, event: QDropEvent) -> None:
        payload = payload_of(event.mimeData())
        if payload is not None:
            point = event.position().toPoint()
            meant = ghost_at(self._state, payload, point)
            take_copy(event)
            self._state.clear_overlays()
            self._repaint()
            self.media_dropped.emit(payload, meant.track_id, meant.start)


def _pointer(event: QMouseEvent) -> Pointer:
    held = event.modifiers()
    return Pointer(
        event.position().toPoint(),
        bool(held & Qt.KeyboardModifier.ControlModifier),
        bool(held & Qt.KeyboardModifier.ShiftModifier),
    )
