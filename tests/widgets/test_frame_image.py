"""A picture survives the way to a QImage and back, and the image owns its pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from widgets.frame_image import from_qimage, to_qimage


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_pixels_come_back(rgb: np.ndarray) -> None:
    assert np.array_equal(from_qimage(to_qimage(rgb)), rgb)


def test_a_strided_view_is_taken_as_it_looks() -> None:
    rgb = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)[::2, ::-1]
    assert np.array_equal(from_qimage(to_qimage(rgb)), rgb)


def test_the_image_owns_its_pixels() -> None:
    rgb = np.full((4, 5, 3), 77, np.uint8)
    image = to_qimage(rgb)
    rgb[:] = 0
    assert image.pixelColor(2, 2).red() == 77


def test_four_channels_carry_alpha() -> None:
    rgba = np.full((2, 2, 4), (9, 8, 7, 128), np.uint8)
    image = to_qimage(rgba)
    assert image.hasAlphaChannel() and image.pixelColor(0, 0).getRgb() == (9, 8, 7, 128)


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 4), (4, 4, 2)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="picture"):
        to_qimage(np.zeros(shape, np.uint8))
