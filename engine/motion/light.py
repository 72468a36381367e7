"""How light changed between the anchor and a frame: a factor and an offset per pixel, smooth, from what is visible.

A shadow multiplies, a reflection adds; the two are told apart by texture and colour: what multiplies changes contrast too. All
pictures are float32 R'G'B' 0..1. Knows no flow and no frame numbers.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.motion.appearance import local_gain, mean, smoothstep
from engine.motion.flow import Field
from engine.motion.view import Rgb01

_FINE_PX = 7.0
"""A shadow's edge must fit, the picture's own texture must not."""
_FINE_RANGE = (0.35, 3.0)
_STEP = 3
_DARK = np.float32(0.06)
"""Below it a channel says little of the light's colour."""
_LEAST_SEEN, _MOST_SEEN = 60, 4000
_STEADY = np.float32(0.01)
_PRIOR = np.float32(0.02**2)
"""Variance below which there is too little texture and colour to tell a factor from an offset."""


@dataclass(frozen=True, slots=True)
class Light:
    """frame ≈ gain × anchor + offset, each (h, w, 3)."""

    gain: Rgb01
    offset: Rgb01

    def on(self, picture: Rgb01) -> Rgb01:
        return self.gain * picture + self.offset


def wide(frame: Rgb01, warped: Rgb01, weight: Field) -> Light:
    """Light that changes slowly over the region; what is small and different does not move it."""
    return Light(local_gain(frame, warped, weight), np.zeros_like(frame))


def common(frame: Rgb01, warped: Rgb01, weight: Field) -> Rgb01:
    """(h, w, 3) the smooth factor that all channels share, times one per channel for the whole: exposure and colour of the light.

    The one is a median, the other the least of the three, so that a white reflection on something red does not turn it blue.
    """
    seen = weight > 0.5
    local = local_gain(frame, warped, weight)
    if seen.sum() < _LEAST_SEEN:
        return local
    some = np.s_[:: max(1, int(seen.sum()) // _MOST_SEEN)]
    ratio = (frame[seen][some] + _DARK) / (warped[seen][some] + _DARK)
    whole = np.asarray(np.clip(np.median(ratio, axis=0), *_FINE_RANGE), np.float32)
    shared = local / whole
    least = np.minimum(np.minimum(shared[..., 0], shared[..., 1]), shared[..., 2])
    return np.asarray(least[..., None] * whole, np.float32)


def fine(frame: Rgb01, warped: Rgb01, weight: Field) -> Light:
    """Light down to the size of a reflection, from pixels that `weight` (h, w) takes as visible and rightly placed.

    Around each pixel one line is laid through what was expected and what is seen, all channels together: its slope is what
    multiplies, the rest is added. Texture and colour decide between the two; where there is neither, a darkening is taken as a
    shadow and a brightening as a reflection.
    """
    height, width = weight.shape
    size = (max(2, (width + _STEP - 1) // _STEP), max(2, (height + _STEP - 1) // _STEP))
    start = common(frame, warped, weight)
    expected = start * warped

    def local(image: Rgb01) -> Rgb01:
        return _blur(_small(image * weight.reshape(*weight.shape, *[1] * (image.ndim - 2)), size), _FINE_PX / _STEP)

    certain = _blur(_small(weight, size), _FINE_PX / _STEP)
    total = certain + np.float32(1e-3)
    seen, meant = local(frame) / total[..., None], local(expected) / total[..., None]
    seen_all, meant_all = mean(seen), mean(meant)
    spread = local(mean(expected * expected)) / total - meant_all**2
    together = local(mean(expected * frame)) / total - meant_all * seen_all
    factor = np.clip((seen_all + _STEADY) / (meant_all + _STEADY), *_FINE_RANGE)
    slope = (together + _PRIOR * np.minimum(factor, 1)) / (np.maximum(spread, 0) + _PRIOR)
    slope = np.clip(slope, *_FINE_RANGE)[..., None]
    sure = smoothstep(certain, 0.02, 0.2)[..., None]
    gain = 1 + (np.broadcast_to(slope, seen.shape) - 1) * sure
    offset = (seen - slope * meant) * sure
    fields = [np.asarray(image, np.float32) for image in (gain, offset)]
    large = [cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR) for image in fields]
    return Light(np.asarray(start * large[0], np.float32), np.asarray(large[1], np.float32))


def _small(image: Rgb01 | Field, size: tuple[int, int]) -> Rgb01:
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)


def _blur(image: Rgb01, sigma: float) -> Rgb01:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
