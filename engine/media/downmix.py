"""Any channel layout to stereo, by names of channels. Source: ITU-R BS.775-3, table 2; LFE is left out as there."""

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_HALF_POWER = 0.7071067811865476
_LEFT = {"FL": 1.0, "FC": _HALF_POWER, "BL": _HALF_POWER, "SL": _HALF_POWER, "BC": 0.5, "FLC": 1.0, "DL": 1.0, "WL": 1.0,
         "TFL": _HALF_POWER, "TBL": _HALF_POWER, "TFC": 0.5, "TBC": 0.5, "TC": 0.5}
_MIRRORED = {"FL": "FR", "BL": "BR", "SL": "SR", "FLC": "FRC", "DL": "DR", "WL": "WR", "TFL": "TFR", "TBL": "TBR"}
_SWAP = _MIRRORED | {right: left for left, right in _MIRRORED.items()}


@cache
def stereo_matrix(channels: tuple[str, ...]) -> Floats:
    """(2, number of channels) weights, not to be written. Mono and unknown layouts go to both sides as they are; the sum of a
    side's weights is at most 1, so that a mix of full-scale channels does not clip."""
    left = [_LEFT.get(name, 0.0) for name in channels]
    right = [_LEFT.get(_SWAP.get(name, name), 0.0) for name in channels]
    matrix = np.array([left, right], np.float32)
    if len(channels) == 1 or not matrix.any(axis=1).all():
        return np.full((2, len(channels)), 1 / len(channels), np.float32)
    return matrix / np.float32(max(1.0, float(matrix.sum(axis=1).max())))
