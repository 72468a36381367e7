"""The plate under everything written on the picture: the same in every theme, because the picture is not themed."""

from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.theme import DARK, Theme, theme_of

PLATE = QColor(0x0E, 0x0E, 0x0F, round(0.9 * 255))
EDGE = QColor(0xFF, 0xFF, 0xFF, 0x2E)
RADIUS = 4


def plate_theme() -> Theme:
    """The dark roles at the program's scale, for text and icons on a plate."""
    return replace(DARK, scale=theme_of().scale)


def paint_plate(painter: QPainter, rect: QRectF) -> None:
    """Paints a plate that fills `rect`; the caller has set antialiasing."""
    painter.setPen(QPen(EDGE, 1.0))
    painter.setBrush(PLATE)
    radius = plate_theme().px(RADIUS)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
