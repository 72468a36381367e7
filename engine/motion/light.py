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


def fine(frame: Rgb01, warped: Rgb01, weight: Field) -> Light:
    """Light down to the size of a reflection, from pixels that `weight` (h, w) takes as visible and rightly placed.

    Around each pixel one line is laid through what was expected and what is seen, all channels together: its slope is what
    multiplies, the rest is added. Texture and colour decide between the two; where there is neither, a darkening is taken as a
    shadow and a brightening as a reflection.
    """
    height, width = weight.shape
    size = (max(2, (width + _STEP - 1) // _STEP), max(2, (height + _STEP - 1) // _STEP))
    start = local_gain(frame, warped, weight)
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
