"""The viewer's dock: name and frame, the four modes, zoom, tools of the region, the picture, change per frame, transport.

Shows what it is told and reports what the hand does; knows no project and no job.
"""

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from editor.caption_overlay import CaptionOverlay
from editor.panels.parts import label
from editor.panels.view_outputs import ViewOutputs
from engine.compositing.heatmap import STOPS
from widgets.change_chart import ChangeChart
from widgets.controls import ElidedLabel, IconButton, QuietButton, SegmentedControl
from widgets.diff_heatmap import HeatStop, Tag
from widgets.picture_handles import PictureHandles
from widgets.roi_canvas import TOOLS, RoiCanvas, ToolRail
from widgets.scopes import Scopes
from widgets.theme import theme_of
from widgets.transport import Transport
from widgets.viewer import HEATMAP, MODES, OUTPUTS, SPLIT, Viewer

HEAD_PX, COMPACT_HEAD_PX, COMPACT_CHART_PX = 36, 32, 84
SCOPES = "Waveform and histogram"


class ViewerPanel(QWidget):
    """`viewer`, `canvas`, `handles`, `chart` and `transport` are for the controllers; the rest is head and tools."""

    mode_chosen = Signal(str)
    tool_chosen = Signal(str)
    combine_changed = Signal(str)
    menu_wished = Signal(QPoint)  # a place of the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.viewer, self.canvas = Viewer(), RoiCanvas()
        self.chart, self.transport = ChangeChart(), Transport()
        self.handles, self.caption = PictureHandles(), CaptionOverlay()
        self.viewer.add_overlay(self.caption)  # below what the hand works with
        self.viewer.add_overlay(self.canvas)
        self.viewer.add_overlay(self.handles)
        self.viewer.set_heat_stops([HeatStop(value, colour) for value, colour in STOPS])
        self.modes = SegmentedControl([(mode, mode) for mode in MODES])
        self.outputs = ViewOutputs()
        self._name, self._frame, self._quality = ElidedLabel(), label("", "hint"), label("", "text")
        self._name.setProperty("role", "section")
        self._zoom = QuietButton("100 %", size="small")
        self._fit = IconButton("safe-area", "Show the whole picture")
        self.scopes, self.scopes_button = Scopes(self.viewer), IconButton("scopes", SCOPES, "Ctrl+Alt+S", checkable=True)
        self._note = Tag(self.viewer)
        self.rail = ToolRail()
        self._reviewing = self._compact = False
        self._lay_out()
        self._connect()
        self.chart.hide()
        self._note.hide()

    # For the owner

    def set_title(self, name: str, frame: str) -> None:
        """The clip's name and where in it we are: "frame 70 of 132"."""
        self._name.setText(name)
        self._frame.setText(frame)

    def title(self) -> tuple[str, str]:
        return self._name.text(), self._frame.text()

    def set_mode(self, mode: str) -> None:
        """Lights the mode that is seen; no signal."""
        self.modes.set_current(mode if mode in MODES else "")
        self.outputs.show_output(mode if mode in OUTPUTS else "")
        self._show_chart()

    def set_tool(self, tool: str) -> None:
        """Lights a tool and puts it into the hand: one of the canvas's tools or "hand"; no signal."""
        self.rail.set_tool(tool)
        self.viewer.set_hand(tool == "hand")
        self.canvas.set_tool(tool if tool in TOOLS else "select")

    def set_combine(self, combine: str) -> None:
        """What a drawn shape does to the region there is: "new", "add" or "subtract"."""
        self.canvas.set_combine(combine)  # type: ignore[arg-type]
        self.rail.set_combine(combine)  # type: ignore[arg-type]
        self.combine_changed.emit(combine)

    def set_note(self, bold: str, *plain: str) -> None:
        """A sentence at the left bottom of the picture; empty takes it away."""
        self._note.setVisible(bool(bold))
        if bold:
            self._note.set_parts(bold, plain, "info")
            self._place_note()

    def note(self) -> str:
        return self._note.accessibleName() if not self._note.isHidden() else ""

    def show_quality(self, is_quick: bool) -> None:
        """Whether the picture is what an export would hold, or a first look that it takes the place of."""
        self._quality.setText("First look" if is_quick else "Full quality")
        self._quality.setToolTip("A patch in it is shown from a quarter of its size until the frame is made" if is_quick else "")

    def set_scopes(self, shown: bool) -> None:
        """Shows or hides waveform and histogram; no signal."""
        self.scopes_button.setChecked(shown)
        self.scopes.setVisible(shown)
        self._place_note()

    def set_reviewing(self, reviewing: bool) -> None:
        """Shows or hides the change per frame."""
        self._reviewing = reviewing
        self._show_chart()

    def set_compact(self, compact: bool) -> None:
        """The lower bars of a small window; the frame number goes."""
        self._compact = compact
        self._head.setFixedHeight(theme_of(self).px(COMPACT_HEAD_PX if compact else HEAD_PX))
        if compact:
            self.chart.setFixedHeight(theme_of(self).px(COMPACT_CHART_PX))
        else:
            self.chart.setMinimumHeight(0)
            self.chart.setMaximumHeight(self.chart.sizeHint().height())
        self._show_chart()
        self._frame.setVisible(not compact)
        self._quality.setVisible(not compact)
        self.scopes_button.setVisible(not compact)
        self.transport.set_compact(compact)
        self.rail.set_compact(compact)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A right click on the picture, or beside it in the viewer."""
        if self.viewer.rect().contains(self.viewer.mapFromGlobal(event.globalPos())):
            self.menu_wished.emit(event.globalPos())
            event.accept()

    # Inside

    def _show_chart(self) -> None:
        """In a small window the picture comes first: the chart is for the views that compare."""
        compares = self.viewer.mode() in {SPLIT, HEATMAP, *OUTPUTS}
        self.chart.setVisible(self._reviewing and (compares or not self._compact))

    def _connect(self) -> None:
        self.modes.chosen.connect(self.mode_chosen)
        self.outputs.chosen.connect(self.mode_chosen)
        self.rail.tool_chosen.connect(self.tool_chosen)
        self.rail.combine_chosen.connect(self.set_combine)
        self.viewer.zoom_text_changed.connect(self._zoom.setText)
        self.viewer.shown_mode_changed.connect(self.set_mode)
        self.viewer.view_changed.connect(self._place_note)
        self._zoom.clicked.connect(self._toggle_full_size)
        self._fit.clicked.connect(self.viewer.zoom_fit)

    def _toggle_full_size(self) -> None:
        """100 %, or the whole picture where it is at 100 % already."""
        if abs(self.viewer.zoom() - 1) < 1e-6:
            self.viewer.zoom_fit()
        else:
            self.viewer.set_zoom(1.0)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head_row())
        stage = QHBoxLayout()
        stage.setSpacing(0)
        stage.addWidget(self.rail)
        stage.addWidget(self.viewer, 1)
        column.addLayout(stage, 1)
        column.addWidget(self.chart)
        column.addWidget(self.transport)

    def _head_row(self) -> QWidget:
        self._head = QFrame()
        self._head.setProperty("surface", "header")
        theme = theme_of(self)
        grid = QGridLayout(self._head)
        grid.setContentsMargins(theme.px(12), 0, theme.px(8), 0)
        where, right = QWidget(), QHBoxLayout()
        where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # a long name moves no mode off the middle
        left = QHBoxLayout(where)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(theme.px(8))
        for words in (self._name, self._frame):
            left.addWidget(words)
        left.addStretch(1)
        right.setSpacing(theme.px(4))
        right.addWidget(self.outputs)  # a name that comes and goes there moves no mode from under the hand
        right.addStretch(1)
        right.addWidget(self._quality)
        right.addSpacing(theme.px(8))
        for tool in (self._zoom, self._fit, self.scopes_button):
            right.addWidget(tool)
        self._zoom.setToolTip("Show each pixel of the picture on one of the screen (100 %)")
        self._zoom.setAccessibleName("Zoom")
        grid.addWidget(where, 0, 0)
        grid.setHorizontalSpacing(theme.px(4))
        grid.addWidget(self.modes, 0, 1)
        grid.addLayout(right, 0, 2)
        for place in (0, 2):
            grid.setColumnStretch(place, 1)
        self._head.setFixedHeight(theme.px(HEAD_PX))
        return self._head

    def _place_note(self) -> None:
        """The note at the left foot of the picture, the scopes above it."""
        seen = self.viewer.image_rect().intersected(self.viewer.rect().toRectF())
        inset = theme_of(self).px(12)
        self._note.move(round(seen.left()) + inset, round(seen.bottom()) - inset - self._note.height())
        self._note.raise_()
        room = self._note.height() + inset // 2 if not self._note.isHidden() else 0
        self.scopes.move(round(seen.left()) + inset, round(seen.bottom()) - inset - room - self.scopes.height())
        self.scopes.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_note()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._place_note()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme_of(self).px(420), theme_of(self).px(240))
