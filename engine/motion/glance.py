"""A tracked frame on every few pixels, ready to be doubted: what is seen, what was expected, and the patch as it would be laid.

Grey pictures are means of the channels in 8-bit levels. Knows no doubts.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.motion import appearance
from engine.motion.appearance import LEVEL, mean
from engine.motion.flow import Box, Field, Map, sample
from engine.motion.judging import Track
from engine.motion.view import Rgb01

_MOST_PIXELS = 24_000
_SLOPE_LEVELS = (0.5, 2.0)
_GRAIN_SLOPE = 0.35
"""Levels per pixel for each level of grain below which a slope may be grain."""


@dataclass(frozen=True, slots=True)
class Stakes:
    """What the anchor tells beforehand. `patched` (h, w, 3) is the anchor with the patch on it, `grey` the same, over `box`."""

    patched: Rgb01
    grey: Field
    box: Box
    noise_levels: float


def stakes(patched: Rgb01, box: Box, noise_levels: float) -> Stakes:
    return Stakes(patched, grey_levels(patched), box, noise_levels)


@dataclass(frozen=True, slots=True)
class Glance:
    """All arrays have one size. `at` are anchor coordinates, `here` those of the frame."""

    here: Map
    at: Map
    mask: Field
    covered: Field
    visible: Field
    """Mask less what is covered."""
    frame: Rgb01
    anchor: Rgb01
    """The anchor's original pixels, in the anchor's light."""
    expected: Rgb01
    """The same in the frame's light."""
    patch: Rgb01
    """The patch as it was on the anchor."""
    laid: Rgb01
    """The patch in the frame's light."""
    frame_grey: Field
    anchor_grey: Field
    expected_grey: Field
    patch_grey: Field
    telling: Field
    """The visible pixels where both frame and anchor have slopes, so that flow says something there."""
    steep_levels: float
    """By which the visible patch changes over a pixel."""
    stride: int

    @property
    def size(self) -> Box:
        """A box of the arrays' size."""
        height, width = self.mask.shape
        return Box(0, 0, width, height)


def glance(track: Track, known: Stakes) -> Glance:
    height, width = track.mask.shape
    stride = max(1, int((height * width / _MOST_PIXELS) ** 0.5))
    every = np.s_[::stride, ::stride]
    at, mask, covered = track.at[every], track.mask[every], track.covered[every]
    visible = np.asarray(mask * (1 - covered), np.float32)
    gain, offset = track.light.gain[every], track.light.offset[every]
    frame, anchor = np.ascontiguousarray(track.frame[every]), np.ascontiguousarray(track.warped[every])
    expected = np.asarray(gain * anchor + offset, np.float32)
    patch = sample(known.patched, at, known.box)
    frame_grey, anchor_grey, patch_grey = (grey_levels(image) for image in (frame, anchor, patch))
    return Glance(
        track.box.grid()[every], at, mask, covered, visible, frame, anchor, expected, patch,
        np.asarray(gain * patch + offset, np.float32), frame_grey, anchor_grey, grey_levels(expected), patch_grey,
        visible * _sloped(frame_grey, anchor_grey, known.noise_levels), appearance.steepness(patch_grey, visible), stride,
    )


def grey_levels(image: Rgb01) -> Field:
    return np.asarray(mean(image) / np.float32(LEVEL), np.float32)


def averaged(values: Field, weight: Field) -> float:
    """Mean of what `weight` counts; 0 where it counts nothing."""
    return float((values * weight).sum() / (weight.sum() + 1e-6))


def _sloped(one: Field, other: Field, noise_levels: float) -> Field:
    """(h, w) 0..1: where both pictures are steeper than grain is."""
    steep = np.minimum(_slope(one), _slope(other))
    low, high = (_GRAIN_SLOPE * noise_levels + slope for slope in _SLOPE_LEVELS)
    return np.asarray(cv2.blur(np.clip((steep - low) / (high - low), 0, 1), (7, 7)), np.float32)


def _slope(grey: Field) -> Field:
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, down), np.float32)


