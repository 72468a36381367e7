"""The Generate workspace as its user meets it: real keys and clicks, the real engine, services on this machine over real HTTP."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.store.projects import Privacy
from tests.editor.generating import Studio, studio
from tests.engine.providers.online.veo_service import filtered
from widgets.gallery import Look

pytestmark = pytest.mark.integration
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def at(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """The workspace, shown, beside a clip on the timeline; the project allows sending."""
    with studio(desk_with_clip, qtbot, monkeypatch) as made:
        QTest.keyClick(desk_with_clip.window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
        assert desk_with_clip.window.workspace == "generate"
        made.allow()
        yield made


def test_words_become_a_video_in_the_bin(at: Studio) -> None:
    at.write("a red tulip opens")
    QTest.keyClick(at.desk.generate.page.form.prompt, Qt.Key.Key_Return, CTRL)
    done = at.until(Look.FINISHED)
    assert done.card.prompt == "a red tulip opens" and done.card.badges == ("AI generated", "SynthID", "Audio")
    assert at.veo.asked[0].prompt == "a red tulip opens"
    QTest.mouseClick(done.button("add"), Qt.MouseButton.LeftButton)
    at.wait(lambda: len(at.project.media) == 2)
    made = at.project.media[-1]
    assert made.derived_from == done.card.id and made.has_audio and made.name == "a red tulip opens.mp4"
    at.wait(lambda: at.until(Look.FINISHED).card.status == "Finished, in bin")
    at.desk.services.document.undo_stack.undo()
    assert len(at.project.media) == 1 and at.until(Look.FINISHED).card.status == "Finished"


def test_a_declined_prompt_is_kept_and_goes_back_into_the_form(at: Studio) -> None:
    at.veo.ends = [filtered("a real person is named")]
    at.write("the mayor waves")
    QTest.mouseClick(at.desk.generate.page.form.send, Qt.MouseButton.LeftButton)
    blocked = at.until(Look.BLOCKED)
    assert "a real person is named" in blocked.card.explanation and "your prompt is kept" in blocked.card.facts
    at.write("something else")
    QTest.mouseClick(blocked.button("edit"), Qt.MouseButton.LeftButton)
    assert at.desk.generate.page.form.prompt.toPlainText() == "the mayor waves"


def test_nothing_is_sent_before_the_gate_was_answered(at: Studio) -> None:
    at.allow(Privacy.ASK)
    at.write("rain on a window")
    form = at.desk.generate.page.form
    QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
    at.wait(lambda: at.desk.gate.panel.isVisible())
    assert not at.veo_server.received and form.send.text() == "Waiting for your decision" and not form.send.isEnabled()
    assert "rain on a window" in at.desk.gate.panel.words()
    QTest.mouseClick(at.desk.gate.panel.decline, Qt.MouseButton.LeftButton)
    at.wait(lambda: form.send.isEnabled())
    assert not at.veo_server.received and not at.cards
    QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
    at.wait(lambda: at.desk.gate.panel.isVisible())
    QTest.mouseClick(at.desk.gate.panel.send, Qt.MouseButton.LeftButton)
    at.until(Look.FINISHED)
    assert len(at.veo.asked) == 1
