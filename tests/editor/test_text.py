"""Captions become pixels of the canvas: centred, inside, legible, and the same every time."""

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage

from editor.application import make_application
from editor.text import draw_text, text_png
from engine.project.model import Canvas, Text

CANVAS = Canvas(640, 360)
Alpha = npt.NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    make_application()


def alpha(image: QImage) -> Alpha:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4)[:, :, 3].copy()


def extent(mask: Alpha) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


def test_a_line_is_centred_on_its_position() -> None:
    image = draw_text(Text("HHH", position=(0.5, 0.5)), CANVAS)
    left, top, right, bottom = extent(alpha(image))
    assert (image.width(), image.height()) == (640, 360)
    assert abs((left + right) / 2 - 320) <= 2 and abs((top + bottom) / 2 - 180) <= 8


def test_a_long_text_is_broken_and_stays_inside() -> None:
    image = draw_text(Text("And somebody wakes up in a meadow " * 4, position=(0.5, 0.98)), CANVAS)
    left, top, right, bottom = extent(alpha(image))
    assert left > 0 and right < 639 and top > 0 and bottom <= 359
    assert bottom - top > 60


def test_size_follows_the_canvas() -> None:
    small = extent(alpha(draw_text(Text("Hg", position=(0.5, 0.5)), CANVAS)))
    large = extent(alpha(draw_text(Text("Hg", position=(0.5, 0.5)), Canvas(1280, 720))))
    assert abs((large[3] - large[1]) / (small[3] - small[1]) - 2) < 0.15


def test_the_same_text_gives_the_same_bytes_and_another_colour_gives_others() -> None:
    assert text_png(Text("A"), CANVAS) == text_png(Text("A"), CANVAS)
    assert text_png(Text("A"), CANVAS) != text_png(Text("A", colour="#ff0000"), CANVAS)


@pytest.mark.parametrize("words", ["日本語", "שלום עולם", "👩‍👩‍👧 emoji", "line one\nline two", "\u200b"])
def test_any_script_is_drawn_without_harm(words: str) -> None:
    assert draw_text(Text(words), CANVAS).height() == 360
