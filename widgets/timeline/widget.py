"""The timeline: shows a `TimelineView`, reports what the hand does to it. Changes nothing itself.

It must not know the project, undo or files; pictures and waves come from two injected callables.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import log

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
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
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from widgets.theme import theme_of
from widgets.timeline.drops import Payload, ghost_at, payload_of
from widgets.timeline.gestures import Pointer
from widgets.timeline.hits import hit_at
from widgets.timeline.mouse import Mouse
from widgets.timeline.painting import paint_timeline
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
from widgets.timeline.rows import Row
from widgets.timeline.scale import MOST_PX_PER_S
from widgets.timeline.state import State
from widgets.timeline.tips import tip_for
from widgets.timeline.values import Hit, HitKind, Peaks, Thumbnails, TimelineView

ZOOM_STEP = 1.25
WHEEL_NOTCH = 120
SCROLL_PX = 60
RUN_MS, RUN_PART = 30, 0.3  # beyond an end the content runs, the faster the farther
COMPACT_BELOW_PX = 280
LEAST_STRETCH, MOST_STRETCH = 0.6, 2.5

DropLength = Callable[[Payload], Fraction | None]


class Timeline(QAbstractScrollArea):
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
    range_changed = Signal()  # zoom or scroll changed
    view_changed = Signal()  # another view is shown

    def __init__(self, thumbnails: Thumbnails | None = None, peaks: Peaks | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self._thumbnails: Thumbnails = thumbnails or (lambda clip_id, time: None)
        self._peaks: Peaks = peaks or (lambda clip_id, start, end, columns: None)
        self._drop_length: DropLength = lambda payload: None
        self._state = State(theme=theme_of(self))
        self._mouse = Mouse(self._state)
        self._last_pointer = Pointer(QPoint())
        self._runner = QTimer(self, interval=RUN_MS)
        self._runner.timeout.connect(self._run)
        self._must_fit = True
        self._compact: bool | None = None
        self.drawn_clips = 0
        self._set_up()

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.setAccessibleName("Timeline")
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().valueChanged.connect(self._scrolled_rows)

    # What it shows

    @property
    def view(self) -> TimelineView:
        return self._state.view

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as laid out, from the top."""
        return self._state.rows.rows

    @property
    def selection(self) -> tuple[str, ...]:
        return self._state.selection

    @property
    def playhead(self) -> Fraction:
        return self._state.playhead

    def set_view(self, view: TimelineView) -> None:
        """Show another view; zoom, scroll and playhead stay, and so do selected items that still exist."""
        self._state.view = view
        self._relay()
        ids = {item.id for track in view.tracks for item in track.items}
        kept = tuple(item for item in self._state.selection if item in ids)
        if kept != self._state.selection:
            self._select(kept)
        if self._must_fit and view.duration > 0 and self.isVisible():
            self.zoom_to_fit()
        self.refresh()
        self.view_changed.emit()

    def set_playhead(self, time: Fraction) -> None:
        """Move the line; repaints only the two places."""
        if time != self._state.playhead:
            before = self._state.playhead
            self._state.playhead = time
            self._update_line(before)
            self._update_line(time)

    def set_selection(self, ids: tuple[str, ...]) -> None:
        """Select from outside; emits nothing."""
        self._state.select(ids)
        self.refresh()

    def set_sources(self, thumbnails: Thumbnails, peaks: Peaks) -> None:
        """Where pictures and waves come from; both must return at once."""
        self._thumbnails, self._peaks = thumbnails, peaks
        self.refresh()

    def set_drop_length(self, length: DropLength) -> None:
        """How long the ghost of a drop is; None from it means 5 s."""
        self._drop_length = length

    def set_snapping(self, on: bool) -> None:
        self._state.snapping = on

    def set_compact(self, compact: bool | None) -> None:
        """The low rows of a small window, or None to choose by the height of the widget."""
        self._compact = compact
        self._relay()

    def refresh(self) -> None:
        """Paint again, for pictures or waves that have arrived."""
        self.viewport().update()

    # Time and place

    def x_at(self, time: Fraction) -> float:
        """The viewport x of a time."""
        return self._state.scale.x_at(time)

    def time_at(self, x: float) -> Fraction:
        """The time under a viewport x, to the microsecond, at least 0."""
        return self._state.scale.time_at(x)

    def rect_of(self, item_id: str) -> QRect:
        """Where a clip or patch lies in the viewport; empty for an unknown id."""
        return self._state.rect_of(item_id)

    def hit_at(self, point: QPoint) -> Hit:
        """What lies under a viewport point."""
        return hit_at(self._state, point)

    @property
    def visible_range(self) -> tuple[Fraction, Fraction]:
        """The times at the left and right edge of the lanes."""
        return self.time_at(self._state.metrics.head_width), self.time_at(self._state.width)

    def zoom_in(self) -> None:
        self._zoom(ZOOM_STEP**2, self._zoom_centre())

    def zoom_out(self) -> None:
        self._zoom(ZOOM_STEP**-2, self._zoom_centre())

    def zoom_to_fit(self) -> None:
        """The whole duration in the lanes, with a little air at its end."""
        seconds = float(self._state.view.duration) or 60.0
        wanted = min(self._state.lane_width * 0.96 / seconds, MOST_PX_PER_S)
        self._state.scale = replace(self._state.scale, px_per_s=wanted, offset_px=0.0)
        self._must_fit = self._state.view.duration == 0
        self._ranged()

    def set_pixels_per_second(self, px_per_s: float) -> None:
        """Zoom to an exact scale, at most 4,000, around the playhead or the middle."""
        self._zoom(px_per_s / self._state.scale.px_per_s, self._zoom_centre())

    @property
    def zoom_level(self) -> float:
        """0 (everything fits) to 1 (closest), even steps look even: for a slider."""
        least = self._least_px_per_s()
        return min(1.0, max(0.0, log(self._state.scale.px_per_s / least) / log(MOST_PX_PER_S / least)))

    def set_zoom_level(self, level: float) -> None:
        """Zoom to a slider's 0..1 around the playhead, or the middle where it is out of sight."""
        least = self._least_px_per_s()
        wanted = least * (MOST_PX_PER_S / least) ** min(1.0, max(0.0, level))
        self._zoom(wanted / self._state.scale.px_per_s, self._zoom_centre())

    def scroll_to(self, time: Fraction) -> None:
        """Bring a time into sight; nothing moves where it already is."""
        start, end = self.visible_range
        if not start <= time < end:
            self._scroll_px(float(time) * self._state.scale.px_per_s - self._state.lane_width * 0.1)

    def set_visible_start(self, time: Fraction) -> None:
        """Let the lanes begin at a time."""
        self._scroll_px(float(time) * self._state.scale.px_per_s)

    # Inside

    def _relay(self) -> None:
        state = self._state
        state.width, state.height = self.viewport().width(), self.viewport().height()
        state.compact = state.height < state.theme.px(COMPACT_BELOW_PX) if self._compact is None else self._compact
        state.relay()
        bar = self.verticalScrollBar()
        bar.setRange(0, state.hidden_height)
        bar.setPageStep(max(1, state.height - state.metrics.top_height))
        bar.setSingleStep(SCROLL_PX // 2)
        self.viewport().update()

    def _update_line(self, time: Fraction) -> None:
        x, reach = round(self.x_at(time)), self._state.theme.px(8)
        self.viewport().update(QRect(x - reach, 0, 2 * reach + 1, self._state.height))

    def _select(self, ids: tuple[str, ...]) -> None:
        if ids != self._state.selection:
            self._state.select(ids)
            self.selection_changed.emit(ids)
            self.refresh()

    def _least_px_per_s(self) -> float:
        seconds = max(10.0, float(self._state.view.duration))
        return self._state.lane_width * 0.8 / seconds

    def _zoom_centre(self) -> float:
        x = self.x_at(self._state.playhead)
        inside = self._state.metrics.head_width <= x <= self._state.width
        return x if inside else self._state.metrics.head_width + self._state.lane_width / 2

    def _zoom(self, factor: float, at_x: float) -> None:
        self._state.scale = self._state.scale.zoomed(factor, at_x, self._least_px_per_s())
        self._must_fit = False
        self._ranged()

    def _scroll_px(self, offset: float) -> None:
        most = max(0.0, self._state.content_px - self._state.lane_width)
        wanted = min(max(0.0, offset), max(most, self._state.scale.offset_px))
        self._state.scale = replace(self._state.scale, offset_px=wanted)
        self._ranged()

    def _ranged(self) -> None:
        self.refresh()
        self.range_changed.emit()

    def _scrolled_rows(self, value: int) -> None:
        self._state.scroll_y = value
        self.refresh()

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

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(self._state.theme.px(960), self._state.metrics.top_height + max(120, self._state.rows.height))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._state.theme.px(320), self._state.theme.px(96))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        self.drawn_clips = paint_timeline(painter, self._state, self._thumbnails, self._peaks, event.rect())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._relay()
        if self._must_fit and self._state.view.duration > 0:
            self.zoom_to_fit()
        self.range_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._state.theme = theme_of(self)
            self._relay()
        super().changeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._hover(event.position().toPoint())
        self._perform(self._mouse.pressed(event.button(), _pointer(event)))
        if event.button() == Qt.MouseButton.MiddleButton:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() == Qt.MouseButton.NoButton:
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
        self.refresh()

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
        self.refresh()

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
        self.refresh()

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
        self.refresh()

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
            self.refresh()

    def _cursor_for(self, hit: Hit) -> Qt.CursorShape:
        track = next((track for track in self._state.view.tracks if track.id == hit.track_id), None)
        if hit.kind.is_edge and track is not None and not track.locked:
            return Qt.CursorShape.SizeHorCursor
        pointing = {HitKind.ANCHOR, HitKind.PLAN, HitKind.EYE, HitKind.PADLOCK, HitKind.CONFIDENCE}
        return Qt.CursorShape.PointingHandCursor if hit.kind in pointing else Qt.CursorShape.ArrowCursor

    # Drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if payload_of(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        payload = payload_of(event.mimeData())
        if payload is not None:
            point = event.position().toPoint()
            self._state.ghost = ghost_at(self._state, payload, point, self._drop_length(payload))
            event.acceptProposedAction()
            self.refresh()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._state.clear_overlays()
        self.refresh()

    def dropEvent(self, event: QDropEvent) -> None:
        payload = payload_of(event.mimeData())
        if payload is not None:
            point = event.position().toPoint()
            ghost = ghost_at(self._state, payload, point, self._drop_length(payload))
            event.acceptProposedAction()
            self._state.clear_overlays()
            self.refresh()
            self.media_dropped.emit(payload, ghost.track_id, ghost.start)


def _pointer(event: QMouseEvent) -> Pointer:
    held = event.modifiers()
    return Pointer(
        event.position().toPoint(),
        bool(held & Qt.KeyboardModifier.ControlModifier),
        bool(held & Qt.KeyboardModifier.ShiftModifier),
    )
