"""A picture with given gradients that meets given values on its border: Poisson's equation by multigrid, in float.

Pérez, Gangnet and Blake (2003), Poisson image editing. `mixed` takes at each pixel the stronger of two gradients.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.providers.local.membrane import membrane

Field = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

_CYCLES = 6
_SMOOTHINGS = 3
_SMALLEST = 8


def cloned(source: Field, around: Field, inside: Bools) -> Field:
    """(h, w, c): `around` outside, inside the gradients of `source` so that they meet; both (h, w, c)."""
    offset = membrane((around - source).astype(np.float32), inside)
    return np.where(inside[..., None], source + offset, around).astype(np.float32)


def mixed(source: Field, around: Field, inside: Bools) -> Field:
    """As `cloned`, but where `around` has the stronger gradient, its own: texture of both is kept."""
    divergence = np.zeros_like(source)
    for axis in (0, 1):
        one, other = np.diff(source, axis=axis), np.diff(around, axis=axis)
        stronger = np.where(np.abs(other) > np.abs(one), other, one)
        ahead, behind = [(0, 0)] * 3, [(0, 0)] * 3
        ahead[axis], behind[axis] = (0, 1), (1, 0)
        divergence += np.pad(stronger, ahead) - np.pad(stronger, behind)
    start = cloned(source, around, inside)
    free = inside.copy()
    free[[0, -1]] = free[:, [0, -1]] = False  # the picture's own edge stays
    mask = free[..., None].astype(np.float32)
    field = start
    for _ in range(_CYCLES):
        residual = (divergence - _laplacian(field)) * mask
        field = field + _correction(residual, mask)
    return field.astype(np.float32)


def _correction(residual: Field, mask: Field) -> Field:
    """One V-cycle for Δe = residual with e = 0 outside the mask."""
    field = np.zeros_like(residual)
    field = _smoothed(field, residual, mask)
    height, width = residual.shape[:2]
    if min(height, width) > _SMALLEST:
        size = (-(-width // 2), -(-height // 2))
        left = (residual - _laplacian(field)) * mask
        coarse = 4 * cv2.resize(left, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
        coarse_mask = (cv2.resize(mask[..., 0], size, interpolation=cv2.INTER_AREA) > 0.99).astype(np.float32)[..., None]
        error = _correction((coarse * coarse_mask).astype(np.float32), coarse_mask)
        field = field + cv2.resize(error, (width, height), interpolation=cv2.INTER_LINEAR).reshape(field.shape) * mask
    return _smoothed(field, residual, mask)


def _smoothed(field: Field, residual: Field, mask: Field) -> Field:
    for _ in range(_SMOOTHINGS):
        field = field + mask * np.float32(0.2) * (_laplacian(field) - residual)
    return np.asarray(field, np.float32)


def _laplacian(field: Field) -> Field:
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)
    return np.asarray(cv2.filter2D(field, -1, kernel, borderType=cv2.BORDER_REPLICATE).reshape(field.shape), np.float32)
