"""What a service works on is known from before the request leaves until the file is safe, and is taken up after any end."""

import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.store.database import Store
from engine.store.ledger import Charge, Intent, Ledger, LedgerState, Outcome
from engine.store.opening import recover
from engine.store.operation_values import MAY_BECOME, OPEN, Download, NewOperation, OperationState, poll_wait_s
from engine.store.operations import Operations
from tests.engine.store.clock import START, StoppedClock

REPOSITORY = Path(__file__).resolve().parents[3]
VIDEO = NewOperation("veo", "veo-3.1", "image to video", "film", "hash", '{"prompt": "rain"}', "input-asset")
PRICE = Intent("veo", "veo-3.1", "video", "film", "hash", 3.2)
LINK = Download("https://host.example/file", "x.part", 'W/"tag"', 12_345)
S = OperationState


def test_the_way_of_an_operation(store: Store, clock: StoppedClock) -> None:
    operations, ledger = Operations(store, clock.now), Ledger(store, clock.now)
    made, is_new = operations.begin(VIDEO)
    assert is_new and made.state is S.CREATED and made.input_hash == "input-asset" and made.request == VIDEO.request
    row = ledger.begin(replace(PRICE, operation_id=made.id))
    running = operations.accepted(made.id, "operations/7")
    assert (running.state, running.remote_id, running.next_poll) == (S.RUNNING, "operations/7", START + timedelta(seconds=5))
    clock.move(5)
    assert operations.polled(made.id, is_answered=True).next_poll == START + timedelta(seconds=10)
    ready = operations.ready(made.id, replace(LINK, total_bytes=None))
    operations.fetching(made.id, LINK)
    assert (ready.state, operations.get(made.id).download) == (S.READY, LINK)
    done = operations.done(made.id, "result-asset", Charge(3.2, seconds=8.0))
    paid = ledger.row(row)
    assert (paid.state, paid.actual_usd, paid.seconds, paid.result) == (LedgerState.SETTLED, 3.2, 8.0, "result-asset")
    assert (done.state, done.result_hash, done.ledger_row, done.polls) == (S.DONE, "result-asset", row, 1)
    assert operations.open() == ()


def test_the_same_request_joins_what_runs_until_that_has_ended(store: Store) -> None:
    operations = Operations(store)
    first, _ = operations.begin(VIDEO)
    assert operations.begin(VIDEO) == (first, False)
    assert operations.begin(replace(VIDEO, project="clip"))[1], "another project pays by itself"
    assert operations.begin(replace(VIDEO, request_hash="other"))[1]
    operations.accepted(first.id, "r")
    assert operations.begin(VIDEO)[0].id == first.id
    operations.end(first.id, S.FAILED, "no video came")
    second, is_new = operations.begin(VIDEO)
    assert is_new and second.id != first.id
    with pytest.raises(ValueError, match="as another one"):
        operations.look_again(first.id)


def test_polls_without_an_answer_never_fail_an_operation_and_become_rarer(store: Store, clock: StoppedClock) -> None:
    operations = Operations(store, clock.now)
    made = operations.accepted(operations.begin(VIDEO)[0].id, "r")
    waits = []
    for _ in range(8):
        assert made.next_poll is not None
        waits.append((made.next_poll - clock.time).total_seconds())
        clock.time = made.next_poll
        made = operations.polled(made.id, is_answered=False, message="not reached")
        assert made.state is S.RUNNING
    assert waits == [5, 10, 20, 40, 60, 60, 60, 60]
    assert made.bad_polls == made.polls == 8
    made = operations.polled(made.id, is_answered=True)
    assert (made.bad_polls, made.message) == (0, "")
    assert made.next_poll == clock.time + timedelta(seconds=10)


@given(st.floats(0, 1e6), st.integers(0, 1000), st.floats(-10, 1000))
def test_a_poll_comes_never_faster_than_every_2_s_and_never_slower_than_every_60(
    running: float, bad: int, interval: float
) -> None:
    assert 2 <= poll_wait_s(running, bad, interval) <= 60


def test_after_a_quarter_of_an_hour_the_user_is_asked_and_can_look_again(store: Store, clock: StoppedClock) -> None:
    operations = Operations(store, clock.now)
    made = operations.accepted(operations.begin(VIDEO)[0].id, "r")
    clock.move(899)
    assert not operations.is_overdue(made)
    clock.move(1)
    assert operations.is_overdue(made)
    stopped = operations.end(made.id, S.STOPPED, "It takes longer than usual.")
    assert stopped.remote_id == "r"
    assert operations.begin(replace(VIDEO))[1], "a stopped one is not joined"
    operations.end(operations.open()[0].id, S.FAILED, "")
    again = operations.look_again(made.id)
    assert (again.state, again.running_since) == (S.RUNNING, clock.time)
    assert not operations.is_overdue(again)


def test_without_a_name_at_the_service_there_is_nothing_to_look_at(store: Store) -> None:
    operations = Operations(store)
    made, _ = operations.begin(VIDEO)
    operations.end(made.id, S.UNKNOWN, "The answer was lost.")
    assert [one.id for one in operations.unknown()] == [made.id]
    with pytest.raises(ValueError, match="no name"):
        operations.look_again(made.id)
    assert operations.accepted(made.id, made.id).state is S.RUNNING, "found again under our own name"


@pytest.mark.parametrize(("end", "paid", "row_state", "cost"), [
    (S.BLOCKED, Outcome(LedgerState.REFUSED, note="blocked"), LedgerState.REFUSED, 0.0),
    (S.FAILED, Outcome(LedgerState.FAILED_FREE), LedgerState.FAILED_FREE, 0.0),
    (S.EXPIRED, Outcome(LedgerState.SETTLED, Charge(3.2)), LedgerState.SETTLED, 3.2),
    (S.STOPPED, None, LedgerState.STARTED, 0.0),
])
def test_how_an_operation_ends_is_written_with_what_it_has_cost(
    store: Store, end: OperationState, paid: Outcome | None, row_state: LedgerState, cost: float
) -> None:
    operations, ledger = Operations(store), Ledger(store)
    made, _ = operations.begin(VIDEO)
    row = ledger.begin(replace(PRICE, operation_id=made.id))
    operations.accepted(made.id, "r")
    operations.end(made.id, end, "why", paid)
    assert (ledger.row(row).state, ledger.row(row).actual_usd) == (row_state, cost)
    assert [one.id for one in ledger.charged_without_result()] == ([row] if cost else [])


def test_a_lost_answer_is_unknown_in_both(store: Store) -> None:
    operations, ledger = Operations(store), Ledger(store)
    made, _ = operations.begin(VIDEO)
    row = ledger.begin(replace(PRICE, operation_id=made.id))
    operations.end(made.id, S.UNKNOWN, "The answer was lost.")
    assert ledger.row(row).state is LedgerState.UNKNOWN
    operations.accepted(made.id, made.id)
    operations.ready(made.id, LINK)
    operations.done(made.id, "asset", Charge(3.2))
    assert ledger.row(row).state is LedgerState.SETTLED


@settings(max_examples=30)
@given(st.lists(st.sampled_from([state for state in S if state is not S.CREATED]), max_size=8))
def test_only_the_states_that_may_follow_do(steps: list[OperationState]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.sqlite")
        operations = Operations(store)
        made, _ = operations.begin(VIDEO)
        state = S.CREATED
        for step in steps:
            try:
                _to(operations, made.id, step)
            except ValueError:
                assert step not in MAY_BECOME[state]
            else:
                assert step in MAY_BECOME[state]
                state = step
            assert operations.get(made.id).state is state
        assert (made.id in [one.id for one in operations.open()]) == (state in OPEN)
        store.close()


def _to(operations: Operations, name: str, state: OperationState) -> None:
    if state is S.RUNNING:
        operations.accepted(name, "remote")
    elif state is S.READY:
        operations.ready(name, LINK)
    elif state is S.DONE:
        operations.done(name, "asset")
    else:
        operations.end(name, state, "why")


def test_what_is_finished_stays_and_what_was_paid_for_can_always_be_looked_at_again() -> None:
    assert all(not MAY_BECOME[state] for state in (S.DONE, S.BLOCKED, S.EXPIRED))
    assert S.RUNNING in MAY_BECOME[S.FAILED] and S.RUNNING in MAY_BECOME[S.STOPPED]
    assert set(MAY_BECOME) == set(S)


def test_an_operation_that_does_not_exist(store: Store) -> None:
    with pytest.raises(KeyError):
        Operations(store).get("none")


def test_those_of_a_project_newest_first_and_those_of_a_service(store: Store, clock: StoppedClock) -> None:
    operations = Operations(store, clock.now)
    names = []
    for number in range(3):
        names.append(operations.begin(replace(VIDEO, request_hash=str(number)))[0].id)
        clock.move(1)
    operations.begin(replace(VIDEO, provider="kling"))
    operations.end(names[1], S.BLOCKED, "refused")
    assert [one.id for one in operations.of_project("film")][1:] == names[::-1]
    assert [one.id for one in operations.open("veo")] == [names[0], names[2]]


WORKER = """
import sys
from pathlib import Path
from engine.store.database import Store
from engine.store.ledger import Charge, Intent, Ledger
from engine.store.operation_values import Download, NewOperation
from engine.store.operations import Operations
store = Store(Path(sys.argv[1]))
operations, ledger = Operations(store), Ledger(store)
for number, step in enumerate(["created", "paid", "accepted", "ready", "done"]):
    made, _ = operations.begin(NewOperation("kling", "m", "video", "film", str(number), "{}"))
    print(step, made.id, flush=True)
    if number >= 1:
        row = ledger.begin(Intent("kling", "m", "video", "film", str(number), 0.7, operation_id=made.id))
    if number >= 2: operations.accepted(made.id, "task-" + step)
    if number >= 3: operations.ready(made.id, Download("https://host.example/v", "v.part", "tag", 99))
    if number >= 4: operations.done(made.id, "asset", Charge(0.7))
print("all", "-", flush=True)
sys.stdin.read()
"""


@pytest.mark.integration
def test_after_a_kill_everything_is_taken_up_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    run = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert run.stdout is not None
    names: dict[str, str] = {}
    while "all" not in names:
        step, name = run.stdout.readline().decode().split()
        names[step] = name
    store = Store(path)
    operations = Operations(store)
    assert recover(store).operations == (), "its owner is at work"
    assert not operations.claim(names["accepted"])
    run.kill()
    run.communicate()
    found = {one.id: one for one in recover(store).operations}
    assert {name: found[names[name]].state for name in ("created", "paid", "accepted", "ready")} == {
        "created": S.FAILED, "paid": S.UNKNOWN, "accepted": S.RUNNING, "ready": S.READY,
    }
    assert names["done"] not in found
    assert found[names["accepted"]].remote_id == "task-accepted"
    assert found[names["ready"]].download == Download("https://host.example/v", "v.part", "tag", 99)
    assert recover(store).operations == (), "they are this process's now"
    assert operations.claim(names["accepted"])
    _paid_rows_are_what_the_operations_say(store, {name: found[names[name]].ledger_row for name in ("paid", "accepted", "ready")})
    store.close()


def _paid_rows_are_what_the_operations_say(store: Store, rows: dict[str, int | None]) -> None:
    ledger = Ledger(store)
    states = {name: ledger.row(row).state for name, row in rows.items() if row is not None}
    assert states == {"paid": LedgerState.UNKNOWN, "accepted": LedgerState.STARTED, "ready": LedgerState.STARTED}
    paid, accepted = rows["paid"], rows["accepted"]
    assert paid is not None and accepted is not None
    ledger.settle(accepted, Charge(0.7), "asset")
    ledger.settle(paid, Charge(0.7), "asset")
    assert ledger.unknown() == ledger.charged_without_result() == ()


@pytest.mark.integration
def test_a_process_that_finds_the_same_operation_left_gets_it_once(store: Store) -> None:
    operations = Operations(store)
    made = operations.accepted(operations.begin(VIDEO)[0].id, "r")
    store.close()
    one, two = Store(store.path), Store(store.path)
    assert [found.id for found in recover(one).operations] == [made.id]
    assert recover(two).operations == ()
    assert not Operations(two).claim(made.id)
    one.close()
    assert Operations(two).claim(made.id)
    two.close()
