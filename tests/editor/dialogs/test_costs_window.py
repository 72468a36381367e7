"""The Costs dialog by real events: its sums are the ledger's, the budget is kept, the CSV is every row."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.dialogs.costs_dialog import CostsDialog
from editor.wiring import Wiring
from engine.store.database import Store
from engine.store.finished import note_finished
from engine.store.ledger import Charge, Intent, Ledger
from tests.editor.conftest import PATIENCE_MS

pytestmark = pytest.mark.integration


def _intent(provider: str, project: str, usd: float, upper: float | None = None) -> Intent:
    return Intent(provider, "model", "region edit", project, f"{provider} {usd} {project}", usd, upper)


def fill(store: Store, project: str) -> None:
    """October: one video; November: two pictures, one charged without a result, one unknown; another project beside it."""
    october = Ledger(store, lambda: datetime(2026, 10, 31, 12, tzinfo=UTC))
    october.settle(october.begin(_intent("veo", project, 0.8)), Charge(0.8, seconds=8.0), "asset")
    november = Ledger(store, lambda: datetime(2026, 11, 3, 12, tzinfo=UTC))
    for usd in (0.14, 0.13):
        november.settle(november.begin(_intent("gemini", project, usd)), Charge(usd, tokens=1200), "asset")
    november.refuse(november.begin(_intent("gemini", project, 0.05)), Charge(0.05), "Refused for what it shows.")
    november.lose(november.begin(_intent("gemini", project, 0.1, 0.3)), "The answer was lost.")
    november.settle(november.begin(_intent("openai", "/elsewhere/other.patchreel", 0.2)), Charge(0.2, tokens=10), "asset")
    note_finished(store, project, Path("/films/spot_v1.mp4"))
    note_finished(store, project, Path("/films/spot_v1.mp4"))


@pytest.fixture
def dialog(desk: Wiring, qtbot: QtBot) -> Iterator[CostsDialog]:
    fill(desk.services.online.store, desk.services.accounts.project)
    desk.services.accounts.look()
    desk.services.actions.action("view.costs").trigger()
    qtbot.waitUntil(lambda: desk.costs.dialog.isVisible() and "$1.12 charged" in desk.costs.dialog.words(), timeout=PATIENCE_MS)
    yield desk.costs.dialog
    desk.costs.dialog.reject()


def cells(dialog: CostsDialog) -> list[list[str]]:
    model = dialog.providers.model()
    return [[str(model.index(r, c).data()) for c in range(model.columnCount())] for r in range(model.rowCount())]


def said(dialog: CostsDialog, words: str) -> Callable[[], bool]:
    return lambda: words in dialog.words()


def test_the_sums_are_those_of_the_ledger_the_budget_is_kept_and_the_csv_has_every_row(
    dialog: CostsDialog, desk: Wiring, tmp_path: Path, qtbot: QtBot
) -> None:
    words = dialog.words()
    for piece in (
        "$1.12 charged, 5 requests", "$1.22 was estimated", "$0.30 at most, outcome unknown (1)", "$0.05 charged, no result (1)",
        "$1.12 per finished video (1)",
    ):  # fmt: skip
        assert piece in words, (piece, words)
    gemini, veo = cells(dialog)
    assert gemini[:7] == ["Google Gemini", "4", "2 of 4", "$0.42", "$0.32", "≤ $0.30", "2,400 tok"]
    assert veo[:7] == ["Google Veo", "1", "1 of 1", "$0.80", "$0.80", "–", "8 s"]
    lost = dialog.lost.model()
    assert {str(lost.index(row, 1).data()).split(" region")[0] for row in range(2)} == {"Outcome unknown", "Charged, no result"}
    assert dialog.chart.accessibleDescription().startswith("$1.12 over Oct 2026 to Nov 2026")
    _budget_by_keys(dialog, desk, qtbot)
    _save(dialog, desk, tmp_path / "costs.csv", qtbot)
    _month_by_day_and_all_projects(dialog, qtbot)


def _month_by_day_and_all_projects(dialog: CostsDialog, qtbot: QtBot) -> None:
    QTest.keyClick(dialog.month, Qt.Key.Key_Down)
    qtbot.waitUntil(said(dialog, "$0.32 charged, 4 requests"), timeout=PATIENCE_MS)
    assert dialog.month.currentText() == "November 2026"
    dialog.chart.setFocus()
    for _ in range(3):
        QTest.keyClick(dialog.chart, Qt.Key.Key_Right)
    assert dialog.chart.reading() == "3 Nov: $0.32, up to $0.30 more unknown, 4 requests"
    at = QPointF(dialog.chart.width() - 20, 80)
    moved = QMouseEvent(
        QEvent.Type.MouseMove, at, dialog.chart.mapToGlobal(at), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(dialog.chart, moved)
    assert dialog.chart.reading().startswith("30 Nov: $0.00")
    QTest.mouseClick(dialog.scope.button("all"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(said(dialog, "$0.52 charged, 5 requests"), timeout=PATIENCE_MS)
    assert [row[0] for row in cells(dialog)] == ["Google Gemini", "OpenAI"]
    projects = dialog.projects.model()
    assert [str(projects.index(row, 0).data()) for row in range(projects.rowCount())] == ["other /elsewhere", "Not saved"]
    assert [str(projects.index(row, 2).data()) for row in range(projects.rowCount())] == ["$0.20", "$0.32"]


def _budget_by_keys(dialog: CostsDialog, desk: Wiring, qtbot: QtBot) -> None:
    def cap() -> float | None:
        return desk.services.accounts.current.cap_usd if desk.services.accounts.current is not None else -1.0

    QTest.keyClick(dialog.has_cap, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: cap() == 10.0, timeout=PATIENCE_MS)
    dialog.cap.setFocus()
    dialog.cap.selectAll()
    QTest.keyClicks(dialog.cap, "2.50")
    QTest.keyClick(dialog.cap, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cap() == 2.5, timeout=PATIENCE_MS)
    assert dialog.bar.accessibleDescription() == "$1.42 of $2.50", "what may have been charged counts against the budget"
    QTest.keyClick(dialog.has_cap, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: cap() is None, timeout=PATIENCE_MS)


def _save(dialog: CostsDialog, desk: Wiring, file: Path, qtbot: QtBot) -> None:
    desk.costs._choose_file = lambda _window, _name: str(file)
    with qtbot.waitSignal(desk.services.notifications.posted, timeout=PATIENCE_MS):
        QTest.mouseClick(dialog.csv, Qt.MouseButton.LeftButton)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 5 and sum(float(row["actual_usd"]) for row in rows) == pytest.approx(1.12)
