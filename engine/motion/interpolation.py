"""The picture between two pictures: motion is followed from both sides, and each side is believed where it is consistent.

For damaged frames, for the way between two anchors and for slow motion. Knows no provider, no project and no frame numbers.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import BadInputError
from engine.motion.appearance import smoothstep
from engine.motion.flow import Box, DenseFlow, Field, Gray, Map, disagreement, inside, sample
from engine.motion.view import Rgb01
from engine.running import CancelToken

Pixels = TypeVar("Pixels", npt.NDArray[np.uint8], npt.NDArray[np.uint16])

_ROUNDS = 4
"""Of finding which motion passes through a point of the middle picture; smooth motion settles in three."""
_SIGMA_PX = 1.5
_CLEARLY_LEVELS = 1.5
"""Difference of misfit, in 8-bit levels, at which one explanation of a pixel is clearly better than the other."""
_MATCH_LEVELS, _MISS_LEVELS = 6.0, 24.0
_BAND_ROWS, _BAND_RIM = 192, 16
"""Large pictures are made band by band; around each lie as many rows as misfits are looked at across."""
_AT_ONCE = 2
_LARGE_PIXELS = 2_500_000


@dataclass(frozen=True, slots=True)
class Between:
    """`pixels` (h, w, 3) of the inputs' dtype; `doubt` (h, w) 0..1, near 1 where the two sides cannot be brought together."""

    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
    doubt: Field


@dataclass(frozen=True, slots=True)
class Passed:
    """The picture part of the way, 0..1; the levels by which its two sides differ; and where each of its pixels lay in both."""

    pixels: Rgb01
    misfit: Field
    in_before: Map
    in_after: Map


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both pictures as float 0..1 over one box, and where the one in between lies; `rows` of it are made."""

    before: Rgb01
    after: Rgb01
    share: float
    box: Box
    rows: slice

    def grid(self) -> Map:
        return Box(0, self.rows.start, self.box.width, self.rows.stop - self.rows.start).grid()


@dataclass(frozen=True, slots=True)
class _Flows:
    """The motion from the one picture to the other and back, each with the pixels by which the other contradicts it."""

    there: Field
    back: Field
    missed_there: Field
    missed_back: Field


class Way:
    """Two pictures (h, w, 3) 0..1 with the motion between them, which is found once for all that lies between."""

    def __init__(self, before: Rgb01, after: Rgb01, *, cancel: CancelToken) -> None:
        self._before, self._after = before, after
        self.box = Box(0, 0, before.shape[1], before.shape[0])
        self._flows = _flows(before, after, cancel)

    def at(self, share: float, shift: tuple[float, float] = (0.0, 0.0), *, cancel: CancelToken) -> Passed:
        """The picture at `share` (0 < share < 1) of the way, seen `shift` pixels further right and down."""
        return _mixed(self._pair(share, slice(0, self.box.height)), self._flows, shift, cancel)

    def picture(self, share: float, *, cancel: CancelToken) -> tuple[Rgb01, Field]:
        """The pixels of `at` without a shift and how far each is doubted, band by band: maps of whole frames fill the memory.

        What only one of the two shows, at the border, is not doubted.
        """
        height, width = self._before.shape[:2]
        pixels, doubt = np.empty((height, width, 3), np.float32), np.empty((height, width), np.float32)

        def make(start: int) -> None:
            stop = min(height, start + _BAND_ROWS)
            rows = slice(max(0, start - _BAND_RIM), min(height, stop + _BAND_RIM))
            made = _mixed(self._pair(share, rows), self._flows, (0.0, 0.0), cancel)
            own = slice(start - rows.start, stop - rows.start)
            pixels[start:stop] = made.pixels[own]
            seen = inside(made.in_before[own], self.box) * inside(made.in_after[own], self.box)
            doubt[start:stop] = seen * smoothstep(made.misfit[own], _MATCH_LEVELS, _MISS_LEVELS)

        with ThreadPoolExecutor(_AT_ONCE, "in between") as pool:
            for _ in pool.map(make, range(0, height, _BAND_ROWS)):
                cancel.check()
        return pixels, doubt

    def _pair(self, share: float, rows: slice) -> _Pair:
        return _Pair(self._before, self._after, share, self.box, rows)


def between(before: Pixels, after: Pixels, share: float, *, cancel: CancelToken) -> Pixels:
    """The picture at `share` (0 < share < 1) of the way from `before` to `after`: (h, w, 3) R'G'B' of one size, 8 or 16 bit.

    Deterministic. Light that changes evenly is blended. Raises: BadInputError for unequal sizes or depths; Cancelled.
    """
    pixels = judged(before, after, share, cancel=cancel).pixels
    return np.asarray(pixels, before.dtype)


def judged(
    before: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], after: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], share: float,
    *, cancel: CancelToken,
) -> Between:
    """The same, with how far each pixel may be trusted."""
    if before.shape != after.shape or before.dtype != after.dtype or before.ndim != 3 or before.shape[2] != 3:
        raise BadInputError("Two pictures of different size or depth have nothing in between.", "Give crops of one place.")
    if not 0 < share < 1:
        raise BadInputError("A picture in between lies after the first and before the second.", "Give a share above 0, below 1.")
    peak = np.float32(np.iinfo(before.dtype).max)
    way = Way(before.astype(np.float32) / peak, after.astype(np.float32) / peak, cancel=cancel)
    made = way.at(share, cancel=cancel)
    return Between(
        np.rint(np.clip(made.pixels, 0, 1) * peak).astype(before.dtype), smoothstep(made.misfit, _MATCH_LEVELS, _MISS_LEVELS)
    )


def _mixed(pair: _Pair, flows: _Flows, shift: tuple[float, float], cancel: CancelToken) -> Passed:
    cancel.check()
    share, grid = np.float32(pair.share), pair.grid()
    motion = _better(pair, _through(flows.there, share, pair), -_through(flows.back, 1 - share, pair))
    cancel.check()
    at = grid + np.array(shift, np.float32)
    motion = sample(motion, at, pair.box) if any(shift) else motion
    in_before, in_after = at - share * motion, at + (1 - share) * motion
    first = sample(pair.before, in_before, pair.box, cv2.INTER_CUBIC)
    second = sample(pair.after, in_after, pair.box, cv2.INTER_CUBIC)
    # What one side shows and the other hides has a consistent flow on one side only.
    doubts = sample(flows.missed_there, in_before, pair.box), sample(flows.missed_back, in_after, pair.box)
    one, other = ((1 - share) * np.exp(-doubts[0]) + np.float32(1e-3), share * np.exp(-doubts[1]) + np.float32(1e-3))
    weight = (one / (one + other))[..., None]
    moved = np.asarray(first * weight + second * (1 - weight), np.float32)
    misfit = _misfit(first, second)
    before, after = (
        sample(image, at, pair.box, cv2.INTER_CUBIC) if any(shift) else image[pair.rows] for image in (pair.before, pair.after)
    )
    return Passed(_rather_still(before, after, share, moved, misfit), misfit, in_before, in_after)


def _flows(before: Rgb01, after: Rgb01, cancel: CancelToken) -> _Flows:
    """Of large pictures at half their size: a quarter of time and memory, and what moves there moves over many pixels."""
    flow, size = DenseFlow(), before.shape[1::-1]
    is_large = size[0] * size[1] > _LARGE_PIXELS
    one, other = (_halved(_grey(image)) if is_large else _grey(image) for image in (before, after))
    there = flow(one, other)
    cancel.check()
    back = flow(other, one)
    cancel.check()
    found = _Flows(there, back, disagreement(there, back), disagreement(back, there))
    if not is_large:
        return found
    return _Flows(*(_doubled(field, size) for field in (found.there, found.back, found.missed_there, found.missed_back)))


def _halved(grey: Gray) -> Gray:
    height, width = grey.shape
    return np.asarray(cv2.resize(grey, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA), np.uint8)


def _doubled(field: Field, size: tuple[int, ...]) -> Field:
    """A field of pixels at half of a size, at that size (width, height)."""
    return np.asarray(cv2.resize(field, (size[0], size[1]), interpolation=cv2.INTER_LINEAR) * np.float32(2), np.float32)


def _through(flow: Field, share: np.float32, pair: _Pair) -> Field:
    """The flow of the point that passes through each pixel after `share` of its way (a fixed point of looking back along it)."""
    grid, found = pair.grid(), flow[pair.rows]
    for _ in range(_ROUNDS):
        found = sample(flow, grid - share * found, pair.box)
    return found


def _better(pair: _Pair, one: Field, other: Field) -> Field:
    """Of two motions per pixel the one under which both pictures agree better."""
    misfits = [_misfit(*_sides(pair, motion)) for motion in (one, other)]
    choice = _logistic((misfits[1] - misfits[0]) / np.float32(_CLEARLY_LEVELS))[..., None]
    return np.asarray(one * choice + other * (1 - choice), np.float32)


def _sides(pair: _Pair, motion: Field) -> tuple[Rgb01, Rgb01]:
    """Both pictures moved to the time in between."""
    share, grid = np.float32(pair.share), pair.grid()
    return (
        sample(pair.before, grid - share * motion, pair.box, cv2.INTER_CUBIC),
        sample(pair.after, grid + (1 - share) * motion, pair.box, cv2.INTER_CUBIC),
    )


def _rather_still(before: Rgb01, after: Rgb01, share: np.float32, moved: Rgb01, misfit: Field) -> Rgb01:
    """The plain blend where it fits better than any motion: what stands still before what moves, and what flickers."""
    blended = before * (1 - share) + after * share
    still = _misfit(before, after)
    weight = _logistic((np.float32(0.9) * misfit - still) / np.float32(_CLEARLY_LEVELS))[..., None]
    return np.asarray(moved * (1 - weight) + blended * weight, np.float32)


def _misfit(one: Rgb01, other: Rgb01) -> Field:
    """Mean difference in 8-bit levels around each pixel."""
    return np.asarray(cv2.GaussianBlur(np.abs(one - other).mean(axis=2) * np.float32(255), (0, 0), _SIGMA_PX), np.float32)


def _logistic(value: Field) -> Field:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -20, 20))), np.float32)


def _grey(image: Rgb01) -> Gray:
    return np.asarray(np.rint(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) * 255).clip(0, 255), np.uint8)
