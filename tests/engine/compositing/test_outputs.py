"""The pictures of what a patch does: where it lies, what it adds and takes away, how much it changes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.compositing.difference import changed_samples, difference, signed_difference
from engine.compositing.frame import frame
from engine.compositing.outputs import GAINS, MIDDLE, LocationSources, difference_image, magnitude_image
from engine.compositing.replace import replace_frame
from engine.media.display import to_display_rgb
from engine.media.picture import PixelFormat
from engine.project.model import LayerKind, Transform
from tests.engine.compositing.pictures import FORMATS, FakeSources, noise_patch, noise_picture, output_of
from tests.engine.compositing.test_frame import clip, patch, project, track

LEVELS = st.integers(-255, 255)


@given(arrays(np.int16, (3, 4, 3), elements=LEVELS), st.sampled_from(GAINS))
def test_a_difference_is_grey_where_nothing_changed_and_goes_both_ways(signed: np.ndarray, gain: int) -> None:
    shown = difference_image(signed, gain)
    assert np.array_equal(shown, np.clip(signed.astype(int) * gain + MIDDLE, 0, 255))


@given(arrays(np.uint8, (3, 4)), st.sampled_from(GAINS))
def test_a_magnitude_is_black_where_nothing_changed(diff: np.ndarray, gain: int) -> None:
    shown = magnitude_image(diff, gain)
    assert np.array_equal(shown, np.minimum(255, diff.astype(int) * gain)[..., None].repeat(3, axis=2))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_the_signed_difference_agrees_with_the_difference(form: PixelFormat) -> None:
    base = noise_picture(50, 38, form)
    patched = replace_frame(base, noise_patch(11, 7, np.ones((12, 18), np.float32), form))
    signed = signed_difference(base, patched)
    assert np.array_equal(np.abs(signed).max(axis=2), difference(base, patched))
    assert np.array_equal(signed_difference(patched, base), -signed)
    assert changed_samples(base, patched).any()


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_locations_are_white_where_the_patch_is_whole_and_black_elsewhere(scale: float) -> None:
    """Also through what is done to the clip."""
    alpha = np.zeros((20, 24), np.float32)
    alpha[4:-4, 4:-4] = 1
    sources = FakeSources({"m": noise_picture(64, 48)})
    sources.patches["p"] = noise_patch(16, 8, alpha)
    small = clip(transform=Transform(scale=scale))
    timeline = project(track(LayerKind.BACKGROUND, small), patches=(patch(),))
    composed = frame(timeline, Fraction(0), LocationSources(sources), output_of(sources.pictures["m"]), accepted_only=False)
    location = to_display_rgb(composed)
    rows, columns = (slice(12, 24), slice(20, 36)) if scale == 1 else (slice(18, 24), slice(26, 34))
    assert location[rows, columns].min() >= 250
    outside = location.copy()
    reach = 0 if scale == 1 else 2
    outside[rows.start - reach : rows.stop + reach, columns.start - reach : columns.stop + reach] = 0
    assert not outside.any()
