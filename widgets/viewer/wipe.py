"""The line between two pictures with its round grip: dragged by mouse, moved by arrows. Knows no picture."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.theme import theme_of

GRIP = 30
GRIP_FROM_TOP = 0.88
STEP = 0.01
BIG_STEP = 0.1
KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}
KEYS = {
    Qt.Key.Key_Left: -STEP,
    Qt.Key.Key_Right: STEP,
    Qt.Key.Key_PageDown: -BIG_STEP,
    Qt.Key.Key_PageUp: BIG_STEP,
    Qt.Key.Key_Home: -1.0,
    Qt.Key.Key_End: 1.0,
}


class Wipe(QWidget):
    """Lies over the line, as wide as the grip and as high as the picture. Reports, and is placed by its owner."""

    dragged = Signal(float)  # the line's new x in the owner's coordinates
    stepped = Signal(float)  # a change of the share 0..1, from the keyboard

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName("Wipe between two pictures")
        self.setToolTip("Drag to compare. Left and Right move it.")
        self._grabbed_at: float | None = None
        self._focus_seen = False
        self.setProperty("no_focus_ring", True)  # round the grip instead, not round the whole line

    def width_px(self) -> int:
        """The width to give this widget: an even number, so the line is in its middle."""
        return theme_of(self).px(GRIP) // 2 * 2 + 6

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._grabbed_at = event.position().x() - self.width() / 2

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed_at is None:
            event.ignore()
            return
        self.dragged.emit(self.x() + event.position().x() - self._grabbed_at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grabbed_at is None:
            event.ignore()
        self._grabbed_at = None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()  # else the arrows would step frames while the grip has the focus
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = KEYS.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
            return
        self.stepped.emit(step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_seen = event.reason() in KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_seen = False
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.width() / 2
        painter.fillRect(QRectF(middle - 2, 0, 4, self.height()), Qt.GlobalColor.black)
        painter.fillRect(QRectF(middle - 1, 0, 2, self.height()), Qt.GlobalColor.white)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(middle, self.height() * GRIP_FROM_TOP)
        radius = theme_of(self).px(GRIP) / 2 - 1
        if self._focus_seen:
            painter.setPen(QPen(theme_of(self).color("focus"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, radius + 2.5, radius + 2.5)
        painter.setPen(QPen(QColor(0, 0, 0), 1.5))
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawEllipse(centre, radius, radius)
        _paint_arrows(painter, centre, radius * 0.45)
        painter.end()


def _paint_arrows(painter: QPainter, centre: QPointF, reach: float) -> None:
    painter.setPen(QPen(QColor(0x17, 0x17, 0x1A), 1.5, c=Qt.PenCapStyle.RoundCap))
    head = reach * 0.45
    painter.drawLine(centre - QPointF(reach, 0), centre + QPointF(reach, 0))
    for side in (-1, 1):
        tip = centre + QPointF(side * reach, 0)
        painter.drawLine(tip, tip + QPointF(-side * head, head))
        painter.drawLine(tip, tip + QPointF(-side * head, -head))
