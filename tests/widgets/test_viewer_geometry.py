"""Zoom and pan keep what the hand expects: the point under the pointer, the edges, whole device pixels."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.viewer.geometry import Size, Zoom, next_step, pan, place, zoom_at

sizes = st.builds(Size, st.integers(40, 3000), st.integers(40, 3000))
zooms = st.builds(
    Zoom,
    st.one_of(st.none(), st.floats(0.05, 32)),
    st.floats(0, 1),
    st.floats(0, 1),
)


@given(sizes, sizes)
def test_a_fitted_picture_lies_inside(view: Size, picture: Size) -> None:
    placed = place(view, picture, Zoom(), 0)
    assert placed.left >= 0 and placed.top >= 0
    assert placed.left + placed.width <= view.width + 1 and placed.top + placed.height <= view.height + 1


@given(sizes, sizes, zooms)
def test_the_picture_lies_on_whole_pixels_and_covers_what_it_can(view: Size, picture: Size, zoom: Zoom) -> None:
    placed = place(view, picture, zoom, 12)
    assert all(value == int(value) for value in (placed.left, placed.top, placed.width, placed.height))
    if placed.width >= view.width:
        assert placed.left <= 0 and placed.left + placed.width >= view.width


@given(st.floats(0.2, 0.8), st.floats(0.2, 0.8), st.floats(1.05, 3))
def test_zooming_in_holds_the_point_under_the_pointer(across: float, down: float, factor: float) -> None:
    view, picture, zoom = Size(800, 450), Size(1600, 900), Zoom(1.0)
    before = place(view, picture, zoom, 0)
    x, y = across * view.width, down * view.height
    after = place(view, picture, zoom_at(view, picture, zoom, 0, x, y, factor), 0)
    for at, old, old_length, new, new_length in (
        (x, before.left, before.width, after.left, after.width),
        (y, before.top, before.height, after.top, after.height),
    ):
        share = (at - old) / old_length
        assert abs(new + share * new_length - at) <= 1.0


def test_panning_follows_the_hand_and_stops_at_the_edge() -> None:
    view, picture = Size(400, 300), Size(1000, 1000)
    start = place(view, picture, Zoom(1.0), 0)
    moved = pan(view, picture, Zoom(1.0), 0, 50, -20)
    after = place(view, picture, moved, 0)
    assert (after.left - start.left, after.top - start.top) == (50, -20)
    far = place(view, picture, pan(view, picture, moved, 0, 99_999, 0), 0)
    assert far.left == 0


def test_a_fitted_picture_does_not_pan() -> None:
    assert pan(Size(400, 300), Size(1000, 1000), Zoom(), 0, 50, 0) == Zoom()


def test_zoom_steps_are_round_and_rising() -> None:
    assert next_step(0.77, 1) == 1.0 and next_step(1.0, 1) == 1.5
    assert next_step(0.77, -1) == 0.75 and next_step(0.05, -1) == 0.05
