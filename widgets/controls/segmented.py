"""A row of choices of which exactly one is lit: Result, Original, Split, Heatmap."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from widgets.theme import font, theme_of

PADDING_PX, FILLED_PADDING_PX = 13, 7
"""Beside a label; less is enough where the width is given."""


class SegmentedControl(QFrame):
    """`options` are (key, label) pairs; `chosen` carries the key of what the user chose. `fills`: equal shares of the width."""

    chosen = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], current: str = "", parent: QWidget | None = None,
                 *, fills: bool = False) -> None:  # fmt: skip
        super().__init__(parent)
        self._fills = fills
        self.setProperty("surface", "segments")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for key, label in options:
            layout.addWidget(self._make(key, label))
        self.set_current(current or options[0][0])
        self.widen()

    @property
    def current(self) -> str:
        """The key that is lit; empty where none is."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Light another key without a signal, or none with ""; an unknown one raises KeyError."""
        if key:
            self._buttons[key].setChecked(True)
            return
        self._group.setExclusive(False)
        for button in self._buttons.values():
            button.setChecked(False)
        self._group.setExclusive(True)

    def button(self, key: str) -> QPushButton:
        """The button of a key, for a tool tip or for disabling it with a reason."""
        return self._buttons[key]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.widen()
        super().changeEvent(event)

    def _make(self, key: str, label: str) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("kind", "segment")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.chosen.emit(key))
        self._group.addButton(button)
        self._buttons[key] = button
        return button

    def widen(self) -> None:
        """Each as wide as its bold label, so that nothing moves when the choice does. For whoever changes a label."""
        theme = theme_of(self)
        metrics = QFontMetrics(font(theme, 12, 600))
        for button in self._buttons.values():
            width = metrics.horizontalAdvance(button.text()) + 2 * theme.px(FILLED_PADDING_PX if self._fills else PADDING_PX)
            if self._fills:
                button.setMinimumWidth(width)
                button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            else:
                button.setFixedWidth(width)
