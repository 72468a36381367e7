"""Captions become pixels: a box round the words, at the bottom, inside the picture, alike at every size."""

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage

from editor.application import make_application
from editor.caption_text import caption_png
from engine.project.caption_values import CaptionStyle
from engine.project.model import Canvas

CANVAS = Canvas(640, 360)
Pixels = npt.NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    make_application()


def drawn(text: str, style: CaptionStyle | None = None, canvas: Canvas = CANVAS) -> Pixels:
    """(h, w, 4) RGBA."""
    image = QImage.fromData(caption_png(text, style or CaptionStyle(), canvas)).convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()


def extent(mask: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


def test_the_box_ends_where_the_style_says_and_is_centred() -> None:
    for bottom in (0.5, 0.94):
        left, top, right, low = extent(drawn("Spring starts small.", CaptionStyle(bottom=bottom))[..., 3] > 0)
        assert abs((left + right) / 2 - 320) <= 2 and abs(low - bottom * 360) <= 8 and top > low - 50


def test_words_have_the_colour_and_the_box_its_own() -> None:
    style = CaptionStyle(colour="#ffff00", box_colour="#0000ff", box_opacity=1.0)
    pixels = drawn("HHH", style)
    solid = pixels[pixels[..., 3] == 255][:, :3]
    assert (solid == (0, 0, 255)).all(axis=1).mean() > 0.3 and (solid == (255, 255, 0)).all(axis=1).sum() > 100
    bare = drawn("HHH", CaptionStyle(colour="#ffff00", box_opacity=0.0))
    assert (bare[..., 3] > 0).sum() < (pixels[..., 3] > 0).sum()
    dark = bare[(bare[..., 3] > 150) & (bare[..., :3].max(axis=2) < 40)]
    assert len(dark) > 40, "letters without a box have a dark edge"


def test_two_lines_share_one_box_and_long_words_stay_inside() -> None:
    pixels = drawn("One line\nand another", CaptionStyle(box_opacity=0.5))
    box = pixels[pixels[..., :3].max(axis=2) == 0][:, 3]
    assert box.max() <= 130, "nowhere is the box laid twice"
    left, top, right, bottom = extent(drawn("word " * 60, CaptionStyle(size=0.08))[..., 3] > 0)
    assert left > 0 and right < 639 and top >= 0 and bottom <= 359


def test_size_follows_the_canvas_and_the_same_gives_the_same_bytes() -> None:
    small, large = extent(drawn("Hg")[..., 3] > 0), extent(drawn("Hg", canvas=Canvas(1280, 720))[..., 3] > 0)
    assert abs((large[3] - large[1]) / (small[3] - small[1]) - 2) < 0.15
    assert caption_png("A", CaptionStyle(), CANVAS) == caption_png("A", CaptionStyle(), CANVAS)
    assert not drawn("")[..., 3].any()


@pytest.mark.parametrize("words", ["日本語", "שלום עולם", "👩‍👩‍👧 emoji"])
def test_any_script_is_drawn_without_harm(words: str) -> None:
    assert drawn(words, CaptionStyle(box_opacity=0.0)).shape == (360, 640, 4)
