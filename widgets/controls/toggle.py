"""A switch for something that is on or off at once, without an OK."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.theme import font, theme_of

WIDTH_PX, HEIGHT_PX, GAP_PX = 28, 16, 8


class Toggle(QAbstractButton):
    """A switch with an optional label at its right; emits `toggled(bool)`."""

    def __init__(self, text: str = "", on: bool = False, accessible: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(accessible or text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        label = QFontMetrics(font(theme, 12)).horizontalAdvance(self.text()) + theme.px(GAP_PX) if self.text() else 0
        return QSize(theme.px(WIDTH_PX) + label, theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        on, live = self.isChecked(), self.isEnabled()
        track = QRectF(0, 0, theme.px(WIDTH_PX), theme.px(HEIGHT_PX)).adjusted(0.75, 0.75, -0.75, -0.75)
        line = "td" if not live else "t1" if self.underMouse() else "t2" if on else "t3"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(line), 1.5))
        painter.setBrush(theme.color(line) if on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        self._paint_knob(painter, track, "bg2" if on else line)
        painter.setPen(theme.color("t1" if live else "td"))
        painter.setFont(font(theme, 12))
        label = QRect(theme.px(WIDTH_PX + GAP_PX), 0, self.width(), self.height())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()

    def _paint_knob(self, painter: QPainter, track: QRectF, role: str) -> None:
        theme = theme_of(self)
        side = theme.px(HEIGHT_PX - 6)
        left = track.right() - side - theme.px(2) if self.isChecked() else track.left() + theme.px(2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(role))
        painter.drawEllipse(QRectF(left, track.center().y() - side / 2, side, side))
