"""The level of privacy in the top bar by real events: offline by default, chosen per project, kept with it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.store.projects import Privacy
from tests.editor.conftest import PATIENCE_MS

pytestmark = [pytest.mark.integration, pytest.mark.security]


def choose(desk: Wiring, steps_down: int, qtbot: QtBot) -> None:
    """By the keyboard: the button, then so many rows down."""
    button = desk.window.top_bar.privacy
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(button.menu_of_levels.isVisible, timeout=PATIENCE_MS)
    for _ in range(steps_down):
        QTest.keyClick(button.menu_of_levels, Qt.Key.Key_Down)
    QTest.keyClick(button.menu_of_levels, Qt.Key.Key_Return)


def level(desk: Wiring) -> Privacy | None:
    current = desk.services.accounts.current
    return current.privacy if current is not None else None


def test_a_project_is_offline_until_its_user_says_otherwise_and_the_answer_stays_with_it(
    desk_with_clip: Wiring, tmp_path: Path, qtbot: QtBot
) -> None:
    desk, button = desk_with_clip, desk_with_clip.window.top_bar.privacy
    qtbot.waitUntil(lambda: level(desk) is Privacy.OFFLINE, timeout=PATIENCE_MS)
    assert not desk.services.online.store.path.exists(), "to look makes no store"
    assert button.text() == "Offline only" and button.accessibleName() == "Privacy: Offline only"
    choose(desk, 2, qtbot)
    qtbot.waitUntil(lambda: button.text() == "Ask before sending", timeout=PATIENCE_MS)
    film = tmp_path / "film.patchreel"
    with qtbot.waitSignal(desk.services.document.saved, timeout=PATIENCE_MS):
        desk.services.document.save_as(film)
    with qtbot.waitSignal(desk.services.accounts.changed, timeout=PATIENCE_MS):
        desk.services.accounts.look()
    assert level(desk) is Privacy.ASK, "the first save must not change it"
    desk.services.document.new()
    qtbot.waitUntil(lambda: level(desk) is Privacy.OFFLINE, timeout=PATIENCE_MS)
    assert button.text() == "Offline only"
    desk.services.document.open(film)
    qtbot.waitUntil(lambda: level(desk) is Privacy.ASK, timeout=PATIENCE_MS)
