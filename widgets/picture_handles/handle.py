"""One handle on the picture: a crosshair or a corner, moved by the mouse and by the arrow keys. Knows screen pixels only."""

from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.theme import theme_of

Grip = Literal["source", "corner"]

SIDE_PX, RING_PX, CORNER_PX = 28, 8, 5
BIG_STEP = 10
BLACK, WHITE = QColor(0, 0, 0), QColor(255, 255, 255)
STEPS = {
    Qt.Key.Key_Left: QPoint(-1, 0), Qt.Key.Key_Right: QPoint(1, 0), Qt.Key.Key_Up: QPoint(0, -1), Qt.Key.Key_Down: QPoint(0, 1),
}  # fmt: skip
RESETTING = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}


class Handle(QWidget):
    """`dragged(way)`: widget pixels the pointer went since the press; `stepped(way)`: arrow keys, in picture pixels."""

    pressed = Signal()
    dragged = Signal(QPointF)
    stepped = Signal(QPoint)
    released = Signal()
    cancelled = Signal()
    reset_wanted = Signal()

    def __init__(self, grip: Grip, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._grip, self._is_set = grip, True
        self._start: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        side = theme_of(self).px(SIDE_PX)
        return QSize(side, side)

    def put(self, centre: QPointF, description: str, *, is_set: bool) -> None:
        """Where its middle lies on the parent; what is not set yet is drawn faintly."""
        self._is_set = is_set
        self.setAccessibleDescription(description)
        self.setToolTip(f"{self.accessibleName()}. {description}" if description else self.accessibleName())
        self.move((centre - QPointF(self.width() / 2, self.height() / 2)).toPoint())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._start = event.globalPosition()
        self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self.dragged.emit(event.globalPosition() - self._start)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is not None and event.button() == Qt.MouseButton.LeftButton:
            self._start = None
            self.released.emit()

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._wants(event):
            event.accept()  # else the program's own shortcuts would take the key first
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._wants(event):
            event.ignore()
        elif key in STEPS:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(STEPS[key] * (BIG_STEP if shift else 1))
        elif key in RESETTING:
            self.reset_wanted.emit()
        else:
            self._start = None
            self.cancelled.emit()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS and not event.isAutoRepeat():
            self.released.emit()
        event.ignore()

    def _wants(self, event: QKeyEvent) -> bool:
        free = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if free:
            return False
        is_escape = event.key() == Qt.Key.Key_Escape and self._start is not None
        return event.key() in STEPS or event.key() in RESETTING or is_escape

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.released.emit()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        """White over black, so that it is seen on any picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit, middle = theme_of(self).scale, QRectF(self.rect()).center()
        painter.setOpacity(1.0 if self._is_set or self.hasFocus() or self.underMouse() else 0.75)
        for colour, width in ((BLACK, 3.5), (WHITE, 1.5)):
            painter.setPen(QPen(colour, width * unit))
            if self._grip == "corner":
                painter.setBrush(WHITE if colour is WHITE else BLACK)
                painter.drawEllipse(middle, CORNER_PX * unit, CORNER_PX * unit)
            else:
                _paint_crosshair(painter, middle, unit)
        painter.end()


def _paint_crosshair(painter: QPainter, middle: QPointF, unit: float) -> None:
    ring, reach, gap = RING_PX * unit, (RING_PX + 4) * unit, 3 * unit
    painter.drawEllipse(middle, ring, ring)
    for way in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
        painter.drawLine(middle + way * gap, middle + way * reach)
