"""The canvas by itself over a plain picture: `python -m widgets.roi_canvas`.."""

import sys

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.roi_canvas import Region, RoiCanvas
from widgets.theme import theme_of

PICTURE = QSize(1280, 720)


class Ground(QWidget):
    """A grey picture with the canvas over it."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas = RoiCanvas(self)
        self.canvas.set_tool("box")
        self.canvas.set_region(Region("box", ((0.2, 0.25), (0.55, 0.7)), 12))
        self.canvas.set_selected(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.canvas.setGeometry(self.rect())
        self.canvas.set_view(self._image(), PICTURE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme_of(self).color("bg0"))
        painter.fillRect(self._image(), theme_of(self).color("chk"))
        painter.end()

    def _image(self) -> QRectF:
        scale = min(self.width() / PICTURE.width(), self.height() / PICTURE.height()) * 0.95
        width, height = PICTURE.width() * scale, PICTURE.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)


if __name__ == "__main__":
    sys.exit(show(Ground, (800, 450)))
