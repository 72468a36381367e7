"""A sloppy outline is moved to the thing's own edge, at every turn and pixel aspect; where there is none it is refused."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.compositing.geometry import as_stored, upright
from engine.compositing.mask import region_mask
from engine.compositing.refine import refined
from engine.errors import EditError
from engine.media.picture import Colour, Picture, PixelFormat
from engine.project.model import Region, RegionKind
from engine.project.regions import checked_region

Rgb = npt.NDArray[np.uint8]
WIDTH, HEIGHT = 320, 200
RGB = PixelFormat("gbrp", 8, 0, 0, is_rgb=True)


def picture_of(rgb: Rgb) -> Picture:
    planes = [np.ascontiguousarray(rgb[..., channel]) for channel in (1, 2, 0)]
    for plane in planes:
        plane.flags.writeable = False
    return Picture(tuple(planes), RGB, Colour(1, 1, 1))


def texture(random: np.random.Generator, low: float, high: float, grain: float) -> npt.NDArray[np.float64]:
    noise = cv2.GaussianBlur(random.normal(0, 1, (HEIGHT, WIDTH, 3)), (0, 0), grain)
    span = (noise - noise.min()) / (noise.max() - noise.min())
    return np.asarray(random.uniform(low, low + 40, 3) + span * (high - low - 40), np.float64)


def scene(seed: int, hole: bool = False, parts: int = 1) -> tuple[Rgb, npt.NDArray[np.bool_], Region]:
    """A bright blob with a blurred edge on a dark texture, both with grain; and a lasso drawn round it by a shaky hand."""
    random = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = 45 + 10 * np.sin(3 * turn + random.uniform(0, 6)) + 5 * np.sin(5 * turn + random.uniform(0, 6))
    round_ = np.stack([np.cos(turn) * 1.3, np.sin(turn)], 1)
    outline = np.array([160, 100]) + round_ * radius[:, None]
    raster = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
    cv2.fillPoly(raster, [np.round(outline * 4).astype(np.int32)], 255)
    if hole:
        cv2.circle(raster, (640, 400), 80, 0, -1)
    if parts == 2:
        raster[:, 630:650] = 0
    small = np.asarray(cv2.resize(raster, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float64)
    cover = cv2.GaussianBlur(small / 255, (0, 0), 0.7)
    behind, thing = texture(random, 20, 120, 4), texture(random, 130, 250, 3)
    mixed = behind + (thing - behind) * cover[..., None] + random.normal(0, 3, (HEIGHT, WIDTH, 3))
    corners = np.array([160, 100]) + round_[::15] * (radius[::15] * random.uniform(0.97, 1.22, 14))[:, None]
    points = tuple((float(np.clip(x / WIDTH, 0, 1)), float(np.clip(y / HEIGHT, 0, 1))) for x, y in corners)
    return np.clip(mixed, 0, 255).astype(np.uint8), cover >= 0.5, Region(RegionKind.LASSO, points, 5.0)


def covered(region: Region) -> npt.NDArray[np.bool_]:
    mask = region_mask(replace(region, feather_px=0.0, is_inverted=False), WIDTH, HEIGHT)
    full = np.zeros((HEIGHT, WIDTH), np.bool_)
    x, y, width, height = mask.box
    full[y : y + height, x : x + width] = mask.alpha >= 0.5
    return full


def overlap(region: Region, truth: npt.NDArray[np.bool_]) -> float:
    """Intersection over union."""
    found = covered(region)
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize("seed", range(6))
def test_a_sloppy_lasso_finds_the_thing(seed: int) -> None:
    rgb, truth, drawn = scene(seed)
    assert overlap(drawn, truth) < 0.93
    found = refined(drawn, picture_of(rgb))
    assert overlap(found, truth) >= 0.97
    assert found.feather_px == 5.0 and checked_region(found) == found and len(found.points) < 200


@pytest.mark.parametrize("draw", [
    lambda region: Region(RegionKind.BOX, (region.bounds[:2], region.bounds[2:]), 5.0),
    lambda region: Region(RegionKind.ELLIPSE, (region.bounds[:2], region.bounds[2:]), 5.0, is_inverted=True),
    lambda region: replace(region, grow_px=5.0),
])  # fmt: skip
def test_every_kind_of_region_is_refined_and_keeps_its_sense(draw: Callable[[Region], Region]) -> None:
    rgb, truth, drawn = scene(1)
    region = draw(drawn)
    found = refined(region, picture_of(rgb))
    assert overlap(found, truth) >= 0.96
    assert found.is_inverted == region.is_inverted and found.grow_px == 0 and found.kind is RegionKind.LASSO


def test_a_hole_is_taken_away_and_a_second_part_added() -> None:
    rgb, truth, drawn = scene(2, hole=True)
    found = refined(drawn, picture_of(rgb))
    assert overlap(found, truth) >= 0.96 and any(shape.is_subtracted for shape in found.more)
    rgb, truth, drawn = scene(2, parts=2)
    found = refined(drawn, picture_of(rgb))
    assert overlap(found, truth) >= 0.95 and any(not shape.is_subtracted for shape in found.more)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_picture_gives_the_same_outline_as_displayed(rotation: int) -> None:
    rgb, truth, drawn = scene(3)
    stored = np.ascontiguousarray(as_stored(rgb, rotation))
    assert np.array_equal(upright(stored, rotation), rgb)
    assert overlap(refined(drawn, picture_of(stored), rotation), truth) >= 0.97


def test_wide_pixels_are_refined_as_displayed() -> None:
    rgb, truth, drawn = scene(4)
    narrow = cv2.resize(rgb, (WIDTH * 3 // 4, HEIGHT), interpolation=cv2.INTER_AREA)
    assert overlap(refined(drawn, picture_of(narrow.astype(np.uint8)), 0, Fraction(4, 3)), truth) >= 0.97


def test_equal_input_gives_equal_output() -> None:
    rgb, _, drawn = scene(5)
    first = refined(drawn, picture_of(rgb))
    np.random.default_rng().random()
    cv2.setRNGSeed(77)
    assert refined(drawn, picture_of(rgb)) == first


def test_where_there_is_no_edge_it_says_so() -> None:
    flat = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    noise = np.random.default_rng(0).integers(100, 140, (HEIGHT, WIDTH, 3), np.uint8)
    box = Region(RegionKind.BOX, ((0.3, 0.3), (0.6, 0.6)))
    for rgb in (flat, noise):
        with pytest.raises(EditError, match="No clear edge"):
            refined(box, picture_of(rgb))
    with pytest.raises(EditError):
        refined(Region(RegionKind.BOX, ((0.0, 0.0), (1.0, 1.0))), picture_of(flat))


@pytest.mark.parametrize("size", [(8, 8), (2, 40)])
def test_a_tiny_picture_is_refused_or_refined_but_never_breaks(size: tuple[int, int]) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    try:
        refined(Region(RegionKind.BOX, ((0.2, 0.2), (0.8, 0.8))), picture_of(rgb))
    except EditError:
        return
