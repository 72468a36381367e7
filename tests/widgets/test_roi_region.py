"""Arithmetic on regions: always inside the picture, shapes kept, squares square."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.roi_canvas.dragging import HANDLES, Picture, drawn, pulled
from widgets.roi_canvas.region import Bounds, Region, bounds_of, box, fitted, lasso, moved, simplified, size_px

unit = st.floats(0, 1)
anywhere = st.floats(-3, 3)
points = st.lists(st.tuples(unit, unit), min_size=3, max_size=12).map(tuple)
pictures = st.builds(Picture, st.integers(8, 4000), st.integers(8, 4000))
pixels = st.tuples(st.floats(-500, 4500), st.floats(-500, 4500))


@given(points, anywhere, anywhere)
def test_moving_keeps_shape_and_stays_inside(corners: tuple[tuple[float, float], ...], dx: float, dy: float) -> None:
    before = lasso(corners, 4)
    after = moved(before, dx, dy)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in after.points)
    old, new = bounds_of(before.points), bounds_of(after.points)
    assert new.width == pytest.approx(old.width, abs=1e-9) and new.height == pytest.approx(old.height, abs=1e-9)


@given(unit, unit, unit, unit)
def test_a_box_has_its_corners_in_order(a: float, b: float, c: float, d: float) -> None:
    (left, top), (right, bottom) = box(a, b, c, d).points
    assert left <= right and top <= bottom


@given(pictures, pixels, pixels, st.booleans(), st.booleans())
def test_a_drawn_box_is_inside_on_whole_pixels_and_square_if_asked(
    picture: Picture, start: tuple[float, float], end: tuple[float, float], square: bool, centred: bool
) -> None:
    rect = drawn(picture, start, end, square=square, centred=centred)
    assert 0 <= rect.left <= rect.right <= picture.width and 0 <= rect.top <= rect.bottom <= picture.height
    assert all(value == int(value) for value in (rect.left, rect.top, rect.right, rect.bottom))
    if square:
        assert rect.width == rect.height


@given(pictures, st.data(), st.sampled_from(HANDLES), st.booleans(), st.booleans())
def test_a_pulled_handle_keeps_the_box_inside(
    picture: Picture, data: st.DataObject, handle: tuple[int, int], square: bool, centred: bool
) -> None:
    left = data.draw(st.integers(0, picture.width - 2))
    top = data.draw(st.integers(0, picture.height - 2))
    before = Bounds(
        left,
        top,
        data.draw(st.integers(left + 1, picture.width)),
        data.draw(st.integers(top + 1, picture.height)),
    )
    by = data.draw(pixels)
    rect = pulled(picture, before, handle, *by, square=square, centred=centred)
    assert 0 <= rect.left <= rect.right <= picture.width and 0 <= rect.top <= rect.bottom <= picture.height
    if not centred and not square:
        assert handle[0] != 0 or (rect.left, rect.right) == (before.left, before.right)


def test_a_lasso_stretches_with_its_bounds() -> None:
    region = lasso(((0.2, 0.2), (0.4, 0.2), (0.3, 0.6)), 3)
    after = fitted(region, Bounds(0.2, 0.2, 0.8, 0.4))
    flat = [value for point in after.points for value in point]
    assert flat == pytest.approx([0.2, 0.2, 0.8, 0.2, 0.5, 0.4])
    assert after.feather_px == 3


def test_straight_lines_lose_their_middle_points_and_corners_stay() -> None:
    line = tuple((float(x), 0.0) for x in range(10)) + tuple((9.0, float(y)) for y in range(1, 10))
    assert simplified(line, 0.5) == ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))


def test_a_long_line_is_thinned_without_a_deep_stack() -> None:
    zigzag = tuple((float(x), float(x % 2) * 10) for x in range(5000))
    assert len(simplified(zigzag, 1.0)) > 4000


def test_wrong_values_are_refused() -> None:
    with pytest.raises(ValueError, match="two corner"):
        Region("box", ((0, 0),))
    with pytest.raises(ValueError, match="three points"):
        Region("lasso", ((0, 0), (1, 1)))
    with pytest.raises(ValueError, match="feather"):
        Region("box", ((0, 0), (1, 1)), -1)


def test_the_size_is_told_in_picture_pixels() -> None:
    assert size_px(box(0.1, 0.2, 0.25625, 0.625), 1280, 720) == (200, 306)
