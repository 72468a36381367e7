"""Colour means the same both ways: what nobody touched keeps its codes, and known codes are known colours."""

from dataclasses import replace
from fractions import Fraction
from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.media.colour import region_alpha, region_to_rgb, resolved_matrix, rgb_to_planes
from engine.media.display import to_display_rgb, to_display_rgba
from engine.media.picture import Colour, Picture, PixelFormat, Plane

FORMATS = [
    PixelFormat("yuv420p", 8, 1, 1), PixelFormat("yuv422p10le", 10, 1, 0), PixelFormat("yuv444p", 8, 0, 0),
    PixelFormat("yuv411p", 8, 2, 0), PixelFormat("yuv420p12le", 12, 1, 1), PixelFormat("gbrp", 8, 0, 0, is_rgb=True),
    PixelFormat("gbrap16le", 16, 0, 0, is_rgb=True, has_alpha=True), PixelFormat("yuva420p", 8, 1, 1, has_alpha=True),
    PixelFormat("yuv440p", 8, 0, 1), PixelFormat("yuv410p", 8, 2, 2),
]
COLOURS = [Colour(matrix, 2, 2, full) for matrix in (1, 2, 5, 9) for full in (False, True)]


def plane(width: int, height: int, bits: int, seed: int) -> Plane:
    values = np.random.default_rng(seed).integers(0, 1 << bits, (height, width))
    return cast(Plane, values.astype(np.uint8 if bits == 8 else np.uint16))


def noise(source: PixelFormat, colour: Colour, width: int, height: int, seed: int = 0) -> Picture:
    """Random codes everywhere, also those outside the gamut."""
    chroma = -(-width >> source.shift_x), -(-height >> source.shift_y)
    chroma = (width + (1 << source.shift_x) - 1) >> source.shift_x, (height + (1 << source.shift_y) - 1) >> source.shift_y
    planes = [plane(width, height, source.bits, seed), *(plane(*chroma, source.bits, seed + n) for n in (1, 2))]
    if source.has_alpha:
        planes.append(plane(width, height, source.bits, seed + 3))
    return Picture(tuple(planes), source, colour)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.sampled_from(COLOURS), st.integers(1, 70), st.integers(1, 50), st.data())
def test_a_region_that_nobody_touched_keeps_its_codes(
    source: PixelFormat, colour: Colour, width: int, height: int, data: st.DataObject
) -> None:
    picture = noise(source, colour, width, height)
    step_x, step_y = 1 << source.shift_x, 1 << source.shift_y
    x = data.draw(st.integers(0, (width - 1) // step_x)) * step_x
    y = data.draw(st.integers(0, (height - 1) // step_y)) * step_y
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    if x + w < width:
        w = max(step_x, w // step_x * step_x) if x + step_x <= width else width - x
    if y + h < height:
        h = max(step_y, h // step_y * step_y) if y + step_y <= height else height - y
    rgb = region_to_rgb(picture, x, y, w, h)
    assert rgb.shape == (h, w, 3)
    assert rgb.dtype == np.float32
    planes = rgb_to_planes(rgb, source, colour, (width, height), region_alpha(picture, x, y, w, h))
    assert len(planes) == len(picture.planes)
    for number, (result, stored) in enumerate(zip(planes, picture.planes, strict=True)):
        across, down = (source.shift_x, source.shift_y) if number in {1, 2} else (0, 0)
        expected = stored[y >> down : (y >> down) + result.shape[0], x >> across : (x >> across) + result.shape[1]]
        assert result.dtype == stored.dtype
        assert result.shape == expected.shape
        if source.shift_x == 2 and x + w == width and width % 4:
            continue  # the last chroma of 4:1:1 stands for fewer pixels; still checked by the other formats
        assert np.abs(result.astype(int) - expected).max() <= 1


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 12), st.integers(1, 12))
def test_a_region_is_a_part_of_the_whole(x: int, y: int, w: int, h: int) -> None:
    picture = noise(FORMATS[0], Colour(1), 33, 33)
    whole = region_to_rgb(picture, 0, 0, 33, 33)
    assert np.abs(region_to_rgb(picture, x, y, w, h) - whole[y : y + h, x : x + w]).max() < 1e-6


def flat(codes: tuple[int, int, int], source: PixelFormat, colour: Colour, size: tuple[int, int] = (16, 16)) -> Picture:
    kind = np.uint8 if source.bits == 8 else np.uint16
    shapes = [(size[1], size[0])] + [(size[1] >> source.shift_y, size[0] >> source.shift_x)] * 2
    planes = tuple(cast(Plane, np.full(shape, code, kind)) for shape, code in zip(shapes, codes, strict=True))
    return Picture(planes, source, colour)


@pytest.mark.parametrize(
    ("codes", "bits", "colour", "rgb"),
    [
        ((16, 128, 128), 8, Colour(1), (0, 0, 0)), ((235, 128, 128), 8, Colour(1), (1, 1, 1)),
        ((255, 128, 128), 8, Colour(1, full_range=True), (1, 1, 1)), ((940, 512, 512), 10, Colour(9), (1, 1, 1)),
        ((63, 102, 240), 8, Colour(1), (1, 0, 0)),  # BT.709 red
        ((81, 90, 240), 8, Colour(6), (1, 0, 0)),  # BT.601 red
        ((145, 54, 34), 8, Colour(6), (0, 1, 0)), ((32, 240, 118), 8, Colour(1), (0, 0, 1)),
        ((58 + 192, 409, 960), 10, Colour(1), (1, 0, 0)),
    ],
)
def test_known_codes_are_known_colours(
    codes: tuple[int, int, int], bits: int, colour: Colour, rgb: tuple[int, int, int]
) -> None:
    picture = flat(codes, PixelFormat("yuv420p", bits, 1, 1), colour)
    assert np.abs(region_to_rgb(picture, 2, 2, 4, 4) - np.array(rgb)).max() < 0.012
    assert np.abs(to_display_rgb(picture)[8, 8] - 255 * np.array(rgb)).max() <= 3


def test_an_unspecified_matrix_goes_by_size() -> None:
    unknown = Colour()
    assert resolved_matrix(unknown, 1280, 720) == resolved_matrix(unknown, 720, 1280) == 1
    assert resolved_matrix(unknown, 720, 576) == resolved_matrix(unknown, 640, 480) == 6
    assert resolved_matrix(Colour(matrix=9), 640, 480) == 9


def test_the_display_agrees_with_the_regions() -> None:
    smooth = cv2.resize(np.random.default_rng(0).integers(90, 150, (3, 4), np.uint8), (96, 64), interpolation=cv2.INTER_CUBIC)
    chroma = [np.ascontiguousarray(cv2.resize(smooth, (48, 32))[::turn]) for turn in (1, -1)]
    picture = Picture((smooth, *chroma), FORMATS[0], Colour(6))  # type: ignore[arg-type]
    exact = np.clip(region_to_rgb(picture, 0, 0, 96, 64) * 255, 0, 255)
    shown = to_display_rgb(picture)
    assert np.abs(shown - exact).mean() < 1.5
    half = to_display_rgb(picture, max_size=(48, 48))
    assert half.shape == (32, 48, 3)
    assert np.abs(half.astype(float) - cv2.resize(shown, (48, 32), interpolation=cv2.INTER_AREA)).mean() < 1.5


@pytest.mark.parametrize("source", FORMATS, ids=lambda source: source.name)
def test_every_format_is_shown(source: PixelFormat) -> None:
    values = (100, 128, 128) if not source.is_rgb else (100, 100, 100)
    step = 1 << (source.bits - 8)
    base = flat(cast(tuple[int, int, int], tuple(v * step for v in values)), replace(source, has_alpha=False), Colour(1))
    planes = base.planes
    if source.has_alpha:
        planes = (*planes, cast(Plane, np.full(planes[0].shape, source.peak, planes[0].dtype)))
    shown = to_display_rgba(Picture(planes, source, Colour(1)))
    assert shown.shape == (16, 16, 4)
    assert (shown[:, :, 3] == 255).all()
    assert np.ptp(shown[:, :, :3].astype(int)) <= 1
    assert abs(int(shown[0, 0, 0]) - (100 if source.is_rgb else round((100 - 16) * 255 / 219))) <= 1


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_turning_is_clockwise(rotation: int, corner: tuple[int, int]) -> None:
    green = np.zeros((20, 30), np.uint8)
    green[:4, :4] = 255
    shown = to_display_rgb(Picture((green, green, green), FORMATS[5], Colour(0, full_range=True)), rotation)
    assert shown[corner][0] == 255
    assert shown.shape[:2] == ((30, 20) if rotation in {90, 270} else (20, 30))


def test_pixels_become_square_and_pictures_only_shrink() -> None:
    picture = flat((100, 128, 128), FORMATS[0], Colour(1), (1440, 1080))
    assert to_display_rgb(picture, 0, Fraction(4, 3)).shape == (1080, 1920, 3)
    assert to_display_rgb(picture, 90, Fraction(4, 3), (960, 960)).shape == (960, 540, 3)
    assert to_display_rgb(picture, 0, Fraction(4, 3), (9999, 9999)).shape == (1080, 1920, 3)


def test_chroma_lies_on_the_even_columns() -> None:
    """Left siting: a chroma edge between columns 7 and 8 of 16 is halfway at luma column 7."""
    ramp = np.zeros((8, 8), np.uint8)
    ramp[:] = np.where(np.arange(8) < 4, 100, 156)
    luma = np.full((16, 16), 128, np.uint8)
    rgb = region_to_rgb(Picture((luma, ramp, np.full((8, 8), 128, np.uint8)), FORMATS[0], Colour(1)), 0, 0, 16, 16)
    blue = rgb[0, :, 2]
    assert blue[6] == pytest.approx(blue[0])
    assert blue[8] == pytest.approx(blue[15])
    assert blue[7] == pytest.approx((blue[6] + blue[8]) / 2, abs=1e-5)


def test_regions_must_lie_inside() -> None:
    picture = noise(FORMATS[0], Colour(1), 16, 16)
    for region in ((-1, 0, 4, 4), (0, 0, 17, 4), (0, 14, 4, 4), (0, 0, 0, 4)):
        with pytest.raises(ValueError, match="not inside"):
            region_to_rgb(picture, *region)


def pq_code(nits: float) -> float:
    """SMPTE ST 2084's inverse EOTF."""
    power = float((nits / 10_000) ** 0.1593017578125)
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_shown_in_order_of_light_and_white_as_white(transfer: int) -> None:
    source = PixelFormat("yuv420p10le", 10, 1, 1)
    colour = Colour(9, 9, transfer)
    shown = [int(to_display_rgb(flat((code, 512, 512), source, colour))[0, 0, 1]) for code in range(64, 941, 40)]
    assert shown == sorted(shown)
    assert shown[0] == 0
    assert to_display_rgb(flat((940, 512, 512), source, colour))[0, 0].min() >= 250
    grey = to_display_rgb(flat((500, 512, 512), source, colour))[0, 0].astype(int)
    assert np.ptp(grey) <= 3


def test_reference_white_of_pq_is_bright_and_does_not_clip() -> None:
    code = round(64 + 876 * pq_code(203))
    shown = to_display_rgb(flat((code, 512, 512), PixelFormat("yuv420p10le", 10, 1, 1), Colour(9, 9, 16)))[0, 0]
    assert 180 <= shown.min() <= shown.max() <= 245
