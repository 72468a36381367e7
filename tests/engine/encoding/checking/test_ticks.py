"""Times of two clocks are compared exactly, whatever their size."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.checking.ticks import converted, equal_times

TIMES = st.lists(st.integers(-(1 << 61), 1 << 61), max_size=8)
BASES = st.builds(Fraction, st.integers(1, 1001), st.integers(1, 10_000_000))


@given(TIMES, TIMES, BASES, BASES)
def test_equality_is_that_of_fractions(a: list[int], b: list[int], a_base: Fraction, b_base: Fraction) -> None:
    count = min(len(a), len(b))
    left, right = np.array(a[:count], np.int64), np.array(b[:count], np.int64)
    expected = [x * a_base == y * b_base for x, y in zip(a, b, strict=False)]
    assert equal_times(left, a_base, right, b_base).tolist() == expected


@given(st.lists(st.integers(-(1 << 40), 1 << 40), max_size=8), st.integers(1, 1000))
def test_a_finer_clock_holds_the_same_times(values: list[int], factor: int) -> None:
    base = Fraction(1, 600)
    finer = np.array(values, np.int64) * factor
    assert equal_times(np.array(values, np.int64), base, finer, base / factor).all()
    assert converted(finer, base / factor, base).tolist() == values


def test_what_falls_between_two_ticks_is_marked() -> None:
    assert converted(np.array([0, 1, 2, 3]), Fraction(1, 50), Fraction(1, 25)).tolist() == [0, -1, 1, -1]
