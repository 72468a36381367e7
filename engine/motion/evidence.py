"""What a tracked frame shows of how well the patch lies there: a handful of numbers, each with a reason to doubt behind it.

They are measured on every few pixels only, so that they cost little beside the tracking. Knows no weights and no lights.
"""

from dataclasses import dataclass, fields
from math import log, log1p

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion.appearance import LEVEL, steepness
from engine.motion.flow import Field
from engine.motion.judging import AnchorView, Track
from engine.motion.view import Rgb01

_MOST_PIXELS = 24_000
_TILES = 4
_USUAL_STRAIN, _USUAL_UNEVENNESS = 0.25, 0.1
_FADING = 0.85
"""Share of a doubt that is left a frame later."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Measured on one frame. All are 0 where nothing speaks against the patch, and grow with doubt."""

    missed_px: float = 0.0
    """By which the two directions of flow miss each other, over the patch."""
    missed_levels: float = 0.0
    """The same times the patch's own steepness: what it would cost to lie that far off."""
    strain: float = 0.0
    """Difference between frame and carried anchor, in units of what noise and texture explain."""
    residual_levels: float = 0.0
    worst_tile: float = 0.0
    """The strain of the worst of sixteen parts of the patch."""
    implied_levels: float = 0.0
    """What the difference would cost were it all due to lying wrong: times the patch's steepness over the original's."""
    plain_levels: float = 0.0
    """Difference after one factor and one offset for the whole patch: light that no lamp makes shows here."""
    unlike: float = 0.0
    """1 less the correlation of fine detail in frame and carried anchor, less what noise explains."""
    uneven: float = 0.0
    """By how much the found change of light differs from place to place."""
    rim_levels: float = 0.0
    """Difference just outside the patch."""
    covered_share: float = 0.0
    covered_change: float = 0.0
    """Since the frame before."""
    outside_share: float = 0.0
    step: float = 0.0
    """Motion since the frame before, in sides of the patch."""
    blur: float = 0.0
    """|log| of the frame's sharpness against the carried anchor's."""
    light: float = 0.0
    """|log| of the change of light."""
    learnt_levels: float = 0.0
    """By which the picture has slowly come to differ from the anchor."""
    zoom: float = 0.0
    """|log| of the patch's area against the anchor's."""
    loose: float = 0.0
    """Little to hold on to: grows where texture is faint against noise."""
    strained: float = 0.0
    """The strain beyond what is usual."""
    patchy: float = 0.0
    """The unevenness beyond what is usual."""
    unheld: float = 0.0
    """On a plain surface, what nothing holds, times the log of the patch's steepness."""
    steep: float = 0.0
    """Levels by which the patch changes over a pixel: what a small miss costs."""
    free: float = 0.0
    """1 where no plane was found."""
    small: float = 0.0
    """Few pixels to measure on."""
    distance: float = 0.0
    """Frames from the anchor."""
    past: float = 0.0
    """The strain of the frames before, fading."""
    past_covered: float = 0.0


NO_EVIDENCE = Evidence()
"""Of the anchor itself."""
NAMES = tuple(field.name for field in fields(Evidence))


@dataclass(frozen=True, slots=True)
class Stakes:
    """What the anchor tells beforehand. `steep_levels` per pixel, `area_px` of the effective mask, `noise_levels`."""

    steep_levels: float
    area_px: float
    noise_levels: float


def stakes(anchor: AnchorView, patched: Rgb01) -> Stakes:
    """`patched` (h, w, 3): the anchor with the patch on it, over the anchor's box."""
    return Stakes(steepness(_grey(patched), anchor.mask), float(anchor.mask.sum()) + 1e-6, anchor.noise_levels)


def gather(track: Track, known: Stakes, step_px: float, before: Evidence) -> Evidence:
    """`before` is the evidence of the frame before on the way from the anchor, `Evidence()` at the first."""
    height, width = track.mask.shape
    every = np.s_[::_stride(height, width), ::_stride(height, width)]
    mask = track.mask[every]
    visible = mask * (1 - track.covered[every])
    meant = track.light.gain[every] * track.warped[every] + track.light.offset[every]
    levels = np.asarray(np.abs(track.frame[every] - meant).mean(axis=2) / np.float32(LEVEL), np.float32)
    pair = (_grey(track.frame[every]), _grey(track.warped[every]))
    implied = max(0.0, _mean(levels, visible) - known.noise_levels) * known.steep_levels / (steepness(pair[1], visible) + 1)
    uneven = _uneven(track, every, visible)
    return Evidence(
        implied_levels=log1p(implied), plain_levels=log1p(_plain(*pair, visible)), unlike=_unlike(*pair, visible, known),
        uneven=uneven, patchy=max(0.0, uneven - _USUAL_UNEVENNESS),
        missed_px=log1p(track.disagreement_px), missed_levels=log1p(track.disagreement_px * known.steep_levels),
        strain=track.strain, strained=max(0.0, track.strain - _USUAL_STRAIN),
        residual_levels=log1p(track.residual_levels), worst_tile=log1p(_worst_tile(levels, visible)),
        rim_levels=log1p(_mean(levels, _rim(track)[every])), covered_share=track.covered_share,
        covered_change=abs(track.covered_share - before.covered_share), outside_share=track.outside_share,
        step=log1p(step_px / known.area_px**0.5), blur=_blur(track.frame[every], meant, visible),
        light=_light(track, every, visible),
        learnt_levels=log1p(_mean(np.abs(track.known[every]).mean(axis=2) / np.float32(LEVEL), visible)),
        zoom=abs(log(max(1.0, float(track.mask.sum())) / max(1.0, known.area_px))) if track.outside_share == 0 else 0.0,
        unheld=min(1.0, track.unheld) * log1p(known.steep_levels),
        loose=_loose(track.warped[every], visible, known.noise_levels), steep=log1p(known.steep_levels),
        free=float(not track.planar),
        small=max(0.0, log(20_000 / max(1.0, float(visible.sum()) * _stride(height, width) ** 2))),
        distance=before.distance + 1, past=max(_FADING * before.past, before.strain),
        past_covered=max(_FADING * before.past_covered, before.covered_share),
    )


def _stride(height: int, width: int) -> int:
    return max(1, int((height * width / _MOST_PIXELS) ** 0.5))


def _mean(values: Field, weight: Field) -> float:
    return float((values * weight).sum() / (weight.sum() + 1e-6))


def _worst_tile(levels: Field, visible: Field) -> float:
    """Mean level of the worst of the tiles that show enough of the patch."""
    total = cv2.resize(levels * visible, (_TILES, _TILES), interpolation=cv2.INTER_AREA)
    weight = cv2.resize(visible, (_TILES, _TILES), interpolation=cv2.INTER_AREA)
    enough = weight > 0.25 * weight.max()
    return float((total[enough] / weight[enough]).max()) if weight.max() > 1e-3 else 0.0


def _rim(track: Track) -> Field:
    near = cv2.dilate(track.mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (21, 21)))
    return np.asarray((near - track.mask).clip(0, 1) * (1 - track.covered), np.float32)


def _grey(image: Rgb01) -> Field:
    """Mean of the channels, in 8-bit levels."""
    return np.asarray(image.mean(axis=2) / np.float32(LEVEL), np.float32)


def _plain(frame: Field, warped: Field, visible: Field) -> float:
    """Mean difference in levels after the best factor 0.3 to 3 and offset for all pixels."""
    one, other = frame - _mean(frame, visible), warped - _mean(warped, visible)
    factor = float(np.clip(_mean(one * other, visible) / (_mean(other * other, visible) + 1), 0.3, 3))
    return _mean(np.abs(one - np.float32(factor) * other), visible)


def _unlike(frame: Field, warped: Field, visible: Field, known: Stakes) -> float:
    one, other = (image - cv2.GaussianBlur(image, (0, 0), 4.0) for image in (frame, warped))
    power = (_mean(one * one, visible) * _mean(other * other, visible)) ** 0.5
    noise = (1 + known.noise_levels) ** 2
    return float(np.clip(1 - (_mean(one * other, visible) + noise) / (power + 1e-3), 0, 1))


def _uneven(track: Track, every: tuple[slice, slice], visible: Field) -> float:
    gain = np.log(np.clip(track.light.gain[every].mean(axis=2), 0.05, 20))
    offset = track.light.offset[every].mean(axis=2)
    spread = [_mean(np.abs(part - _mean(part, visible)), visible) for part in (gain, offset)]
    return spread[0] + 3 * spread[1]


def _blur(frame: Rgb01, meant: Rgb01, visible: Field) -> float:
    """|log| of the ratio of what is finer than three pixels in the frame and in what was carried, above noise."""
    one, other = (_mean(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 2.0)), visible) for grey in (_grey(frame), _grey(meant)))
    return abs(log((one + 1) / (other + 1)))


def _light(track: Track, every: tuple[slice, slice], visible: Field) -> float:
    gain = np.log(np.clip(track.light.gain[every].mean(axis=2), 0.05, 20))
    offset = np.abs(track.light.offset[every]).mean(axis=2)
    return _mean(np.asarray(np.abs(gain) + 3 * offset, np.float32), visible)


def _loose(warped: Rgb01, visible: Field, noise_levels: float) -> float:
    """log of noise over the weaker direction of texture (the smaller eigenvalue of Shi and Tomasi 1994)."""
    grey = _grey(warped)
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    xx, yy, xy = _mean(dx * dx, visible), _mean(dy * dy, visible), _mean(dx * dy, visible)
    weaker = (xx + yy) / 2 - (((xx - yy) / 2) ** 2 + xy * xy) ** 0.5
    return max(0.0, log((2 + noise_levels) / (max(0.0, weaker) ** 0.5 + 0.1)))


def as_row(evidence: Evidence) -> npt.NDArray[np.float64]:
    """The numbers in the order of `NAMES`."""
    return np.array([getattr(evidence, name) for name in NAMES], np.float64)
