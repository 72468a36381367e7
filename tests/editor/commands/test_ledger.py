"""The command for the ledger: what it says is what the store holds, as text, JSON and CSV."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.store.finished import note_finished
from engine.store.ledger import Charge, Intent, Ledger
from engine.store.opening import program_store

pytestmark = pytest.mark.integration


def _intent(provider: str, project: str, usd: float) -> Intent:
    return Intent(provider, "model", "region edit", project, f"hash of {provider} {usd}", usd)


@pytest.fixture
def filled(patchreel_home: Path) -> None:
    """Two requests in October, three in November: one refused for money, one unknown."""
    store = program_store()
    try:
        october = Ledger(store, lambda: datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
        for usd in (0.5, 0.25):
            october.settle(october.begin(_intent("veo", "film", usd)), Charge(usd, seconds=8.0), "asset")
        november = Ledger(store, lambda: datetime(2026, 11, 1, tzinfo=UTC))
        november.settle(november.begin(_intent("gemini", "film", 0.14)), Charge(0.134, tokens=1200), "asset")
        november.refuse(november.begin(_intent("gemini", "other", 0.14)), Charge(0.01), "=blocked")
        november.lose(november.begin(_intent("gemini", "other", 0.25)))
    finally:
        store.close()


def test_without_a_store_nothing_is_made(run: Any, patchreel_home: Path) -> None:
    assert run("ledger").out.decode().strip() == "No requests."
    assert run("ledger", "--json").data["rows"] == []
    assert not (patchreel_home / "data" / "patchreel.sqlite").exists()


def test_the_sums_are_those_of_the_rows(run: Any, filled: None) -> None:
    data = run("ledger", "--json").data
    assert len(data["rows"]) == 5
    assert data["settled_usd"] == pytest.approx(0.5 + 0.25 + 0.134 + 0.01) and data["unknown_usd"] == pytest.approx(0.25)
    sums = {(total["provider"], total["month"]): total for total in data["totals"]}
    assert sums["veo", "2026-10"]["seconds"] == 16 and sums["gemini", "2026-11"]["requests"] == 3
    refused = next(row for row in data["rows"] if row["state"] == "refused")
    assert data["charged_without_result"] == [refused["id"]] and len(data["outcome_unknown"]) == 1


def test_what_a_program_that_ended_left_open_is_unknown(run: Any, patchreel_home: Path) -> None:
    store = program_store()
    Ledger(store).begin(_intent("gemini", "film", 0.14))
    assert len(run("ledger", "--json").data["outcome_unknown"]) == 0, "its program still runs"
    store.close()
    data = run("ledger", "--json").data
    assert len(data["outcome_unknown"]) == 1 and data["unknown_usd"] == pytest.approx(0.14)


def test_project_and_month_choose(run: Any, filled: None) -> None:
    assert len(run("ledger", "--json", "--project", "film").data["rows"]) == 3
    november = run("ledger", "--json", "--month", "2026-11").data
    assert len(november["rows"]) == 3 and november["settled_usd"] == pytest.approx(0.144)
    assert len(run("ledger", "--json", "--month", "2026-11", "--project", "film").data["rows"]) == 1
    assert run("ledger", "--month", "2026-13").code == 2 and run("ledger", "--csv", "--json").code == 2


def test_a_project_is_named_by_its_file(run: Any, patchreel_home: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.patchreel"
    film.write_bytes(b"{}")
    store = program_store()
    try:
        ledger = Ledger(store)
        ledger.fail_free(ledger.begin(_intent("gemini", str(film.resolve()), 0.14)))
        ledger.fail_free(ledger.begin(_intent("gemini", "elsewhere", 0.14)))
    finally:
        store.close()
    for name in (film, tmp_path / "film", tmp_path / "x" / ".." / "film.patchreel"):
        (tmp_path / "x").mkdir(exist_ok=True)
        assert len(run("ledger", "--json", "--project", name).data["rows"]) == 1


def test_the_text_names_what_may_have_been_charged(run: Any, filled: None) -> None:
    text = run("ledger").out.decode()
    assert "Outcome unknown: 1 request, up to $0.25" in text and "Charged without a result: 1 request, $0.01" in text


def test_csv_is_a_table_that_no_spreadsheet_runs(run: Any, filled: None) -> None:
    out = run("ledger", "--csv").out
    assert out.endswith(b"\r\n") and b"\r\n\n" not in out
    rows = list(csv.DictReader(io.StringIO(out.decode(), newline="")))
    assert [row["state"] for row in rows] == ["settled", "settled", "settled", "refused", "unknown"]
    assert sum(float(row["actual_usd"]) for row in rows) == pytest.approx(0.894) and rows[3]["note"] == "'=blocked"


def test_a_budget_is_set_and_a_finished_video_has_its_price(run: Any, filled: None, tmp_path: Path) -> None:
    store = program_store()
    try:
        note_finished(store, "film", tmp_path / "spot.mp4")
    finally:
        store.close()
    data = run("ledger", "--project", "film", "--cap", "2.50", "--json").data
    assert data["budget_usd"] == 2.5 and data["finished_videos"] == 1
    assert data["per_finished_video_usd"] == pytest.approx(0.5 + 0.25 + 0.134)
    assert data["quota"]["gemini"]["capacity"] > 0 and [one["project"] for one in data["projects"]] == ["film"]
    text = run("ledger", "--project", "film").out.decode()
    assert "Budget of the project: $0.88 of $2.50." in text and "1 finished video, $0.88 each." in text
    assert run("ledger", "--project", "film", "--cap", "none", "--json").data["budget_usd"] is None
    assert run("ledger", "--cap", "1").code == 2 and run("ledger", "--project", "film", "--cap", "-1").code == 2
