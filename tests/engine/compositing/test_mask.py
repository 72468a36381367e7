"""A region keeps its place at every size, turn and pixel aspect, and its feather its width."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compositing.geometry import as_stored, to_displayed, to_stored, upright
from engine.compositing.mask import RegionMask, region_mask, region_pixels
from engine.errors import EditError
from engine.project.model import Region, RegionKind

SIZES = ((1920, 1080), (1280, 720), (641, 359), (320, 240), (97, 53))
unit = st.floats(0.0, 1.0)
PLAIN = (RegionKind.BOX, RegionKind.LASSO)


def box(left: float, top: float, right: float, bottom: float, feather: float = 0.0) -> Region:
    return Region(RegionKind.BOX, ((left, top), (right, bottom)), feather)


def whole(mask: RegionMask, width: int, height: int) -> np.ndarray:
    full = np.zeros((height, width), np.float32)
    x, y, w, h = mask.box
    full[y:y + h, x:x + w] = mask.alpha
    return full


@given(st.tuples(unit, unit), st.sampled_from((0, 90, 180, 270)))
def test_points_survive_the_way_to_stored_pixels_and_back(point: tuple[float, float], rotation: int) -> None:
    there = to_stored([point], rotation)
    assert np.allclose(to_displayed([(float(there[0, 0]), float(there[0, 1]))], rotation), [point], atol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_a_box_covers_the_same_fractions_at_every_size(size: tuple[int, int]) -> None:
    width, height = size
    alpha = whole(region_mask(box(0.25, 0.3, 0.75, 0.8), width, height), width, height)
    assert alpha.sum() == pytest.approx(0.5 * width * 0.5 * height, rel=1e-4)
    rows, columns = np.nonzero(alpha > 0.5)
    assert (columns.mean() + 0.5) / width == pytest.approx(0.5, abs=1 / width)
    assert (rows.mean() + 0.5) / height == pytest.approx(0.55, abs=1 / height)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", PLAIN)
def test_the_round_trip_through_pixels_gives_the_region_again(size: tuple[int, int], kind: RegionKind) -> None:
    width, height = size
    points = ((0.2, 0.3), (0.7, 0.9)) if kind is RegionKind.BOX else ((0.2, 0.3), (0.7, 0.3), (0.7, 0.9), (0.2, 0.9))
    alpha = whole(region_mask(Region(kind, points, 0.0), width, height), width, height)
    columns, rows = alpha.max(axis=0).cumsum(), alpha.max(axis=1).cumsum()
    left = (width - len(columns[columns > 0]) + 1 - alpha.max(axis=0)[columns > 0][0]) / width
    assert left == pytest.approx(0.2, abs=0.3 / width)
    assert columns[-1] / width == pytest.approx(0.5, abs=0.5 / width)
    assert rows[-1] / height == pytest.approx(0.6, abs=0.5 / height)


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("kind", PLAIN)
def test_a_turned_picture_has_the_region_where_it_is_displayed(rotation: int, kind: RegionKind) -> None:
    points = ((0.1, 0.2), (0.4, 0.5)) if kind is RegionKind.BOX else ((0.1, 0.2), (0.4, 0.25), (0.2, 0.5))
    region = Region(kind, points, 5.0)
    stored = (120, 80) if rotation == 180 else (80, 120)
    shown = whole(region_mask(region, 120, 80), 120, 80)
    turned = whole(region_mask(region, *stored, rotation=rotation), *stored)
    assert np.abs(upright(turned, rotation) - shown).max() < 0.07
    assert np.array_equal(as_stored(upright(turned, rotation), rotation), turned)


@given(
    st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=3, max_size=8),
    st.floats(0, 20), st.sampled_from(SIZES[2:]), st.sampled_from((0, 90)), st.sampled_from((Fraction(1), Fraction(4, 3))),
)
@settings(max_examples=25, deadline=None)
def test_a_mask_is_alpha_inside_the_picture(
    points: list[tuple[float, float]], feather: float, size: tuple[int, int], rotation: int, aspect: Fraction
) -> None:
    try:
        mask = region_mask(Region(RegionKind.LASSO, tuple(points), feather), *size, rotation=rotation, pixel_aspect=aspect)
    except EditError:
        return
    x, y, width, height = mask.box
    assert x >= 0 and x + width <= size[0] and y >= 0 and y + height <= size[1]
    assert mask.alpha.dtype == np.float32 and mask.alpha.min() >= 0 and mask.alpha.max() <= 1
    assert not mask.alpha.flags.writeable


@pytest.mark.parametrize("kind", PLAIN)
def test_feather_is_one_inside_smooth_outside_and_nothing_beyond(kind: RegionKind) -> None:
    corners = ((0.4, 0.4), (0.6, 0.6)) if kind is RegionKind.BOX else ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    alpha = whole(region_mask(Region(kind, corners, 10.0), 200, 200), 200, 200)
    assert (alpha[81:119, 81:119] == 1).all()
    row = alpha[100, 119:140]
    assert (np.diff(row) <= 0).all() and 0.4 < alpha[100, 125] < 0.6
    assert (alpha[100, 131:] == 0).all() and (alpha[:69] == 0).all()


def test_feather_is_as_wide_sideways_as_down_where_pixels_are_wide() -> None:
    alpha = whole(region_mask(box(0.4, 0.4, 0.6, 0.6, 12.0), 200, 200, pixel_aspect=Fraction(2)), 200, 200)
    across, down = (alpha[100, 120:] > 0).sum(), (alpha[120:, 100] > 0).sum()
    assert (across, down) == (6, 12)


@pytest.mark.parametrize(
    "region", [box(1.2, 0.1, 1.5, 0.5), box(0.5, 0.5, 0.5, 0.9), Region(RegionKind.LASSO, ((0.1, 0.1), (0.2, 0.2)))]
)
def test_a_region_that_covers_nothing_is_refused_in_a_sentence(region: Region) -> None:
    with pytest.raises(EditError, match=r"\.$"):
        region_mask(region, 100, 100)


def test_the_readout_counts_displayed_pixels() -> None:
    assert region_pixels(box(0.25, 0.5, 0.75, 1.0), 1920, 1080) == (480, 540, 960, 540)
