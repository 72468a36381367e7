"""The scopes of a ramp by themselves: `python -m widgets.scopes`."""

import sys

from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.scopes import Scopes


def make() -> QWidget:
    """From black to orange."""
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    ramp = QLinearGradient(0, 0, 640, 0)
    ramp.setColorAt(0, QColor("black"))
    ramp.setColorAt(1, QColor(255, 160, 60))
    painter = QPainter(image)
    painter.fillRect(image.rect(), ramp)
    painter.end()
    made = Scopes()
    made.set_image(image)
    return made


if __name__ == "__main__":
    sys.exit(show(make, (280, 208)))
