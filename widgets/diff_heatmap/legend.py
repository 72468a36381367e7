"""What the heatmap's colours mean, with numbers. The colours are given: the map itself is computed elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap.plate import paint_plate, plate_theme
from widgets.theme import font

WIDTH, HEIGHT = 224, 64
PADDING = 12
BAR = 8
LAST_MEANS_MORE = " +"


@dataclass(frozen=True, slots=True)
class HeatStop:
    """A change of `value` (0..255) is shown in `color` (r, g, b, 0..255 sRGB); between stops colours run evenly."""

    value: int
    color: tuple[int, int, int]


class HeatLegend(QWidget):
    """A plate with the colour bar and one number under each stop; lets the mouse through."""

    def __init__(self, stops: Sequence[HeatStop] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stops: tuple[HeatStop, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_stops(stops)
        self.resize(self.sizeHint())

    def set_stops(self, stops: Sequence[HeatStop]) -> None:
        """Takes the stops in rising order; raises ValueError otherwise. None at all is allowed and paints no bar."""
        values = [stop.value for stop in stops]
        if values != sorted(set(values)) or len(values) == 1:
            raise ValueError("colour stops rise, and there are two of them or more")
        self._stops = tuple(stops)
        numbers = ", ".join(self._labels())
        self.setAccessibleName(f"Change per pixel, of 255. Colours for {numbers}")
        self.update()

    def sizeHint(self) -> QSize:
        theme = plate_theme()
        return QSize(theme.px(WIDTH), theme.px(HEIGHT))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.resize(self.sizeHint())
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = plate_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_plate(painter, QRectF(self.rect()))
        inner = QRectF(self.rect()).adjusted(theme.px(PADDING), theme.px(8), -theme.px(PADDING), -theme.px(6))
        title = QRectF(inner.x(), inner.y(), inner.width(), theme.px(16))
        painter.setFont(font(theme, 11, 600))
        painter.setPen(theme.color("t1"))
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "Change per pixel")
        painter.setFont(font(theme, 11))
        painter.setPen(theme.color("t2"))
        painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "of 255")
        if self._stops:
            bar = QRectF(inner.x(), title.bottom() + theme.px(4), inner.width(), theme.px(BAR))
            painter.fillRect(bar, self._gradient(bar))
            self._paint_numbers(painter, QRectF(bar.x(), bar.bottom() + 2, bar.width(), theme.px(16)))
        painter.end()

    def _gradient(self, bar: QRectF) -> QLinearGradient:
        gradient = QLinearGradient(bar.topLeft(), QPointF(bar.right(), bar.top()))
        for stop in self._stops:
            gradient.setColorAt(self._share(stop), QColor(*stop.color))
        return gradient

    def _paint_numbers(self, painter: QPainter, row: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        for stop, text in zip(self._stops, self._labels(), strict=True):
            width = metrics.horizontalAdvance(text)
            middle = row.x() + self._share(stop) * row.width() - width / 2
            x = min(row.right() - width, max(row.x(), middle))
            painter.drawText(QRectF(x, row.y(), width + 2, row.height()), Qt.AlignmentFlag.AlignVCenter, text)

    def _share(self, stop: HeatStop) -> float:
        first, last = self._stops[0].value, self._stops[-1].value
        return (stop.value - first) / (last - first)

    def _labels(self) -> list[str]:
        labels = [str(stop.value) for stop in self._stops]
        return [*labels[:-1], labels[-1] + LAST_MEANS_MORE] if labels else []
