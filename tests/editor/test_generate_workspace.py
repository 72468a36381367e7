"""The Generate workspace as its user meets it: real keys and clicks, the real engine, services on this machine over real HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.project import file
from engine.project.model import LayerKind
from engine.providers.generation import GenerateKind
from engine.store.projects import Privacy
from tests.editor.conftest import FRAMES
from tests.editor.generating import Studio, studio
from tests.editor.stalls import watching
from tests.engine.providers.online import server as way
from tests.engine.providers.online.server import instead
from tests.engine.providers.online.veo_service import filtered, quota
from widgets.gallery import Group, Look

pytestmark = pytest.mark.integration
CTRL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton
BOUND_MS, SERVED_MS = 50, 30


@pytest.fixture
def at(desk: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Studio]:
    """The workspace, shown, of an empty project that allows sending."""
    with studio(desk, qtbot, monkeypatch, tmp_path) as made:
        QTest.keyClick(desk.window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
        assert desk.window.workspace == "generate"
        made.wait(made.form.isEnabled)
        made.allow()
        yield made


@pytest.fixture
def beside_a_clip(
    desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Studio]:
    """The same beside a clip on the timeline."""
    with studio(desk_with_clip, qtbot, monkeypatch, tmp_path) as made:
        desk_with_clip.window.show_workspace("generate")
        made.wait(made.form.isEnabled)
        made.allow()
        yield made


def test_words_become_a_video_in_the_bin(at: Studio) -> None:
    at.write("a red tulip opens")
    QTest.keyClick(at.form.prompt, Qt.Key.Key_Return, CTRL)
    done = at.until(Look.FINISHED)
    assert done.card.prompt == "a red tulip opens" and done.card.badges == ("AI generated", "SynthID", "Audio")
    assert at.veo.asked[0].prompt == "a red tulip opens" and "$3.20" in done.card.facts
    at.wait(lambda: "$3.20" in at.gallery.cost.text())
    QTest.mouseClick(done.button("add"), LEFT)
    at.wait(lambda: len(at.project.media) == 1)
    made = at.project.media[-1]
    assert made.derived_from == done.card.id and made.has_audio and made.name == "a red tulip opens.mp4"
    assert done.card.status == "Finished, in bin"
    QTest.mouseClick(done.button("show"), LEFT)
    at.wait(lambda: at.desk.window.workspace == "edit")
    at.wait(lambda: at.desk.window.bin.selected_ids() == (made.id,))
    at.desk.services.document.undo_stack.undo()
    assert not at.project.media and done.card.status == "Finished"


def test_a_result_is_saved_heard_judged_deleted_and_brought_back(
    at: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = at.sent("waves on a beach", Look.FINISHED)
    target = tmp_path / "waves.mp4"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    QTest.mouseClick(done.button("save"), LEFT)
    at.wait(target.exists)
    assert target.read_bytes() == at.veo.made(at.veo.asked[0])
    at.choose(done, "sound")
    at.wait(lambda: at.project.duration > 0)
    (track,) = (track for track in at.project.tracks if track.clips)
    assert track.kind is LayerKind.MUSIC and track.clips[0].media_id == at.project.media[0].id
    QTest.mouseClick(done.button("up"), LEFT)
    at.wait(lambda: at.cards[0].thumb == 1)
    at.choose(done, "trash")
    at.wait(lambda: at.cards[0].look is Look.DELETED)
    assert at.gallery.flow.card(at.cards[0].id) is None
    QTest.mouseClick(at.toast("Undo"), LEFT)
    at.wait(lambda: at.cards[0].look is Look.FINISHED)
    at.choose(at.until(Look.FINISHED), "trash")
    at.wait(lambda: at.cards[0].look is Look.DELETED)
    QTest.mouseClick(at.gallery.filter.button(Group.DELETED.value), LEFT)
    QTest.mouseClick(at.until(Look.DELETED).button("restore"), LEFT)
    at.wait(lambda: at.cards[0].look is Look.FINISHED)
    assert at.cards[0].thumb == 1


def test_a_declined_prompt_is_kept_and_goes_back_into_the_form(at: Studio) -> None:
    at.veo.ends = [filtered("a real person is named")]
    blocked = at.sent("the mayor waves", Look.BLOCKED)
    assert "a real person is named" in blocked.card.explanation and "your prompt is kept" in blocked.card.facts
    assert "charged" in blocked.card.explanation
    at.write("something else")
    QTest.mouseClick(blocked.button("edit"), LEFT)
    assert at.form.prompt.toPlainText() == "the mayor waves"


def test_nothing_is_sent_offline_against_the_rules_or_before_the_gate_was_answered(at: Studio, qtbot: QtBot) -> None:
    at.desk.services.accounts.set_privacy(Privacy.OFFLINE)
    at.write("rain on a window")
    with qtbot.waitSignal(at.desk.services.notifications.posted) as said:
        QTest.mouseClick(at.form.send, LEFT)
    assert "Offline" in said.args[1] and not at.veo_server.received
    at.form.size_choice.pick("1080p")
    at.form.length.pick("4")
    assert not at.form.send.isEnabled() and "8 s" in at.form.send.toolTip()
    assert (at.form.asked.size, at.form.asked.length_s) == ("1080p", 4)
    at.form.length.pick("8")
    QTest.mouseClick(at.toast("Ask before sending"), LEFT)
    at.wait(lambda: at.desk.gate.panel.isVisible())
    assert not at.veo_server.received and at.form.send.text() == "Waiting for your decision" and not at.form.send.isEnabled()
    assert "rain on a window" in at.desk.gate.panel.words()
    gate, gallery = at.desk.gate.panel, at.gallery
    at.wait(lambda: gallery.mapToGlobal(gallery.rect().topRight()).x() < gate.mapToGlobal(gate.rect().topLeft()).x())
    QTest.mouseClick(gate.decline, LEFT)
    at.wait(at.form.send.isEnabled)
    assert not at.veo_server.received and not at.cards
    QTest.mouseClick(at.form.send, LEFT)
    at.wait(gate.isVisible)
    QTest.mouseClick(gate.send, LEFT)
    at.until(Look.FINISHED)
    assert [(one.resolution, one.seconds) for one in at.veo.asked] == [("1080p", 8)]


def test_what_runs_counts_and_can_be_left_and_looked_at_again(at: Studio) -> None:
    at.clock.held.set()
    running = at.sent("the bank from behind", Look.RUNNING)
    at.wait(lambda: running.card.hint == "Goes on if you close the window")
    assert running.card.began is not None
    assert at.desk.window.top_bar.jobs.accessibleName() == "Jobs, 1 running"
    QTest.mouseClick(running.button("cancel"), LEFT)
    stopped = at.until(Look.STOPPED)
    at.clock.held.clear()
    QTest.mouseClick(stopped.button("look"), LEFT)
    at.until(Look.FINISHED)
    assert len(at.veo.asked) == 1


def test_a_lost_answer_is_no_failure_and_is_sent_again_only_when_told(at: Studio, qtbot: QtBot) -> None:
    at.veo_server.then(way.reset_at_once)
    lost = at.sent("cars leave", Look.UNKNOWN)
    assert "may have been" in lost.card.explanation and "up to $3.20" in lost.card.facts
    with qtbot.waitSignal(at.desk.services.notifications.posted) as said:
        QTest.mouseClick(lost.button("retry"), LEFT)
    assert said.args[0] == "Send it again?" and len(at.veo.asked) == 1


def test_a_full_service_is_waited_for_with_a_countdown(at: Studio) -> None:
    at.clock.held.set()
    at.veo_server.then(instead(quota("38s")))
    waiting = at.sent("a meadow in winter", Look.WAITING)
    at.wait(lambda: waiting.card.retry_at is not None)
    assert waiting.card.status == "Waiting for a free slot" and "Veo allows the next request at" in waiting.card.explanation
    at.clock.held.clear()
    at.until(Look.FINISHED)


def test_words_become_a_picture_that_a_video_begins_with(at: Studio) -> None:
    QTest.mouseClick(at.tab(2), LEFT)
    assert at.form.asked.provider == "gemini" and not at.form.first.isVisible()
    picture = at.sent("a lighthouse at dusk", Look.FINISHED)
    assert picture.card.section == "images" and not picture.card.can_play
    at.choose(picture, "first")
    at.wait(lambda: not at.form.first.is_empty)
    assert at.form.asked.provider == "veo" and at.form.asked.length_s == 8
    first = at.sent("the light turns", Look.FINISHED)
    assert at.veo.asked[0].first is not None
    second = at.sent("the light goes out", Look.FINISHED)
    QTest.mouseClick(first.button("play"), LEFT)
    at.wait(lambda: first.is_playing)
    QTest.mouseClick(second.button("play"), LEFT)
    at.wait(lambda: second.is_playing)
    assert not first.is_playing  # one plays at a time
    at.wait(lambda: not second.is_playing)
    at.form.prompt.setFocus()
    assert {"Provider", "All 3", "Play", "Add to bin", "Save", "Good", "More", "Continue a clip"} <= at.tabbed(60)


def test_the_frame_under_the_playhead_and_the_last_of_a_clip_are_what_is_sent(beside_a_clip: Studio) -> None:
    at = beside_a_clip
    at.desk.playback.seek(at.project.duration / 2)
    QTest.mouseClick(at.tab(1), LEFT)
    QTest.mouseClick(at.form.first.current, LEFT)
    at.wait(lambda: not at.form.first.is_empty)
    assert at.form.first.accessibleName() == "First frame: moving bar, frame 31"
    at.sent("on it goes", Look.FINISHED)
    sent = at.veo.asked[0].first
    assert sent is not None and abs(float(sent[100, 300].mean()) - (40 + 2 * 30)) < 4
    QTest.mouseClick(at.gallery.flow.empty_section("continuations").button, LEFT)
    at.wait(lambda: not at.form.first.is_empty)
    assert at.form.first.accessibleName() == f"First frame: moving bar, frame {FRAMES}"
    done = at.sent("the bar goes on", Look.FINISHED)
    assert done.card.section == "continuations" and at.generation(done.card).request.kind is GenerateKind.CONTINUATION
    sent = at.veo.asked[1].first
    assert sent is not None and abs(float(sent[100, 20].mean()) - (40 + 2 * (FRAMES - 1))) < 4


def test_filters_views_and_the_form_are_there_after_a_restart(at: Studio) -> None:
    at.write("half a thought")
    at.form.length.pick("6")
    at.sent("one", Look.FINISHED)
    at.write("half a thought")
    QTest.mouseClick(at.gallery.list_button, LEFT)
    QTest.mouseClick(at.gallery.filter.button(Group.FINISHED.value), LEFT)
    again = at.restarted()
    assert again.form.prompt.toPlainText() == "half a thought" and again.form.asked.length_s == 6
    assert not again.gallery.view.is_grid and again.gallery.view.group is Group.FINISHED


def test_what_was_under_way_goes_on_at_the_next_start(at: Studio) -> None:
    at.clock.held.set()
    at.sent("the bank from behind", Look.RUNNING)
    at.desk.services.document.save_as(at.folder / "film")
    assert at.desk.services.document.wait_for_saves()
    again = at.restarted(at.folder / "film.patchreel")
    at.clock.held.clear()
    again.until(Look.FINISHED)
    assert len(at.veo.asked) == 1


def test_saving_for_the_first_time_takes_the_gallery_along(at: Studio) -> None:
    at.sent("one", Look.FINISHED)
    at.desk.services.document.save_as(at.folder / "film")
    assert at.desk.services.document.wait_for_saves()
    at.wait(lambda: at.desk.services.accounts.current and at.desk.services.accounts.current.project.endswith("film.patchreel"))
    QTest.mouseClick(at.until(Look.FINISHED).button("add"), LEFT)
    at.wait(lambda: len(at.project.media) == 1)
    assert Path(at.project.media[0].path).parent == at.folder / "film.data" / "assets"
    at.desk.services.document.new()
    at.wait(lambda: not at.cards)


def test_a_clip_that_was_taken_before_the_first_save_gets_a_copy_beside_each_file(at: Studio) -> None:
    at.sent("one", Look.FINISHED)
    QTest.mouseClick(at.until(Look.FINISHED).button("add"), LEFT)
    at.wait(lambda: len(at.project.media) == 1)
    shared = Path(at.project.media[0].path)
    document = at.desk.services.document
    for name in ("film", "other"):
        document.save_as(at.folder / name)
        assert document.wait_for_saves()
        (written,) = file.load(at.folder / f"{name}.patchreel").project.media
        assert Path(written.path).parent == at.folder / f"{name}.data" / "assets" and written.derived_from
        assert Path(written.path).read_bytes() == shared.read_bytes()


def test_a_service_that_never_answers_stalls_nothing(at: Studio) -> None:
    at.veo_server.then(way.endless_wait)
    acts: tuple[Callable[[], object], ...] = (
        lambda: QTest.keyClicks(at.form.prompt, "a"), lambda: QTest.mouseClick(at.tab(1), LEFT),
        lambda: QTest.mouseClick(at.gallery.list_button, LEFT), lambda: QTest.mouseClick(at.gallery.grid_button, LEFT),
        lambda: QTest.mouseClick(at.gallery.filter.button(Group.RUNNING.value), LEFT),
        lambda: at.desk.window.show_workspace("edit"), lambda: at.desk.window.show_workspace("generate"),
    )  # fmt: skip
    with watching(BOUND_MS):
        at.write("rain")
        at.qtbot.wait(SERVED_MS)
        QTest.mouseClick(at.form.send, LEFT)
        at.until(Look.RUNNING)
        for act in acts * 2:
            act()
            at.qtbot.wait(SERVED_MS)
    assert at.cards[0].look is Look.RUNNING


def test_an_example_of_the_empty_gallery_goes_into_the_prompt(at: Studio) -> None:
    at.write("half a thought")
    example = at.gallery.empty.examples[1]
    QTest.mouseClick(example, LEFT)
    assert at.form.prompt.toPlainText() == example.text() and at.form.prompt.hasFocus() and at.form.send.isEnabled()
    QTest.keyClick(at.form.prompt, Qt.Key.Key_Z, CTRL)
    assert at.form.prompt.toPlainText() == "half a thought"
