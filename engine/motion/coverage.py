"""What lies in front of the patch, and what only changed its light.

A rightly placed picture differs from the frame by noise, by light and by what is in front. Evidence is gathered per pixel, joined
to areas, and each area is judged as a whole: light leaves the texture below it visible and has soft borders, a thing has neither.
All pictures are float32 R'G'B' 0..1; levels are 8-bit. Knows no flow and no frame numbers.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion.appearance import LEVEL, largest, mean, smoothstep
from engine.motion.flow import Field
from engine.motion.view import Rgb01

_STRONG, _WEAK = 2.2, 1.15
_LEAST_AREA_PX = 14
_RIM = (0.5, 1.5)
RIM_SIGMA = 0.5
_SAME_TEXTURE = (0.35, 0.6)
_SHARP_LEVELS = (8.0, 16.0)
"""Change per pixel where an area changes most: a shadow's or a reflection's, and a thing's."""


def tight_tolerance(warped: Rgb01, frame: Rgb01, noise_levels: float) -> Field:
    """(h, w) levels by which a pixel may differ that is placed to a fifth of a pixel."""
    kernel = np.ones((3, 3), np.uint8)
    texture = [cv2.morphologyEx(mean(image) / np.float32(LEVEL), cv2.MORPH_GRADIENT, kernel) for image in (warped, frame)]
    return np.asarray(4 + 2 * noise_levels + 0.15 * cv2.blur(np.maximum(*texture), (3, 3)), np.float32)


def evidence(difference: Rgb01, allowed: Field, sigma: float = 1.3) -> Field:
    """(h, w): averaged over a few pixels, how many times more a pixel differs than it may."""
    return np.asarray(cv2.GaussianBlur(largest(np.abs(difference)) / np.float32(LEVEL) / allowed, (0, 0), sigma), np.float32)


def areas(found: Field, sharp: Field) -> Field:
    """(h, w) 0..1: all that differs and hangs together with something that differs beyond doubt.

    `found` is evidence; `sharp` the same with `RIM_SIGMA`, which says where exactly the border runs.
    """
    weak = cv2.morphologyEx((found > _WEAK).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=4)
    if count < 2:
        return np.zeros_like(found)
    strong = np.bincount(labels[found > _STRONG], minlength=count) >= _LEAST_AREA_PX
    strong &= stats[:, cv2.CC_STAT_AREA] >= _LEAST_AREA_PX
    strong[0] = False
    # Where colours meet by chance inside a thing, it still hides what is behind.
    closed = cv2.morphologyEx(strong[labels].astype(np.uint8), cv2.MORPH_CLOSE, _disc(9))
    heart, reach = cv2.erode(closed, _disc(5)), cv2.dilate(closed, _disc(3))
    return np.asarray(np.maximum(heart, reach * smoothstep(sharp, *_RIM)), np.float32)


def only_light(covered: Field, frame: Rgb01, expected: Rgb01, noise_levels: float) -> Field:
    """`covered` (h, w) 0..1 without the areas that are a change of light: the same texture below, or a soft border."""
    count, found = cv2.connectedComponents((covered > 0.3).astype(np.uint8))
    labels = np.asarray(found, np.int32)
    if count < 2:
        return covered
    here, there = mean(frame) / np.float32(LEVEL), mean(expected) / np.float32(LEVEL)
    keeps = _texture_kept(here, there, labels, count, noise_levels)
    soft = _softness(here - there, labels, count)
    thing = np.where(np.isnan(keeps), 1 - soft, 1 - keeps).astype(np.float32)
    thing[0] = 1
    return np.asarray(covered * thing[labels], np.float32)


def _texture_kept(
    here: Field, there: Field, labels: npt.NDArray[np.int32], count: int, noise_levels: float
) -> npt.NDArray[np.float64]:
    """Per area 0..1 whether the fine texture is the expected one; NaN where there is none to compare."""
    fine = [image - cv2.GaussianBlur(image, (0, 0), 2.5) for image in (here, there)]
    flat = labels.ravel()
    products = (fine[0] * fine[1], fine[0] * fine[0], fine[1] * fine[1])
    sums = [np.bincount(flat, product.ravel(), count) for product in products]
    pixels = np.maximum(np.bincount(flat, minlength=count), 1)
    # Burnt-out light has no texture left: what lacks it on the frame says little.
    enough = (sums[2] / pixels > (1.5 + 1.5 * noise_levels) ** 2)
    correlation = sums[0] / np.sqrt(np.maximum(sums[1] * sums[2], 1e-6))
    kept = smoothstep(correlation.astype(np.float32), *_SAME_TEXTURE).astype(np.float64)
    return np.where(enough, kept, np.nan)


def _softness(difference: Field, labels: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.float64]:
    """Per area 0..1: how softly the difference begins, ends and runs. Steep places weigh by their steepness."""
    smooth = cv2.GaussianBlur(difference, (0, 0), 1.0)
    steep = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125))
    near = cv2.dilate(labels.astype(np.float32), _disc(5)).astype(np.int32).ravel()
    total = np.maximum(np.bincount(near, steep.ravel(), count), 1e-3)
    weighted = np.bincount(near, (steep * steep).ravel(), count) / total
    return 1 - smoothstep(weighted.astype(np.float32), *_SHARP_LEVELS).astype(np.float64)


def _disc(size: int) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
