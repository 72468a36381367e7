"""Ranges taken apart: at each moment what was there before, no stretch over another."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.captions.apart import apart
from engine.rational_time import TimeRange

TIMES = st.fractions(0, 20, max_denominator=8)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(TIMES, TIMES, st.sampled_from("abcdef")).filter(lambda t: t[0] < t[1]), max_size=8))
def test_what_overlaps_stands_together_for_as_long_as_it_does(cues: list[tuple[Fraction, Fraction, str]]) -> None:
    made = list(apart((TimeRange.between(start, end), text) for start, end, text in cues))
    assert all(one.end <= other.start for (one, _), (other, _) in pairwise(made))
    for time in {time + shift for cue in cues for time in cue[:2] for shift in (Fraction(-1, 64), Fraction(0), Fraction(1, 64))}:
        wanted = Counter(text for start, end, text in cues if start <= time < end)
        assert Counter(text for place, texts in made if place.contains(time) for text in texts) == wanted
