"""What a new user met in a real window of the patch workspace and what it does now: keys, menus, words, and what was stopped."""

import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from editor.application import make_application
from editor.controllers import region_controller
from editor.controllers.patch_run import Phase
from editor.controllers.region_tools import LOOKING
from editor.panels.parameter_fields import ParameterFields
from editor.panels.patch_foot import PatchFoot, Step
from editor.patch_facts import is_outdated
from editor.shortcuts import COMMANDS
from editor.wiring import Wiring
from engine.jobs import propagate
from engine.project.model import Patch, Recipe
from engine.running import CancelToken
from tests import pointer
from tests.editor.conftest import PATIENCE_MS, RATE
from widgets.viewer import OUTPUTS

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
ANCHOR, REACH = 30, 4
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFTED = {"{": "Shift+[", "}": "Shift+]", "+": "Shift+=", "?": "Shift+/", "_": "Shift+-", "|": "Shift+\\"}
"""What a key of a US keyboard writes with Shift. Qt tries both names of a press; where both are taken it does nothing."""


@pytest.fixture
def bench(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Wiring:
    """Frame 30, with short windows; the next patch is pixelated."""
    for name in ("DEFAULT_BEFORE", "DEFAULT_AFTER"):
        monkeypatch.setattr(region_controller, name, REACH)
    desk_with_clip.patch_side.regions.recipe = Recipe("local.pixelate")
    desk_with_clip.playback.seek(ANCHOR * FRAME)
    qtbot.waitUntil(lambda: desk_with_clip.preview.is_current, timeout=PATIENCE_MS)
    return desk_with_clip


# Keys


def test_no_press_of_a_key_has_two_meanings() -> None:
    presses = [SHIFTED.get(key, key) for command in COMMANDS for key in command.keys]
    assert sorted(press for press in set(presses) if presses.count(press) > 1) == []


def test_enter_runs_the_patch_after_a_provider_was_chosen_and_from_its_words(bench: Wiring, qtbot: QtBot) -> None:
    _draw(bench)
    recipe = bench.window.patch.recipe
    recipe.provider.setFocus()
    QTest.keyClick(recipe.provider, Qt.Key.Key_Return)
    assert bench.patch_side.runs.run_of(_patch(bench).id) is not None
    _rests(bench, qtbot)
    runs = len(_patch(bench).versions)
    recipe.provider.setCurrentIndex(recipe.provider.findData("local.text"))
    recipe.provider.activated.emit(recipe.provider.currentIndex())
    qtbot.waitUntil(recipe.prompt.isVisible, timeout=PATIENCE_MS)
    recipe.prompt.setFocus()
    QTest.keyClicks(recipe.prompt, "Sold")
    QTest.keyClick(recipe.prompt, Qt.Key.Key_Return, CONTROL)
    _rests(bench, qtbot)
    assert len(_patch(bench).versions) == runs + 1 and _patch(bench).recipe.prompt == "Sold"


# Regions


def test_taking_away_is_over_once_a_new_region_is_drawn(bench: Wiring) -> None:
    _draw(bench)
    _key(bench, Qt.Key.Key_X, SHIFT)
    QTest.keyClick(bench.window.viewer.canvas, Qt.Key.Key_Escape)
    _key(bench, Qt.Key.Key_Z, CONTROL)
    assert bench.services.document.project.patches == () and bench.window.viewer.canvas.combine() == "subtract"
    _draw(bench)
    assert bench.window.viewer.canvas.combine() == "new"


@pytest.mark.parametrize("presses", [1, 2, 3])
def test_a_shape_is_added_in_every_view(bench: Wiring, presses: int) -> None:
    _draw(bench)
    for _ in range(presses):
        _key(bench, Qt.Key.Key_D)
    _key(bench, Qt.Key.Key_A, SHIFT)
    pointer.drag(bench.window.viewer.canvas, _at(bench, 0.7, 0.2), _at(bench, 0.8, 0.4))
    assert len(_patch(bench).region.shapes) == 2


def test_a_followed_region_is_shown_as_soon_as_its_frame_was_carried(bench: Wiring, qtbot: QtBot) -> None:
    _draw(bench)
    _key(bench, Qt.Key.Key_Right)
    assert bench.patch_side.regions.shown() is None
    _key(bench, Qt.Key.Key_Return)
    _rests(bench, qtbot)
    canvas = bench.window.viewer.canvas
    qtbot.waitUntil(lambda: canvas.region() is not None, timeout=PATIENCE_MS)
    assert bench.window.viewer.rail.button("fit").isEnabled()


def test_a_right_click_on_the_picture_offers_what_fits(bench: Wiring, qtbot: QtBot) -> None:
    assert {"New patch, box", "New patch, lasso"} <= set(_offered(bench, qtbot))
    _draw(bench)
    offered = _offered(bench, qtbot)
    assert {"Run patch", "Invert the region", "Draw what passes in front", "Delete patch"} <= set(offered)
    assert "New patch, box" not in offered


def test_looking_for_edges_is_not_said_any_longer_than_it_is_done(bench: Wiring) -> None:
    notes = bench.services.notifications
    notes.say(LOOKING)
    notes.say("Something else")
    notes.withdraw(LOOKING)
    assert notes._toasts is not None
    titles = [toast.title for toast in notes._toasts.shown]
    assert LOOKING not in titles and "Something else" in titles


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_no_mode_moves_from_under_the_hand_when_another_output_is_named(bench: Wiring, size: tuple[int, int]) -> None:
    bench.window.resize(*size)
    QApplication.processEvents()
    panel, places = bench.window.viewer, []
    for output in ("", *OUTPUTS):
        panel.outputs.show_output(output)
        QApplication.processEvents()
        places.append(panel.modes.geometry())
    assert places == places[:1] * len(places)


# Windows


def test_rebuilding_from_neighbours_begins_with_one_frame(bench: Wiring) -> None:
    _draw(bench)
    usual = _patch(bench).window
    assert usual.duration == (2 * REACH + 1) * FRAME
    _ask(bench, "local.interpolate")
    assert (_patch(bench).window.start, _patch(bench).window.duration) == (ANCHOR * FRAME, FRAME)
    _ask(bench, "local.blur")
    assert _patch(bench).window == usual
    bench.services.actions.action("patch.grow_end").trigger()
    own = _patch(bench).window
    _ask(bench, "local.interpolate")
    assert _patch(bench).window == own != usual, "what was set by hand stays"


def test_a_new_patch_that_rebuilds_has_one_frame(bench: Wiring) -> None:
    bench.patch_side.regions.recipe = Recipe("local.interpolate")
    _draw(bench)
    assert _patch(bench).window.duration == FRAME


# Stopped


def test_what_was_stopped_is_carried_on_by_enter(bench: Wiring, qtbot: QtBot, half_way: list[CancelToken]) -> None:
    _draw(bench)
    _key(bench, Qt.Key.Key_Return)
    foot, review = bench.window.patch.foot, bench.window.patch.review
    qtbot.waitUntil(lambda: bool(half_way), timeout=PATIENCE_MS)
    pointer.click(foot.cancel)
    qtbot.waitUntil(foot.carry.isVisible, timeout=PATIENCE_MS)
    assert review.claim.text() == "Not measured yet" and not foot.accept.isVisible()
    _key(bench, Qt.Key.Key_Return)
    assert (run := bench.patch_side.runs.run_of(_patch(bench).id)) is not None and run.phase is Phase.CARRY
    _rests(bench, qtbot)
    qtbot.waitUntil(foot.accept.isVisible, timeout=PATIENCE_MS)
    assert review.claim.text() == "Outside: 0 px changed" and len(_patch(bench).versions) == 1


@pytest.fixture
def half_way(monkeypatch: pytest.MonkeyPatch) -> list[CancelToken]:
    """The first carrying stands still after two frames until it is cancelled; filled once it does."""
    there: list[CancelToken] = []
    plain, stood = propagate.run, threading.Event()

    def slow(request: Any, *, cancel: CancelToken, partial: Callable[[Any], None], **others: Any) -> Any:
        given: list[object] = []

        def stand_still(frame: object) -> None:
            partial(frame)
            given.append(frame)
            if len(given) == 2 and not stood.is_set():
                stood.set()
                there.append(cancel)
                while True:
                    threading.Event().wait(0.002)
                    cancel.check()

        return plain(request, cancel=cancel, partial=stand_still, **others)

    monkeypatch.setattr(propagate, "run", slow)
    return there


# Words


def test_an_earlier_variation_that_is_chosen_is_judged_and_not_run_again(bench: Wiring, qtbot: QtBot) -> None:
    _draw(bench)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_T):
        _key(bench, key)
        _rests(bench, qtbot)
    assert len(_patch(bench).versions) == 2
    bench.window.patch.versions.chosen.emit(1)
    _rests(bench, qtbot)
    assert _patch(bench).current_version == 1 and not is_outdated(_patch(bench))
    qtbot.waitUntil(bench.window.patch.foot.accept.isVisible, timeout=PATIENCE_MS)


def test_progress_is_never_cut(qtbot: QtBot) -> None:
    make_application()
    foot = PatchFoot()
    qtbot.addWidget(foot)
    foot.show_step(Step.WORKING)
    for width in (292, 348, 480):
        foot.set_compact(width < 300)
        foot.resize(width, foot.sizeHint().height())
        foot.show()
        for doing in ("Making the patch", "Carrying it on, 113 of 125 frames"):
            foot.show_progress(0.35, doing, "about 12 s left")
            QApplication.processEvents()
            for words in foot.findChildren(QLabel):
                if words.isVisible():
                    assert words.fontMetrics().horizontalAdvance(words.text()) <= words.width(), (width, words.text())


def test_every_knob_of_an_offline_provider_has_room_for_its_name(bench: Wiring) -> None:
    for info in bench.services.registry.infos():
        fields = ParameterFields()
        fields.set_specs(info.parameters)
        fields.resize(324, fields.sizeHint().height())
        fields.show()
        QApplication.processEvents()
        cut = [w.text() for w in fields.findChildren(QLabel) if w.fontMetrics().horizontalAdvance(w.text()) > w.width()]
        assert cut == [], info.id
        fields.deleteLater()


def _offered(desk: Wiring, qtbot: QtBot) -> list[str]:
    taker, place = pointer.under(desk.window.viewer.canvas, _at(desk, 0.8, 0.8))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, taker.mapToGlobal(place))
    QApplication.sendEvent(taker, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions()]
    menu.close()
    return texts


def _draw(desk: Wiring) -> None:
    _key(desk, Qt.Key.Key_R)
    pointer.drag(desk.window.viewer.canvas, _at(desk, 0.3, 0.3), _at(desk, 0.6, 0.7))


def _ask(desk: Wiring, provider: str) -> None:
    choice = desk.window.patch.recipe.provider
    choice.setCurrentIndex(choice.findData(provider))
    choice.activated.emit(choice.currentIndex())


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _key(desk: Wiring, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key, held)


def _patch(desk: Wiring) -> Patch:
    return desk.services.document.project.patches[0]


def _rests(desk: Wiring, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: _patch(desk).version is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.patch_side.runs.run_of(_patch(desk).id) is None, timeout=4 * PATIENCE_MS)
