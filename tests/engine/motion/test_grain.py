"""Grain is measured whatever texture it lies on, and new pixels get as much of it as the picture around them has."""

import cv2
import numpy as np
import pytest

from engine.compositing.sources import PatchFrame
from engine.motion.grain import Grain, grained, measured
from engine.motion.propagation import propagate
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import HEIGHT, WIDTH, picture, texture


def noise(sigma: float, softness: float, seed: int) -> np.ndarray:
    """(H, W, 1) grain of a standard deviation in levels, soft as a camera's."""
    white = np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), softness) if softness else white
    return np.asarray((soft / soft.std() * sigma).reshape(HEIGHT, WIDTH, 1), np.float32)


def frame(sigma: float, softness: float = 0.6, seed: int = 0) -> np.ndarray:
    world = cv2.GaussianBlur(texture(HEIGHT, WIDTH, 5), (0, 0), 2.0)
    return np.asarray(np.clip(world + noise(sigma, softness, seed), 0, 255), np.uint8)


def grain_of(rgb: np.ndarray) -> Grain:
    brightness = rgb.astype(np.float32).mean(axis=2) / 255
    found = measured(brightness, np.ones(brightness.shape, np.float32))
    assert found is not None
    return found


def clean(level: int = 120) -> PatchFrame:
    pixels = np.full((60, 80, 3), level, np.uint8)
    return PatchFrame(120, 60, pixels, np.ones((60, 80), np.float32))


def test_more_grain_measures_more_and_texture_is_not_taken_for_it() -> None:
    levels = [grain_of(frame(sigma)).levels for sigma in (0.0, 2.0, 4.0, 8.0)]
    assert levels[0] < 0.6
    assert levels[3] / levels[2] == pytest.approx(2, rel=0.15) and levels[2] > 1.2
    assert grain_of(frame(4.0, 0.9)).nearness > grain_of(frame(4.0, 0.0)).nearness + 0.2


@pytest.mark.parametrize(("sigma", "softness"), [(3.0, 0.0), (4.0, 0.6), (8.0, 0.9)])
def test_a_clean_patch_gets_the_grain_around_it(sigma: float, softness: float) -> None:
    around = frame(sigma, softness)
    patch = grained(clean(), picture(around), seed=1)
    one, other = grain_of(patch.rgb), grain_of(around)
    assert one.levels == pytest.approx(other.levels, rel=0.25) and abs(one.nearness - other.nearness) < 0.2
    assert abs(float(patch.rgb.mean()) - 120) < 1


def test_what_has_grain_or_needs_none_stays_as_it_is() -> None:
    still, noisy = picture(frame(0.0)), frame(4.0)
    assert grained(patch := clean(), still, seed=1) is patch
    like_it = PatchFrame(120, 60, np.ascontiguousarray(frame(4.0, seed=9)[60:120, 120:200]), clean().alpha)
    assert grained(like_it, picture(noisy), seed=1) is like_it


def test_it_is_the_same_for_a_seed_and_only_where_the_patch_changes_something() -> None:
    around = frame(5.0)
    alpha = np.zeros((60, 80), np.float32)
    alpha[10:50, 10:70] = 1
    pixels = around[60:120, 120:200].copy()
    pixels[10:50, 10:40] = 200  # the right half is the picture's own
    patch = PatchFrame(120, 60, pixels, alpha)
    one, again, other = (grained(patch, picture(around), seed=n) for n in (3, 3, 4))
    assert np.array_equal(one.rgb, again.rgb) and not np.array_equal(one.rgb, other.rgb)
    touched = (one.rgb != pixels).any(axis=2)
    assert touched[14:46, 14:36].mean() > 0.8 and not touched[:, 48:].any() and not touched[:6].any()


def test_deep_patches_get_theirs_in_their_own_depth() -> None:
    deep = clean()
    deep = PatchFrame(deep.x, deep.y, deep.rgb.astype(np.uint16) * 257, deep.alpha)
    found = grained(deep, picture(frame(4.0)), seed=1)
    assert found.rgb.dtype == np.uint16 and 2 < found.rgb.std() / 257 < 8


def test_carried_it_is_each_frames_own() -> None:
    frames = [frame(5.0, seed=n) for n in range(5)]
    patch = grained(clean(), picture(frames[2]), seed=1)
    carried = {c.frame: c for c in propagate(lambda n: picture(frames[n]), 2, patch, range(5), cancel=ThreadCancelToken())}
    found = [carried[n].patch for n in (1, 2, 3)]
    levels = [grain_of(p.rgb[4:-4, 4:-4]).levels for p in found if p is not None]
    assert len(levels) == 3 and min(levels) > 0.6 * max(levels)
