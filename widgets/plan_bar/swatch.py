"""A small sample of one mode of the plan, for tables and legends."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.plan_bar.drawing import draw_mode
from widgets.theme import theme_of
from widgets.timeline.values import SpanMode

WIDTH_PX, HEIGHT_PX, BAR_PX, DASH_PX = 16, 16, 11, 8


class ModeSwatch(QWidget):
    """Line, dashes or bar, 16 px wide; the word for it stands beside it."""

    def __init__(self, mode: SpanMode, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(WIDTH_PX), theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        draw_mode(painter, theme, self._mode, QRectF(self.rect()), theme.px(BAR_PX), theme.px(DASH_PX))
        painter.end()
