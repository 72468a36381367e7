"""Two stages of work at once: order, bounds, errors and an early end."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.running import ahead


def test_items_come_in_order_and_no_more_than_asked_are_made_ahead() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    taken = []
    with closing(ahead(numbers(), 3)) as items:
        for item in items:
            taken.append(item)
            assert len(made) <= len(taken) + 3 + 2  # the queue, one in each hand
    assert taken == list(range(100))


def test_an_error_comes_where_its_item_would_have() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise OSError("the disk is full")

    items = ahead(failing(), 2)
    assert next(items) == 1
    with pytest.raises(OSError, match="full"):
        next(items)


def test_closing_early_ends_the_thread() -> None:
    before = threading.active_count()

    def endless() -> Iterator[int]:
        number = 0
        while True:
            yield (number := number + 1)

    with closing(ahead(endless(), 2)) as items:
        assert next(items) == 1
    assert threading.active_count() == before
