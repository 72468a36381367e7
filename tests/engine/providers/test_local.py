"""Offline providers change the region only, keep depth, give equal answers to equal requests, and do what they say."""

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import Cancelled, ProviderError
from engine.providers.local.colour import hue_matrix
from engine.providers.local.exemplar import fill
from engine.providers.local.image import fitted
from engine.providers.local.membrane import membrane
from engine.providers.protocol import Crop, RegionEditRequest
from engine.providers.registry import local_registry
from engine.running import ThreadCancelToken, ignore

IDS = [info.id for info in local_registry().infos() if info.id != "local.interpolate"]  # it answers from other frames only


def crop(deep: bool = False, seed: int = 0) -> Crop:
    random = np.random.default_rng(seed)
    rough = random.random((60, 70, 3)) * 0.3
    smooth = np.linspace(0.2, 0.6, 70)[None, :, None]
    pixels = np.rint((rough + smooth) * (65535 if deep else 255))
    return pixels.astype(np.uint16) if deep else pixels.astype(np.uint8)


def mask() -> npt.NDArray[np.float32]:
    made = np.zeros((60, 70), np.float32)
    made[20:40, 25:50] = 1
    made[18:20, 25:50] = 0.4
    return made


def edit(provider: str, pixels: Crop, region: npt.NDArray[np.float32] | None = None, **params: float | str | bool) -> Crop:
    registry = local_registry()
    image = np.zeros((20, 30, 4), np.uint8)
    image[..., 0], image[..., 3] = 200, 255
    checked = registry.parameters(provider, params)
    request = RegionEditRequest(pixels, mask() if region is None else region, image=image, params=checked)
    return registry.get(provider).edit(request, None, cancel=ThreadCancelToken(), report=ignore).pixels


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("provider", IDS)
def test_outside_the_mask_nothing_changes_and_depth_is_kept(provider: str, deep: bool) -> None:
    pixels = crop(deep)
    before = pixels.copy()
    result = edit(provider, pixels, hue=90.0) if provider == "local.colour" else edit(provider, pixels)
    assert result.dtype == pixels.dtype and result.shape == pixels.shape
    assert np.array_equal(result[mask() == 0], before[mask() == 0]) and np.array_equal(pixels, before)
    assert (result[mask() > 0] != before[mask() > 0]).any()


@pytest.mark.parametrize("provider", IDS)
def test_equal_requests_give_equal_answers(provider: str) -> None:
    assert np.array_equal(edit(provider, crop()), edit(provider, crop()))


@pytest.mark.parametrize("provider", [name for name in IDS if name != "local.inpaint"])  # rounding may choose another patch there
def test_sixteen_bit_is_eight_bit_with_finer_steps(provider: str) -> None:
    shallow = edit(provider, crop())
    deep = edit(provider, crop().astype(np.uint16) * np.uint16(257))
    assert np.abs(deep / 257 - shallow).max() <= 0.51


@pytest.mark.parametrize("provider", IDS)
def test_cancel_is_heard(provider: str) -> None:
    token = ThreadCancelToken()
    token.cancel()
    registry = local_registry()
    request = RegionEditRequest(crop(), mask(), image=np.full((4, 4, 4), 255, np.uint8))
    with pytest.raises(Cancelled):
        registry.get(provider).edit(request, None, cancel=token, report=ignore)


def test_blur_smooths_and_pixelate_makes_squares_of_means() -> None:
    pixels = crop()
    blurred = edit("local.blur", pixels, radius=20)[22:38, 27:48]
    assert np.abs(np.diff(blurred.astype(int), axis=0)).max() < 12
    squares = edit("local.pixelate", pixels, block=4)
    inner = mask() > 0
    block = squares[18:22, 25:29]
    assert (block == block[0, 0]).all() and inner[18:22, 25:29].all()
    assert np.abs(block[0, 0] - pixels[18:22, 25:29].reshape(-1, 3).mean(axis=0)).max() <= 0.51


def test_hue_keeps_luma_and_a_whole_turn_is_none() -> None:
    luma = np.array([0.2126, 0.7152, 0.0722])
    for degrees in (-120, 35, 180):
        assert np.abs(luma @ hue_matrix(degrees, 1.0) - luma).max() < 1e-6
        assert np.abs(hue_matrix(degrees, 1.0) @ np.ones(3) - 1).max() < 1e-6
    assert np.abs(hue_matrix(360, 1.0) - np.eye(3)).max() < 1e-6
    assert np.ptp(hue_matrix(50, 0.0) @ np.array([0.3, 0.9, 0.1])) < 1e-6


@pytest.mark.parametrize(("fit", "transparent"), [("cover", False), ("stretch", False), ("contain", True)])
def test_how_a_picture_fits(fit: str, transparent: bool) -> None:
    wide = np.full((10, 40, 4), 255, np.uint8)
    wide[:, 20:, 0] = 0
    placed = fitted(wide, (30, 30), fit)
    assert placed.shape == (30, 30, 4)
    assert (placed[0, :, 3].max() < 0.01) == transparent and placed[15, 15, 3] > 0.99
    assert placed[15, 3, 0] > 0.95 and placed[15, 26, 0] < 0.05
    tall = fitted(np.full((7, 5, 4), 255, np.uint8), (61, 83), "cover")
    assert tall[..., 3].min() > 0.999


def test_poisson_takes_over_the_light_around() -> None:
    pixels = np.full((60, 70, 3), 200, np.uint8)
    grey = np.zeros((20, 25, 4), np.uint8)
    grey[..., :3], grey[..., 3] = 90, 255
    params = {"blend": "poisson", "fit": "stretch"}
    request = RegionEditRequest(pixels, (mask() == 1).astype(np.float32), image=grey, params=params)
    editor = local_registry().get("local.image")
    lit = editor.edit(request, None, cancel=ThreadCancelToken(), report=ignore).pixels
    assert np.abs(lit.astype(int) - 200).max() <= 2


def test_a_picture_provider_without_a_picture_says_so() -> None:
    request = RegionEditRequest(crop(), mask())
    with pytest.raises(ProviderError, match="Choose one"):
        local_registry().get("local.image").edit(request, None, cancel=ThreadCancelToken(), report=ignore)


def test_a_membrane_continues_a_slope() -> None:
    slope = np.linspace(0, 1, 64, dtype=np.float32)[None, :, None].repeat(48, axis=0)
    inside = np.zeros((48, 64), np.bool_)
    inside[10:38, 15:50] = True
    assert np.abs(membrane(np.where(inside[..., None], 0, slope).astype(np.float32), inside) - slope).max() < 0.03


def stripes() -> npt.NDArray[np.float32]:
    x, y = np.meshgrid(np.arange(110), np.arange(90))
    wave = 0.5 + 0.35 * np.sign(np.sin(2 * np.pi * (x + y) / 12))
    return np.dstack([wave, wave * 0.6, 1 - wave]).astype(np.float32)


def test_texture_is_continued_into_the_hole() -> None:
    truth = stripes()
    hole = np.zeros(truth.shape[:2], np.bool_)
    hole[30:58, 40:72] = True
    broken = truth.copy()
    broken[hole] = 0
    filled = fill(broken, hole, 0, ThreadCancelToken())
    assert filled is not None and np.array_equal(filled[~hole], truth[~hole])
    psnr = 10 * np.log10(1 / float(((filled - truth)[hole] ** 2).mean()))
    assert psnr > 22


def test_a_plain_wall_stays_plain() -> None:
    pixels = np.full((60, 70, 3), 140, np.uint8)
    pixels[25:35, 30:45] = 10
    assert np.abs(edit("local.inpaint", pixels).astype(int) - 140).max() <= 1


@pytest.mark.parametrize("region", ["most", "edge"])
def test_little_surroundings_are_enough_and_none_are_refused(region: str) -> None:
    made = np.zeros((60, 70), np.float32)
    made[(slice(2, 58), slice(2, 68)) if region == "most" else (slice(0, 30), slice(0, 30))] = 1
    assert edit("local.inpaint", crop(), made, grow=0).shape == (60, 70, 3)
    with pytest.raises(ProviderError, match="smaller"):
        edit("local.inpaint", crop(), np.ones((60, 70), np.float32))
