"""A service that keeps failing is left alone, and one request finds out whether it works again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.providers.online.breaker import OPENS_AFTER, Breaker
from engine.providers.online.failures import FailureKind, ProviderFailure
from tests.engine.store.clock import StoppedClock

K = FailureKind


def failure(kind: FailureKind) -> ProviderFailure:
    return ProviderFailure(kind, "gemini", f"It failed ({kind.value}).")


def test_of_several_that_come_after_the_rest_one_is_the_trial() -> None:
    clock = StoppedClock()
    breaker = Breaker("gemini", "Gemini", clock.now, opens_after=1)
    breaker.failed(failure(K.OUTCOME_UNKNOWN))
    clock.move(31)
    breaker.enter()
    with pytest.raises(ProviderFailure):
        breaker.enter()
    breaker.left()
    breaker.enter()
    breaker.succeeded()
    breaker.enter()
    breaker.enter()


@given(st.lists(st.sampled_from([*K, None])))
def test_the_breaker_counts_failures_in_a_row_and_only_the_services_own(kinds: list[FailureKind | None]) -> None:
    breaker, in_a_row = Breaker("gemini", "Gemini", StoppedClock().now), 0
    for kind in kinds:
        if in_a_row >= OPENS_AFTER:
            with pytest.raises(ProviderFailure):
                breaker.enter()
            return
        breaker.enter()
        if kind is None:
            breaker.succeeded()
        else:
            breaker.failed(failure(kind))
        if kind in {K.TRANSIENT, K.OUTCOME_UNKNOWN}:
            in_a_row += 1
        elif kind is not K.OFFLINE:
            in_a_row = 0
