"""The column of tools beside the viewer: one lit, what a drawn shape does to the region, and the hand at the foot."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from widgets.controls import IconButton
from widgets.roi_canvas.editing import Combine
from widgets.theme import theme_of

WIDTH = 36
TOOL_LOOKS: dict[str, tuple[str, str, str]] = {
    "select": ("select", "Select", "V"),
    "box": ("box", "Box region", "R"),
    "lasso": ("lasso", "Lasso region", "Shift+R"),
    "ellipse": ("ellipse", "Ellipse region", "E"),
    "brush": ("brush", "Brush region", "B"),
    "hand": ("hand", "Hand, moves the picture. Space held does the same", ""),
}
DRAWING = {"box", "lasso", "ellipse", "brush"}
COMBINE_LOOKS: dict[Combine, tuple[str, str, str]] = {
    "add": ("region-add", "Add to the region", "Shift+A"),
    "subtract": ("region-subtract", "Take away from the region", "Shift+X"),
}
INVERT = ("invert", "Invert the region", "Ctrl+Shift+I")
FIT = ("fit-edges", "Fit to edges", "Shift+F")
NO_REGION = "There is no region on this frame"
FITTING = "Looking for the edges of the picture. Press again to stop"


class ToolRail(QWidget):
    """Shows what `set_tool`, `set_combine` and `set_region_in_hand` say; a click only asks."""

    tool_chosen = Signal(str)
    combine_chosen = Signal(str)  # "new" when the lit one was pressed again
    invert_wanted = Signal()
    fit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools = {tool: IconButton(*look, checkable=True) for tool, look in TOOL_LOOKS.items()}
        self._combines = {how: IconButton(*look, checkable=True) for how, look in COMBINE_LOOKS.items()}
        self._invert, self._fit = IconButton(*INVERT, checkable=True), IconButton(*FIT)
        self._combine: Combine = "new"
        self._tool = "select"
        self._is_inverted = self._in_hand = self._is_fitting = False
        self._column = QVBoxLayout(self)
        self._lay_out()
        self._dress()
        for tool, button in self._tools.items():
            button.clicked.connect(lambda _checked=False, asked=tool: self._ask_tool(asked))
        for how, button in self._combines.items():
            button.clicked.connect(lambda _checked=False, asked=how: self._ask_combine(asked))
        self._invert.clicked.connect(self._ask_invert)
        self._fit.clicked.connect(lambda: self.fit_wanted.emit())
        self.setAccessibleName("Region tools")
        self.set_tool("select")
        self.set_region_in_hand(False)

    def set_tool(self, tool: str) -> None:
        """Lights one of the canvas's tools, or "hand", without reporting it."""
        self._tool = tool
        for name, button in self._tools.items():
            button.setChecked(name == tool)
        self._enable()

    def set_combine(self, combine: Combine) -> None:
        """Lights "add" or "subtract", or neither for "new"."""
        self._combine = combine
        for name, button in self._combines.items():
            button.setChecked(name == combine)

    def set_region_in_hand(self, in_hand: bool, *, is_inverted: bool = False) -> None:
        """Whether there is a region that can be inverted and fitted, and whether it is inverted."""
        self._in_hand, self._is_inverted = in_hand, is_inverted
        self._invert.setChecked(is_inverted)
        self._enable()

    def set_fitting(self, is_fitting: bool) -> None:
        """While the edges are looked for, its button stops that."""
        self._is_fitting = is_fitting
        self._enable()

    def set_compact(self, compact: bool) -> None:
        """In a small window the hand goes: Space held does the same."""
        self._tools["hand"].setHidden(compact)

    def button(self, name: str) -> IconButton:
        """A tool by its name, or "add", "subtract", "invert", "fit"."""
        buttons: dict[str, IconButton] = dict((*self._tools.items(), *self._combines.items()))
        return {**buttons, "invert": self._invert, "fit": self._fit}[name]

    def _enable(self) -> None:
        for combine in self._combines.values():
            combine.setEnabled(self._tool in DRAWING or self._in_hand)
        self._invert.setEnabled(self._in_hand)
        self._fit.setEnabled(self._in_hand)
        for button, look in ((self._invert, INVERT), (self._fit, FIT)):
            why = FITTING if button is self._fit and self._is_fitting else "" if self._in_hand else NO_REGION
            button.set_tooltip(f"{look[1]}. {why}" if why else look[1])

    def _ask_tool(self, tool: str) -> None:
        self.set_tool(self._tool)  # lit by whoever decides, not by the click
        self.tool_chosen.emit(tool)

    def _ask_combine(self, how: Combine) -> None:
        self.set_combine(self._combine)
        self.combine_chosen.emit("new" if how == self._combine else how)

    def _ask_invert(self) -> None:
        self._invert.setChecked(self._is_inverted)
        self.invert_wanted.emit()

    def _lay_out(self) -> None:
        self._column.setSpacing(4)
        for name in ("select", "box", "lasso", "ellipse", "brush"):
            self._column.addWidget(self._tools[name])
        rule = QFrame()
        rule.setProperty("surface", "rule")
        rule.setFixedHeight(1)
        self._column.addWidget(rule)
        for button in (*self._combines.values(), self._invert, self._fit):
            self._column.addWidget(button)
        self._column.addStretch(1)
        self._column.addWidget(self._tools["hand"])

    def _dress(self) -> None:
        theme = theme_of(self)
        self.setFixedWidth(theme.px(WIDTH))
        margin = theme.px(4)
        self._column.setContentsMargins(margin, margin, margin, margin)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg2"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme.color("line"))
        painter.end()
