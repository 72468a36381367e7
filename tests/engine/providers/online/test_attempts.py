"""A request is repeated only where that can neither do harm nor cost twice, and every one of them is a row in the ledger."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, StorageError
from engine.providers.online.attempting import PaidRequest
from engine.providers.online.attempts import Clock, Policy, run_attempts
from engine.providers.online.breaker import OPENS_AFTER, Breaker
from engine.providers.online.counted import CountedAttempts, bucket_of, rates_of
from engine.providers.online.failures import CancelledInFlight, FailureKind, ProviderFailure
from engine.providers.online.ledger_entries import LedgerEntry
from engine.providers.online.limiter import StoreLimiter, Unlimited
from engine.providers.online.table import Limit, Mark, Model, ProviderFacts
from engine.providers.online.waiting import PIECE_S
from engine.running import Progress, ThreadCancelToken, ignore
from engine.store.budget import BudgetError
from engine.store.database import Store
from engine.store.ledger import Charge, Intent, Ledger, LedgerState
from engine.store.limits import Limits, Rate
from engine.store.operation_values import NewOperation
from engine.store.operations import Operations
from engine.store.projects import Projects
from tests.engine.store.clock import START, StoppedClock

EDIT = Intent("gemini", "m", "edit", "film", "hash", 0.134)
K = FailureKind
S = LedgerState


def failure(kind: FailureKind, *, wait_s: float | None = None, billed: bool = False, cost: float = 0.0) -> ProviderFailure:
    at = None if wait_s is None else START + timedelta(seconds=wait_s)
    return ProviderFailure(kind, "gemini", f"It failed ({kind.value}).", retry_at=at, may_have_billed=billed, cost_usd=cost)


@dataclass
class Bench:
    """Everything a request needs, with a clock that only sleeping moves."""

    store: Store
    clock: StoppedClock
    breaker: Breaker
    reports: list[Progress]
    cancel: ThreadCancelToken
    calls: list[datetime]

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.store, self.clock.now)

    @property
    def limits(self) -> Limits:
        return Limits(self.store, self.clock.now)

    @property
    def states(self) -> list[LedgerState]:
        return [row.state for row in self.ledger.rows()]

    def run(
        self, *outcomes: str | BaseException, attempts: int = 3, rates: tuple[Rate, ...] = (), is_paid: bool = True,
        chance: float = 0.0, longest_wait_s: float = 120.0, charge: Callable[[str], Charge | None] = lambda _answer: Charge(0.1),
    ) -> str:
        left = list(outcomes)

        def call() -> str:
            self.calls.append(self.clock.time)
            outcome = left.pop(0)
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        clock = Clock(self.clock.now, self.clock.sleep, lambda: chance)
        return run_attempts(
            call, policy=Policy("gemini", "Gemini", attempts, is_paid, longest_wait_s, clock),
            limiter=StoreLimiter(self.limits, "gemini", rates), breaker=self.breaker,
            ledger=LedgerEntry(self.ledger, EDIT) if is_paid else None, cancel=self.cancel, report=self.reports.append,
            charge=charge,
        )

    @property
    def gaps(self) -> list[float]:
        return [(after - before).total_seconds() for before, after in zip(self.calls, self.calls[1:], strict=False)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store, clock = Store(tmp_path / "store.sqlite"), StoppedClock()
    yield Bench(store, clock, Breaker("gemini", "Gemini", clock.now), [], ThreadCancelToken(), [])
    store.close()


def test_an_answer_is_settled_at_what_it_has_cost(bench: Bench) -> None:
    assert bench.run("picture", charge=lambda _answer: Charge(0.12, tokens=9)) == "picture"
    (row,) = bench.ledger.rows()
    assert (row.state, row.actual_usd, row.tokens, row.estimated_usd) == (S.SETTLED, 0.12, 9, 0.134)
    assert bench.clock.slept == []


def test_a_price_that_is_not_known_yet_leaves_the_row_open(bench: Bench) -> None:
    bench.run("operation name", charge=lambda _answer: None)
    assert bench.states == [S.STARTED]


def test_three_tries_with_one_and_two_seconds_between(bench: Bench) -> None:
    assert bench.run(failure(K.TRANSIENT), failure(K.TRANSIENT), "picture") == "picture"
    assert bench.gaps == [1, 2]
    assert bench.states == [S.FAILED_FREE, S.FAILED_FREE, S.SETTLED], "each request is a row"
    assert bench.reports[0].text == "Gemini does not answer as it should, trying again (2 of 3) in: 1 s"


def test_the_last_failure_comes_out_when_tries_are_used_up(bench: Bench) -> None:
    with pytest.raises(ProviderFailure, match="transient"):
        bench.run(*[failure(K.TRANSIENT)] * 4)
    assert len(bench.calls) == 3


def test_the_user_may_raise_it_to_five_and_waits_grow_with_jitter(bench: Bench) -> None:
    bench.breaker = Breaker("gemini", "Gemini", bench.clock.now, opens_after=99)
    with pytest.raises(ProviderFailure):
        bench.run(*[failure(K.OFFLINE)] * 5, attempts=5, chance=1.0)
    assert bench.gaps == [1.25, 2.5, 5, 10]
    for bad in (0, 6):
        with pytest.raises(ValueError, match="attempts"):
            Policy("a", "A", bad)


@pytest.mark.parametrize("kind", [kind for kind in K if kind not in {K.QUOTA, K.TRANSIENT, K.OFFLINE}])
def test_what_would_fail_again_or_cost_again_is_not_repeated(bench: Bench, kind: FailureKind) -> None:
    with pytest.raises(ProviderFailure):
        bench.run(failure(kind), "never")
    assert len(bench.calls) == 1 and bench.clock.slept == []


@pytest.mark.parametrize("kind", list(K))
def test_a_paid_request_that_may_have_been_billed_is_never_repeated(bench: Bench, kind: FailureKind) -> None:
    with pytest.raises(ProviderFailure):
        bench.run(failure(kind, billed=True), "never")
    assert len(bench.calls) == 1
    assert bench.states == [S.UNKNOWN]
    assert bench.ledger.unknown()[0].upper_usd == 0.134


def test_a_free_request_is_repeated_after_a_lost_answer_and_has_no_row(bench: Bench) -> None:
    assert bench.run(failure(K.OUTCOME_UNKNOWN, billed=True), failure(K.TRANSIENT), "state", is_paid=False) == "state"
    assert bench.states == []
    with pytest.raises(ProviderFailure):
        bench.run(failure(K.AUTH), "never", is_paid=False)


@pytest.mark.parametrize(("kind", "billed", "cost", "state", "paid"), [
    (K.SAFETY, False, 0.0, S.REFUSED, 0.0), (K.SAFETY, True, 0.02, S.REFUSED, 0.02),
    (K.PROVIDER_BUG, True, 0.134, S.SETTLED, 0.134), (K.AUTH, False, 0.0, S.FAILED_FREE, 0.0),
    (K.OUTCOME_UNKNOWN, False, 0.0, S.UNKNOWN, 0.0),
    (K.OUTCOME_UNKNOWN, True, 0.5, S.UNKNOWN, 0.0),
])
def test_the_row_says_what_the_failure_proves(
    bench: Bench, kind: FailureKind, billed: bool, cost: float, state: LedgerState, paid: float
) -> None:
    with pytest.raises(ProviderFailure):
        bench.run(failure(kind, billed=billed, cost=cost))
    (row,) = bench.ledger.rows()
    assert (row.state, row.actual_usd) == (state, paid)
    assert bool(bench.ledger.charged_without_result()) == (paid > 0)


def test_the_services_own_time_is_kept_and_counted_down(bench: Bench) -> None:
    bench.run(failure(K.QUOTA, wait_s=25), "picture")
    assert bench.gaps == [25]
    words = [report.text.removeprefix("Gemini asks to wait, trying again (2 of 3) in: ") for report in bench.reports]
    assert words == [f"{left} s" for left in range(25, 0, -1)]


def test_a_time_that_is_far_away_is_said_and_holds_back_every_other_request(bench: Bench) -> None:
    with pytest.raises(ProviderFailure) as caught:
        bench.run(failure(K.QUOTA, wait_s=7200), "never")
    assert caught.value.retry_at == START + timedelta(seconds=7200)
    with pytest.raises(ProviderFailure, match="it may go on at") as again:
        bench.run("never")
    assert (again.value.kind, again.value.retry_at) == (K.QUOTA, START + timedelta(seconds=7200))
    assert len(bench.calls) == 1, "the second one was not sent"
    bench.clock.move(7200)
    assert bench.run("picture") == "picture"


def test_the_limit_of_the_table_is_waited_for_before_the_request_is_a_row(bench: Bench) -> None:
    rate = Rate(1, 60)
    assert bench.run("one", rates=(rate,)) == "one"
    assert bench.run("two", rates=(rate,)) == "two"
    assert bench.gaps == [60]
    assert [row.created for row in bench.ledger.rows()] == bench.calls
    assert bench.reports[0].text == "Gemini is asked as often as it allows, going on in: 1 min 00 s"


def test_a_wait_is_left_within_half_a_second_and_nothing_is_sent(bench: Bench) -> None:
    def stop_soon(seconds: float) -> None:
        bench.clock.slept.append(seconds)
        bench.clock.move(seconds)
        if len(bench.clock.slept) == 5:
            bench.cancel.cancel()

    bench.clock.sleep = stop_soon  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        bench.run(failure(K.QUOTA, wait_s=60), "never")
    assert len(bench.clock.slept) == 5 and max(bench.clock.slept) <= PIECE_S <= 0.5
    assert bench.states == [S.FAILED_FREE], "no row is open while it waits"


@pytest.mark.parametrize(("error", "state"), [
    (Cancelled(), S.FAILED_FREE), (CancelledInFlight(), S.UNKNOWN), (RuntimeError("a bug"), S.UNKNOWN),
    (KeyboardInterrupt(), S.UNKNOWN),
])
def test_ending_in_the_middle_leaves_no_row_open(bench: Bench, error: BaseException, state: LedgerState) -> None:
    with pytest.raises(type(error)):
        bench.run(error)
    assert bench.states == [state]


def test_over_the_budget_nothing_is_sent_and_no_trial_is_used_up(bench: Bench) -> None:
    Projects(bench.store).set_cap("film", 0.1)
    with pytest.raises(BudgetError):
        bench.run("never")
    assert bench.calls == [] and bench.states == []
    bench.breaker.enter()


def test_an_answer_is_not_lost_to_a_full_disk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(Ledger, "settle", full)
    assert bench.run("picture") == "picture"
    monkeypatch.setattr(Ledger, "fail_free", full)
    monkeypatch.setattr(Limits, "pause", full)
    with pytest.raises(ProviderFailure):
        bench.run(failure(K.QUOTA, wait_s=999))
    assert bench.states == [S.STARTED, S.STARTED], "they count at their highest price"


OUTCOMES = st.lists(
    st.builds(failure, st.sampled_from(K), wait_s=st.none() | st.floats(-5, 300), billed=st.booleans()), min_size=5, max_size=5
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OUTCOMES, st.integers(1, 5), st.floats(0, 1))
def test_whatever_fails_the_service_bills_at_most_one_request_and_the_user_gets_an_end(
    bench: Bench, outcomes: list[ProviderFailure], attempts: int, chance: float
) -> None:
    bench.calls.clear()
    bench.clock.time += timedelta(days=1)
    bench.breaker = Breaker("gemini", "Gemini", bench.clock.now)
    bench.limits.resume("gemini")
    before = len(bench.states)
    with pytest.raises(ProviderFailure):
        bench.run(*outcomes, attempts=attempts, chance=chance)
    sent = outcomes[: len(bench.calls)]
    assert 1 <= len(sent) <= attempts
    assert all(one.is_repeatable for one in sent[:-1]), "at most the last may have been billed"
    assert len(bench.states) - before == len(sent)
    assert S.STARTED not in bench.states
    assert all(gap >= 2**number for number, gap in enumerate(bench.gaps))
    for one, after in zip(sent, bench.calls[1:], strict=False):
        assert one.retry_at is None or after >= one.retry_at


def test_the_breaker_opens_after_five_and_lets_one_trial_through(bench: Bench) -> None:
    for _ in range(OPENS_AFTER):
        with pytest.raises(ProviderFailure, match="transient"):
            bench.run(failure(K.TRANSIENT), attempts=1)
    with pytest.raises(ProviderFailure, match="left alone") as caught:
        bench.run("never")
    assert caught.value.retry_at == bench.clock.time + timedelta(seconds=30)
    assert len(bench.calls) == OPENS_AFTER and bench.clock.slept == [], "another provider may do it at once"
    bench.clock.move(30)
    with pytest.raises(ProviderFailure, match="transient"):
        bench.run(failure(K.TRANSIENT), attempts=1)
    with pytest.raises(ProviderFailure, match="left alone"):
        bench.run("never")
    bench.clock.move(30)
    assert bench.run("picture") == "picture"
    assert bench.run("picture") == "picture"


@pytest.mark.parametrize("end", [Cancelled(), CancelledInFlight(), failure(K.OFFLINE)])
def test_a_trial_that_says_nothing_leaves_the_next_one_its_turn(bench: Bench, end: BaseException) -> None:
    bench.breaker = Breaker("gemini", "Gemini", bench.clock.now, opens_after=1)
    bench.breaker.failed(failure(K.TRANSIENT))
    bench.clock.move(31)
    with pytest.raises(type(end)):
        bench.run(end, attempts=1)
    assert bench.run("picture") == "picture"


def test_what_is_not_counted_passes() -> None:
    free = Unlimited()
    free.pause(START)
    assert free.take() is None
    free.release()


def test_no_more_requests_run_at_once_than_the_service_takes(bench: Bench) -> None:
    def limiter() -> StoreLimiter:
        return StoreLimiter(bench.limits, "gemini", [Rate(3, 60)], 1, bench.clock.now)

    first, second = limiter(), limiter()
    assert first.take() is None
    assert second.take() == bench.clock.time + timedelta(seconds=1)
    assert bench.limits.use("gemini", [Rate(3, 60)])[0].taken == 1, "who waits takes no token"
    first.release()
    assert second.take() is None
    second.release()
    assert first.take() is None
    first.release()
    assert first.take() == START + timedelta(seconds=60)
    bench.clock.move(60)
    assert second.take() is None, "who waited for a token held no slot"


def test_every_end_of_a_request_gives_its_slot_back(bench: Bench) -> None:
    policy = Policy("gemini", "Gemini", 1, clock=Clock(bench.clock.now, bench.clock.sleep, lambda: 0.0))
    ends = [failure(K.AUTH), CancelledInFlight(), *[failure(K.TRANSIENT)] * OPENS_AFTER, failure(K.AUTH)]
    for end in ends:
        with pytest.raises(type(end)):
            run_attempts(
                _raising(end), policy=policy, limiter=StoreLimiter(bench.limits, "gemini", (), 1, bench.clock.now),
                breaker=bench.breaker, ledger=None, cancel=bench.cancel, report=ignore,
            )
    assert bench.clock.slept == []
    assert bench.limits.enter("gemini", 1) is not None


def _raising(error: BaseException) -> Callable[[], str]:
    def call() -> str:
        raise error

    return call


@dataclass(frozen=True)
class Answer:
    cost_usd: float = 0.12
    tokens: int = 0
    request_id: str = ""
    kept: str = "asset"


def test_requests_in_earnest_are_counted_by_the_table(bench: Bench) -> None:
    facts = ProviderFacts(
        "gemini", "Gemini", "https://host.example", "gemini", "x-goog-api-key", models=(Model("m", Mark.OURS, default=True),),
        limits=(
            Limit("requests_per_minute", 2, Mark.OURS), Limit("requests_per_day", 100, Mark.OURS),
            Limit("concurrent", 1, Mark.OURS),
        ),
    )
    assert rates_of(facts) == (Rate(2, 60), Rate(100, 86_400))
    counted = CountedAttempts(
        bench.store, "film", clock=Clock(bench.clock.now, bench.clock.sleep, lambda: 0.0), facts=lambda _provider: facts
    )
    operation, _ = Operations(bench.store).begin(NewOperation("gemini", "m", "edit", "film", "hash", "{}"))
    asked = PaidRequest("gemini", "edit", "m", 0.134, "hash", operation_id=operation.id)
    for _ in range(3):
        counted(asked, Answer, cancel=bench.cancel, report=ignore)
    rows = bench.ledger.rows()
    assert Operations(bench.store).get(operation.id).ledger_row == rows[-1].id, "of the last try"
    assert [(row.created - START).total_seconds() for row in rows] == [0, 0, 60]
    assert {(row.state, row.actual_usd, row.project, row.operation, row.result) for row in rows} == {
        (S.SETTLED, 0.12, "film", "edit", "asset")
    }
    assert bench.limits.use(bucket_of("gemini", "m"), rates_of(facts))[0].taken == 1


@dataclass(frozen=True)
class Promise:
    """A long operation's name."""

    cost_usd: None = None
    tokens: int = 0
    request_id: str = ""
    kept: str = ""


def test_a_price_that_comes_later_leaves_the_row_to_who_learns_it(bench: Bench) -> None:
    facts = ProviderFacts("veo", "Veo", "https://host.example", "gemini", "x-goog-api-key")
    counted = CountedAttempts(
        bench.store, "film", clock=Clock(bench.clock.now, bench.clock.sleep, lambda: 0.0), facts=lambda _provider: facts
    )
    counted(PaidRequest("veo", "video", "m", 3.2, "hash"), Promise, cancel=bench.cancel, report=ignore)
    assert bench.states == [S.STARTED]
