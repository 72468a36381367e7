"""Laying a patch on changes what alpha covers and not one value more."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compositing.difference import changed_samples, difference, difference_stats
from engine.compositing.replace import blend, replace_frame
from engine.compositing.sources import PatchFrame
from engine.media.colour import region_to_rgb
from engine.media.picture import Colour, Picture, PixelFormat
from tests.engine.compositing.pictures import FORMATS, YUV420, noise_patch, noise_picture


def covered(picture: Picture, patch: PatchFrame) -> npt.NDArray[np.bool_]:
    full = np.zeros((picture.height, picture.width), np.bool_)
    for row in range(patch.alpha.shape[0]):
        for column in range(patch.alpha.shape[1]):
            y, x = patch.y + row, patch.x + column
            if 0 <= y < picture.height and 0 <= x < picture.width:
                full[y, x] = patch.alpha[row, column] > 0
    return full


def wholly_covered(full: npt.NDArray[np.bool_], form: PixelFormat) -> npt.NDArray[np.bool_]:
    """Chroma samples all of whose luma samples are covered, said the slow way."""
    sx, sy = 1 << form.shift_x, 1 << form.shift_y
    height, width = full.shape
    return np.array([[full[y:y + sy, x:x + sx].all() for x in range(0, width, sx)] for y in range(0, height, sy)])


@given(
    st.sampled_from(FORMATS), st.integers(1, 24), st.integers(1, 24), st.integers(-6, 26), st.integers(-6, 26),
    st.integers(1, 15), st.integers(1, 15), st.integers(0, 9999),
)
@settings(max_examples=150, deadline=None)
def test_nothing_changes_outside(form: PixelFormat, width: int, height: int, x: int, y: int, w: int, h: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    base = noise_picture(width, height, form, seed)
    alpha = np.where(random.random((h, w)) < 0.7, random.random((h, w)), 0).astype(np.float32)
    patch = noise_patch(x, y, alpha, form, seed + 1)
    before = [plane.copy() for plane in base.planes]
    result = replace_frame(base, patch)
    inside = covered(base, patch)
    chroma = inside if form.is_rgb else wholly_covered(inside, form)
    for index, (old, new, kept) in enumerate(zip(base.planes, result.planes, before, strict=True)):
        assert np.array_equal(old, kept), "the source was written to"
        assert new.dtype == old.dtype
        assert np.array_equal(new[~(chroma if index else inside)], old[~(chroma if index else inside)])
    if not form.is_rgb:
        luma_or_covered_chroma = changed_samples(base, result) & ~inside
        assert not luma_or_covered_chroma.any()


@pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.name)
def test_full_alpha_gives_the_colours_of_the_patch(form: PixelFormat) -> None:
    base = noise_picture(40, 30, form)
    peak = 255 if form.bits == 8 else 65535
    colour = np.array([200, 90, 60]) / 255
    flat = np.broadcast_to(np.rint(colour * peak), (12, 16, 3))
    rgb = flat.astype(np.uint8) if form.bits == 8 else flat.astype(np.uint16)
    result = replace_frame(base, PatchFrame(8, 6, rgb, np.ones((12, 16), np.float32)))
    seen = region_to_rgb(result, 12, 8, 8, 6)
    assert np.abs(seen - colour).max() < 2.5 / 255


@pytest.mark.parametrize("alpha", [0.25, 0.5, 0.75])
def test_half_alpha_is_half_way_in_non_linear_rgb(alpha: float) -> None:
    flat = Picture(
        (np.full((16, 16), 60, np.uint8), np.full((16, 16), 128, np.uint8), np.full((16, 16), 128, np.uint8)),
        FORMATS[2], Colour(1, 1, 1),
    )
    start = float(region_to_rgb(flat, 0, 0, 1, 1)[0, 0, 0])
    rgb = np.full((16, 16, 3), 230, np.uint8)
    result = replace_frame(flat, PatchFrame(0, 0, rgb, np.full((16, 16), alpha, np.float32)))
    assert region_to_rgb(result, 4, 4, 1, 1)[0, 0] == pytest.approx(start + alpha * (230 / 255 - start), abs=0.004)


def test_planes_that_do_not_change_are_the_same_memory() -> None:
    base = noise_picture(32, 32)
    alpha = np.zeros((8, 8), np.float32)
    assert replace_frame(base, noise_patch(4, 4, alpha)) is base
    assert replace_frame(base, noise_patch(100, 4, alpha + 1)) is base
    alpha[3, 3] = 1  # one luma sample covers no chroma sample
    result = replace_frame(base, noise_patch(4, 4, alpha))
    assert result.planes[0] is not base.planes[0]
    assert result.planes[1] is base.planes[1] and result.planes[2] is base.planes[2]


def test_a_layer_may_colour_chroma_that_it_covers_in_part() -> None:
    base = noise_picture(16, 16)
    alpha = np.ones((1, 1), np.float32)
    rgb = np.zeros((1, 1, 3), np.float32)
    assert blend(base, 4, 4, rgb, alpha, spill=True).planes[1][2, 2] != base.planes[1][2, 2]
    assert blend(base, 4, 4, rgb, alpha).planes[1] is base.planes[1]


def test_an_alpha_plane_is_kept() -> None:
    form = PixelFormat("gbrap", 8, 0, 0, is_rgb=True, has_alpha=True)
    plain = noise_picture(16, 16, PixelFormat("gbrp", 8, 0, 0, is_rgb=True))
    base = Picture((*plain.planes, np.full((16, 16), 77, np.uint8)), form, plain.colour)
    result = replace_frame(base, noise_patch(2, 2, np.ones((4, 4), np.float32)))
    assert result.planes[3] is base.planes[3]


def test_the_difference_counts_what_changed_and_finds_what_lies_outside() -> None:
    base = noise_picture(64, 48)
    alpha = np.ones((12, 12), np.float32)
    patch = noise_patch(20, 16, alpha)
    result = replace_frame(base, patch)
    diff = difference(base, result)
    stats = difference_stats(base, result, diff, patch)
    assert stats.outside_changed_count == 0
    assert 0.8 * 144 / (64 * 48) < stats.changed_share <= 144 / (64 * 48)
    assert stats.largest == diff.max() and 0 < stats.mean_in_region < 255
    broken = result.planes[0].copy()
    broken[0, 0] ^= 1
    stray = Picture((broken, *result.planes[1:]), YUV420, base.colour)
    assert difference_stats(base, stray, difference(base, stray), patch).outside_changed_count == 1


def test_the_difference_of_a_region_is_that_of_the_whole_conversion() -> None:
    base = noise_picture(50, 40)
    result = replace_frame(base, noise_patch(11, 7, np.ones((15, 13), np.float32)))
    one, other = (np.rint(np.clip(region_to_rgb(p, 0, 0, 50, 40), 0, 1) * 255) for p in (base, result))
    assert np.array_equal(difference(base, result), np.abs(one - other).max(axis=2))


def test_pictures_of_other_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="one size"):
        difference(noise_picture(8, 8), noise_picture(10, 8))
