"""Lines a provider's reply up with the crop it was made from, to a fraction of a pixel.

Models shift, zoom and stretch what they answer. What lies outside the mask should look alike, so it says how; what lies inside
was meant to change and is not looked at. `alignment` does the looking.

Matrices are (2, 3) and turn coordinates of pixel edges (0..width, 0..height) of the crop into those of the reply.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.alignment import Alignment, Found, Luma, Matrix, Weights

Rgb01 = npt.NDArray[np.float32]

_SURE_AGREEMENT = 0.7
"""Beyond it nothing else is tried."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Where the crop lies in the reply, and how far that is from where the sizes alone would put it."""

    matrix: Matrix
    shift_px: float = 0.0
    """How far the middle of the region lay beside its place, in pixels of the crop."""
    scale: float = 1.0
    """How much larger the reply shows things than it should; of both directions the one that is farther off."""
    agreement: float = 0.0
    """Correlation of the surroundings once lined up, -1..1."""
    is_reliable: bool = False
    """False where the surroundings did not say; `matrix` then is the first fit."""
    fit: int = 0
    """Which of the fits it came from."""


def size_fits(crop: tuple[float, float], reply: tuple[int, int], shown: tuple[float, float, float, float]) -> tuple[Matrix, ...]:
    """Where a crop of (width, height) may lie in a reply of (width, height), by the sizes alone, the likeliest first.

    `shown` is the part of the reply (left, top, right, bottom as fractions) that holds the crop. It may have been stretched to
    it; where the proportions differ it may also lie in it with borders, or have been cut at two sides.
    """
    left, top = shown[0] * reply[0], shown[1] * reply[1]
    wide, high = (shown[2] - shown[0]) * reply[0], (shown[3] - shown[1]) * reply[1]
    across, down = wide / crop[0], high / crop[1]
    fits = [np.array([[across, 0, left], [0, down, top]])]
    if abs(across / down - 1) > 0.005:
        for scale in (min(across, down), max(across, down)):
            x, y = left + (wide - crop[0] * scale) / 2, top + (high - crop[1] * scale) / 2
            fits.append(np.array([[scale, 0, x], [0, scale, y]]))
    return tuple(fits)


def register(reply: Rgb01, crop: Rgb01, outside: Weights, fits: Sequence[Matrix]) -> Registration:
    """Find the crop ((h, w, 3), 0..1) in the reply ((H, W, 3), 0..1) by what lies outside the region.

    `outside` (h, w) is 1 where the reply should look like the crop and 0 elsewhere. Of `fits` the one is taken from which the
    surroundings agree best. Deterministic.
    """
    luma, own = luma_of(reply), luma_of(crop)
    best = Registration(fits[0])
    for number, fit in enumerate(fits):
        alignment = Alignment(luma, own, outside, fit)
        for start in alignment.starts():
            found = _registration(alignment, alignment.refined(start), number)
            if (found.is_reliable, found.agreement) > (best.is_reliable, best.agreement):
                best = found
            if best.is_reliable and best.agreement > _SURE_AGREEMENT:
                return best
    return best if best.is_reliable else Registration(fits[0], agreement=best.agreement)


def _registration(alignment: Alignment, found: Found, fit: int) -> Registration:
    motion = found.motion
    zooms = np.hypot(1 + motion[1], motion[4]), np.hypot(motion[2], 1 + motion[5])
    scale = float(max(zooms, key=lambda zoom: abs(zoom - 1)))
    matrix = alignment.matrix(motion)[:2]
    return Registration(matrix, alignment.shift_px(motion), scale, found.agreement, found.is_reliable, fit)


def luma_of(rgb: Rgb01) -> Luma:
    """(h, w) of (h, w, 3)."""
    weights = np.array([[0.299, 0.587, 0.114]], np.float32)
    return np.asarray(cv2.transform(np.ascontiguousarray(rgb, np.float32), weights), np.float32).reshape(rgb.shape[:2])
