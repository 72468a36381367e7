"""Arithmetic on regions: always inside the picture, shapes kept, squares square."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.roi_canvas.dragging import HANDLES, Picture, drawn, pulled
from widgets.roi_canvas.region import (
    Bounds,
    Region,
    Shape,
    bounds_of,
    bounds_of_shapes,
    box,
    by_bounds,
    fitted,
    moved,
    region_of,
    size_px,
    with_sense,
    with_shapes,
    without_point,
    without_shape,
)
from widgets.roi_canvas.thinning import simplified

unit = st.floats(0, 1)
anywhere = st.floats(-3, 3)
points = st.lists(st.tuples(unit, unit), min_size=3, max_size=12).map(tuple)
boxes = st.tuples(unit, unit, unit, unit).map(
    lambda b: Bounds(min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)
shapes = st.one_of(
    st.builds(lambda kind, b, sub: replace(by_bounds(kind, b), is_subtracted=sub), st.sampled_from(["box", "ellipse"]), boxes,
              st.booleans()),
    st.builds(lambda p, sub: Shape("lasso", p, is_subtracted=sub), points, st.booleans()),
    st.builds(lambda p, r, sub: Shape("brush", p, r, sub), points, st.floats(0.001, 0.5), st.booleans()),
)  # fmt: skip
pictures = st.builds(Picture, st.integers(8, 4000), st.integers(8, 4000))
pixels = st.tuples(st.floats(-500, 4500), st.floats(-500, 4500))


@given(points, anywhere, anywhere)
def test_moving_keeps_shape_and_stays_inside(corners: tuple[tuple[float, float], ...], dx: float, dy: float) -> None:
    before = Shape("lasso", corners)
    (after,) = moved((before,), dx, dy)
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
    shape = Shape("lasso", ((0.2, 0.2), (0.4, 0.2), (0.3, 0.6)), is_subtracted=True)
    (after,) = fitted((shape,), bounds_of(shape.points), Bounds(0.2, 0.2, 0.8, 0.4))
    flat = [value for point in after.points for value in point]
    assert flat == pytest.approx([0.2, 0.2, 0.8, 0.2, 0.5, 0.4])
    assert after.is_subtracted


@given(st.lists(shapes, min_size=1, max_size=4), boxes, st.floats(0.3, 3))
def test_stretched_shapes_stay_inside_and_keep_their_pens(made: list[Shape], target: Bounds, aspect: float) -> None:
    after = fitted(made, bounds_of_shapes(made, aspect), target)
    assert [s.kind for s in after] == [s.kind for s in made]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for s in after for x, y in s.points)
    assert all((s.radius > 0) == (s.kind == "brush") for s in after)


@given(st.lists(shapes, min_size=1, max_size=5), st.data())
def test_a_region_always_begins_with_what_is_added(made: list[Shape], data: st.DataObject) -> None:
    region = with_shapes(box(0, 0, 1, 1, 7), [replace(made[0], is_subtracted=False), *made[1:]])
    assert region.feather_px == 7 and region.shapes[1:] == tuple(made[1:])
    left: Region | None = region
    while left is not None:
        assert not left.shapes[0].is_subtracted
        before = left
        left = without_shape(left, data.draw(st.integers(0, len(left.shapes) - 1)))
        assert left is None or len(left.shapes) < len(before.shapes)


def test_what_was_only_taken_away_goes_with_what_it_was_taken_from() -> None:
    hole, second = by_bounds("ellipse", Bounds(0.2, 0.2, 0.3, 0.3)), by_bounds("box", Bounds(0.5, 0.5, 0.6, 0.6))
    region = with_shapes(box(0.1, 0.1, 0.4, 0.4), [*box(0.1, 0.1, 0.4, 0.4).shapes, replace(hole, is_subtracted=True), second])
    assert without_shape(region, 0) == region_of(second)
    assert without_shape(region_of(second), 0) is None
    assert not with_sense(region, 0, is_subtracted=True).shapes[0].is_subtracted
    assert with_sense(region, 2, is_subtracted=True).shapes[2].is_subtracted
    with pytest.raises(ValueError, match="begins"):
        with_shapes(region, [replace(hole, is_subtracted=True)])


def test_points_go_one_by_one_down_to_a_triangle_or_a_dot() -> None:
    lasso = Shape("lasso", ((0, 0), (1, 0), (1, 1), (0, 1)))
    thinner = without_point(lasso, 1)
    assert thinner == Shape("lasso", ((0, 0), (1, 1), (0, 1)))
    assert thinner is not None and without_point(thinner, 0) is None
    assert without_point(Shape("brush", ((0, 0), (1, 1)), 0.1), 0) == Shape("brush", ((1, 1),), 0.1)
    assert without_point(Shape("box", ((0, 0), (1, 1))), 0) is None


def test_the_bounds_of_a_stroke_have_its_pen() -> None:
    bounds = bounds_of_shapes((Shape("brush", ((0.5, 0.5), (0.7, 0.5)), 0.1),), 2.0)
    assert (bounds.left, bounds.right) == pytest.approx((0.45, 0.75))
    assert (bounds.top, bounds.bottom) == pytest.approx((0.4, 0.6))


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
    with pytest.raises(ValueError, match="two corner"):
        Shape("ellipse", ((0, 0), (1, 1), (1, 0)))
    with pytest.raises(ValueError, match="pen"):
        Shape("brush", ((0, 0),))
    with pytest.raises(ValueError, match="feather"):
        Region("box", ((0, 0), (1, 1)), -1)


def test_the_size_is_told_in_picture_pixels() -> None:
    assert size_px(Bounds(0.1, 0.2, 0.25625, 0.625), 1280, 720) == (200, 306)
