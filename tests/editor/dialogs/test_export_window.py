"""An export from the window: what it promises is the engine's plan, what it writes is verified, a cancel leaves nothing."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.controllers.export_controller import ExportController
from editor.dialogs.export_dialog import ExportDialog
from editor.export_files import report_path
from editor.jobs_board import JobState
from editor.wiring import Wiring
from engine.encoding.result import Seam
from engine.jobs import export as export_job
from engine.jobs import make_patch
from engine.project.lookup import new_id
from engine.project.model import PatchState, Recipe, Region, RegionKind
from engine.project.patch_edits import add_patch
from engine.project.version_edits import set_patch_state
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken, ignore
from tests.editor.conftest import FRAMES, PATIENCE_MS, RATE
from tests.editor.stalls import NoStalls, no_stalls

__all__ = ["no_stalls"]  # a fixture

pytestmark = pytest.mark.integration
ANCHOR = Fraction(20, RATE)


def patch_it(desk: Wiring, state: PatchState = PatchState.PUBLISHED) -> None:
    """A patch over frames 18 to 23, made by the engine."""
    document = desk.services.document
    project = document.project
    region, window = Region(RegionKind.BOX, ((0.6, 0.2), (0.8, 0.5)), 4.0), TimeRange(Fraction(18, RATE), Fraction(6, RATE))
    patch_id = new_id(project, "patch")
    recipe = Recipe("local.blur")
    project = add_patch(project, project.media[0].id, region, ANCHOR, window, recipe, patch_id=patch_id)
    made = make_patch.run(
        project, patch_id, desk.services.workspace(), desk.services.registry, cancel=ThreadCancelToken(), report=ignore
    )
    document.apply("Patch", lambda _now: set_patch_state(made.project, patch_id, state))


@pytest.fixture
def export(desk_with_clip: Wiring) -> ExportController:
    return desk_with_clip.export_side.export


@pytest.fixture
def opened(desk_with_clip: Wiring, export: ExportController, tmp_path: Path, qtbot: QtBot) -> Callable[..., ExportDialog]:
    """Opens the window by its key and waits for the plan of a file in a folder of its own."""

    def is_active() -> bool:
        desk_with_clip.window.activateWindow()  # a dialog that is just closing takes the first wish with it
        return desk_with_clip.window.isActiveWindow()

    def open_for(name: str = "out.mp4", folder: Path | None = None) -> ExportDialog:
        qtbot.waitUntil(is_active, timeout=PATIENCE_MS)
        QTest.keyClick(desk_with_clip.window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        dialog = export.dialog
        qtbot.waitUntil(dialog.isVisible, timeout=PATIENCE_MS)
        dialog.plan.form.add_folder(folder or tmp_path)
        field = dialog.plan.form.name
        field.selectAll()
        QTest.keyClicks(field, name)
        wait_for_plan(dialog, qtbot)
        return dialog

    return open_for


def wait_for_plan(dialog: ExportDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: dialog.plan.forecast is not None, timeout=PATIENCE_MS)


def click(button: Any) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def texts(dialog: ExportDialog) -> list[list[str]]:
    model = dialog.plan.table.model()
    return [[str(model.index(row, column).data()) for column in range(model.columnCount())] for row in range(model.rowCount())]


def test_the_figures_are_the_engines_plan(
    desk_with_clip: Wiring, export: ExportController, opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot,
    no_stalls: NoStalls,
) -> None:
    patch_it(desk_with_clip)
    qtbot.waitUntil(lambda: export.is_prepared, timeout=PATIENCE_MS)
    with no_stalls(50):
        dialog = opened()
    services = desk_with_clip.services
    plan = export_job.plan(export_job.request_for(services.document.project, tmp_path / "out.mp4", services.workspace()))
    found = dialog.plan.forecast
    assert found is not None and found.plan.segments == plan.segments
    assert 0 < plan.encoded_frames < FRAMES
    rows = texts(dialog)
    assert sum(int(row[1]) for row in rows if row[1]) == FRAMES
    assert rows[-1][0] == "Audio" and rows[-2][0] == "Everything else"
    assert [span.reason for span in dialog.plan.bar.spans] == [segment.reason for segment in plan.segments]


def test_export_writes_a_verified_file_and_shows_its_checks(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot, no_stalls: NoStalls
) -> None:
    patch_it(desk_with_clip)
    dialog = opened()
    with no_stalls(50):
        QTest.keyClick(dialog.plan.form.name, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: dialog.verdict.poster.image is not None, timeout=PATIENCE_MS)
    run = next(iter(desk_with_clip.export_side.board.entries))
    assert run.state is JobState.DONE and run.sentence.startswith("Verified, ")
    names = [dialog.verdict.table.model().index(row, 1).data() for row in range(dialog.verdict.table.model().rowCount())]
    assert "Packets copied byte for byte" in names and len(names) >= 5
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["out.mp4"]
    urls = dialog.verdict.poster.mime_data().urls()
    assert [Path(url.toLocalFile()) for url in urls] == [tmp_path / "out.mp4"]


def test_the_report_lies_beside_the_file(
    opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("editor.controllers.export_controller.QDesktopServices.openUrl", lambda url: True)
    dialog = opened()
    click(dialog.plan.export)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
    click(dialog.verdict.report)
    qtbot.waitUntil(lambda: report_path(tmp_path / "out.mp4").is_file(), timeout=PATIENCE_MS)


def test_the_plan_follows_the_choice_of_the_seam_and_it_is_remembered(
    desk_with_clip: Wiring, export: ExportController, opened: Callable[..., ExportDialog], qtbot: QtBot
) -> None:
    """Full encode: one bar over all, another sentence and another time. The next export begins with it."""
    patch_it(desk_with_clip)
    dialog = opened()
    page, form = dialog.plan, dialog.plan.form
    fast = page.forecast
    assert fast is not None and form.seam.current == "fast"
    assert "rest is copied bit for bit" in dialog.head.sentence.text()
    cost = f"{fast.plan.encoded_frames} frames to encode"
    assert form.seam_words.text().startswith(cost)

    click(form.seam.button("best"))
    wait_for_plan(dialog, qtbot)
    best = page.forecast
    assert best is not None and best.plan.encoded_frames == fast.plan.encoded_frames
    assert best.estimate.seconds > fast.estimate.seconds and form.seam_words.text().startswith(cost)

    click(form.seam.button("full"))
    wait_for_plan(dialog, qtbot)
    assert dialog.head.sentence.text() == f"All {FRAMES} frames are encoded."
    assert form.seam_words.text().startswith(f"{FRAMES} frames to encode")
    assert [span.mode for span in page.bar.spans] == ["encode"]
    click(page.export)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
    shown = export._shown
    assert shown is not None and shown.wish.seam is Seam.FULL and shown.exported is not None
    assert shown.exported.result.encoded_frames == FRAMES
    dialog.accept()
    assert opened("again.mp4").plan.form.seam.current == "full"


@pytest.mark.parametrize("seam", ["fast", "best"])
def test_the_timeline_knows_what_an_export_has_encoded(
    seam: str, desk_with_clip: Wiring, opened: Callable[..., ExportDialog], qtbot: QtBot
) -> None:
    """In the way that was chosen: what another one has made would be of no use to the next export."""
    patch_it(desk_with_clip)
    plans = desk_with_clip.plans
    qtbot.waitUntil(lambda: plans.plan is not None and 0 < plans.plan.encoded_frames < FRAMES, timeout=PATIENCE_MS)
    dialog = opened()
    click(dialog.plan.form.seam.button(seam))
    wait_for_plan(dialog, qtbot)
    click(dialog.plan.export)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: plans.plan is not None and not plans.plan.encoded_frames, timeout=PATIENCE_MS)
    assert [span.mode for span in desk_with_clip.window.timeline.timeline.view.plan] == ["copy", "cached", "copy"]


def test_a_far_keyframe_is_explained(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clip has a keyframe every 12 frames, so far is made nearer here."""
    monkeypatch.setattr("editor.plan_words.LONG_RUN", 0)
    monkeypatch.setattr("editor.plan_words.NEAR_S", 0)
    desk_with_clip.services.session.set_playhead(Fraction(0))
    patch_it(desk_with_clip)
    dialog = opened()
    said = [notice.sentence.text() for notice in dialog.plan._notices if notice.isVisible()]
    assert len(said) == 1 and "changed ones." in said[0] and said[0] in dialog.plan._notices[0].accessibleName()


def test_a_fallback_is_said_with_its_reason(opened: Callable[..., ExportDialog], export: ExportController, qtbot: QtBot) -> None:
    dialog = opened()
    click(dialog.plan.export)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
    page, run = dialog.verdict, export._shown
    assert run is not None and run.exported is not None
    assert not any(notice.isVisible() for notice in page.notices)
    warnings = ("A seam did not pass, so every frame was encoded.", "One track was left out.", "Rounded.")
    page.show_result(run.exported.result, run.forecast.form, 1000, 0.0, run.rate, warnings)
    said = [notice.sentence.text() for notice in page.notices if notice.isVisible()]
    assert said == [warnings[0], f"{warnings[1]} And 1 more."]
    assert warnings[2] in page.notices[1].toolTip()


def test_a_source_is_refused_in_one_sentence(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], clip_file: Path, qtbot: QtBot
) -> None:
    before = clip_file.read_bytes()
    dialog = opened(clip_file.name, clip_file.parent)
    qtbot.waitUntil(lambda: bool(dialog.plan.form.wrong.text()), timeout=PATIENCE_MS)
    assert "never overwritten" in dialog.plan.form.wrong.text()
    assert not dialog.plan.export.isEnabled()
    QTest.keyClick(dialog.plan.form.name, Qt.Key.Key_Return)
    assert desk_with_clip.export_side.runs.running == () and clip_file.read_bytes() == before


def test_a_file_that_is_there_is_asked_about_once_and_kept_by_enter(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "out.mp4").write_bytes(b"precious")
    dialog = opened()
    click(dialog.plan.export)
    assert dialog.plan.keep.isVisible() and dialog.plan.keep.isDefault()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert (tmp_path / "out.mp4").read_bytes() == b"precious" and desk_with_clip.export_side.runs.running == ()
    click(dialog.plan.export)
    click(dialog.plan.replace)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
    assert (tmp_path / "out.mp4").stat().st_size > 1000


def test_cancel_leaves_nothing(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = opened()
    dialog.plan.form.preset.setCurrentIndex(dialog.plan.form.preset.findText("HEVC MP4"))
    wait_for_plan(dialog, qtbot)
    click(dialog.plan.export)
    with qtbot.waitSignal(desk_with_clip.export_side.runs.ended, timeout=PATIENCE_MS):
        click(dialog.progress.cancel)
    assert dialog.is_planning and "Nothing was written" in dialog.plan.hint.text()
    assert list(tmp_path.glob("**/*out*")) == []
    assert desk_with_clip.export_side.board.entries[0].state is JobState.CANCELLED


def test_escape_sends_a_running_export_to_the_background(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = opened()
    with qtbot.waitSignal(desk_with_clip.export_side.runs.ended, timeout=PATIENCE_MS):
        click(dialog.plan.export)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
    assert (tmp_path / "out.mp4").is_file()
    assert len(desk_with_clip.export_side.jobs.panel.rows) == 1


def test_a_patch_that_is_not_accepted_is_said(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], qtbot: QtBot
) -> None:
    patch_it(desk_with_clip, PatchState.QA_READY)
    dialog = opened()
    said = [notice.sentence.text() for notice in dialog.plan._notices if notice.isVisible()]
    assert len(said) == 1 and "waiting for your review" in said[0]
    found = dialog.plan.forecast
    assert found is not None and found.plan.encoded_frames == 0


def test_in_to_out_exports_that_range(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], qtbot: QtBot
) -> None:
    session = desk_with_clip.services.session
    session.set_in_point(Fraction(12, RATE))
    session.set_out_point(Fraction(36, RATE))
    dialog = opened()
    click(dialog.plan.form.range.button("marks"))
    wait_for_plan(dialog, qtbot)
    found = dialog.plan.forecast
    assert found is not None and found.plan.frames == 24


def test_a_file_that_is_gone_is_said_instead_of_a_plan(
    desk: Wiring, clip_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """The plan cannot be made; the window says why and offers no export."""
    copy = shutil.copy(clip_file, tmp_path / "gone.mp4")
    desk.open([str(copy)])
    qtbot.waitUntil(lambda: desk.plans.plan is not None, timeout=PATIENCE_MS)
    Path(copy).unlink()
    desk.services.actions.action("file.export").trigger()
    page = desk.export_side.export.dialog.plan
    qtbot.waitUntil(lambda: page._notices[0].isVisible(), timeout=PATIENCE_MS)
    assert "gone.mp4" in page._notices[0].sentence.text()
    assert not page.export.isEnabled()


def test_a_file_that_was_cut_off_is_said_in_the_bin_and_before_the_export(
    desk: Wiring, clip_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    cut = tmp_path / "cut.mp4"
    with av.open(str(clip_file)) as whole, av.open(str(cut), "w", options={"movflags": "faststart"}) as out:
        stream = out.add_stream_from_template(whole.streams.video[0], opaque=True)
        for packet in (packet for packet in whole.demux() if packet.size):
            packet.stream = stream
            out.mux(packet)
    with av.open(str(cut)) as container:
        end = [packet.pos for packet in container.demux() if packet.size][40]
    cut.write_bytes(cut.read_bytes()[:end])
    desk.open([str(cut)])
    qtbot.waitUntil(lambda: desk.plans.plan is not None, timeout=PATIENCE_MS)
    model = desk.window.bin.model
    qtbot.waitUntil(lambda: model.item(model.index(0)).is_cut_off, timeout=PATIENCE_MS)
    assert f"{FRAMES - 40} frames that it lists are not there" in model.item(model.index(0)).tip
    desk.services.actions.action("file.export").trigger()
    page = desk.export_side.export.dialog.plan
    qtbot.waitUntil(lambda: page._notices[0].isVisible(), timeout=PATIENCE_MS)
    assert "“cut.mp4” was cut off" in page._notices[0].sentence.text()
    assert page.export.isEnabled()


def test_a_folder_that_went_away_is_said_and_can_be_tried_again(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "usb stick"
    folder.mkdir()
    dialog = opened(folder=folder)
    folder.rmdir()
    click(dialog.plan.export)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "The export was not made", timeout=PATIENCE_MS)
    assert "usb stick" in dialog.failure.text.text() and dialog.failure.code.text().startswith("PR-")
    folder.mkdir()
    click(dialog.failure.again)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
    assert [entry.state for entry in desk_with_clip.export_side.board.entries] == [JobState.FAILED, JobState.DONE]


def test_the_second_export_knows_how_long_the_first_took(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], qtbot: QtBot
) -> None:
    dialog = opened()
    found = dialog.plan.forecast
    assert found is not None and not found.estimate.is_measured
    click(dialog.plan.export)
    qtbot.waitUntil(lambda: dialog.head.title.text() == "Exported and verified", timeout=PATIENCE_MS)
    dialog.accept()
    again = opened("second.mp4").plan.forecast
    assert again is not None and again.estimate.is_measured


def test_editing_goes_on_while_an_export_runs(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], tmp_path: Path, qtbot: QtBot
) -> None:
    """What is written is the project as it was: sixty frames, though the timeline was emptied meanwhile."""
    dialog = opened()
    runs, services = desk_with_clip.export_side.runs, desk_with_clip.services
    with qtbot.waitSignal(runs.ended, timeout=PATIENCE_MS) as ended:
        click(dialog.plan.export)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        services.document.apply("Empty", lambda now: replace(now, tracks=tuple(replace(t, clips=()) for t in now.tracks)))
    run = ended.args[0]
    assert services.document.project.duration == 0
    assert run.exported is not None and run.exported.result.frames == FRAMES


def test_frames_that_need_a_look_are_counted_and_shown(
    desk_with_clip: Wiring, opened: Callable[..., ExportDialog], qtbot: QtBot
) -> None:
    patch_it(desk_with_clip)
    services, trust = desk_with_clip.services, desk_with_clip.patch_side.trust
    patch = services.document.project.patches[0]
    qtbot.waitUntil(lambda: len(trust.frames(patch)) == 6, timeout=PATIENCE_MS)
    last = trust.frames(patch)[-1]
    trust.add_frames(patch, [replace(last, confidence=0.1, reasons=("the motion is not clear",))])
    dialog = opened()
    said = [notice.sentence.text() for notice in dialog.plan._notices if notice.isVisible()]
    assert f"1 of 6 frames in {patch.name} needs a look." in said
    click(dialog.plan.show_first)
    assert not dialog.isVisible()
    assert services.session.playhead == last.time and patch.id in services.session.selection
