"""What a model does to the colours of everything is taken out of the region, and what is right is left alone."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compositing.colour_match import match_colour
from tests.engine.jobs.services import textured

Rgb01 = npt.NDArray[np.float32]
WIDTH, HEIGHT = 180, 140


def outside() -> npt.NDArray[np.float32]:
    weights = np.ones((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(weights, (90, 70), (45, 35), 0, 0, 360, 0.0, -1)
    return weights


def meant(seed: int) -> tuple[Rgb01, Rgb01]:
    """(the source, what a perfect reply shows): both within 0.15..0.85, so that recolouring does not clip them."""
    own, new = (textured(WIDTH, HEIGHT, seed + n) * 0.6 + 0.2 for n in (0, 100))
    inside = outside()[..., None] == 0
    return own.astype(np.float32), np.where(inside, new, own).astype(np.float32)


def levels_off(rgb: Rgb01, target: Rgb01) -> float:
    """Root mean square error inside the region, noise taken out, in 8-bit levels."""
    inside = cv2.erode((outside() == 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    soft = cv2.GaussianBlur(rgb - target, (0, 0), 2)
    return float(np.sqrt((soft[inside] ** 2).mean()) * 255)


GAIN = st.tuples(*[st.floats(0.85, 1.15)] * 3)
OFFSET = st.tuples(*[st.floats(-0.05, 0.05)] * 3)


@given(GAIN, OFFSET, st.floats(-0.04, 0.04), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_gain_offset_and_a_slope_of_light_are_taken_out(
    gain: tuple[float, float, float], offset: tuple[float, float, float], slope: float, seed: int
) -> None:
    own, target = meant(seed)
    light = (np.linspace(-1, 1, WIDTH) * slope)[None, :, None]
    noise = np.random.default_rng(seed).normal(0, 0.01, target.shape)
    reply = np.clip(target * np.array(gain) + np.array(offset) + light + noise, 0, 1).astype(np.float32)
    matched = match_colour(reply, own, outside())
    before, after = levels_off(reply, target), levels_off(matched.rgb, target)
    assert matched.is_reliable and after < max(1.5, 0.25 * before)


def test_a_reply_with_the_right_colours_is_left_as_it_is() -> None:
    own, target = meant(4)
    matched = match_colour(target, own, outside())
    assert matched.rgb is target and matched.is_reliable and matched.levels < 0.1


def test_a_blurred_and_noisy_rim_does_not_weaken_contrast() -> None:
    own, target = meant(5)
    soft = np.clip(cv2.GaussianBlur(target, (0, 0), 1.2) + np.random.default_rng(5).normal(0, 0.03, target.shape), 0, 1)
    matched = match_colour(soft.astype(np.float32), own, outside())
    inside = outside() == 0
    assert matched.rgb[inside].std() == pytest.approx(soft[inside].std(), rel=0.06)


def test_a_stray_change_on_the_rim_has_no_say() -> None:
    own, target = meant(6)
    reply = np.asarray(target * 0.9 + 0.04, np.float32)
    stray = np.zeros((HEIGHT, WIDTH), np.bool_)
    stray[20:70, 100:160] = True
    reply[stray & (outside() > 0)] = (0.9, 0.1, 0.1)
    assert levels_off(match_colour(reply, own, outside()).rgb, target) < 2.5


def test_a_redrawn_rim_gives_the_light_and_not_the_contrast() -> None:
    own, _ = meant(7)
    other = np.asarray(textured(WIDTH, HEIGHT, 55) * 0.6 + 0.3, np.float32)
    matched = match_colour(other, own, outside())
    assert not matched.is_reliable
    assert matched.rgb.std(axis=(0, 1)) == pytest.approx(other.std(axis=(0, 1)), rel=0.02)
    rim = outside() > 0
    assert np.abs(np.median(matched.rgb[rim] - own[rim], axis=0)).max() < 0.08


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_without_surroundings_nothing_is_changed(value: float) -> None:
    own, target = meant(8)
    matched = match_colour(target, own, np.full((HEIGHT, WIDTH), value, np.float32))
    assert matched.rgb is target


def test_a_plain_wall_keeps_its_contrast_inside() -> None:
    own = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    reply = np.full_like(own, 0.56)
    reply[60:80, 80:100] = 0.2
    matched = match_colour(reply, own, outside())
    assert matched.rgb[70, 70] == pytest.approx(0.5, abs=0.004)
    assert matched.rgb[70, 90] == pytest.approx(0.14, abs=0.02)
