"""The views beside the four: where the patch lies, what it adds and takes away, how much it changes. One button with a menu."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.compositing.outputs import GAINS
from widgets.controls import IconButton, Menu, QuietButton
from widgets.viewer import OUTPUTS

WORDS = {
    "Location": "Location: where the patch lies", "Difference": "Difference: what it adds and takes away",
    "Magnitude": "Magnitude: how much it changes",
}  # fmt: skip


class ViewOutputs(QWidget):
    """Only an arrow until one of them is seen; then its name is beside the arrow, lit."""

    chosen = Signal(str)
    gain_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QuietButton("", size="small")
        self.arrow = IconButton("chevron-down", "More views: Location, Difference, Magnitude", "Shift+D", size=24)
        self.menu = Menu("More views", self)
        self.menu.setAccessibleName("More views")
        self._outputs, self._gains = QActionGroup(self), QActionGroup(self)
        for output in OUTPUTS:
            self._added(self._outputs, WORDS[output], output).triggered.connect(lambda _=False, key=output: self.chosen.emit(key))
        self.menu.addSeparator()
        for gain in GAINS:
            words = "As strong as it is" if gain == 1 else f"{gain} times as strong"
            self._added(self._gains, words, gain).triggered.connect(lambda _=False, value=gain: self.gain_chosen.emit(value))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.name)
        line.addWidget(self.arrow)
        self.name.setCheckable(True)
        self.name.setChecked(True)
        self.name.setProperty("kind", "segment")
        self.name.setToolTip("Another of these views, and how strongly it is shown")
        for button in (self.name, self.arrow):
            button.clicked.connect(self._open)
        self.show_output("")
        self.show_gain(GAINS[1])

    def show_output(self, output: str) -> None:
        """Which of them is seen; empty for none."""
        self.name.setText(output)
        self.name.setAccessibleName(f"View: {output}")
        self.name.setVisible(bool(output))
        _check(self._outputs, output)

    def show_gain(self, gain: int) -> None:
        """How strongly differences are shown."""
        _check(self._gains, gain)

    def _added(self, group: QActionGroup, words: str, value: object) -> QAction:
        action = self.menu.addAction(words)
        action.setCheckable(True)
        action.setData(value)
        group.addAction(action)
        return action

    def _open(self) -> None:
        self.name.setChecked(True)
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height())))


def _check(group: QActionGroup, value: object) -> None:
    group.setExclusive(False)
    for action in group.actions():
        action.setChecked(action.data() == value)
    group.setExclusive(True)
