"""A smooth surface over a region that meets given values on its border: Laplace's equation, coarse to fine.

This is what Poisson image editing (Pérez et al. 2003) adds to a pasted picture; solved here in float, for any depth.
"""

import cv2
import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]

_SWEEPS = 24
_SMALLEST = 6


def membrane(values: Field, inside: npt.NDArray[np.bool_]) -> Field:
    """(h, w, c): `values` outside, and inside the harmonic surface that continues them. Needs one pixel outside, else gives 0."""
    known = (~inside).astype(np.float32)
    if not known.any():
        return np.zeros_like(values)
    return _solved(np.where(inside[..., None], np.float32(0), values), known)


def _solved(values: Field, known: Field) -> Field:
    """One level: start from the next coarser one, then relax. `values` are 0 where `known` is 0."""
    height, width = known.shape
    if min(height, width) > _SMALLEST:
        size = (-(-width // 2), -(-height // 2))
        weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(values * known[..., None], size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
        small = small / np.maximum(weight, 1e-6)[..., None] * (weight > 0)[..., None]
        coarse = _solved(small.astype(np.float32), (weight > 0).astype(np.float32))
        start = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(values.shape)
    else:
        share = known.sum()
        start = np.broadcast_to((values * known[..., None]).sum(axis=(0, 1)) / max(share, 1), values.shape)
    return _relaxed(values, known[..., None], np.asarray(start, np.float32))


def _relaxed(values: Field, known: Field, start: Field) -> Field:
    field = values * known + start * (1 - known)
    kernel = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    for _ in range(_SWEEPS):
        mean = cv2.filter2D(field, -1, kernel, borderType=cv2.BORDER_REFLECT_101).reshape(field.shape)
        field = values * known + mean * (1 - known)
    return np.asarray(field, np.float32)
