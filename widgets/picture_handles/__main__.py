"""The handles by themselves over a plain picture: `python -m widgets.picture_handles`."""

import sys

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.picture_handles import Look, PictureHandles, Spot

QUAD = ((0.3, 0.3), (0.7, 0.25), (0.7, 0.7), (0.3, 0.65))


class Ground(QWidget):
    """A plain ground with four corners on it."""

    def __init__(self) -> None:
        super().__init__()
        self.handles = PictureHandles(self)
        self.handles.show_look(Look("corner", tuple(Spot(f"Corner {n + 1}", at) for n, at in enumerate(QUAD)), QUAD))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.handles.setGeometry(self.rect())
        self.handles.set_view(QRectF(self.rect()), QSize(1280, 720))


if __name__ == "__main__":
    sys.exit(show(Ground, (800, 450)))
