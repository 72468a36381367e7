"""What a reply is still off by after it was lined up as a whole: models bend what they redraw, by a pixel here and two there.

Measured round the region (dense Lucas and Kanade, windows that see the surroundings only) and carried on smoothly into it, so
that lines meet at the edge. Knows no provider.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.alignment import Luma, Weights, cauchy, normalised
from engine.compositing.resampling import resized

Shift = npt.NDArray[np.float32]
"""(h, w, 2): where, beside its place, the reply shows what belongs to a pixel: across and down, in pixels."""

_WORK_AREA = 120_000
"""Larger crops are looked at in a smaller form: what is bent is bent smoothly."""
_WINDOWS_PX = (32.0, 20.0, 12.0)
_ROUNDS = 3
_STEP_PX, _LARGEST_PX = 1.0, 4.0
_HELD = 0.08
"""How firmly a shift is held at none, as a share of the mean slope: where there is little to see, nothing is moved."""
_RIM_PX = 24
_GAIN = 0.05
"""The share of what differs round the region that must go, or the shift is not believed."""
_ALIKE = 0.02
"""Difference round the region, as a share of its contrast, under which it is the same."""
_FAINT = 1e-4
_NEEDED = 100


def local_shift(laid: Luma, own: Luma, outside: Weights) -> Shift | None:
    """The shift of `laid` (h, w) against `own`, by what is `outside` (1 where both should be alike); None where none helps."""
    height, width = own.shape
    scale = float(np.sqrt(_WORK_AREA / (width * height)))
    if scale >= 1:
        return _found(laid, own, outside)
    size = max(1, int(width * scale)), max(1, int(height * scale))
    small = _found(resized(laid, size), resized(own, size), np.asarray(resized(outside, size) > 0.99, np.float32))
    back = np.array([width / size[0], height / size[1]], np.float32)
    return None if small is None else np.asarray(resized(small, (width, height)) * back, np.float32)


def _found(laid: Luma, own: Luma, outside: Weights) -> Shift | None:
    rim = _rim(outside)
    if rim.sum() < _NEEDED:
        return None
    shift = np.zeros((*own.shape, 2), np.float32)
    before = _differing(laid, own, outside, rim)
    if before < _ALIKE:
        return None
    for window in _WINDOWS_PX:
        for _ in range(_ROUNDS):
            shift = np.clip(shift + _step(moved(laid, shift), own, outside, window), -_LARGEST_PX, _LARGEST_PX)
    shift = _into_region(shift, outside)
    after = _differing(moved(laid, shift), own, outside, rim)
    return shift if after < (1 - _GAIN) * before else None


def moved(picture: Luma, shift: Shift) -> Luma:
    """(h, w): every pixel from where it is shown."""
    height, width = shift.shape[:2]
    x = np.arange(width, dtype=np.float32) + shift[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + shift[..., 1]
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _rim(outside: Weights) -> npt.NDArray[np.bool_]:
    away = cv2.distanceTransform((outside > 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray((outside > 0) & (away < _RIM_PX))


def _differing(laid: Luma, own: Luma, outside: Weights, rim: npt.NDArray[np.bool_]) -> float:
    miss = normalised(laid, outside) - normalised(own, outside)
    return float(np.abs(miss[rim]).mean())


def _step(laid: Luma, own: Luma, outside: Weights, window: float) -> Shift:
    one, other = normalised(own, outside), normalised(laid, outside)
    mean, miss = (one + other) / 2, other - one
    across, down = (cv2.Sobel(mean, cv2.CV_32F, *axis, ksize=1, scale=0.5) for axis in ((1, 0), (0, 1)))
    inner = cv2.erode(outside, np.ones((3, 3), np.uint8))
    weights = inner * cauchy(miss)
    fields = cv2.merge([weights * across * across, weights * across * down, weights * down * down, weights * across * miss])
    a, b, c, p = cv2.split(cv2.GaussianBlur(fields, (0, 0), window))
    q, share = (cv2.GaussianBlur(field, (0, 0), window) for field in (weights * down * miss, inner))
    seen = np.maximum(share, np.float32(_FAINT))
    held = _HELD * float(((a + c) / seen)[share > _FAINT].mean()) * seen / 2 + 1e-9
    a, c = a + held, c + held
    determinant = a * c - b * b
    step = np.dstack([b * q - c * p, b * p - a * q]) / determinant[..., None]
    return np.asarray(np.clip(step, -_STEP_PX, _STEP_PX), np.float32)


def _into_region(shift: Shift, outside: Weights) -> Shift:
    """The shift of the surroundings, carried into the region: from near its edge there, from all round in its middle."""
    inside = (outside <= 0).astype(np.uint8)
    depth = float(cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).max())
    total, share = np.zeros_like(shift), np.zeros(outside.shape, np.float32)
    for window, weight in ((_WINDOWS_PX[-1] / 2, 1.0), (max(4.0, depth / 2), 0.02), (max(8.0, depth), 1e-4)):
        total += weight * cv2.GaussianBlur(shift * outside[..., None], (0, 0), window)
        share += weight * cv2.GaussianBlur(outside, (0, 0), window)
    return np.asarray(total / np.maximum(share, 1e-9)[..., None], np.float32)
