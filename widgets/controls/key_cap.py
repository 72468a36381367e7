"""Paints the name of a key in a small frame, on buttons, chips and tool tips."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from widgets.palettes import Theme
from widgets.theme import font

HEIGHT_PX, PADDING_PX = 16, 4


def cap_width(theme: Theme, key: str) -> int:
    """Width of a key cap in logical pixels."""
    return QFontMetrics(font(theme, 11)).horizontalAdvance(key) + 2 * theme.px(PADDING_PX)


def paint_cap(painter: QPainter, theme: Theme, key: str, x: int, height: int, role: str) -> None:
    """A key cap from `x`, centred in a line `height` high, edge and text in the colour of `role`."""
    side = theme.px(HEIGHT_PX)
    box = QRectF(x + 0.5, (height - side) // 2 + 0.5, cap_width(theme, key) - 1, side - 1)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color(role, 0.75), 1))
    painter.drawRoundedRect(box, 2, 2)
    painter.setFont(font(theme, 11))
    painter.setPen(theme.color(role))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)
    painter.restore()
