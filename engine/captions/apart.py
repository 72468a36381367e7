"""Ranges that overlap, taken apart: what is there in each stretch between two changes. Knows nothing of what it carries."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

from engine.rational_time import TimeRange

T = TypeVar("T")


def apart(items: Iterable[tuple[TimeRange, T]]) -> Iterator[tuple[TimeRange, tuple[T, ...]]]:
    """Stretches in order, not overlapping, each with all that is there, the earliest first; where nothing is there is none."""
    waiting = sorted(items, key=lambda item: (item[0].start, item[0].end))
    edges = sorted({time for span, _ in waiting for time in (span.start, span.end)})
    active: list[tuple[TimeRange, T]] = []
    place = 0
    for start, end in pairwise(edges):
        while place < len(waiting) and waiting[place][0].start <= start:
            active.append(waiting[place])
            place += 1
        active = [item for item in active if item[0].end > start]
        if active:
            yield TimeRange.between(start, end), tuple(value for _, value in active)
