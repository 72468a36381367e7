"""A bucket never gives more than its capacity in any window, also to several processes, and says when it gives again."""

import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.store.database import Store
from engine.store.limits import Limits, Rate, Use
from tests.engine.store.clock import START, StoppedClock

REPOSITORY = Path(__file__).resolve().parents[3]
MINUTE = Rate(3, 60)
RATES = st.lists(
    st.builds(Rate, st.integers(1, 5), st.integers(1, 40)), min_size=1, max_size=3, unique_by=lambda rate: rate.window_s
)
PAUSES = st.lists(st.integers(0, 20_000), min_size=1, max_size=60)


@settings(max_examples=30)
@given(RATES, PAUSES)
def test_no_window_ever_sees_more_than_its_capacity_and_retry_at_is_true(rates: list[Rate], pauses_ms: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, clock = Store(Path(folder) / "store.sqlite"), StoppedClock()
        limits, taken = Limits(store, clock.now), []
        for pause in pauses_ms:
            clock.move(pause / 1000)
            retry_at = limits.take("gemini", rates)
            if retry_at is None:
                taken.append(clock.time)
                continue
            assert retry_at > clock.time
            if pause % 2:
                clock.time = retry_at - timedelta(microseconds=1)
                assert limits.retry_at("gemini", rates) == retry_at, "not before"
                clock.time = retry_at
                assert limits.take("gemini", rates) is None, "but then"
                taken.append(clock.time)
        for rate in rates:
            for first in taken:
                window = [time for time in taken if first <= time < first + timedelta(seconds=rate.window_s)]
                assert len(window) <= rate.capacity
        store.close()


def test_a_bucket_gives_its_capacity_at_once_and_says_when_it_gives_again(store: Store, clock: StoppedClock) -> None:
    limits = Limits(store, clock.now)
    for _ in range(3):
        assert limits.take("a", [MINUTE]) is None
        clock.move(10)
    assert limits.take("a", [MINUTE]) == START + timedelta(seconds=60)
    assert limits.use("a", [MINUTE]) == (Use(MINUTE, 3),)
    assert limits.take("b", [MINUTE]) is None, "buckets are apart"
    clock.time = START + timedelta(seconds=60)
    assert limits.take("a", [MINUTE]) is None
    assert limits.take("a", [MINUTE]) == START + timedelta(seconds=70)


def test_a_request_that_one_window_refuses_costs_no_token_of_another(store: Store, clock: StoppedClock) -> None:
    limits, day = Limits(store, clock.now), Rate(10, 86_400)
    for _ in range(8):
        limits.take("a", [MINUTE, day])
    assert [use.taken for use in limits.use("a", [MINUTE, day])] == [3, 3]


def test_a_pause_holds_everybody_back_and_can_be_lifted(store: Store, clock: StoppedClock) -> None:
    limits, until = Limits(store, clock.now), START + timedelta(hours=7)
    limits.pause("a", until)
    limits.pause("a", START + timedelta(seconds=5))
    assert Limits(store, clock.now).take("a", [MINUTE]) == until, "the later word stands"
    limits.resume("a")
    assert limits.take("a", [MINUTE]) is None
    limits.pause("a", until)
    clock.time = until
    assert limits.take("a", []) is None


def test_a_clock_that_is_set_back_blocks_nobody_for_longer_than_a_window(store: Store, clock: StoppedClock) -> None:
    limits = Limits(store, clock.now)
    for _ in range(3):
        limits.take("a", [MINUTE])
    clock.move(-86_400)
    assert limits.take("a", [MINUTE]) == clock.time + timedelta(seconds=60)
    clock.move(60)
    assert limits.take("a", [MINUTE]) is None


def test_a_table_with_a_smaller_capacity_counts_at_once(store: Store, clock: StoppedClock) -> None:
    limits = Limits(store, clock.now)
    for _ in range(3):
        limits.take("a", [MINUTE])
        clock.move(10)
    assert limits.take("a", [Rate(1, 60)]) == START + timedelta(seconds=80)


def test_a_rate_that_lets_nothing_through_is_none() -> None:
    for bad in ((0, 60), (1, 0)):
        with pytest.raises(ValueError, match="no rate"):
            Rate(*bad)


def test_slots_are_given_back_and_those_of_ended_processes_are_free(store: Store) -> None:
    limits, other = Limits(store), Store(store.path)
    first = limits.enter("a", 2)
    assert first is not None
    assert Limits(other).enter("a", 2) is not None
    assert limits.enter("a", 2) is None
    assert limits.enter("b", 2) is not None, "buckets are apart"
    limits.leave(first)
    assert limits.enter("a", 2) is not None
    assert limits.enter("a", 2) is None
    other.close()
    assert limits.enter("a", 2) is not None
    assert limits.enter("a", 2) is None


@pytest.mark.integration
def test_processes_count_together(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.store.database import Store\n"
        "from engine.store.limits import Limits, Rate\n"
        "limits = Limits(Store(Path(sys.argv[1]))); limits.use('a', []); print('ready', flush=True); sys.stdin.readline()\n"
        "print(sum(limits.take('a', [Rate(25, 3600)]) is None for _ in range(20)))"
    )
    run = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "s")], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for one in run:
        assert one.stdout is not None and one.stdout.readline() == b"ready\n"
    for one in run:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    assert sum(int(one.communicate(timeout=60)[0]) for one in run) == 25
