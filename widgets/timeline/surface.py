"""The part of the timeline that only shows: a view at a zoom and a scroll, painted. Nothing here reacts to the hand."""

from dataclasses import replace
from fractions import Fraction
from math import log

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from widgets.theme import theme_of
from widgets.timeline.painting import RowPictures, paint_timeline
from widgets.timeline.rows import Row
from widgets.timeline.scale import MOST_PX_PER_S
from widgets.timeline.state import State
from widgets.timeline.values import Peaks, Thumbnails, TimelineView

ZOOM_STEP = 1.25
ROW_STEP_PX = 30
LEAD_SHARE = 0.1
"""Where on the lanes the playhead comes to stand when it has left them."""
COMPACT_BELOW_PX = 280


class Surface(QAbstractScrollArea):
    """Shows a `TimelineView`. Zoom and scroll are its own; the playhead is set from outside."""

    range_changed = Signal()  # zoom or scroll changed
    view_changed = Signal()  # another view is shown

    def __init__(self, thumbnails: Thumbnails | None = None, peaks: Peaks | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self._thumbnails: Thumbnails = thumbnails or (lambda clip_id, time: None)
        self._peaks: Peaks = peaks or (lambda clip_id, start, end, columns: None)
        self._state = State(theme=theme_of(self))
        self._pictures = RowPictures()
        self._must_fit = True
        self._compact: bool | None = None
        self.drawn_clips = 0  # by the latest paint event: what "only what can be seen" is measured by
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().valueChanged.connect(self._scrolled_rows)

    @property
    def view(self) -> TimelineView:
        return self._state.view

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as laid out, from the top."""
        return self._state.rows.rows

    @property
    def playhead(self) -> Fraction:
        return self._state.playhead

    @property
    def visible_range(self) -> tuple[Fraction, Fraction]:
        """The times at the left and right edge of the lanes."""
        return self.time_at(self._state.metrics.head_width), self.time_at(self._state.width)

    def set_view(self, view: TimelineView) -> None:
        """Show another view; zoom, scroll and playhead stay. The first one after an empty one is fitted."""
        self._state.view = view
        self._must_fit = self._must_fit or view.duration == 0
        self._relay()
        self._fit_first()
        self.view_changed.emit()

    def set_playhead(self, time: Fraction) -> None:
        """Move the line; repaints only the two places, unless it leaves what is seen, which then turns to it like a page."""
        if time != self._state.playhead:
            before = self._state.playhead
            self._state.playhead = time
            self._update_line(before)
            self._update_line(time)
            self._keep_in_sight(before)

    @property
    def is_held(self) -> bool:
        """Whether a hand holds the content, which then moves only as the hand wants."""
        return False

    def set_sources(self, thumbnails: Thumbnails, peaks: Peaks) -> None:
        """Where pictures and waves come from; both must return at once."""
        self._thumbnails, self._peaks = thumbnails, peaks
        self.refresh()

    def set_compact(self, compact: bool | None) -> None:
        """The low rows of a small window, or None to choose by the height of the widget."""
        self._compact = compact
        self._relay()

    def refresh(self) -> None:
        """Paint again, for pictures or waves that have arrived."""
        self._pictures.forget()
        self._repaint()

    def x_at(self, time: Fraction) -> float:
        """The viewport x of a time."""
        return self._state.scale.x_at(time)

    def time_at(self, x: float) -> Fraction:
        """The time under a viewport x, to the microsecond, at least 0."""
        return self._state.scale.time_at(x)

    def rect_of(self, item_id: str) -> QRect:
        """Where a clip or patch lies in the viewport; empty for an unknown id."""
        return self._state.rect_of(item_id)

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

    def sizeHint(self) -> QSize:
        return QSize(self._state.theme.px(960), self._state.metrics.top_height + max(120, self._state.rows.height))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._state.theme.px(320), self._state.theme.px(96))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        self.drawn_clips = paint_timeline(
            painter, self._state, self._thumbnails, self._peaks, event.rect(), self._pictures
        )
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._relay()
        self._fit_first()
        self.range_changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_first()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._state.theme = theme_of(self)
            self._relay()
        super().changeEvent(event)

    def _fit_first(self) -> None:
        if self._must_fit and self._state.view.duration > 0 and self.isVisible():
            self.zoom_to_fit()

    def _relay(self) -> None:
        state = self._state
        state.width, state.height = self.viewport().width(), self.viewport().height()
        state.compact = state.height < state.theme.px(COMPACT_BELOW_PX) if self._compact is None else self._compact
        state.relay()
        bar = self.verticalScrollBar()
        bar.setRange(0, state.hidden_height)
        bar.setPageStep(max(1, state.height - state.metrics.top_height))
        bar.setSingleStep(ROW_STEP_PX)
        self.viewport().update()

    def _update_line(self, time: Fraction) -> None:
        x, reach = round(self.x_at(time)), self._state.theme.px(8)
        self.viewport().update(QRect(x - reach, 0, 2 * reach + 1, self._state.height))

    def _keep_in_sight(self, before: Fraction) -> None:
        """Whoever scrolled away while it plays is not called back; a jump of more than a second always shows where it went."""
        time, state = self._state.playhead, self._state
        if self.is_held or self._is_seen(time) or not (self._is_seen(before) or abs(time - before) > 1):
            return
        share = LEAD_SHARE if time > before else 1 - LEAD_SHARE
        self._scroll_px(float(time) * state.scale.px_per_s - share * state.lane_width)

    def _is_seen(self, time: Fraction) -> bool:
        return self._state.metrics.head_width <= self.x_at(time) < self._state.width

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
        self._repaint()
        self.range_changed.emit()

    def _scrolled_rows(self, value: int) -> None:
        self._state.scroll_y = value
        self._repaint()

    def _repaint(self) -> None:
        self.viewport().update()
