"""A key is held by one thread at a time; who waits can be cancelled."""

import threading

import pytest

from engine.cache.claims import Claims
from engine.errors import Cancelled
from engine.running import ThreadCancelToken


def test_one_thread_at_a_time_and_other_keys_do_not_wait() -> None:
    claims, token = Claims(), ThreadCancelToken()
    inside, most, done = 0, 0, []
    lock = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with claims.held("a", token):
            with lock:
                inside += 1
                most = max(most, inside)
            with claims.held("b-" + threading.current_thread().name, token), lock:
                inside -= 1
            done.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 1 and len(done) == 8


def test_waiting_can_be_cancelled_and_a_failure_lets_go() -> None:
    claims, token = Claims(), ThreadCancelToken()
    token.cancel()
    with claims.held("a", ThreadCancelToken()), pytest.raises(Cancelled), claims.held("a", token):
        pass
    with pytest.raises(ValueError, match="broken"), claims.held("a", ThreadCancelToken()):
        raise ValueError("broken")
    with claims.held("a", token):  # free again: nobody waits, so the token is not asked
        pass
