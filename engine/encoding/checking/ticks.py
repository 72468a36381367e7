"""Exact comparison of many times in two clocks at once."""

from fractions import Fraction
from math import lcm

import numpy as np
import numpy.typing as npt

Ticks = npt.NDArray[np.int64] | npt.NDArray[np.object_]


def in_common_ticks(
    a: npt.NDArray[np.int64], a_base: Fraction, b: npt.NDArray[np.int64], b_base: Fraction
) -> tuple[Ticks, Ticks]:
    """Both arrays in ticks of one clock that holds both exactly; Python integers where 64 bits would not do."""
    common = lcm(a_base.denominator, b_base.denominator)
    left, right = (base.numerator * (common // base.denominator) for base in (a_base, b_base))
    return _times(a, left), _times(b, right)


def _times(values: npt.NDArray[np.int64], factor: int) -> Ticks:
    if factor == 1 or not len(values):
        return values
    most = max(abs(int(values.min())), abs(int(values.max())))
    return values * factor if most * factor < 1 << 62 else values.astype(object) * factor


def equal_times(a: npt.NDArray[np.int64], a_base: Fraction, b: npt.NDArray[np.int64], b_base: Fraction) -> npt.NDArray[np.bool_]:
    """(N,) whether `a * a_base == b * b_base`, exactly."""
    left, right = in_common_ticks(a, a_base, b, b_base)
    return np.asarray(left == right, np.bool_)


def converted(values: npt.NDArray[np.int64], base: Fraction, to: Fraction) -> npt.NDArray[np.int64]:
    """Ticks of `base` as ticks of `to`; -1 for one that falls between two."""
    factor = base / to
    if factor == 1:
        return values
    scaled = _times(values, factor.numerator)
    whole = scaled // factor.denominator
    return np.where(whole * factor.denominator == scaled, whole, -1).astype(np.int64)
