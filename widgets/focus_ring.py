"""When a painted widget shows its focus ring, and how: only for focus that came from the keyboard."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen

from widgets.palettes import Theme

WIDTH = 2.0
KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


def came_by_key(event: QFocusEvent) -> bool:
    """Whether a focusInEvent came from Tab or a shortcut; a click shows no ring."""
    return event.reason() in KEYBOARD


def paint_ring(painter: QPainter, rect: QRectF, theme: Theme, radius: float = 0.0) -> None:
    """A 2 px ring just inside `rect`."""
    painter.setPen(QPen(theme.color("focus"), WIDTH))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = rect.adjusted(WIDTH / 2, WIDTH / 2, -WIDTH / 2, -WIDTH / 2)
    painter.drawRoundedRect(inner, radius, radius)
