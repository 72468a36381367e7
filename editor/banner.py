"""A line under the top bar for what stays true while it is shown: this project is read only."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from widgets.icons import pixmap
from widgets.theme import theme_of

HEIGHT_PX = 32


class Banner(QFrame):
    """`show_text` with an empty text takes it away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "banner")
        self._mark, self._words = QLabel(), QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        theme = theme_of(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        self._dress()
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def show_text(self, text: str) -> None:
        """Show a sentence, or nothing."""
        self._words.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._dress()

    def _dress(self) -> None:
        theme = theme_of(self)
        self.setFixedHeight(theme.px(HEIGHT_PX))
        self._mark.setPixmap(pixmap("warning", theme, "am", theme.px(16), 3.0))
