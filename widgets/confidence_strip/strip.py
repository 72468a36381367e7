"""One bar per frame of a patch: low and green where it holds, middle and amber to check, full and red if doubtful.

Knows bars and a current frame; not what made the confidence.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.confidence_strip.bars import ConfidenceBar, Level, bar_at, paint_bars, summary, worst_index
from widgets.theme import theme_of

HEIGHT = 20
WORDS: dict[Level, str] = {"green": "holds", "amber": "check", "red": "doubtful"}


class ConfidenceStrip(QWidget):
    """A click or Enter asks for a frame; Left and Right go from one frame that needs a look to the next."""

    frame_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[ConfidenceBar, ...] = ()
        self._current: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Confidence per frame")
        self.set_bars(())

    def set_bars(self, bars: Sequence[ConfidenceBar]) -> None:
        """Shows these frames, in order."""
        self._bars = tuple(bars)
        self.setAccessibleDescription(summary(self._bars))
        self.update()

    def set_current(self, frame: int | None) -> None:
        """The frame the playhead is on; the arrow keys start there."""
        self._current = frame

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(200), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(40), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("lane"))
        paint_bars(painter, QRectF(self.rect()), self._bars, theme)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = bar_at(self._bars, self.width(), event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self.frame_chosen.emit(self._bars[index].frame)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            found = self._neighbour(1 if key == Qt.Key.Key_Right else -1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            found = worst_index(self._bars)
        else:
            event.ignore()
            return
        if found is not None:
            self._current = self._bars[found].frame
            self.frame_chosen.emit(self._current)

    def event(self, event: QEvent) -> bool:
        keys = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter}
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in keys and not event.modifiers():
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos()).x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """What the tooltip says there."""
        index = bar_at(self._bars, self.width(), x)
        if index is None:
            return summary(self._bars)
        bar = self._bars[index]
        return f"Frame {bar.frame}: {WORDS[bar.level]}, confidence {bar.confidence:.2f}. {summary(self._bars)}."

    def _neighbour(self, direction: int) -> int | None:
        start = self._current if self._current is not None else (-1 if direction > 0 else 1 << 60)
        order = range(len(self._bars)) if direction > 0 else reversed(range(len(self._bars)))
        doubtful = (index for index in order if self._bars[index].level != "green")
        return next((index for index in doubtful if (self._bars[index].frame - start) * direction > 0), None)
