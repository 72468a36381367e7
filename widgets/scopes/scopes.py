"""The plate with both scopes, at the left foot of the picture. It lets the mouse through: what lies below stays in reach."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap.plate import paint_plate, plate_theme
from widgets.scopes.measure import LEVELS, Measured, measure
from widgets.theme import font

WIDTH_PX, HEIGHT_PX, PAD_PX, HEAD_PX = 280, 208, 10, 16
WAVE_PX = 96
GRID = QColor(255, 255, 255, 36)
CHANNELS = (QColor(255, 96, 96, 150), QColor(96, 220, 120, 150), QColor(110, 150, 255, 150))
MARKS = (0, 64, 128, 192, 255)


class Scopes(QWidget):
    """`set_image` gives it the picture; hidden it measures nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._image: QImage | None = None
        self._measured: Measured | None = None
        self._wave = QImage()
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName("Waveform and histogram")
        self.hide()

    @property
    def measured(self) -> Measured | None:
        """What is shown; None without a picture."""
        return self._measured

    def set_image(self, image: QImage | None) -> None:
        """Another picture."""
        self._image = image
        if self.isVisible():
            self._look()

    def setVisible(self, visible: bool) -> None:
        super().setVisible(visible)
        if visible:
            self._look()

    def sizeHint(self) -> QSize:
        theme = plate_theme()
        return QSize(theme.px(WIDTH_PX), theme.px(HEIGHT_PX))

    # Inside

    def _look(self) -> None:
        self._measured = measure(self._image) if self._image is not None else None
        self._wave = _picture_of(self._measured) if self._measured is not None else QImage()
        self.setAccessibleDescription(self._words())
        self.update()

    def _words(self) -> str:
        if self._measured is None:
            return ""
        black, white = self._measured.clipped
        return f"Black {100 * black:.1f} %, white {100 * white:.1f} %"

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = plate_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_plate(painter, QRectF(self.rect()))
        pad, head, high = theme.px(PAD_PX), theme.px(HEAD_PX), theme.px(WAVE_PX)
        width = self.width() - 2 * pad
        painter.setFont(font(theme, 11))
        painter.setPen(theme.color("t2"))
        title, middle = QRectF(pad, pad / 2, width, head), Qt.AlignmentFlag.AlignVCenter
        painter.drawText(title, middle, "Waveform")
        painter.drawText(title, middle | Qt.AlignmentFlag.AlignRight, self._words())
        wave = QRectF(pad, pad / 2 + head + 2, width, high)
        below = QRectF(pad, wave.bottom() + pad, width, self.height() - wave.bottom() - 2 * pad)
        self._paint_grid(painter, wave)
        if not self._wave.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(wave, self._wave)
        self._paint_histogram(painter, below)
        painter.end()

    def _paint_grid(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(GRID, 1))
        for level in MARKS:
            y = rect.bottom() - rect.height() * level / (LEVELS - 1)
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))

    def _paint_histogram(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(GRID, 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if self._measured is None:
            return
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Screen)
        painter.setPen(Qt.PenStyle.NoPen)
        most = max(1, int(np.sort(self._measured.histogram, axis=None)[-4]))  # a few full bins must not flatten all others
        step = rect.width() / LEVELS
        for counts, colour in zip(self._measured.histogram, CHANNELS, strict=True):
            heights = np.minimum(1.0, np.sqrt(counts / most)) * rect.height()
            points = [QPointF(rect.left() + place * step, rect.bottom() - high) for place, high in enumerate(heights)]
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF([rect.bottomLeft(), *points, rect.bottomRight()]))


def _picture_of(measured: Measured) -> QImage:
    """The waveform as light on nothing: the more pixels of a column have a level, the brighter; black at the foot."""
    counts = measured.waveform.reshape(LEVELS // 2, 2, -1).sum(axis=1)  # as many rows as are drawn, or a thin line is lost
    share = np.sqrt(np.minimum(1.0, counts / max(1.0, counts.sum(axis=0).max() / 12)))
    levels = np.flipud(share)
    light: npt.NDArray[np.uint8] = np.zeros((*levels.shape, 4), np.uint8)
    light[..., :3] = (220, 240, 220)
    light[..., 3] = (levels * 235).astype(np.uint8)
    height, width = levels.shape
    return QImage(light.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
