"""The head of a panel: tabs with an underline at the left, tools at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QWidget

from widgets.theme import font, theme_of

HEIGHT_PX = 36


class PanelHeader(QFrame):
    """`PanelHeader(["Bin", "Gallery"])`; emits `tab_changed(int)` when the user chooses one. One tab is a title."""

    tab_changed = Signal(int)

    def __init__(self, tabs: Sequence[str], height: int = HEIGHT_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "header")
        self._height = height
        self._group = QButtonGroup(self)
        self._layout = QHBoxLayout(self)
        self._layout.setSpacing(0)
        for index, text in enumerate(tabs):
            self._layout.addWidget(self._tab(index, text), 0, Qt.AlignmentFlag.AlignBottom)
        self._layout.addStretch(1)
        self._group.buttons()[0].setChecked(True)
        self._size()

    @property
    def current(self) -> int:
        return self._group.checkedId()

    def set_current(self, index: int) -> None:
        """Light another tab without a signal."""
        self._group.button(index).setChecked(True)

    def add_tool(self, widget: QWidget) -> None:
        """Another control at the right end."""
        self._layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_height(self, height: int) -> None:
        """36 px, or 32 in a small window."""
        self._height = height
        self._size()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme_of(self).color("line"))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._size()
        super().changeEvent(event)

    def _tab(self, index: int, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("kind", "tab")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.tab_changed.emit(index))
        self._group.addButton(button, index)
        button.installEventFilter(self)
        return button

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A new style sheet reaches the tabs after this header, and gives them its own heights."""
        if event.type() == QEvent.Type.StyleChange:
            self._size()
        return False

    def _size(self) -> None:
        theme = theme_of(self)
        self.setFixedHeight(theme.px(self._height))
        self._layout.setContentsMargins(theme.px(12), 0, theme.px(8), 0)
        self._layout.setSpacing(theme.px(4))
        metrics = QFontMetrics(font(theme, 12, 600))
        for button in self._group.buttons():
            button.setFixedSize(metrics.horizontalAdvance(button.text()) + theme.px(2), theme.px(self._height) - 1)
            button.setContentsMargins(0, 0, 0, 0)
        for index in range(1, len(self._group.buttons())):
            self._group.button(index).setFixedWidth(self._group.button(index).width() + theme.px(12))
