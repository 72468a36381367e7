"""Between two anchors a service moves the patch, asked for in the patch panel: real clicks, real HTTP to a local server."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.wiring import Wiring
from engine.project.model import Patch, Recipe
from engine.store.projects import Privacy
from tests.editor.conftest import RATE
from tests.editor.generating import Studio, studio
from tests.editor.gestures import SHIFT, press, stroke
from widgets.gallery import Look

pytestmark = pytest.mark.integration
FRAME, ANCHOR, AWAY = Fraction(1, RATE), 30, 4
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def at(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Studio]:
    """A patch over the moving bar that was run and has a second anchor four frames later."""
    for name in ("DEFAULT_BEFORE", "DEFAULT_AFTER"):
        monkeypatch.setattr(region_controller, name, AWAY)
    with studio(desk_with_clip, qtbot, monkeypatch, tmp_path) as made:
        desk_with_clip.patch_side.regions.recipe = Recipe("local.inpaint")
        _go_to(made, ANCHOR)
        press(made.desk, Qt.Key.Key_R)
        stroke(made.desk, [(0.36 + 0.01 * n, 0.3 + 0.02 * n) for n in range(16)])
        assert made.desk.window.patch.carrying._between_row.isHidden(), "there is nothing between anchors yet"
        press(made.desk, Qt.Key.Key_Return)
        _rests(made)
        _go_to(made, ANCHOR + AWAY)
        press(made.desk, Qt.Key.Key_K, SHIFT)
        _rests(made)
        yield made
        made.desk.between.cancel()
        made.wait(lambda: not made.desk.between.is_working)


def _patch(at: Studio) -> Patch:
    (patch,) = at.project.patches
    return patch


def _go_to(at: Studio, frame: int) -> None:
    at.desk.playback.seek(frame * FRAME)
    at.wait(lambda: at.desk.preview.is_current)


def _rests(at: Studio) -> None:
    runs = at.desk.patch_side.runs
    at.qtbot.wait(50)
    at.wait(lambda: runs.run_of(_patch(at).id) is None and not runs.is_waiting)


def _offered(at: Studio) -> QMenu:
    form = at.desk.window.patch.carrying
    assert not form._between_row.isHidden()
    QTest.mouseClick(form.between, LEFT)
    at.wait(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def _choose(at: Studio, words: str) -> None:
    menu = _offered(at)
    next(action for action in menu.actions() if action.text().startswith(words)).trigger()
    menu.close()


def test_the_price_is_said_the_gate_asks_and_every_frame_between_comes_from_the_service(at: Studio) -> None:
    offered = _offered(at)
    assert [action.text() for action in offered.actions()] == ["Veo, about $1.60", "Kling, about $0.35"]
    offered.close()
    at.allow(Privacy.ASK)
    _choose(at, "Veo")
    gate = at.desk.gate.panel
    at.wait(gate.isVisible)
    assert not at.veo_server.received and len(gate.pictures()) == 2
    QTest.mouseClick(gate.send, LEFT)
    at.wait(lambda: not at.desk.between.is_working)
    _rests(at)
    version = _patch(at).version
    assert version is not None and _patch(at).current_version == 2 and version.cost_usd == pytest.approx(1.6)
    assert [round(one.anchor / FRAME) for one in version.others] == [ANCHOR + n for n in range(1, AWAY + 1)]
    (asked,) = at.veo.asked
    assert asked.first is not None and asked.last is not None
    at.desk.window.show_workspace("generate")
    at.wait(lambda: bool(at.cards) and at.cards[0].look is Look.FINISHED)
    at.desk.services.document.undo_stack.undo()
    assert _patch(at).current_version == 1 and len(_patch(at).versions) + len(at.project.unattached) > 1, "what was paid is kept"


def test_no_is_no_and_cancel_gives_the_row_back(at: Studio) -> None:
    at.allow(Privacy.ASK)
    form = at.desk.window.patch.carrying
    _choose(at, "Veo")
    at.wait(at.desk.gate.panel.isVisible)
    assert form.between.text() == "Cancel"
    QTest.mouseClick(at.desk.gate.panel.decline, LEFT)
    at.wait(lambda: not at.desk.between.is_working)
    at.allow()
    at.clock.held.set()
    _choose(at, "Veo")
    at.wait(lambda: bool(at.veo.asked))
    QTest.mouseClick(form.between, LEFT)
    at.wait(lambda: not at.desk.between.is_working)
    assert form.between.text() == "Let a service move it…" and _patch(at).current_version == 1
