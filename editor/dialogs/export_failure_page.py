"""The page of an export that was not made: what happened, what it means, what to do, the code."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from editor.dialogs.sheet import foot
from editor.panels.parts import label
from engine.errors import PatchreelError
from widgets.controls import PrimaryButton, SecondaryButton
from widgets.theme import theme_of

WIDTH_PX = 560


class FailurePage(QWidget):
    """Emits what the user wants next."""

    again_wanted = Signal()
    change_wanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.hint = label("", "title", wraps=True), label("", "text", wraps=True)
        self.safe = label("Nothing was written. A file of that name is as it was, and so is your project.", "text", wraps=True)
        self.code = label("", "hint")
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button, self.change = SecondaryButton("Close"), SecondaryButton("Change the choices")
        self.again = PrimaryButton("Try again", "refresh")
        self._lay_out()
        self.close_button.clicked.connect(self.closed)
        self.change.clicked.connect(self.change_wanted)
        self.again.clicked.connect(self.again_wanted)

    def show_error(self, error: PatchreelError) -> None:
        """The sentence, what to do, the code."""
        self.text.setText(error.text)
        self.hint.setText(error.hint)
        self.hint.setVisible(bool(error.hint))
        self.code.setText(error.code)

    def _lay_out(self) -> None:
        theme = theme_of(self)
        middle = QWidget()
        middle.setFixedWidth(theme.px(WIDTH_PX))
        inner = QVBoxLayout(middle)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.px(8))
        inner.addStretch(2)
        for widget in (self.text, self.hint, self.safe, self.code):
            inner.addWidget(widget)
        inner.addStretch(3)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(middle)
        centred.addStretch(1)
        bottom, row = foot()
        row.addStretch(1)
        for button in (self.close_button, self.change, self.again):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(centred, 1)
        column.addWidget(bottom)
