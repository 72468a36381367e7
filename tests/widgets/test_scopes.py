"""The scopes count the pixels that are there, and what lies below them stays in reach of the mouse."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests import pointer
from widgets.scopes import Scopes, measure


def halves(left: QColor, right: QColor, size: tuple[int, int] = (512, 384)) -> QImage:
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(left)
    for x in range(size[0] // 2, size[0]):
        for y in range(size[1]):
            image.setPixelColor(x, y, right)
    return image


def test_levels_are_counted_where_they_are() -> None:
    found = measure(halves(QColor(0, 0, 0), QColor(255, 128, 0)))
    assert found is not None
    luma = round(0.2126 * 255 + 0.7152 * 128)
    columns = found.waveform.shape[1]
    assert found.waveform.sum() == found.pixels
    assert found.waveform[0, : columns // 2].sum() == found.waveform[luma, columns // 2 :].sum() == found.pixels // 2
    red, green, blue = found.histogram
    assert red[255] == green[128] == found.pixels // 2 and blue[0] == found.pixels
    assert found.clipped == (0.5, 0.0)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (255, 191), (4096, 2160)])
def test_any_size_is_measured(size: tuple[int, int]) -> None:
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    found = measure(image)
    assert found is not None and found.pixels <= 256 * 192
    assert np.count_nonzero(found.histogram) == 3


def test_nothing_is_measured_without_a_picture_or_while_it_is_hidden(qtbot: QtBot) -> None:
    scopes = Scopes()
    qtbot.addWidget(scopes)
    scopes.set_image(halves(QColor("black"), QColor("white"), (8, 8)))
    assert measure(QImage()) is None and scopes.measured is None
    scopes.show()
    assert scopes.measured is not None and scopes.measured.clipped == (0.5, 0.5)
    assert scopes.accessibleDescription() == "Black 50.0 %, white 50.0 %"
    scopes.set_image(None)
    assert scopes.measured is None


def test_the_waveform_lies_as_the_picture_does(qtbot: QtBot) -> None:
    """Dark at the foot on the left, light at the top on the right."""
    scopes = Scopes()
    qtbot.addWidget(scopes)
    scopes.set_image(halves(QColor(20, 20, 20), QColor(235, 235, 235), (64, 64)))
    scopes.show()
    seen = scopes.grab().toImage()

    def light(x: float, level: int) -> int:
        y = 5 + 16 + 2 + 96 * (1 - level / 255)
        return max(seen.pixelColor(round(10 + x * 260), round(y) + dy).lightness() for dy in (-1, 0, 1))

    assert light(0.25, 20) > 60 + light(0.25, 235)
    assert light(0.75, 235) > 60 + light(0.75, 20)


def test_the_mouse_goes_through(qtbot: QtBot) -> None:
    stage = QWidget()
    qtbot.addWidget(stage)
    stage.resize(400, 300)
    scopes = Scopes(stage)
    stage.show()
    scopes.show()
    assert pointer.under(stage, QPoint(40, 40))[0] is stage
