"""What an empty panel shows: one sentence, one button."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from widgets.controls.buttons import SecondaryButton
from widgets.icons import pixmap
from widgets.theme import theme_of


class EmptyState(QWidget):
    """Icon, sentence and button, centred; emits `activated`. Leave icon or button empty to go without."""

    activated = Signal()

    def __init__(self, icon_name: str, sentence: str, button: str = "", button_icon: str = "", key: str = "",
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self._icon_name = icon_name
        self._mark = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter)
        self._mark.setVisible(bool(icon_name))
        layout = QVBoxLayout(self)
        layout.setSpacing(theme_of(self).px(12))
        layout.addStretch(1)
        if icon_name:
            layout.addWidget(self._mark)
        self._sentence = QLabel(sentence, alignment=Qt.AlignmentFlag.AlignCenter)
        self._sentence.setProperty("role", "text")
        self._sentence.setWordWrap(True)
        layout.addWidget(self._sentence)
        if button:
            self.button = SecondaryButton(button, button_icon, key)
            self.button.clicked.connect(self.activated)
            layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self._dress()

    def set_sentence(self, text: str) -> None:
        """Another sentence."""
        self._sentence.setText(text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        if self._icon_name:
            theme = theme_of(self)
            self._mark.setPixmap(pixmap(self._icon_name, theme, "t3", theme.px(20), 3.0))
