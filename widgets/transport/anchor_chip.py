"""The orange chip that says the playhead stands on an anchor frame; a click asks for what belongs to it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from widgets.icons import pixmap
from widgets.theme import font, theme_of

TEXT = "Anchor"
HEIGHT, PADDING, GAP, ICON = 18, 6, 5, 10


class AnchorChip(QAbstractButton):
    """Icon and word on a tint, 18 px high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(TEXT)
        self.setAccessibleName("On an anchor frame")
        self.setToolTip("The playhead stands on an anchor frame of this patch")

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        text = QFontMetricsF(font(theme, 11, 500)).horizontalAdvance(TEXT)
        return QSize(round(2 * theme.px(PADDING) + theme.px(ICON) + theme.px(GAP) + text), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("ac", 1.0 if theme.has_borders else 0.5), 1.0))
        painter.setBrush(theme.color("acs"))
        painter.drawRoundedRect(rect, theme.px(3), theme.px(3))
        size = theme.px(ICON)
        drawing = pixmap("anchor", theme, "ac", size, self.devicePixelRatioF())
        painter.drawPixmap(theme.px(PADDING), (self.height() - size) // 2, drawing)
        painter.setFont(font(theme, 11, 500))
        painter.setPen(theme.color("act"))
        words = self.rect().adjusted(theme.px(PADDING) + size + theme.px(GAP), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, TEXT)
        painter.end()
