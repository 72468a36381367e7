"""Decides what other frames show behind a region: which of them to believe where, and which colour that is.

Works at a small size of the region. Knows how frames were aligned, and nothing of how the pixels are laid in afterwards.
"""

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.providers.local.aligning import Aligned, sampled, seen
from engine.providers.local.covering import covered
from engine.providers.local.plate import Bools, Levels, Plate, alike, gains, good_frames, plate, trusts
from engine.providers.protocol import Area, RegionEditRequest
from engine.running import CancelToken

_STACK_PX = 176
"""What lies behind is decided at this size of the region's larger side."""
_STILL_SHARE = 0.7
"""Of the frames: what shows the same in so many is not what moves."""
_MOVED_SHARE = 0.08
"""Of the region: where less changes, the thing stands still."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The plate at its small size, and the frames it was made of with their factors."""

    frames: list[Aligned]
    factors: npt.NDArray[np.float32]
    residuals: npt.NDArray[np.float32]
    plate: Plate
    region: Bools
    beside: float
    """Share of the region's rim that shows what no other frame does: a shadow, or the thing itself, that was not drawn in."""


def decided(
    request: RegionEditRequest, frames: list[Aligned], here: Fraction, hole: Bools, area: Area, cancel: CancelToken
) -> Behind | None:
    """What `frames`, in order of time, show behind `hole` within an area of the crop; None where fewer than two fit the crop.

    `here` is the edited frame's time.
    """
    scale = min(1.0, _STACK_PX / max(area[2:]))
    part_of = np.s_[area[1]:area[1] + area[3], area[0]:area[0] + area[2]]
    levels = np.float32(255 / np.iinfo(request.crop.dtype).max)
    anchor = sampled(request.crop, np.eye(3), area, scale).astype(np.float32) * levels
    region = cv2.resize(hole[part_of].astype(np.float32), anchor.shape[1::-1], interpolation=cv2.INTER_AREA) > 0
    stack, valid = [], []
    for frame in frames:
        cancel.check()
        stack.append(sampled(frame.crop.pixels, frame.matrix, area, scale).astype(np.float32) * levels)
        valid.append(seen(frame, area, scale))
    pictures, known = np.stack(stack), np.stack(valid)
    factors, residuals = gains(anchor, pictures, known, ~region)
    good = good_frames(residuals)
    if good.sum() < 2:
        return None
    kept = [frame for frame, fits in zip(frames, good, strict=True) if fits]
    factors, residuals = factors[good], residuals[good]
    pictures = pictures[good] * factors[:, None, None, :]
    noise = float(np.median(residuals))
    times = [float(frame.crop.time - here) for frame in kept]
    thing = _changing(anchor, pictures, known[good], region, noise)
    found = _behind(anchor, pictures, known[good], times, thing, region, noise, cancel)
    smaller = thing & _thing(anchor, found, region)
    if smaller.any() and smaller.sum() < 0.85 * thing.sum() and (~found.is_seen & region).sum() > 0.02 * region.sum():
        found = _behind(anchor, pictures, known[good], times, smaller, region, noise, cancel)
    return Behind(kept, factors, residuals, found, region, _beside(anchor, pictures, known[good], region, noise))


def _behind(
    anchor: Levels, pictures: Levels, known: Bools, times: list[float], thing: Bools, region: Bools, noise: float,
    cancel: CancelToken,
) -> Plate:
    free = known & ~_covers(anchor, pictures, times, thing, noise)
    return plate(pictures, free, trusts(anchor, pictures, thing, region), region, noise, cancel)


def _covers(anchor: Levels, pictures: Levels, times: list[float], region: Bools, noise: float) -> Bools:
    """(n, h, w) where a frame shows the thing itself, or what may be the thing where that was lost."""
    eight = [np.clip(picture, 0, 255).astype(np.uint8) for picture in (anchor, *pictures)]
    greys = [np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) for picture in eight]
    found = covered(greys[0], greys[1:], times, region)
    return np.stack([
        (alike(anchor, picture, 6 + 3 * noise) & region) if cover is None else cover
        for cover, picture in zip(found, pictures, strict=True)
    ])


def _changing(anchor: Levels, pictures: Levels, known: Bools, region: Bools, noise: float) -> Bools:
    """The region without what hardly ever changes and joins its surroundings: background that was drawn in with the thing.

    All of it where next to nothing changes: then what shall go stands still.
    """
    same = sum(alike(anchor, picture, 6 + 3 * noise) & seen_ for picture, seen_ in zip(pictures, known, strict=True))
    still = (same >= _STILL_SHARE * known.sum(axis=0)) & (known.sum(axis=0) >= 3)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    still = cv2.morphologyEx((still | ~region).astype(np.uint8), cv2.MORPH_OPEN, kernel)
    _, labels = cv2.connectedComponents(still, connectivity=4)
    outside = np.unique(labels[~region & (still > 0)])
    rest = region & ~np.isin(labels, outside[outside > 0])
    thing = region & (cv2.dilate(rest.astype(np.uint8), kernel) > 0)
    return np.asarray(thing if rest.sum() >= _MOVED_SHARE * region.sum() else region)


def _beside(anchor: Levels, pictures: Levels, known: Bools, region: Bools, noise: float) -> float:
    """0..1, as in `Behind`; 0 where too few frames show the rim."""
    rim = (cv2.dilate(region.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~region & (known.sum(axis=0) >= 3)
    if not rim.any():
        return 0.0
    here, usual = cv2.blur(anchor, (3, 3))[rim], np.median(np.stack([cv2.blur(one, (3, 3))[rim] for one in pictures]), axis=0)
    return float((np.abs(here - usual).max(axis=1) > 6 + 3 * noise).mean())


def _thing(anchor: Levels, found: Plate, region: Bools) -> Bools:
    """The region without what is background in the edited frame too."""
    same = found.is_seen & alike(anchor, found.colour, found.tolerance)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    sure = cv2.erode(cv2.morphologyEx(same.astype(np.uint8), cv2.MORPH_OPEN, kernel), kernel, borderValue=1) > 0
    return np.asarray(region & ~sure)
