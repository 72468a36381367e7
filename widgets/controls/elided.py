"""A label for a name of any length: it never pushes its neighbours away, is cut in the middle, and its tool tip has all of it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

LEAST_CHARACTERS = 6


class ElidedLabel(QLabel):
    """`text()` stays the whole name, for the screen reader too; the ends tell files apart, so the middle goes first."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("n" * LEAST_CHARACTERS), super().minimumSizeHint().height())

    @property
    def shown(self) -> str:
        """What there is room for."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        flags, role = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.foregroundRole()
        self.style().drawItemText(painter, self.contentsRect(), flags, option.palette, self.isEnabled(), self.shown, role)
        painter.end()
