"""settled <= bill <= settled + unknown, whatever happens; and sums that are exact."""

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from engine.store.budget import BudgetError, check_budget
from engine.store.database import Store
from engine.store.ledger import Charge, Intent, Ledger, LedgerState
from engine.store.ledger_totals import COLUMNS, By, csv_text, totals
from engine.store.opening import program_store, recover
from engine.store.projects import Projects
from engine.store.units import nano, price
from tests.engine.store.clock import START, StoppedClock

REPOSITORY = Path(__file__).resolve().parents[3]
EDIT = Intent("gemini", "gemini-3-pro-image", "region edit", "film", "hash", 0.134)
PRICES = st.integers(0, 10**12).map(lambda amount: amount / 1e9)


def test_a_row_is_there_before_the_request_leaves_and_says_everything(store: Store, clock: StoppedClock) -> None:
    ledger = Ledger(store, clock.now)
    row = ledger.begin(replace(EDIT, upper_usd=0.4))
    started = ledger.row(row)
    assert (started.state, started.estimated_usd, started.upper_usd, started.actual_usd) == (LedgerState.STARTED, 0.134, 0.4, 0.0)
    assert (started.provider, started.project, started.request_hash, started.created) == ("gemini", "film", "hash", START)
    clock.move(3)
    ledger.settle(row, Charge(0.1351, tokens=2063, seconds=8.0, request_id="r-1"))
    settled = ledger.row(row)
    assert (settled.state, settled.actual_usd, settled.tokens, settled.seconds) == (LedgerState.SETTLED, 0.1351, 2063, 8.0)
    assert (settled.request_id, settled.updated - settled.created) == ("r-1", timedelta(seconds=3))


@pytest.mark.parametrize("end", [
    lambda ledger, row: ledger.settle(row, Charge(0.1)), lambda ledger, row: ledger.refuse(row, Charge(0.0), "refused"),
    lambda ledger, row: ledger.fail_free(row, "503"),
])
def test_what_is_known_does_not_change_and_what_is_unknown_may_be_found_out(
    store: Store, end: Callable[[Ledger, int], None]
) -> None:
    ledger = Ledger(store)
    row = ledger.begin(EDIT)
    ledger.lose(row, "the answer was lost", "r-2")
    assert ledger.unknown() == (ledger.row(row),)
    end(ledger, row)
    assert ledger.unknown() == ()
    assert ledger.row(row).request_id == "r-2"
    for again in (ledger.lose, ledger.fail_free):
        with pytest.raises(ValueError, match="cannot become"):
            again(row)
    with pytest.raises(ValueError, match="cannot become"):
        ledger.settle(row, Charge(1.0))


def test_paid_without_a_result_is_found_until_the_result_is_safe(store: Store) -> None:
    ledger = Ledger(store)
    paid, refused, free = ledger.begin(EDIT), ledger.begin(replace(EDIT, request_hash="other")), ledger.begin(EDIT)
    ledger.settle(paid, Charge(0.134))
    ledger.refuse(refused, Charge(0.02), "blurred")
    ledger.fail_free(free)
    assert [row.id for row in ledger.charged_without_result()] == [paid, refused]
    assert [row.id for row in ledger.charged_without_result("film")] == [paid, refused]
    assert ledger.charged_without_result("another") == ()
    ledger.attach_result(paid, "asset")
    assert [row.id for row in ledger.charged_without_result()] == [refused]
    ledger.attach_result(refused, "asset")
    assert ledger.charged_without_result() == ()
    assert [row.id for row in ledger.same_request("hash")] == [paid, free]


def test_money_that_is_none_is_refused(store: Store) -> None:
    ledger = Ledger(store)
    for bad in (-0.01, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="no price"):
            ledger.begin(replace(EDIT, estimated_usd=bad))
    assert ledger.rows() == ()


def test_a_budget_is_a_hard_stop_that_counts_what_may_have_been_billed(store: Store) -> None:
    ledger, projects = Ledger(store), Projects(store)
    projects.set_cap("film", 0.5)
    ledger.settle(ledger.begin(replace(EDIT, estimated_usd=0.2)), Charge(0.1))
    lost = ledger.begin(replace(EDIT, estimated_usd=0.1, upper_usd=0.3))
    ledger.lose(lost)
    check_budget(store, "film", 0.1)
    with pytest.raises(BudgetError, match=r"0\.11 USD.*0\.50 USD.*0\.10 USD is left") as caught:
        check_budget(store, "film", 0.11)
    assert caught.value.hint
    with pytest.raises(BudgetError):
        ledger.begin(replace(EDIT, estimated_usd=0.05, upper_usd=0.11))
    assert len(ledger.rows()) == 2, "nothing was written down, so nothing may be sent"
    check_budget(store, "another", 1000.0)
    ledger.fail_free(lost)
    ledger.begin(replace(EDIT, estimated_usd=0.4))
    projects.set_cap("film", None)
    ledger.begin(replace(EDIT, estimated_usd=1000.0))


@pytest.mark.parametrize(("usd", "words"), [
    (0.0, "0.00 USD"), (0.134, "0.134 USD"), (12.5, "12.50 USD"), (0.0011, "0.0011 USD"), (0.000000001, "0.000000001 USD"),
    (3.2, "3.20 USD"), (0.04, "0.04 USD"),
])
def test_prices_in_words(usd: float, words: str) -> None:
    assert price(nano(usd)) == words


@settings(max_examples=25)
@given(st.lists(st.tuples(
    st.sampled_from(["gemini", "openai"]), st.sampled_from(["film", "clip"]), st.integers(0, 70),
    st.sampled_from(list(LedgerState)), PRICES, PRICES,
), max_size=12))
def test_sums_are_exact_by_service_project_and_month(rows: list[tuple[str, str, int, LedgerState, float, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, clock = Store(Path(folder) / "store.sqlite"), StoppedClock()
        ledger = Ledger(store, clock.now)
        for provider, project, days, state, estimate, actual in rows:
            clock.time = START + timedelta(days=days)
            row = ledger.begin(Intent(provider, "model", "edit", project, "h", estimate))
            if state is LedgerState.SETTLED:
                ledger.settle(row, Charge(actual, tokens=3, seconds=0.5))
            elif state is LedgerState.REFUSED:
                ledger.refuse(row, Charge(actual))
            elif state is LedgerState.UNKNOWN:
                ledger.lose(row)
            elif state is LedgerState.FAILED_FREE:
                ledger.fail_free(row)
        found = totals(store, By.PROVIDER, By.PROJECT, By.MONTH)
        assert sorted({(one[0], one[1], f"{START + timedelta(days=one[2]):%Y-%m}") for one in rows}) == [one.key for one in found]
        for total in found:
            mine = [
                one for one in rows if (one[0], one[1], f"{START + timedelta(days=one[2]):%Y-%m}") == total.key
            ]
            charged = {LedgerState.SETTLED, LedgerState.REFUSED}
            assert total.requests == len(mine)
            assert nano(total.settled_usd) == sum(nano(one[5]) for one in mine if one[3] in charged)
            assert nano(total.unknown_usd) == sum(nano(one[4]) for one in mine if one[3] is LedgerState.UNKNOWN)
            assert nano(total.running_usd) == sum(nano(one[4]) for one in mine if one[3] is LedgerState.STARTED)
            assert nano(total.estimated_usd) == sum(nano(one[4]) for one in mine)
            assert total.last_used == START + timedelta(days=max(one[2] for one in mine))
            counts = total.settled, total.refused, total.unknown, total.failed, total.running
            assert sum(counts) == total.requests
            assert total.tokens == 3 * total.settled
        whole = totals(store)
        assert [one.requests for one in whole] == ([len(rows)] if rows else [])
        store.close()


def test_totals_of_one_project_and_since_a_time(store: Store, clock: StoppedClock) -> None:
    ledger = Ledger(store, clock.now)
    ledger.settle(ledger.begin(EDIT), Charge(0.1), "asset")
    clock.move(3600)
    ledger.fail_free(ledger.begin(EDIT))
    ledger.begin(replace(EDIT, project="clip"))
    (film,) = totals(store, By.PROVIDER, project="film")
    assert (film.key, film.requests, film.success_share, film.results) == (("gemini",), 2, 0.5, 1)
    (late,) = totals(store, since=START + timedelta(seconds=1))
    assert (late.requests, late.success_share) == (2, 0.0)
    assert totals(store, By.DAY, project="nothing") == ()


def test_the_table_in_csv_is_read_back_and_runs_no_formula(store: Store, clock: StoppedClock) -> None:
    import csv

    ledger = Ledger(store, clock.now)
    ledger.lose(ledger.begin(replace(EDIT, project='=HYPERLINK("x"), a "film"\nof mine')), "lost, “gone”")
    (row,) = csv.DictReader(csv_text(ledger.rows()).splitlines(keepends=True))
    assert tuple(row) == COLUMNS
    assert row["project"] == "'=HYPERLINK(\"x\"), a \"film\"\nof mine"
    assert (row["state"], row["estimated_usd"], row["created_utc"]) == ("unknown", "0.134000000", "2026-11-20T12:00:00.000000Z")
    assert datetime.fromisoformat(row["created_utc"]) == datetime(2026, 11, 20, 12, tzinfo=UTC)


class Bill(RuleBasedStateMachine):
    """Requests that are billed or not, which nobody sees; answers that come or are lost; programs that die and start again."""

    requests = Bundle("requests")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name) / "store.sqlite")
        self.bill = Fraction(0)
        self.billed: dict[int, int] = {}

    @rule(target=requests, estimate=st.integers(0, 10**9))
    def begin(self, estimate: int) -> int:
        row = Ledger(self.store).begin(replace(EDIT, estimated_usd=estimate / 1e9))
        self.billed[row] = 0
        return row

    @rule(row=requests, share=st.integers(0, 100))
    def is_billed(self, row: int, share: int) -> None:
        known = Ledger(self.store).row(row)
        if known.state is LedgerState.STARTED and not self.billed[row]:
            self.billed[row] = nano(known.upper_usd) * share // 100
            self.bill += self.billed[row]

    @rule(row=requests, how=st.sampled_from(["answer", "lost"]))
    def ends(self, row: int, how: str) -> None:
        ledger = Ledger(self.store)
        state = ledger.row(row).state
        if how == "lost" and state is LedgerState.STARTED:
            ledger.lose(row)
        elif how == "answer" and state in {LedgerState.STARTED, LedgerState.UNKNOWN}:
            if self.billed[row]:
                ledger.settle(row, Charge(self.billed[row] / 1e9))
            else:
                ledger.fail_free(row)

    @rule()
    def dies_and_starts_again(self) -> None:
        path = self.store.path
        self.store.close()  # lets go of its name, as the system does when a process is killed
        self.store = Store(path)
        recover(self.store)
        assert not [row for row in Ledger(self.store).rows() if row.state is LedgerState.STARTED]

    @invariant()
    def the_bill_lies_between(self) -> None:
        for total in totals(self.store):
            settled = nano(total.settled_usd)
            assert settled <= self.bill <= settled + nano(total.unknown_usd) + nano(total.running_usd)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


Bill.TestCase.settings = settings(max_examples=15, stateful_step_count=15)
test_the_bill_lies_between_settled_and_settled_and_unknown = Bill.TestCase


SPENDER = """
import sys
from pathlib import Path
from engine.store.database import Store
from engine.store.ledger import Charge, Intent, Ledger
ledger = Ledger(Store(Path(sys.argv[1])))
while True:
    row = ledger.begin(Intent("gemini", "model", "edit", "film", "h", 0.5))
    print("billed", flush=True)   # the other end of this pipe is the service: what it has read, it bills
    ledger.settle(row, Charge(0.5), "asset")
"""


@pytest.mark.integration
def test_killed_at_any_moment_the_bill_is_bounded_and_lost_rows_are_as_many_as_kills(tmp_path: Path) -> None:
    path, chance, billed, kills = tmp_path / "store.sqlite", random.Random(5), 0, 6
    for kill in range(1, kills + 1):
        run = subprocess.Popen(
            [sys.executable, "-c", SPENDER, str(path)], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0,  # what a buffer here had taken, `communicate` would not return
        )
        assert run.stdout is not None
        for _ in range(chance.randrange(1, 12)):
            billed += run.stdout.readline() == b"billed\n"
        run.kill()
        rest, errors = run.communicate()
        assert errors == b""
        billed += rest.count(b"billed\n")
        store = Store(path)
        recover(store)
        (total,) = totals(store)
        assert total.running == 0
        assert total.unknown <= kill
        assert nano(total.settled_usd) <= billed * nano(0.5) <= nano(total.settled_usd) + nano(total.unknown_usd)
        assert store.rows("PRAGMA integrity_check")[0][0] == "ok"
        store.close()


@pytest.mark.integration
def test_rows_of_a_process_at_work_are_left_alone(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.store.database import Store\n"
        "from engine.store.ledger import Intent, Ledger\n"
        "Ledger(Store(Path(sys.argv[1]))).begin(Intent('kling', 'm', 'video', 'film', 'h', 0.7))\n"
        "print('sent', flush=True); sys.stdin.read()"
    )
    path = tmp_path / "store.sqlite"
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert run.stdout is not None and run.stdout.readline() == b"sent\n"
    store = Store(path)
    assert recover(store).lost_requests == 0
    run.kill()
    run.communicate()
    assert recover(store).lost_requests == 1
    (row,) = Ledger(store).unknown()
    assert (row.upper_usd, row.state) == (0.7, LedgerState.UNKNOWN)
    assert row.note
    store.close()


@pytest.mark.integration
def test_two_processes_cannot_both_take_what_is_left_of_a_budget(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.store.database import Store\n"
        "from engine.store.budget import BudgetError; from engine.store.ledger import Intent, Ledger\n"
        "ledger = Ledger(Store(Path(sys.argv[1]))); ledger.rows(); print('ready', flush=True); sys.stdin.readline(); taken = 0\n"
        "for _ in range(10):\n"
        "    try: ledger.begin(Intent('g', 'm', 'e', 'film', 'h', 0.1)); taken += 1\n"
        "    except BudgetError: pass\n"
        "print(taken)"
    )
    path = tmp_path / "store.sqlite"
    store = Store(path)
    Projects(store).set_cap("film", 1.25)
    run = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for one in run:
        assert one.stdout is not None and one.stdout.readline() == b"ready\n"
    for one in run:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    assert sum(int(one.communicate(timeout=60)[0]) for one in run) == 12
    store.close()


def test_the_programs_store_lies_in_its_data_folder(patchreel_home: Path) -> None:
    store = program_store()
    store.rows("SELECT 1")
    store.close()
    assert (patchreel_home / "data" / "patchreel.sqlite").is_file()
