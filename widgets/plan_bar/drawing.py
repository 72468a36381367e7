"""How the three modes of the plan look: thickness and pattern say it, colour only repeats it. Draws; knows no plan."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from widgets.palettes import Theme
from widgets.timeline.values import SpanMode

DASH_PX = 2
COPY_PX = 2


def draw_mode(painter: QPainter, theme: Theme, mode: SpanMode, box: QRectF, bar_px: float, dash_px: float) -> None:
    """One piece across `box`, vertically centred: `bar_px` high where encoded, `dash_px` where cached."""
    if mode == "encode":
        _draw_bar(painter, theme, _centred(box, bar_px))
    elif mode == "cached":
        _draw_dashes(painter, theme, _centred(box, dash_px))
    else:
        painter.fillRect(_centred(box, theme.px(COPY_PX)), theme.color("t3"))


def _centred(box: QRectF, height: float) -> QRectF:
    return QRectF(box.left(), round(box.center().y() - height / 2), box.width(), height)


def _draw_bar(painter: QPainter, theme: Theme, bar: QRectF) -> None:
    radius = min(2.0 * theme.scale, bar.width() / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("ac"))
    painter.drawRoundedRect(bar, radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _draw_dashes(painter: QPainter, theme: Theme, bar: QRectF) -> None:
    dash = theme.px(DASH_PX)
    x = bar.left()
    while x < bar.right():
        painter.fillRect(QRectF(x, bar.top(), min(dash, bar.right() - x), bar.height()), theme.color("t2"))
        x += 2 * dash
