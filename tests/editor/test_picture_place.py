"""A region drawn on what is seen lands on what is changed: the same place as the compositor's, there and back."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.picture_place import place_of, region_on_canvas, region_on_picture
from engine.compositing.layers import LayerImage, placement
from engine.compositing.output import OutputFormat
from engine.media.picture import Colour, PixelFormat
from engine.project.model import Canvas, Clip, Media, MediaKind, Region, RegionKind, Shape, Transform
from engine.rational_time import TimeRange

SECOND = TimeRange(Fraction(0), Fraction(1))
offsets = st.floats(-0.3, 0.3)
transforms = st.builds(Transform, offsets, offsets, st.floats(0.2, 3), st.floats(-180, 180))
sizes = st.tuples(st.integers(16, 4000), st.integers(16, 4000))
points = st.tuples(st.floats(0, 1), st.floats(0, 1))


def _clip(transform: Transform) -> Clip:
    return Clip("c", Fraction(0), SECOND, "m", transform=transform)


def _media(size: tuple[int, int]) -> Media:
    return Media("m", MediaKind.VIDEO, "m.mp4", "/m.mp4", "f", 1, 1, SECOND, *size)


@given(transforms, sizes, sizes, points)
def test_a_point_lies_where_the_compositor_puts_it(
    transform: Transform, size: tuple[int, int], canvas: tuple[int, int], point: tuple[float, float]
) -> None:
    place = place_of(_clip(transform), _media(size), Canvas(*canvas))
    image = LayerImage(np.zeros((1, 1, 4), np.float32), np.eye(3), (float(size[0]), float(size[1])))
    output = OutputFormat(*canvas, PixelFormat("yuv420p", 8, 1, 1), Colour(1, 1, 1, full_range=False))
    x, y, _ = placement(image, transform, output) @ (point[0] * size[0], point[1] * size[1], 1)
    assert np.allclose(place.to_canvas(point), (x / canvas[0], y / canvas[1]), atol=1e-6)


@given(transforms, sizes, sizes, st.tuples(points, points, points))
def test_what_is_shown_and_drawn_again_is_the_same_region(
    transform: Transform, size: tuple[int, int], canvas: tuple[int, int], corners: tuple[tuple[float, float], ...]
) -> None:
    place = place_of(_clip(transform), _media(size), Canvas(*canvas))
    lasso = Region(RegionKind.LASSO, corners)
    again = region_on_picture(region_on_canvas(lasso, place), place)
    assert np.allclose(again.points, lasso.points, atol=1e-6)


def test_a_box_stays_a_box_until_the_picture_is_turned() -> None:
    box = Region(RegionKind.BOX, ((0.25, 0.25), (0.5, 0.75)))
    letterboxed = place_of(_clip(Transform()), _media((1920, 1080)), Canvas(1080, 1920))
    shown = region_on_canvas(box, letterboxed)
    assert shown.kind is RegionKind.BOX
    assert shown.bounds == pytest.approx((0.25, 0.5 - 0.25 * 0.31640625, 0.5, 0.5 + 0.25 * 0.31640625))
    turned = place_of(_clip(Transform(rotation_deg=10)), _media((1920, 1080)), Canvas(1920, 1080))
    assert region_on_canvas(box, turned).kind is RegionKind.LASSO


def test_what_is_drawn_beside_the_picture_is_clipped_to_it() -> None:
    letterboxed = place_of(_clip(Transform()), _media((1920, 1080)), Canvas(1080, 1920))
    drawn = region_on_picture(Region(RegionKind.BOX, ((0.1, 0.0), (0.6, 0.5))), letterboxed)
    assert drawn.bounds == pytest.approx((0.1, 0.0, 0.6, 0.5))


@given(st.builds(Transform, offsets, offsets, st.floats(0.2, 3)), sizes, sizes, st.floats(0.001, 0.5))
def test_every_kind_of_shape_comes_back_from_the_canvas(
    transform: Transform, size: tuple[int, int], canvas: tuple[int, int], radius: float
) -> None:
    place = place_of(_clip(transform), _media(size), Canvas(*canvas))
    more = (
        Shape(RegionKind.ELLIPSE, ((0.2, 0.1), (0.7, 0.9)), is_subtracted=True),
        Shape(RegionKind.BRUSH, ((0.5, 0.5), (0.6, 0.2)), radius),
        Shape(RegionKind.BOX, ((0.0, 0.25), (0.25, 1.0))),
    )
    region = Region(RegionKind.LASSO, ((0.1, 0.1), (0.9, 0.2), (0.5, 0.8)), 9.0, 0.0, more, grow_px=-3.0, is_inverted=True)
    again = region_on_picture(region_on_canvas(region, place), place)
    assert [s.kind for s in again.shapes] == [s.kind for s in region.shapes]
    assert [s.is_subtracted for s in again.shapes] == [False, True, False, False]
    for before, after in zip(region.shapes, again.shapes, strict=True):
        assert np.allclose(after.points, before.points, atol=1e-6) and after.radius == pytest.approx(before.radius, abs=1e-6)
    assert (again.feather_px, again.grow_px, again.is_inverted) == (9.0, -3.0, True)


def test_a_pen_is_as_wide_on_the_canvas_as_the_picture_there() -> None:
    region = Region(RegionKind.BRUSH, ((0.5, 0.5),), radius=0.1)
    letterboxed = place_of(_clip(Transform(rotation_deg=90)), _media((1920, 1080)), Canvas(1080, 1920))
    assert region_on_canvas(region, letterboxed).radius * 1920 == pytest.approx(0.1 * 1080 * 1080 / 1920)


def test_a_turned_ellipse_becomes_a_lasso_that_looks_the_same() -> None:
    ellipse = Region(RegionKind.ELLIPSE, ((0.4, 0.3), (0.6, 0.7)))
    place = place_of(_clip(Transform(rotation_deg=30)), _media((1000, 1000)), Canvas(1000, 1000))
    turned = region_on_canvas(ellipse, place)
    assert turned.kind is RegionKind.LASSO
    back = np.array([place.to_picture(point) for point in turned.points])
    assert np.allclose(((back[:, 0] - 0.5) / 0.1) ** 2 + ((back[:, 1] - 0.5) / 0.2) ** 2, 1)


def test_an_ellipse_drawn_over_the_edge_of_the_picture_keeps_its_form() -> None:
    letterboxed = place_of(_clip(Transform()), _media((1000, 500)), Canvas(1000, 1000))
    drawn = region_on_picture(Region(RegionKind.ELLIPSE, ((0.4, 0.15), (0.6, 0.35))), letterboxed)
    assert drawn.kind is RegionKind.LASSO and drawn.bounds == pytest.approx((0.4, 0.0, 0.6, 0.2), abs=1e-3)
    inside = np.array([point for point in drawn.points if point[1] > 0])
    assert np.allclose(((inside[:, 0] - 0.5) / 0.1) ** 2 + ((inside[:, 1]) / 0.2) ** 2, 1)


def test_a_further_shape_beside_the_picture_is_left_out() -> None:
    letterboxed = place_of(_clip(Transform()), _media((1000, 500)), Canvas(1000, 1000))
    beside = Shape(RegionKind.BOX, ((0.1, 0.0), (0.6, 0.2)))
    drawn = Region(RegionKind.BOX, ((0.4, 0.4), (0.6, 0.6)), more=(beside, replace(beside, is_subtracted=True)))
    assert region_on_picture(drawn, letterboxed).more == ()
