"""The timeline's dock: tools, the meaning of the plan's colours, zoom, the timeline itself; a place to drop while it is empty."""

from fractions import Fraction

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from editor.panels.timeline_looks import TimelineLooks
from editor.session import Tool
from widgets.controls import IconButton
from widgets.controls.fields import CalmSlider
from widgets.theme import font, theme_of
from widgets.timeline import EmptyTimeline, HitKind, Overview, Timeline, TimelineView

HEAD_PX, ZOOM_PX, ZOOM_STEPS = 36, 92, 1000
LEGEND = (("copy", "Copied"), ("cached", "Cached"), ("encode", "Encoded"))


class TimelinePanel(QFrame):
    """`timeline` reports gestures itself; here are the tools round it."""

    tool_chosen = Signal(object)  # Tool
    snapping_chosen = Signal(bool)
    blade_used = Signal(str, object)  # id of the view, time
    import_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self._is_empty = self._is_compact = False
        self.timeline = Timeline()
        self.select = IconButton("select", "Selection tool", "V", checkable=True)
        self.blade = IconButton("blade", "Blade tool: click a clip to cut it", "C", checkable=True)
        self.snap = IconButton("magnet", "Snapping", "N", checkable=True)
        self.zoom_out = IconButton("minus", "Zoom out", "-")
        self.zoom_in = IconButton("plus", "Zoom in", "=")
        self.fit = IconButton("fit", "Fit the timeline", "\\")
        self.zoom = CalmSlider(Qt.Orientation.Horizontal)
        self.legend = _Legend()
        self.overview = Overview(self.timeline)
        self.empty = EmptyTimeline("Drop a clip here. The first clip sets size and frame rate.", "Import media", "Ctrl+I")
        self._pages = QStackedWidget()
        self.looks = TimelineLooks("F8")
        self._lay_out()
        self._connect()
        self.set_tool(Tool.SELECT)
        self.set_snapping(True)
        self.set_view(TimelineView())

    def set_view(self, view: TimelineView) -> None:
        """Show a timeline; without a clip the place to drop one."""
        is_empty = not any(track.clips for track in view.tracks)
        self._pages.setCurrentWidget(self.empty if is_empty else self.timeline)
        if is_empty is not self._is_empty:
            self._is_empty = is_empty
            self._show_extras()
        self.timeline.set_view(view)
        for control in (self.select, self.blade, self.snap, self.zoom_in, self.zoom_out, self.zoom, self.fit, self.overview):
            control.setEnabled(not is_empty)

    def set_tool(self, tool: Tool) -> None:
        """Light a tool without reporting it."""
        self.select.setChecked(tool is not Tool.RAZOR)
        self.blade.setChecked(tool is Tool.RAZOR)
        if tool is Tool.RAZOR:
            self.timeline.viewport().setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.timeline.viewport().unsetCursor()

    def set_snapping(self, on: bool) -> None:
        """Light the magnet without reporting it."""
        self.snap.setChecked(on)
        self.timeline.set_snapping(on)

    # Inside

    def _lay_out(self) -> None:
        theme = theme_of(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._head = QFrame()
        self._head.setProperty("surface", "header")
        self._head.setFixedHeight(theme.px(HEAD_PX))
        row = QHBoxLayout(self._head)
        row.setContentsMargins(theme.px(8), 0, theme.px(8), 0)
        row.setSpacing(theme.px(4))
        rule = QFrame()
        rule.setProperty("surface", "rule")
        rule.setFixedSize(1, theme.px(16))
        row.addWidget(self.select)
        row.addWidget(self.blade)
        row.addSpacing(theme.px(4))
        row.addWidget(rule)
        row.addSpacing(theme.px(4))
        row.addWidget(self.snap)
        row.addSpacing(theme.px(8))
        row.addWidget(self.looks)
        row.addStretch(1)
        row.addWidget(self.legend)
        row.addSpacing(theme.px(12))
        row.addWidget(self.overview)
        row.addSpacing(theme.px(12))
        self.zoom.setRange(0, ZOOM_STEPS)
        self.zoom.setFixedWidth(theme.px(ZOOM_PX))
        self.zoom.setAccessibleName("Zoom of the timeline")
        self.zoom.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for widget in (self.zoom_out, self.zoom, self.zoom_in, self.fit):
            row.addWidget(widget)
        column.addWidget(self._head)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.timeline)
        column.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.select.clicked.connect(lambda: self._choose(Tool.SELECT))
        self.blade.clicked.connect(lambda: self._choose(Tool.RAZOR))
        self.snap.toggled.connect(self.timeline.set_snapping)
        self.snap.clicked.connect(self.snapping_chosen)
        self.zoom_in.clicked.connect(self.timeline.zoom_in)
        self.zoom_out.clicked.connect(self.timeline.zoom_out)
        self.fit.clicked.connect(self.timeline.zoom_to_fit)
        self.zoom.valueChanged.connect(lambda value: self.timeline.set_zoom_level(value / ZOOM_STEPS))
        self.timeline.range_changed.connect(self._follow_zoom)
        self.timeline.viewport().installEventFilter(self)
        self.empty.activated.connect(self.import_wished)

    def _choose(self, tool: Tool) -> None:
        self.set_tool(tool)
        self.tool_chosen.emit(tool)

    def _follow_zoom(self) -> None:
        self.zoom.blockSignals(True)
        self.zoom.setValue(round(self.timeline.zoom_level * ZOOM_STEPS))
        self.zoom.blockSignals(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """With the blade in hand a press on a clip cuts it."""
        if not self.blade.isChecked() or not isinstance(event, QMouseEvent):
            return False
        if event.type() != QEvent.Type.MouseButtonPress or event.button() != Qt.MouseButton.LeftButton:
            return False
        hit = self.timeline.hit_at(event.position().toPoint())
        if hit.kind not in {HitKind.CLIP, HitKind.CLIP_START, HitKind.CLIP_END}:
            return False
        time: Fraction = self.timeline.time_at(event.position().x())
        self.blade_used.emit(hit.id, time)
        return True

    def set_compact(self, compact: bool) -> None:
        """A small window has no legend and no overview."""
        self._is_compact = compact
        self._show_extras()

    def _show_extras(self) -> None:
        for extra in (self.legend, self.overview):
            extra.setVisible(not self._is_compact and not self._is_empty)
        for control in (self.zoom_out, self.zoom, self.zoom_in, self.fit):
            control.setVisible(not self._is_empty)


class _Legend(QWidget):
    """What a line, dashes and an orange bar mean."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Export plan: a line is copied, dashes are cached, a bar is encoded")

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(236), theme.px(20))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(theme, 12))
        x, middle = 0.0, self.height() / 2
        for kind, words in LEGEND:
            self._paint_mark(painter, kind, QPointF(x, middle))
            x += theme.px(22)
            painter.setPen(theme.color("t2"))
            width = painter.fontMetrics().horizontalAdvance(words)
            painter.drawText(QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
            x += width + theme.px(16)
        painter.end()

    def _paint_mark(self, painter: QPainter, kind: str, at: QPointF) -> None:
        theme = theme_of(self)
        length = theme.px(16)
        painter.setPen(Qt.PenStyle.NoPen)
        if kind == "copy":
            painter.fillRect(QRectF(at.x(), at.y() - 1, length, 2), theme.color("t2"))
        elif kind == "cached":
            for step in range(4):
                painter.fillRect(QRectF(at.x() + step * theme.px(4), at.y() - 3, theme.px(2), 6), theme.color("t2"))
        else:
            painter.setBrush(theme.color("ac"))
            painter.drawRoundedRect(QRectF(at.x(), at.y() - theme.px(5), length, theme.px(10)), 2, 2)

