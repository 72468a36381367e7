"""Pictures lie in their corners, words on their background, colours go where they are sent: light and grain stay."""

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import ProviderError
from engine.providers.local.image import toned
from engine.providers.local.perspective import corners_of, in_corners
from engine.providers.protocol import Crop, RegionEditRequest
from engine.providers.registry import local_registry
from engine.running import ThreadCancelToken, ignore
from tests.engine.providers.makers import wall

SQUARE = "0,0 1,0 1,1 0,1"
LUMA = np.array([0.2126, 0.7152, 0.0722])


def quarters(size: int = 64) -> npt.NDArray[np.uint8]:
    """Red, green / blue, white."""
    image = np.full((size, size, 4), 255, np.uint8)
    half = size // 2
    image[:half, :half, 1:3] = image[:half, half:, [0, 2]] = image[half:, :half, :2] = 0
    return image


def edit(provider: str, pixels: Crop, mask: npt.NDArray[np.float32], image: npt.NDArray[np.uint8] | None = None,
         **params: float | str | bool) -> Crop:
    registry = local_registry()
    request = RegionEditRequest(pixels, mask, image=image, params=registry.parameters(provider, params))
    return registry.get(provider).edit(request, None, cancel=ThreadCancelToken(), report=ignore).pixels


def middle() -> npt.NDArray[np.float32]:
    mask = np.zeros((80, 100), np.float32)
    mask[20:60, 30:70] = 1
    return mask


def photo() -> npt.NDArray[np.uint8]:
    return np.rint(wall(3, 80, 100) * 255).astype(np.uint8)


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
def test_corners_of_the_whole_box_are_the_box(fit: str) -> None:
    drawn = in_corners(quarters(), (40, 40), fit, corners_of(SQUARE))
    for (row, column), colour in {(5, 5): (1, 0, 0), (5, 35): (0, 1, 0), (35, 5): (0, 0, 1), (35, 35): (1, 1, 1)}.items():
        assert np.abs(drawn[row, column, :3] - colour).max() < 0.02 and drawn[row, column, 3] > 0.99
    if fit != "contain":
        assert drawn[..., 3].min() > 0.98


def test_a_picture_seen_from_the_side() -> None:
    """Its right edge is half as high: transparent above and below it, and the middle lies left of the middle: no affine map."""
    drawn = in_corners(quarters(), (80, 80), "stretch", corners_of("0,0 1,0.25 1,0.75 0,1"))
    assert drawn[3, 76, 3] < 0.01 and drawn[76, 76, 3] < 0.01 and drawn[40, 40, 3] > 0.99
    row = drawn[30, :, 0]
    edge = int(np.argmax(row < 0.5))
    assert 50 < edge < 57  # two thirds: the near half is the larger one


def test_corners_keep_the_picture_s_shape_unless_it_is_stretched() -> None:
    wide = np.tile(quarters(), (1, 3, 1))[:, :128]
    covered = in_corners(wide, (60, 60), "cover", corners_of(SQUARE))
    contained = in_corners(wide, (60, 60), "contain", corners_of(SQUARE))
    assert covered[..., 3].min() > 0.98
    assert contained[3, 30, 3] < 0.01 and contained[30, 30, 3] > 0.99


def test_a_large_picture_does_not_sparkle() -> None:
    fine = np.full((1200, 1200, 4), 255, np.uint8)
    fine[::2, :, :3] = 0
    drawn = in_corners(fine, (50, 50), "stretch", corners_of("0.1,0 1,0.2 0.9,0.9 0,1"))
    inside = drawn[10:40, 15:35]
    assert np.abs(inside[..., :3] - 0.5).max() < 0.08


@pytest.mark.parametrize("text", [
    "", "0,0 1,0 1,1", "0,0 1,1 1,0 0,1", "a,b c,d e,f g,h", "0,0 1,0 2,0 3,0", "0,0 0,1 1,1 1,0", "nan,0 1,0 1,1 0,1",
])
def test_corners_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ProviderError, match="corners"):
        corners_of(text)


def test_a_picture_takes_the_light_beneath() -> None:
    bright, dark = wall(1, 40, 40) * 0.5 + 0.5, wall(2, 40, 40) * 0.3
    made = toned(bright.astype(np.float32), dark.astype(np.float32), np.ones((40, 40), np.float32))
    weights = np.array([0.2126, 0.7152, 0.0722])
    assert abs(float((made @ weights).mean() - (dark @ weights).mean())) < 0.02
    pixels = edit("local.image", photo(), middle(), quarters(), corners=SQUARE, tone=True)
    assert abs(float(pixels[20:60, 30:70].mean()) - float(photo()[20:60, 30:70].mean())) < 6


def test_a_sign_keeps_its_colour_in_any_light() -> None:
    sign = np.zeros((40, 40, 3), np.float32)
    sign[:] = (0.95, 0.8, 0.1)
    sign[15:25] = (0.1, 0.1, 0.1)
    for behind in ((0.5, 0.1, 0.1), (0.1, 0.2, 0.6), (0.9, 0.9, 0.95)):
        made = toned(sign, np.full((40, 40, 3), behind, np.float32), np.ones((40, 40), np.float32))
        assert made.min() >= 0 and made.max() <= 1
        red, green, blue = made[2, 2]
        assert red >= green > blue and (red - blue) * 0.7 == pytest.approx((green - blue) * 0.85, abs=1e-3), "the same hue"
        luma = made @ np.array([0.2126, 0.7152, 0.0722])
        assert luma.mean() == pytest.approx(float(np.dot(behind, [0.2126, 0.7152, 0.0722])), abs=0.05)


@pytest.mark.parametrize(("behind", "expected"), [("colour", (0x20, 0x40, 0x60)), ("nothing", None), ("surroundings", None)])
def test_words_lie_on_their_background(behind: str, expected: tuple[int, int, int] | None) -> None:
    words = np.zeros((90, 300, 4), np.uint8)
    words[40:50, 100:200] = 255
    pixels = photo()
    made = edit("local.text", pixels, middle(), words, behind=behind, colour="#204060", space=0.1)
    assert (made[40, 50] == 255).all()  # the letters, fitted into the box though the picture of them is mostly empty
    corner = made[22, 32].astype(int)
    if expected is not None:
        assert tuple(corner) == expected
    elif behind == "nothing":
        assert np.array_equal(made[22, 32], pixels[22, 32])
    else:
        assert np.ptp(made[21:25, 31:69], axis=(0, 1)).max() == 0


def test_no_words_and_no_colour_are_said() -> None:
    with pytest.raises(ProviderError, match="no words"):
        edit("local.text", photo(), middle(), np.zeros((9, 9, 4), np.uint8))
    with pytest.raises(ProviderError, match="not a colour"):
        edit("local.colour", photo(), middle(), to="reddish")


@pytest.mark.parametrize("params", [{"hue": 130.0}, {"to": "#c02020"}, {"to": "#2040f0", "amount": 0.5}, {"saturation": 3.0}])
def test_a_new_colour_keeps_light_and_grain(params: dict[str, float | str]) -> None:
    pixels = photo()
    made = edit("local.colour", pixels, middle(), None, **params)
    inside = middle() > 0
    assert np.abs((made[inside] - pixels[inside].astype(float)) @ LUMA).max() <= 1.0
    assert np.abs(made[inside].astype(int) - pixels[inside]).max() > 10


def test_the_colour_asked_for_comes() -> None:
    grey = np.clip(np.random.default_rng(0).normal(120, 8, (80, 100, 1)), 0, 255).repeat(3, axis=2).astype(np.uint8)
    made = edit("local.colour", grey, middle(), to="#b43c3c")[20:60, 30:70].reshape(-1, 3).mean(axis=0)
    wanted = np.array([0xB4, 0x3C, 0x3C])
    assert np.abs(made / (made @ LUMA) - wanted / (wanted @ LUMA)).max() < 0.05


@pytest.mark.parametrize("provider", ["local.blur", "local.pixelate"])
def test_nothing_from_outside_glows_in(provider: str) -> None:
    pixels = np.full((80, 100, 3), 255, np.uint8)
    pixels[middle() > 0] = 60
    made = edit(provider, pixels, middle(), None, **({"radius": 40.0} if provider == "local.blur" else {"block": 12.0}))
    assert np.abs(made[middle() > 0].astype(int) - 60).max() <= 1


def test_the_mosaic_goes_with_the_region_and_not_with_the_crop() -> None:
    pixels = photo()
    made = edit("local.pixelate", pixels, middle(), block=7)
    cut = np.s_[5:75, 11:90]
    again = edit("local.pixelate", np.ascontiguousarray(pixels[cut]), np.ascontiguousarray(middle()[cut]), block=7)
    assert np.array_equal(made[cut], again)
