"""Hard cuts are found, also between shots of equal brightness; what looks like one for a moment is none."""

from itertools import pairwise

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.motion.cuts import Small, is_cut, likelihood
from tests.engine.motion.scenes import texture


def world(seed: int) -> Small:
    """A scene larger than the frame, of large shapes with some detail and the contrast of an ordinary picture."""
    large = cv2.resize(texture(27, 48, seed), (192, 108), interpolation=cv2.INTER_CUBIC)[..., 0]
    mixed = 0.7 * large + 0.3 * texture(108, 192, seed + 500)[..., 1]
    return np.asarray(np.clip((mixed - mixed.mean()) / mixed.std() * 50 + 125, 0, 255), np.float32)


def shot(seed: int, x: float = 40.0, y: float = 30.0) -> Small:
    """The frame that shows the scene from (x, y) on."""
    matrix = np.array([[1, 0, -x], [0, 1, -y]], np.float64)
    return np.asarray(cv2.warpAffine(world(seed), matrix, (64, 36), flags=cv2.INTER_LINEAR), np.float32)


def test_most_scenes_of_one_kind_are_told_apart_even_when_their_light_is_equal() -> None:
    found, found_equal = [], []
    for seed in range(0, 80, 2):
        before, after = shot(seed), shot(seed + 1)
        equal = (after - after.mean()) / after.std() * before.std() + before.mean()
        found.append(is_cut(before, after))
        found_equal.append(is_cut(before, np.clip(equal, 0, 255).astype(np.float32)))
    assert np.mean(found) > 0.7
    assert np.mean(found_equal) > 0.5


@given(st.integers(0, 60), st.floats(-18, 18), st.floats(-4, 4), st.floats(0.6, 1.5), st.floats(-30, 30), st.integers(0, 99))
def test_pan_light_and_grain_are_no_cut(seed: int, dx: float, dy: float, gain: float, lift: float, grain: int) -> None:
    before, after = shot(seed), shot(seed, 40 + dx, 30 + dy)
    noise = np.random.default_rng(grain).normal(0, 3, after.shape)
    assert not is_cut(before, np.clip(after * gain + lift + noise, 0, 255).astype(np.float32))


def test_a_dissolve_and_a_fade_are_no_hard_cut() -> None:
    shares = np.linspace(0, 1, 10, dtype=np.float32)
    for end in (shot(3), np.zeros((36, 64), np.float32)):
        run = [shot(1) * (1 - share) + end * share for share in shares]
        assert not any(is_cut(a, b) for a, b in pairwise(run))


def test_stillness_is_none_and_blank_frames_are_answered() -> None:
    blank = np.zeros((36, 64), np.float32)
    for image in (shot(1), blank, blank + 255):
        assert not is_cut(image, image)
    assert 0 <= likelihood(blank, blank + 255) <= 1 and 0 <= likelihood(blank, shot(1)) <= 1
