"""What lies behind a region, pixel by pixel, from many frames that were laid over each other: which samples agree.

Works on a small stack of pictures; says per pixel a colour, whether it was ever seen, and which frames show it. Knows no frame's
time, no camera and no full size.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.running import CancelToken

Levels = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

_GAIN_RANGE = (0.4, 2.5)
_WORST_LEVELS = 14.0
"""Median difference of the surroundings above which a frame does not show the same place in the same light."""
_LEAST_SHARE = 0.3
"""Of the frames that may be believed: fewer that agree are chance."""


_LEAST_TRUST = 0.45
"""Mean trust in those that agree, below which they show the thing itself in another place."""
_MAJORITY = 0.6
"""Of the frames that may be believed: where fewer agree, it is contested what is behind."""
_BINS = 16


@dataclass(frozen=True, slots=True)
class Plate:
    """`colour` (h, w, 3) 0..255, meaningless where not `is_seen` (h, w); `agrees` (n, h, w): frames that show it there."""

    colour: Levels
    is_seen: Bools
    agrees: Bools
    tolerance: float
    contested: float
    """0..1: share of what was seen on which many frames that may be believed show something else: things that bend do that."""


def gains(anchor: Levels, stack: Levels, valid: Bools, free: Bools) -> tuple[Levels, Levels]:
    """(n, 3) factor per channel that brings each frame to the edited one, (n,) levels by which they differ then (robust).

    `free` (h, w) is what surrounds the region; a frame that shows too little of it differs by infinity.
    """
    factors, residuals = np.ones((len(stack), 3), np.float32), np.full(len(stack), np.inf, np.float32)
    for index, (frame, known) in enumerate(zip(stack, valid, strict=True)):
        usable = free & known
        if usable.sum() < max(20, 0.15 * free.sum()):
            continue
        here, there = anchor[usable], frame[usable]
        ratio = (here + 2) / (there + 2)
        factors[index] = np.clip(np.median(ratio, axis=0), *_GAIN_RANGE)
        residuals[index] = np.median(_largest(np.abs(here - there * factors[index])))
    return factors, residuals


def good_frames(residuals: Levels) -> Bools:
    """(n,) frames that fit their surroundings about as well as the better half does."""
    finite = residuals[np.isfinite(residuals)]
    if not len(finite):
        return np.zeros(len(residuals), np.bool_)
    return np.asarray(residuals <= min(_WORST_LEVELS, 3 + 2.5 * float(np.median(finite))))


def plate(stack: Levels, free: Bools, trust: Levels, region: Bools, noise: float, cancel: CancelToken) -> Plate:
    """What the frames show behind `region` (h, w): the colour that most of them agree on.

    `stack` (n, h, w, 3) 0..255 are the frames in order of time, gains applied; `free` (n, h, w) is where they may be believed,
    `trust` (n, h, w) 0..1 how far; `noise` the levels by which samples of one thing differ.
    """
    tolerance = 6 + 3 * noise
    smooth = np.stack([cv2.blur(frame, (3, 3)) for frame in stack])
    weight = free * trust
    total = np.maximum(_boxed(weight.sum(axis=0)), 1e-3)
    colour, score = np.zeros(stack.shape[1:], np.float32), np.zeros(region.shape, np.float32)
    for seed in _seeds(smooth, free):
        cancel.check()
        shifted, support = _shifted(smooth, weight, seed, tolerance)
        share = _boxed(support) / total
        better = share > score
        colour[better] = shifted[better]
        score[better] = share[better]
    colour, support = _shifted(smooth, weight, colour, tolerance)
    agrees = _near(smooth, colour, tolerance) & free
    count = _boxed(agrees.sum(axis=0).astype(np.float32))
    is_seen = (count >= 1.6) & (_boxed(support) >= np.maximum(_LEAST_SHARE * total, _LEAST_TRUST * count)) & region
    is_seen = _without_specks(is_seen, region)
    agrees &= is_seen
    contested = float((support < _MAJORITY * weight.sum(axis=0))[is_seen].mean()) if is_seen.any() else 0.0
    return Plate(colour, np.asarray(is_seen), agrees, tolerance, contested)


def trusts(anchor: Levels, stack: Levels, thing: Bools, region: Bools) -> Levels:
    """(n, h, w) 0..1: low where a frame shows colours that the thing has and its surroundings do not.

    Things that bend and turn are not where a shift would put them; their colours give them away.
    """
    own, around = _histogram(anchor[thing]), _histogram(anchor[~region])
    share = (around + 1e-4) / (own + around + 2e-4)
    table = np.clip(2 * share, 0.02, 1).astype(np.float32)
    places = np.clip(stack, 0, 255).astype(np.uint8) >> 4
    found = table[places[..., 0], places[..., 1], places[..., 2]]
    return np.stack([_boxed(frame) for frame in found])


def _histogram(pixels: Levels) -> Levels:
    """(16, 16, 16) shares of colours, each spread over its neighbours."""
    places = (np.clip(pixels, 0, 255).astype(np.uint8) >> 4).astype(np.int64)
    flat = (places[:, 0] * _BINS + places[:, 1]) * _BINS + places[:, 2]
    cube = np.bincount(flat, minlength=_BINS**3).reshape(_BINS, _BINS, _BINS) / max(1, len(flat))
    for axis in range(3):
        padded = np.pad(cube, [(1, 1) if axis == a else (0, 0) for a in range(3)], mode="edge")
        low, high = (np.take(padded, range(start, start + _BINS), axis=axis) for start in (0, 2))
        cube = 0.25 * low + 0.5 * cube + 0.25 * high
    return cube.astype(np.float32)


def alike(anchor: Levels, frame: Levels, tolerance: float) -> Bools:
    """(h, w) where a frame shows what the edited one shows."""
    return np.asarray(_largest(np.abs(cv2.blur(anchor, (3, 3)) - cv2.blur(frame, (3, 3)))) < tolerance)


def _seeds(stack: Levels, valid: Bools) -> list[Levels]:
    """Colours that may be behind: medians over all frames, and over runs of them."""
    count = len(stack)
    bounds = [(0, count)]
    if count >= 8:
        bounds += [(0, count // 2), (count // 2, count)]
    if count >= 16:
        bounds += [(count * k // 6, count * (k + 1) // 6) for k in range(6)]
    return [_median(stack[first:last], valid[first:last]) for first, last in bounds]


def _median(stack: Levels, valid: Bools) -> Levels:
    """(h, w, 3) over the valid samples; 0 where there is none."""
    bytes_ = np.where(valid[..., None], np.clip(stack, 0, 254), 255).astype(np.uint8)
    bytes_.sort(axis=0)
    middle = np.maximum(valid.sum(axis=0) - 1, 0) // 2
    chosen = np.take_along_axis(bytes_, middle[None, ..., None], axis=0)[0]
    return np.where(chosen == 255, 0, chosen).astype(np.float32)


def _shifted(stack: Levels, weight: Levels, colour: Levels, tolerance: float) -> tuple[Levels, Levels]:
    """A step of mean shift: the mean of the samples near a colour, and how many there are."""
    near = _near(stack, colour, tolerance) * weight
    support = near.sum(axis=0)
    mean = np.einsum("nhw,nhwc->hwc", near, stack) / np.maximum(support, 1)[..., None]
    return np.where(support[..., None] > 0, mean, colour).astype(np.float32), support.astype(np.float32)


def _boxed(image: Levels) -> Levels:
    return np.asarray(cv2.blur(image, (5, 5)), np.float32)


def _without_specks(is_seen: Bools, region: Bools) -> Bools:
    """Narrow rests between what was never seen are not believed: they are edges of the thing."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    opened = cv2.morphologyEx((is_seen | ~region).astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    return np.asarray(opened & region & is_seen)


def _near(stack: Levels, colour: Levels, tolerance: float) -> Bools:
    return np.asarray(_largest(np.abs(stack - colour)) < tolerance)


def _largest(image: Levels) -> Levels:
    """Of the three channels; several times faster than reducing the short axis."""
    return np.asarray(np.maximum(np.maximum(image[..., 0], image[..., 1]), image[..., 2]))
