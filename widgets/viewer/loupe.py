"""The loupe: a few pixels of the picture, each as a square, with their place and their values. Knows images, no viewer.

    +-----------+
    |  pixels   |   x 812, y 430      8 x
    |    [ ]    |   Before  120  98  77
    +-----------+   After   131 101  80
"""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap.plate import paint_plate, plate_theme
from widgets.theme import font

FACTORS = (4, 8, 16)
SIDE_PX, PADDING_PX, LINE_PX = 160, 8, 16
STEPS = {
    Qt.Key.Key_Left: QPoint(-1, 0), Qt.Key.Key_Right: QPoint(1, 0), Qt.Key.Key_Up: QPoint(0, -1), Qt.Key.Key_Down: QPoint(0, 1),
}  # fmt: skip
BIG_STEP = 10
STRONGER, WEAKER = {Qt.Key.Key_Plus, Qt.Key.Key_Equal}, {Qt.Key.Key_Minus}
CLOSING = {Qt.Key.Key_Escape, Qt.Key.Key_Z}


@dataclass(frozen=True, slots=True)
class Look:
    """What the loupe shows: a pixel of the shown image, and its values by name."""

    image: QImage
    at: QPoint
    values: tuple[tuple[str, QColor], ...]


class Loupe(QWidget):
    """A plate that lets the mouse through. With the focus: arrows step by a pixel, Shift by ten, + and - magnify, Esc closes."""

    stepped = Signal(QPoint)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._factor = FACTORS[1]
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Loupe")
        self.hide()

    def show_look(self, look: Look) -> None:
        """Another pixel, or another picture."""
        self._look = look
        self.setAccessibleDescription(self.words())
        self.resize(self.sizeHint())
        self.update()

    def factor(self) -> int:
        return self._factor

    def magnify(self, direction: int) -> None:
        """The next stronger (> 0) or weaker magnification."""
        place = FACTORS.index(self._factor) + direction
        self._factor = FACTORS[min(len(FACTORS) - 1, max(0, place))]
        if self._look is not None:
            self.show_look(self._look)

    def words(self) -> str:
        """The read-out in one line."""
        if self._look is None:
            return ""
        values = "; ".join(f"{name} {_triple(colour)}" for name, colour in self._look.values)
        return f"x {self._look.at.x()}, y {self._look.at.y()}; {values}; {self._factor} times"

    def sizeHint(self) -> QSize:
        theme = plate_theme()
        lines = 1 + (len(self._look.values) if self._look else 1)
        side, pad = theme.px(SIDE_PX), theme.px(PADDING_PX)
        return QSize(side + 2 * pad, side + 2 * pad + lines * theme.px(LINE_PX) + theme.px(4))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._look is None:
            return
        theme = plate_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_plate(painter, QRectF(self.rect()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pad, side = theme.px(PADDING_PX), theme.px(SIDE_PX)
        self._paint_pixels(painter, QRect(pad, pad, side, side))
        self._paint_words(painter, QRect(pad, pad + side + theme.px(4), side, theme.px(LINE_PX)))
        painter.end()

    def _paint_pixels(self, painter: QPainter, area: QRect) -> None:
        """Whole squares; beyond the picture it is black."""
        look = self._look
        assert look is not None
        across = area.width() // self._factor
        cell = area.width() / across
        source = QRect(look.at - QPoint(across // 2, across // 2), QSize(across, across))
        painter.fillRect(area, Qt.GlobalColor.black)
        inside = source.intersected(look.image.rect())
        target = QRectF(
            area.x() + (inside.x() - source.x()) * cell, area.y() + (inside.y() - source.y()) * cell,
            inside.width() * cell, inside.height() * cell,
        )  # fmt: skip
        painter.drawImage(target, look.image, QRectF(inside))
        middle = QRectF(area.x() + across // 2 * cell, area.y() + across // 2 * cell, cell, cell)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((Qt.GlobalColor.black, 3.0), (Qt.GlobalColor.white, 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(middle.adjusted(-1, -1, 1, 1))

    def _paint_words(self, painter: QPainter, line: QRect) -> None:
        look, theme = self._look, plate_theme()
        assert look is not None
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(theme, 11, 600))
        painter.setPen(theme.color("t1"))
        painter.drawText(line, left | middle, f"x {look.at.x()}  y {look.at.y()}")
        painter.setFont(font(theme, 11))
        painter.setPen(theme.color("t2"))
        painter.drawText(line, right | middle, f"{self._factor} ×")
        column = QFontMetrics(painter.font()).horizontalAdvance("000") + theme.px(6)
        for name, colour in look.values:
            line = line.translated(0, line.height())
            painter.setPen(theme.color("t2"))
            painter.drawText(line, left | middle, name)
            painter.setPen(theme.color("t1"))
            for place, value in enumerate((colour.blue(), colour.green(), colour.red())):
                painter.drawText(line.adjusted(0, 0, -place * column, 0), right | middle, str(value))

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._wants(event):
            event.ignore()
        elif key in STEPS:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(STEPS[key] * (BIG_STEP if shift else 1))
        elif key in CLOSING:
            self.closed.emit()
        else:
            self.magnify(1 if key in STRONGER else -1)

    def _wants(self, event: QKeyEvent) -> bool:
        free = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        is_closing = event.key() in CLOSING and event.modifiers() == Qt.KeyboardModifier.NoModifier
        return not free and (event.key() in STEPS or event.key() in STRONGER | WEAKER or is_closing)


def _triple(colour: QColor) -> str:
    return f"{colour.red()} {colour.green()} {colour.blue()}"
