"""A service in the patch panel by real events, over real HTTP to a server on this machine: what is shown is what leaves."""

import base64
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.wiring import Wiring
from engine.project.model import Patch, PatchState, Recipe
from engine.project.patch_edits import set_patch_recipe
from engine.providers.fallback import Chain
from engine.providers.online.fallbacks import REGION_EDIT, Fallbacks
from engine.store.ledger import Ledger, LedgerRow, LedgerState
from engine.store.projects import Privacy
from tests.editor.conftest import HEIGHT, PATIENCE_MS, RATE, WIDTH
from tests.editor.stalls import NoStalls, no_stalls
from tests.engine.providers.online import gemini_service, openai_service, pictures
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.openai_service import OpenAiService
from tests.engine.providers.online.server import FaithfulServer, serving
from widgets.controls import ErrorBox
from widgets.frame_image import from_qimage

__all__ = ["no_stalls"]  # a fixture

pytestmark = [pytest.mark.integration, pytest.mark.security]
ASKED = Recipe("gemini", "remove the bar")
Ready = Callable[..., Patch]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaithfulServer]:
    with serving(GeminiService()) as one:
        monkeypatch.setenv("PATCHREEL_GEMINI_BASE_URL", one.base_url)
        monkeypatch.setenv("GEMINI_API_KEY", gemini_service.KEY)
        yield one


@pytest.fixture
def bench(server: FaithfulServer, desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Wiring:
    """The playhead on frame 30, a box drawn there that Gemini is to fill; small windows."""
    for name in ("DEFAULT_BEFORE", "DEFAULT_AFTER"):
        monkeypatch.setattr(region_controller, name, 1)
    desk_with_clip.playback.seek(Fraction(30, RATE))
    qtbot.waitUntil(lambda: desk_with_clip.preview.is_current, timeout=PATIENCE_MS)
    timeline, canvas = desk_with_clip.window.timeline.timeline, desk_with_clip.window.viewer.canvas
    QTest.keyClick(timeline, Qt.Key.Key_R)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(desk_with_clip.services.document.project.patches), timeout=PATIENCE_MS)
    return desk_with_clip


@pytest.fixture
def ready(bench: Wiring, qtbot: QtBot) -> Ready:
    """Chooses Gemini and its words, allows being asked, and waits until it is known what would be sent."""

    def go(privacy: Privacy = Privacy.ASK) -> Patch:
        patch = patch_of(bench)
        bench.services.edit("Ask Gemini", lambda p: set_patch_recipe(p, patch.id, ASKED))
        bench.services.accounts.set_privacy(privacy)
        qtbot.waitUntil(lambda: bench.window.patch.foot.run.text().startswith("Run patch, "), timeout=PATIENCE_MS)
        qtbot.waitUntil(bench.window.patch.foot.run.isEnabled, timeout=PATIENCE_MS)
        return patch

    return go


def patch_of(bench: Wiring) -> Patch:
    (patch,) = bench.services.document.project.patches
    return patch


def run(bench: Wiring) -> None:
    QTest.mouseClick(bench.window.patch.foot.run, Qt.MouseButton.LeftButton)


def gate_shown(bench: Wiring, qtbot: QtBot) -> None:
    qtbot.waitUntil(bench.gate.panel.isVisible, timeout=PATIENCE_MS)


def is_asked(bench: Wiring, title: str) -> bool:
    return bench.gate.panel.isVisible() and bench.gate.panel.title.text() == title


def at_rest(bench: Wiring, qtbot: QtBot) -> None:
    runs = bench.patch_side.runs
    qtbot.waitUntil(lambda: runs.run_of(patch_of(bench).id) is None and not runs.is_waiting, timeout=PATIENCE_MS)


def rows(bench: Wiring) -> tuple[LedgerRow, ...]:
    return Ledger(bench.services.online.store).rows()


def sent_picture(server: FaithfulServer) -> bytes:
    parts = server.received[-1].json()["contents"][0]["parts"]
    return base64.b64decode(parts[1]["inlineData"]["data"])


def test_what_the_panel_and_the_gate_show_is_what_the_server_gets_and_nothing_else(
    bench: Wiring, ready: Ready, server: FaithfulServer, qtbot: QtBot
) -> None:
    ready()
    panel = bench.window.patch
    said = panel.sent.words()
    assert "127.0.0.1" in said and "About $0.1" in said and "Nothing else leaves this computer" in said
    assert f"your key ••••{gemini_service.KEY[-4:]}" in panel.recipe.provider.currentText()
    run(bench)
    gate_shown(bench, qtbot)
    assert server.received == [], "nothing leaves before the answer"
    qtbot.waitUntil(lambda: panel.foot.progress_text().startswith("Waiting for your decision"), timeout=PATIENCE_MS)
    (shown,) = bench.gate.panel.pictures()
    QTest.mouseClick(bench.gate.panel.send, Qt.MouseButton.LeftButton)
    at_rest(bench, qtbot)
    sent = sent_picture(server)
    decoded, seen = pictures.decoded(sent), from_qimage(shown)
    assert np.array_equal(seen, decoded) and len(server.received) == 1
    assert f"{decoded.shape[1]} × {decoded.shape[0]} px" in said and f"{len(sent) / 1000:.0f} kB" in said
    assert decoded.shape[0] < HEIGHT * 1.5 and decoded.shape[1] < WIDTH * 1.5
    everything = server.received[0].everything()
    assert b"moving bar" not in everything and bench.services.document.journal.session.encode() not in everything
    patch = patch_of(bench)
    (row,) = rows(bench)
    assert patch.state is PatchState.QA_READY and patch.version is not None and patch.version.recipe.provider == "gemini"
    assert row.state is LedgerState.SETTLED and patch.version.cost_usd == pytest.approx(row.actual_usd) and row.result
    # Another variation costs as much again; that is looked up anew behind the window.
    qtbot.waitUntil(lambda: "about $0.1" in panel.foot.retry.toolTip(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bench.services.accounts.current.spent_usd == row.actual_usd, timeout=PATIENCE_MS)  # type: ignore[union-attr]


def test_nothing_leaves_offline_without_a_key_without_a_yes_or_over_the_budget(
    bench: Wiring, server: FaithfulServer, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY")
    patch = patch_of(bench)
    bench.services.edit("Ask Gemini", lambda p: set_patch_recipe(p, patch.id, ASKED))
    _is_offline_first(bench, qtbot)
    _asks_for_a_key(bench, monkeypatch, qtbot)
    _is_declined(bench, qtbot)
    _is_over_budget(bench, qtbot)
    assert server.received == [] and rows(bench) == () and patch_of(bench).state is PatchState.QUEUED


def _is_offline_first(bench: Wiring, qtbot: QtBot) -> None:
    panel = bench.window.patch
    qtbot.waitUntil(lambda: "offline only" in panel.sent.words(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not panel.foot.run.isEnabled(), timeout=PATIENCE_MS)
    assert panel.foot.offline.isEnabled()
    bench.services.actions.action("patch.run").trigger()
    assert bench.patch_side.runs.run_of(patch_of(bench).id) is None
    QTest.mouseClick(panel.sent.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bench.window.top_bar.privacy.text() == "Ask before sending", timeout=PATIENCE_MS)


def _asks_for_a_key(bench: Wiring, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    panel = bench.window.patch
    qtbot.waitUntil(lambda: "There is no key for Gemini." in panel.sent.words(), timeout=PATIENCE_MS)
    assert "no key yet" in panel.recipe.provider.currentText() and not panel.foot.run.isEnabled()
    monkeypatch.setenv("GEMINI_API_KEY", gemini_service.KEY)  # as if it had been kept in the dialog
    QTest.mouseClick(panel.sent.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(bench.keys.dialog.isVisible, timeout=PATIENCE_MS)
    qtbot.waitUntil(panel.foot.run.isEnabled, timeout=PATIENCE_MS)
    bench.keys.dialog.reject()


def _is_declined(bench: Wiring, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bench.window.patch.foot.run.text().startswith("Run patch, about"), timeout=PATIENCE_MS)
    run(bench)
    gate_shown(bench, qtbot)
    with qtbot.waitSignal(bench.services.notifications.posted, timeout=PATIENCE_MS) as told:
        QTest.keyClick(bench.gate.panel, Qt.Key.Key_Escape)
    at_rest(bench, qtbot)
    assert told.args == ["Not sent", "Nothing left this computer."]


def _is_over_budget(bench: Wiring, qtbot: QtBot) -> None:
    panel = bench.window.patch
    bench.services.accounts.set_cap(0.2)
    qtbot.waitUntil(lambda: "of the project's budget is left" in panel.sent.words(), timeout=PATIENCE_MS)
    assert not panel.foot.run.isEnabled() and panel.sent.action.text() == "Change the budget…"
    with qtbot.waitSignal(bench.services.notifications.posted, timeout=PATIENCE_MS) as told:
        bench.patch_side.runs.run(patch_of(bench).id)  # whoever gets round the button is stopped by the ledger
    assert told.args[0] == "The patch was not made" and "Nothing was sent" in told.args[1]


FAULTS = (
    (faults.instead(gemini_service.bad_key()), "Nothing was charged", "Provider keys…"),
    (gemini_service.blocked_input(), "It is not charged", "Change the words"),
    (faults.reset_at_once, "charged", "Send again…"),
    (faults.instead(gemini_service.quota("900s")), "Nothing was charged", "Try again"),
)


def test_a_failure_says_what_it_means_for_money_and_work_and_offers_a_way_on(
    bench: Wiring, ready: Ready, server: FaithfulServer, tmp_path: Path, qtbot: QtBot
) -> None:
    ready(Privacy.ALLOW)
    panel, patch = bench.window.patch, patch_of(bench)
    QTest.mouseClick(panel.foot.offline, Qt.MouseButton.LeftButton)
    at_rest(bench, qtbot)
    assert server.received == [] and patch_of(bench).current_version == 1
    for number, (fault, money, way) in enumerate(FAULTS):
        asked = Recipe("gemini", f"remove the bar, {number}")
        bench.services.edit("Ask Gemini", partial(set_patch_recipe, patch_id=patch.id, recipe=asked))
        qtbot.waitUntil(lambda: panel.foot.run.text().startswith("Run patch, about"), timeout=PATIENCE_MS)
        qtbot.waitUntil(panel.foot.run.isEnabled, timeout=PATIENCE_MS)
        server.then(fault)
        with qtbot.waitSignal(bench.services.notifications.posted, timeout=PATIENCE_MS) as told:
            run(bench)
        assert told.args[0] == "The patch was not made" and money in told.args[1] and "v1 is unchanged." in told.args[1]
        assert gemini_service.KEY not in told.args[1]
        toast = bench.window.findChildren(ErrorBox)[-1]
        assert {way, "Run offline"} <= {button.text() for button in toast.findChildren(QAbstractButton)}
        toast.dismiss()
    qtbot.waitUntil(lambda: "allows the next request at" in panel.sent.words(), timeout=PATIENCE_MS)
    assert "in 1" in panel.sent.words() and not panel.foot.run.isEnabled()
    assert panel.foot.offline.isEnabled() and len(server.received) == len(FAULTS)
    bench.services.document.save_as(tmp_path / "film.patchreel")
    qtbot.waitUntil(lambda: not bench.services.document.is_saving, timeout=PATIENCE_MS)
    for file in (file for file in tmp_path.rglob("*") if file.is_file()):  # the program's folders lie in it too
        assert gemini_service.KEY.encode() not in file.read_bytes(), file


def test_another_service_stands_in_where_it_is_allowed_and_the_order_is_changed_by_keys(
    bench: Wiring, ready: Ready, server: FaithfulServer, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    with serving(OpenAiService()) as other:
        monkeypatch.setenv("PATCHREEL_OPENAI_BASE_URL", other.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", openai_service.KEY)
        ready()
        panel, dialog = bench.window.patch, bench.patch_side.fallback.dialog
        assert "If Gemini cannot answer: OpenAI, then what was made before, then you are asked." in panel.sent.words()
        server.then(faults.instead(gemini_service.quota("900s")))
        run(bench)
        for name in ("Gemini", "OpenAI"):
            asked = partial(is_asked, bench, f"Send this to {name}?")
            qtbot.waitUntil(asked, timeout=PATIENCE_MS)
            QTest.mouseClick(bench.gate.panel.send, Qt.MouseButton.LeftButton)
        at_rest(bench, qtbot)
        patch = patch_of(bench)
        assert patch.version is not None and patch.version.recipe.provider == patch.recipe.provider == "openai"
        assert len(server.received) == len(other.received) == 1 and "OpenAI was asked instead." in patch.version.warnings
        assert {row.provider: row.state for row in rows(bench)} == {
            "gemini": LedgerState.FAILED_FREE, "openai": LedgerState.SETTLED
        }
    QTest.mouseClick(panel.sent.fallback, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.isVisible, timeout=PATIENCE_MS)
    assert [one.entry.id for one in dialog.rows] == ["gemini", "openai", "local.inpaint"]
    QTest.keyClick(dialog.rows[1].up, Qt.Key.Key_Space)
    QTest.keyClick(dialog.rows[2].used, Qt.Key.Key_Space)
    QTest.keyClick(dialog.before, Qt.Key.Key_Space)
    with qtbot.waitSignal(bench.patch_side.fallback.changed, timeout=PATIENCE_MS):
        QTest.keyClick(dialog.save, Qt.Key.Key_Space)
    assert Fallbacks().chosen(REGION_EDIT) == Chain(("openai", "gemini", "local.inpaint"), uses_known=False)
    assert bench.patch_side.fallback.words("openai") == "If OpenAI cannot answer: Gemini, then Remove, then you are asked."


def test_a_server_that_never_answers_does_not_stall_the_window_and_cancelling_ends_it(
    bench: Wiring, ready: Ready, server: FaithfulServer, no_stalls: NoStalls, qtbot: QtBot
) -> None:
    ready(Privacy.ALLOW)
    server.then(faults.endless_wait)
    run(bench)
    qtbot.waitUntil(server.came.is_set, timeout=PATIENCE_MS)
    with no_stalls(50):
        for step in range(20):
            bench.playback.seek(Fraction(step, RATE))
            qtbot.waitUntil(lambda: bench.preview.is_current, timeout=PATIENCE_MS)
    foot = bench.window.patch.foot
    qtbot.waitUntil(lambda: foot.progress_text().startswith("Waiting for Gemini"), timeout=PATIENCE_MS)
    QTest.mouseClick(bench.window.patch.foot.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(rows(bench)) and rows(bench)[0].state is LedgerState.UNKNOWN, timeout=PATIENCE_MS)
    run_again_is_warned(bench, qtbot)


def run_again_is_warned(bench: Wiring, qtbot: QtBot) -> None:
    """The outcome of the first request is unknown: although all is allowed, sending it again is asked for with its price."""
    qtbot.waitUntil(bench.window.patch.foot.run.isEnabled, timeout=PATIENCE_MS)
    run(bench)
    gate_shown(bench, qtbot)
    assert "may be charged twice" in bench.gate.panel.warning.sentence.text()
    assert bench.gate.panel.send.text().startswith("Send again, about $0.1")
    QTest.keyClick(bench.gate.panel, Qt.Key.Key_Escape)
    at_rest(bench, qtbot)
