"""The grain of a picture around a patch, and the same grain for the patch where it is smoother.

New pixels are clean: beside film or a camera's noise they look pasted. Measured is brightness only, since colour noise is mostly
lost in 4:2:0. What of a patch has grain is carried with each frame's own (see `propagation`), so the anchor is all that needs it.
Deterministic: the same seed gives the same grain. Knows no provider.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.sources import PatchFrame
from engine.media.picture import Picture
from engine.motion.appearance import LEVEL, effective_mask, mean
from engine.motion.flow import Box, Field
from engine.motion.view import View

RING_PX = 24
"""Width of the surroundings whose grain is measured."""
LEAST_LEVELS = 0.7
"""Less than this nobody sees, and an encoder does not keep it. As measured, white noise of one level has 0.7."""
_FINER_THAN_PX = 0.8
"""What is coarser than this (sigma of a blur) is texture rather than grain."""
_MOST_LEVELS = 16.0
_ENOUGH = 0.7
_SMOOTH = 0.75
"""Nearness above which what was measured is soft texture, no grain."""
_BLOCK = 6
_QUIET_SHARE = 0.3
"""Of the blocks, by how much they vary: texture is in the others."""
_LEAST_BLOCKS = 8
_TILE = 96
_SOFTNESS = (0.0, 0.4, 0.55, 0.7, 0.9, 1.2)
"""Blur (sigma, pixels) of white noise that is tried to come near the measured one."""


@dataclass(frozen=True, slots=True)
class Grain:
    """`levels`: standard deviation of the fine part of brightness, 8-bit levels. `nearness`: correlation of neighbours."""

    levels: float
    nearness: float


def grained(patch: PatchFrame, picture: Picture, seed: int) -> PatchFrame:
    """The patch with the grain of the picture around it, where it changes the picture and is smoother than that.

    The very same patch where the surroundings have less grain than `LEAST_LEVELS`, too little of them is in the picture, or the
    patch has as much already.
    """
    view = View(picture)
    height, width = patch.alpha.shape
    box = Box(patch.x, patch.y, width, height)
    around = box.grown(RING_PX, view.width, view.height)
    inside = np.zeros((around.height, around.width), np.float32)
    place = np.s_[patch.y - around.y : patch.y - around.y + height, patch.x - around.x : patch.x - around.x + width]
    inside[place] = patch.alpha > 0
    rgb = view.rgb(around)
    wanted = measured(mean(rgb), 1 - inside)
    if wanted is None or not LEAST_LEVELS <= wanted.levels <= _MOST_LEVELS or wanted.nearness > _SMOOTH:
        return patch
    peak = 255 if patch.rgb.dtype == np.uint8 else 65535
    own = np.asarray(patch.rgb.astype(np.float32) / np.float32(peak), np.float32)
    original = rgb[place]
    changed = effective_mask(original, original + patch.alpha[..., None] * (own - original), patch.alpha)
    has = measured(mean(own), (changed > 0.5).astype(np.float32))
    levels = has.levels if has is not None else 0.0
    if levels > _ENOUGH * wanted.levels:
        return patch
    lacking = float(np.sqrt(wanted.levels**2 - levels**2))
    noise = _noise(changed.shape, wanted.nearness, seed) * np.float32(lacking * LEVEL)
    mixed = np.rint(np.clip(own + (noise * changed)[..., None], 0, 1) * np.float32(peak))
    pixels = np.asarray(mixed, np.uint8) if peak == 255 else np.asarray(mixed, np.uint16)
    pixels.flags.writeable = False
    return replace(patch, rgb=pixels)


def measured(brightness: Field, weight: Field) -> Grain | None:
    """The grain of (h, w) brightness 0..1 where `weight` is 1, from its quietest parts; None where those are too few.

    A texture is in some places, grain is everywhere: what varies least tells the grain (after Olsen 1993).
    """
    fine = _fine(brightness)
    power, products = _blocks(fine * fine, weight), _blocks(fine * np.roll(fine, -1, axis=1), weight)
    if len(power) < _LEAST_BLOCKS:
        return None
    quiet = np.argsort(power)[: max(_LEAST_BLOCKS, round(len(power) * _QUIET_SHARE))]
    amount = float(power[quiet].mean())
    return Grain(float(np.sqrt(amount)) / LEVEL, float(products[quiet].mean()) / amount if amount > 1e-9 else 0.0)


def _noise(shape: tuple[int, ...], nearness: float, seed: int) -> Field:
    """(h, w) noise whose grain, measured as that of a picture is, has one level and about this nearness."""
    height, width = max(_TILE, shape[0]), max(_TILE, shape[1])
    white = np.random.default_rng(seed).standard_normal((height, width), np.float32)
    everywhere = np.ones((_TILE, _TILE), np.float32)
    tried = []
    for sigma in _SOFTNESS:
        soft = cv2.GaussianBlur(white, (0, 0), sigma) if sigma else white
        grain = measured(np.ascontiguousarray(soft[:_TILE, :_TILE]), everywhere)
        if grain is not None:
            tried.append((abs(grain.nearness - nearness), sigma, grain.levels))
    _, sigma, levels = min(tried)
    soft = cv2.GaussianBlur(white, (0, 0), sigma) if sigma else white
    return np.asarray(soft[: shape[0], : shape[1]] / np.float32(levels * LEVEL), np.float32)


def _fine(brightness: Field) -> Field:
    return np.asarray(brightness - cv2.GaussianBlur(brightness, (0, 0), _FINER_THAN_PX), np.float32)


def _blocks(values: Field, weight: Field) -> npt.NDArray[np.float64]:
    """Means over the blocks that lie wholly where weight is 1."""
    rows, columns = values.shape[0] // _BLOCK, values.shape[1] // _BLOCK
    if not rows or not columns:
        return np.zeros(0)
    cut = np.s_[: rows * _BLOCK, : columns * _BLOCK]
    size = (rows, _BLOCK, columns, _BLOCK)
    means, full = values[cut].reshape(size).mean(axis=(1, 3)), weight[cut].reshape(size).min(axis=(1, 3)) >= 1
    return np.asarray(means[full], np.float64)
