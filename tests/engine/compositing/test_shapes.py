"""Regions of several shapes: each has its form as displayed, they add and subtract in order, growth and inversion follow."""

from dataclasses import replace
from fractions import Fraction
from math import pi

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compositing.geometry import displayed_size, upright
from engine.compositing.mask import region_mask, region_pixels
from engine.errors import EditError
from engine.project.model import Region, RegionKind, Shape

Full = npt.NDArray[np.float32]
ELLIPSE = Region(RegionKind.ELLIPSE, ((0.3, 0.2), (0.7, 0.6)), 0.0)
STROKE = Region(RegionKind.BRUSH, ((0.3, 0.3), (0.6, 0.3), (0.6, 0.7)), 0.0, radius=0.05)
SQUARE = Region(RegionKind.BOX, ((0.25, 0.25), (0.75, 0.75)), 0.0)
HOLE = Shape(RegionKind.BOX, ((0.4, 0.4), (0.6, 0.6)), is_subtracted=True)

unit = st.floats(0.0, 1.0)
points = st.tuples(unit, unit)
corners = st.tuples(points, points)


def shapes(kind: RegionKind) -> st.SearchStrategy[Shape]:
    if kind in {RegionKind.BOX, RegionKind.ELLIPSE}:
        return st.builds(Shape, st.just(kind), corners, st.just(0.0), st.booleans())
    if kind is RegionKind.LASSO:
        return st.builds(Shape, st.just(kind), st.lists(points, min_size=3, max_size=6).map(tuple), st.just(0.0), st.booleans())
    strokes = st.lists(points, min_size=1, max_size=5).map(tuple)
    return st.builds(Shape, st.just(kind), strokes, st.floats(0.001, 0.2), st.booleans())


any_shape = st.sampled_from(RegionKind).flatmap(shapes)
regions = st.builds(
    lambda first, more, feather, grow, inverted: Region(
        first.kind, first.points, feather, first.radius, tuple(more), grow, inverted
    ),
    any_shape, st.lists(any_shape, max_size=3), st.sampled_from((0.0, 3.0, 12.0)), st.sampled_from((0.0, 4.0, -4.0)),
    st.booleans(),
)


def alpha_of(region: Region, width: int = 200, height: int = 200, rotation: int = 0, aspect: Fraction = Fraction(1)) -> Full:
    mask = region_mask(region, width, height, rotation, aspect)
    full = np.zeros((height, width), np.float32)
    x, y, w, h = mask.box
    full[y : y + h, x : x + w] = mask.alpha
    return full


def distances(width: int, height: int, x: float, y: float) -> npt.NDArray[np.float64]:
    down, across = np.mgrid[:height, :width] + 0.5
    return np.asarray(np.hypot(across - x, down - y), np.float64)


@given(regions, st.sampled_from((0, 90, 180, 270)), st.sampled_from((Fraction(1), Fraction(4, 3), Fraction(8, 9))))
@settings(max_examples=60, deadline=None)
def test_every_region_is_alpha_inside_the_picture_or_refused(region: Region, rotation: int, aspect: Fraction) -> None:
    try:
        mask = region_mask(region, 97, 53, rotation, aspect)
    except EditError:
        return
    x, y, width, height = mask.box
    assert x >= 0 and x + width <= 97 and y >= 0 and y + height <= 53
    assert mask.alpha.dtype == np.float32 and mask.alpha.min() >= 0 and mask.alpha.max() <= 1
    assert not mask.alpha.flags.writeable


@given(regions)
@settings(max_examples=40, deadline=None)
def test_nothing_is_touched_beyond_the_feather(region: Region) -> None:
    """Measured against the region without a feather: the distance from any pixel it touches at all."""
    try:
        core, soft = alpha_of(replace(region, feather_px=0.0), 120, 80), alpha_of(region, 120, 80)
    except EditError:
        return
    assert (soft >= core - 1e-6).all()
    rows, columns = np.nonzero(core > 0)
    touched = np.stack([rows, columns], 1)
    for row, column in np.argwhere(soft > 0)[:: max(1, int((soft > 0).sum()) // 40)]:
        assert np.hypot(*(touched - (row, column)).T).min() <= region.feather_px + 1


@given(regions, st.sampled_from((90, 180, 270)))
@settings(max_examples=30, deadline=None)
def test_a_turned_picture_has_the_region_where_it_is_displayed(region: Region, rotation: int) -> None:
    stored = (120, 80) if rotation == 180 else (80, 120)
    try:
        shown = alpha_of(replace(region, feather_px=0.0), 120, 80)
        turned = alpha_of(replace(region, feather_px=0.0), *stored, rotation=rotation)
    except EditError:
        return
    # Corners of shapes lie on samples, where a turn decides to which side they are rounded.
    assert np.abs(upright(turned, rotation) - shown).mean() < 0.01


@pytest.mark.parametrize("aspect", [Fraction(1), Fraction(4, 3), Fraction(8, 9)])
@pytest.mark.parametrize("rotation", [0, 90])
def test_an_ellipse_and_a_pen_are_round_as_displayed(rotation: int, aspect: Fraction) -> None:
    wide, high = displayed_size(240, 180, rotation, aspect)
    radius = 0.2 * high
    circle = Region(
        RegionKind.ELLIPSE, ((0.5 - radius / wide, 0.3), (0.5 + radius / wide, 0.7)), 0.0
    )
    dot = Region(RegionKind.BRUSH, ((0.5, 0.5),), 0.0, radius=0.2)
    for region in (circle, dot):
        alpha = alpha_of(region, 240, 180, rotation, aspect)
        assert alpha.sum() * float(aspect) == pytest.approx(pi * radius**2, rel=0.01)
        across, down = (alpha[90] > 0.5).sum() * float(aspect), (alpha[:, 120] > 0.5).sum()
        assert across == pytest.approx(2 * radius, abs=2) and down == pytest.approx(2 * radius, abs=2)


def test_a_stroke_is_as_wide_as_its_pen_all_along_with_round_ends() -> None:
    alpha = alpha_of(STROKE)
    assert alpha[60, 60:120].min() == 1 and alpha[50:71, 90].sum() == pytest.approx(20, abs=0.5)
    assert alpha[60, 50:60].min() > 0.4 and alpha[51, 51] == 0 and alpha[60, 48] == 0
    assert alpha[100, 105:137].sum() == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("grow", [0.0, 7.5, -4.25])
def test_feather_and_growth_are_right_to_a_part_of_a_pixel(grow: float) -> None:
    radius, feather = 50.7, 6.0
    x, y = 100.37, 98.81
    bounds = ((x - radius) / 200, (y - radius) / 200), ((x + radius) / 200, (y + radius) / 200)
    region = Region(RegionKind.ELLIPSE, bounds, feather, grow_px=grow)
    outside = distances(200, 200, x, y) - radius - grow
    t = np.clip(1 - np.maximum(outside, 0) / feather, 0, 1)
    wanted = np.maximum(t * t * (3 - 2 * t), np.clip(0.5 - outside, 0, 1))
    error = np.abs(alpha_of(region) - wanted)
    assert error.max() < 0.12 and error[np.abs(outside) < feather].mean() < 0.015
    assert (alpha_of(region)[outside > feather + 0.5] == 0).all()


def test_growing_by_a_whole_number_moves_a_straight_edge_by_it() -> None:
    assert np.abs(alpha_of(replace(SQUARE, grow_px=10.0))[100, 30:50] - ([0.0] * 10 + [1.0] * 10)).max() < 0.06
    assert np.abs(alpha_of(replace(SQUARE, grow_px=-10.0))[100, 50:70] - ([0.0] * 10 + [1.0] * 10)).max() < 0.06


def test_shapes_are_added_and_taken_away_in_order() -> None:
    back = replace(HOLE, is_subtracted=False)
    assert alpha_of(replace(SQUARE, more=(HOLE,))).sum() == pytest.approx(100 * 100 - 40 * 40)
    assert np.array_equal(alpha_of(replace(SQUARE, more=(HOLE, back))), alpha_of(SQUARE))
    assert np.array_equal(alpha_of(replace(SQUARE, more=(back, HOLE))), alpha_of(replace(SQUARE, more=(HOLE,))))


def test_a_hole_has_a_feather_of_its_own() -> None:
    alpha = alpha_of(replace(SQUARE, more=(HOLE,), feather_px=10.0))
    assert 0 < alpha[100, 85] < 1 and alpha[100, 100] == 0 and alpha[100, 75] == 1


def test_an_inverted_region_is_everything_but_it() -> None:
    assert np.allclose(alpha_of(replace(ELLIPSE, is_inverted=True)), 1 - alpha_of(ELLIPSE))
    soft = alpha_of(replace(ELLIPSE, is_inverted=True, feather_px=8.0))
    assert soft[80, 100] == 0 and soft[0, 0] == 1 and 0 < soft[80, 64] < 1


def test_the_edge_of_the_picture_is_no_outline() -> None:
    left_half = Region(RegionKind.BOX, ((0.0, 0.0), (0.5, 1.0)), 0.0)
    assert alpha_of(replace(left_half, grow_px=-10.0))[:, :89].min() == 1
    rest = alpha_of(replace(left_half, is_inverted=True, feather_px=10.0))
    assert rest[:, 0].max() == 0 and rest[0, 100] == 1


def test_a_plain_outline_is_exactly_what_it_was_before_there_were_others() -> None:
    """Patches made by older versions are found and shown again, so these values are fixed."""
    box = alpha_of(Region(RegionKind.BOX, ((0.21, 0.33), (0.57, 0.71)), 5.0))
    lasso = alpha_of(Region(RegionKind.LASSO, ((0.2, 0.3), (0.7, 0.35), (0.4, 0.9)), 5.0))
    assert box.astype(np.float64).sum() == pytest.approx(6235.55353, abs=1e-3)
    assert lasso.astype(np.float64).sum() == pytest.approx(6739.00713, abs=1e-3)


@pytest.mark.parametrize(
    "region",
    [
        Region(RegionKind.BRUSH, (), radius=0.1), Region(RegionKind.ELLIPSE, ((0.1, 0.1),)),
        replace(SQUARE, more=(replace(HOLE, points=((0.0, 0.0), (1.0, 1.0))),)),
        Region(RegionKind.BOX, ((0.0, 0.0), (1.0, 1.0)), is_inverted=True), replace(SQUARE, grow_px=-60.0),
    ],
)
def test_a_region_that_covers_nothing_is_refused_in_a_sentence(region: Region) -> None:
    with pytest.raises(EditError, match=r"\.$"):
        region_mask(region, 200, 200)


def test_the_readout_counts_what_is_added_and_grown() -> None:
    wide = Shape(RegionKind.BRUSH, ((0.8, 0.5),), 0.1)
    assert region_pixels(replace(SQUARE, more=(wide, HOLE)), 200, 100) == (50, 25, 120, 50)
    assert region_pixels(replace(SQUARE, grow_px=5.0), 200, 100) == (45, 20, 110, 60)
    assert region_pixels(replace(SQUARE, is_inverted=True), 200, 100) == (0, 0, 200, 100)
