"""A wait ends when it should, whatever the clock does, and says how long it takes."""

from datetime import datetime, timedelta

import pytest

from engine.providers.online.waiting import clock_words, span_words, wait_until
from engine.running import ThreadCancelToken, ignore
from tests.engine.store.clock import START, StoppedClock


def test_a_clock_that_is_set_back_does_not_prolong_a_wait() -> None:
    clock, token = StoppedClock(), ThreadCancelToken()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.move(-3600)

    wait_until(START + timedelta(seconds=2), "Waiting", now=clock.now, cancel=token, report=ignore, sleep=sleep)
    assert sum(slept) == pytest.approx(2)
    wait_until(START - timedelta(seconds=2), "Past", now=lambda: START, cancel=token, report=ignore, sleep=sleep)
    assert sum(slept) == pytest.approx(2)


@pytest.mark.parametrize(("seconds", "words"), [
    (0.2, "1 s"), (59.0, "59 s"), (59.5, "1 min 00 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"),
])
def test_spans_in_words(seconds: float, words: str) -> None:
    assert span_words(seconds) == words


def test_a_time_of_another_day_has_its_date() -> None:
    noon = datetime(2026, 11, 20, 12, 0).astimezone()
    assert clock_words(noon + timedelta(hours=1), noon) == "13:00"
    assert clock_words(noon + timedelta(days=1, seconds=1), noon).endswith("21 November, 12:01")
