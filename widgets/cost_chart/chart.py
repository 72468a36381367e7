"""Bars of money over time: what was charged is solid, what may have been is an outline. Arrows and the pointer read a bar out.

Gets finished numbers; knows nothing of services.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.cost_chart.values import CostBar, summary, top_of
from widgets.palettes import Theme
from widgets.theme import font, theme_of

HEAD, LEGEND, FOOT, SIDE, SCALE = 34, 20, 18, 12, 48
WIDEST = 40
LEAST_BETWEEN_LABELS = 56
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


class CostChart(QWidget):
    """`current` is the bar that is read out, None for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[CostBar, ...] = ()
        self.current: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Costs over time")

    def set_bars(self, bars: Sequence[CostBar]) -> None:
        """Other bars, in the order of time."""
        self._bars, self.current = tuple(bars), None
        self.setAccessibleDescription(summary(self._bars))
        self.update()

    def reading(self) -> str:
        """The words at the right top: of the bar that is read out."""
        return self._bars[self.current].words if self.current is not None else ""

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(600), theme.px(150))

    def minimumSizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(240), theme.px(110))

    def bar_at(self, x: float) -> int | None:
        """The bar whose room holds `x`."""
        plot = self._plot()
        if not self._bars or not plot.left() <= x <= plot.right():
            return None
        return min(len(self._bars) - 1, int((x - plot.x()) / plot.width() * len(self._bars)))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        self._paint_head(painter, theme)
        self._paint_scale(painter, theme)
        for place in range(len(self._bars)):
            self._paint_bar(painter, theme, place)
        self._paint_labels(painter, theme)
        painter.end()

    def _plot(self) -> QRectF:
        theme = theme_of(self)
        left, top = theme.px(SCALE), theme.px(HEAD)
        return QRectF(left, top, max(1, self.width() - left - theme.px(SIDE)), max(1, self.height() - top - theme.px(FOOT)))

    def _paint_head(self, painter: QPainter, theme: Theme) -> None:
        line = QRectF(theme.px(SIDE), 0, self.width() - 2 * theme.px(SIDE), theme.px(LEGEND))
        painter.setFont(font(theme, 11))
        x = line.x()
        for name, is_solid in (("Charged", True), ("May have been charged", False)):
            side = theme.px(9)
            box = QRectF(x + 0.5, round(line.center().y() - side / 2) + 0.5, side, side)
            self._paint_box(painter, theme, box, is_solid=is_solid)
            painter.setPen(theme.color("t2"))
            width = QFontMetricsF(painter.font()).horizontalAdvance(name)
            painter.drawText(QRectF(x + side + theme.px(6), line.y(), width + 2, line.height()), LEFT, name)
            x += side + theme.px(6) + width + theme.px(16)
        painter.setPen(theme.color("t1"))
        painter.drawText(line, RIGHT, self.reading())

    def _paint_scale(self, painter: QPainter, theme: Theme) -> None:
        plot, top = self._plot(), top_of(self._bars)
        painter.setFont(font(theme, 11))
        for share in (0.0, 0.5, 1.0) if self._bars else (0.0, 1.0):  # the middle is for words where there is nothing
            y = round(plot.bottom() - share * plot.height())
            painter.fillRect(QRectF(plot.x(), y, plot.width(), 1), theme.color("line"))
            painter.setPen(theme.color("t3"))
            amount = f"${top * share:.2f}" if top * share < 100 else f"${top * share:.0f}"
            painter.drawText(QRectF(0, y - theme.px(8), plot.x() - theme.px(6), theme.px(16)), RIGHT, amount)

    def _paint_bar(self, painter: QPainter, theme: Theme, place: int) -> None:
        plot, top, bar = self._plot(), top_of(self._bars), self._bars[place]
        room = plot.width() / len(self._bars)
        wide = max(2.0, min(theme.px(WIDEST), room * 0.7))
        x = round(plot.x() + (place + 0.5) * room - wide / 2)
        if place == self.current:
            lit = min(room, 2 * wide)
            painter.fillRect(QRectF(x + wide / 2 - lit / 2, plot.y(), lit, plot.height()), theme.color("bg4"))
        charged, unknown = bar.charged / top * plot.height(), bar.unknown / top * plot.height()
        bottom = round(plot.bottom())
        if unknown:
            box = QRectF(x + 0.5, bottom - round(charged + unknown) + 0.5, round(wide) - 1, max(1, round(unknown) - 1))
            self._paint_box(painter, theme, box, is_solid=False)
        if charged:
            self._paint_box(painter, theme, QRectF(x, bottom - max(1, round(charged)), round(wide), max(1, round(charged))))

    def _paint_box(self, painter: QPainter, theme: Theme, box: QRectF, *, is_solid: bool = True) -> None:
        """State is never colour alone: what is not certain is an outline with dashes."""
        if is_solid:
            painter.fillRect(box, theme.color("t2"))
            return
        painter.setPen(QPen(theme.color("am"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)

    def _paint_labels(self, painter: QPainter, theme: Theme) -> None:
        plot = self._plot()
        painter.setFont(font(theme, 11))
        painter.setPen(theme.color("t3"))
        if not self._bars:
            painter.drawText(plot, CENTRE, "No requests in this time.")
            return
        room = plot.width() / len(self._bars)
        step = max(1, -(-theme.px(LEAST_BETWEEN_LABELS) // max(1, int(room))))
        for place in range(0, len(self._bars), step):
            wide = max(room, theme.px(LEAST_BETWEEN_LABELS))
            x = min(plot.right() - wide, max(0.0, plot.x() + (place + 0.5) * room - wide / 2))
            painter.drawText(QRectF(x, plot.bottom() + 1, wide, theme.px(FOOT)), CENTRE, self._bars[place].label)

    # Events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._read_out(self.bar_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self._read_out(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._bars:
            event.ignore()
            return
        at = len(self._bars) if self.current is None and step < 0 else -1 if self.current is None else self.current
        self._read_out(min(len(self._bars) - 1, max(0, at + step)))

    def _read_out(self, place: int | None) -> None:
        if place != self.current:
            self.current = place
            self.setAccessibleDescription(self.reading() or summary(self._bars))
            self.update()
