"""What is opened for the first time is made then: workspaces, dialogs and the gate keep the window's thread for 50 ms at most.

Processor time of the thread between two servings of its events is judged; `-s` prints it, with the clock beside it.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.store.projects import Privacy
from tests.editor.generating import Studio, studio
from tests.editor.gestures import draw_a_box, press
from tests.editor.stalls import StallWatch

pytestmark = [pytest.mark.integration, pytest.mark.performance]
BOUND_MS, RESTS_MS = 50, 400
ALT, CONTROL, LEFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton
Look = Callable[[Studio], object]


@pytest.fixture
def at(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Studio]:
    """A window with a clip and a patch, as it rests after it was opened."""
    with studio(desk_with_clip, qtbot, monkeypatch, tmp_path) as made:
        draw_a_box(desk_with_clip, qtbot)
        made.wait(lambda: desk_with_clip.preview.is_current)
        gc.freeze()  # as the program does once its window is there
        qtbot.wait(RESTS_MS)
        yield made
        gc.unfreeze()


def workspace(key: Qt.Key) -> Look:
    def look(at: Studio) -> None:
        QTest.keyClick(at.desk.window, key, ALT)

    return look


def generate(at: Studio) -> None:
    QTest.keyClick(at.desk.window, Qt.Key.Key_3, ALT)
    at.wait(at.form.isEnabled)


def command(name: str, dialog: Callable[[Wiring], QDialog]) -> Look:
    def look(at: Studio) -> None:
        at.desk.services.actions.action(name).trigger()
        at.wait(lambda: dialog(at.desk).isVisible())

    return look


def gate(at: Studio) -> None:
    at.write("rain")
    QTest.mouseClick(at.form.send, LEFT)
    at.wait(at.desk.gate.panel.isVisible)


def declined(at: Studio) -> None:
    QTest.mouseClick(at.desk.gate.panel.decline, LEFT)
    at.wait(lambda: not at.desk.gate.panel.isVisible())


def plan(at: Studio) -> None:
    dialog = at.desk.export_side.export.dialog
    press(at.desk, Qt.Key.Key_E, CONTROL)
    at.wait(lambda: dialog.isVisible() and dialog.plan.forecast is not None)


def fallback(at: Studio) -> None:
    at.desk.patch_side.fallback.open()
    at.wait(at.desk.patch_side.fallback.dialog.isVisible)


def warm_up(at: Studio) -> None:
    """What the program does by itself once its window rests."""
    at.desk.warm_up.start()
    at.wait(lambda: at.desk.warm_up.is_done)


LOOKS: dict[str, Look] = {
    "warm up": warm_up,
    "patch": workspace(Qt.Key.Key_2), "edit": workspace(Qt.Key.Key_1), "captions": workspace(Qt.Key.Key_4), "plan": plan,
    "costs": command("view.costs", lambda desk: desk.costs.dialog),
    "keys": command("edit.provider_keys", lambda desk: desk.keys.dialog),
    "fallback": fallback, "generate": generate, "gate": gate, "declined": declined,
}  # fmt: skip


def test_first_looks(at: Studio, qtbot: QtBot) -> None:
    at.allow(Privacy.ASK)
    found, rows = {}, []
    for name, look in LOOKS.items():
        watch = StallWatch(BOUND_MS)
        watch.start()
        look(at)
        qtbot.wait(RESTS_MS)
        watch.stop()
        found[name] = watch.longest_ms
        rows.append(f"| {name} | {watch.longest_ms:.0f} ms | {watch.longest_wall_ms:.0f} ms |")
        for dialog in at.desk.window.findChildren(QDialog):
            dialog.close()
        at.desk.window.activateWindow()
        at.wait(at.desk.window.isActiveWindow)
        qtbot.wait(RESTS_MS)
    sys.stdout.write("\n| first look | CPU | by the clock |\n|---|---:|---:|\n" + "\n".join(rows) + "\n")
    assert max(found.values()) < BOUND_MS, found
