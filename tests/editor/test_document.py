"""The document: undo finds the very same values, results that were paid survive everything, files and journal."""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from editor.document import Document
from editor.document_journal import recoverable
from editor.edit_command import EditCommand
from engine.errors import BadInputError, EditError, NewerSchemaError, ProjectFileError, StorageError
from engine.project import clip_edits, journal, track_edits
from engine.project.assets import AssetStore, MissingAsset, assets_folder
from engine.project.consistency import check_consistency
from engine.project.media_edits import add_media
from engine.project.model import PatchState, Project
from engine.project.patch_edits import add_patch, remove_patch, rename_patch
from engine.project.version_edits import discard_unattached, set_patch_state
from tests.engine.project.samples import BOX, RECIPE, media, seconds, version, with_clips

F = Fraction
HOUR_MS = 3_600_000


@pytest.fixture
def document(qapp: object) -> Iterator[Document]:
    """A document with two clips, none of it undoable; its journal waits until it is told."""
    made = Document(journal_interval_ms=HOUR_MS)
    made.note(lambda _: with_clips())
    yield made
    made.close()


@pytest.fixture
def changes(document: Document) -> list[tuple[Project, Project]]:
    seen: list[tuple[Project, Project]] = []
    document.project_changed.connect(lambda before, after: seen.append((before, after)))
    return seen


def _move(to: int, clip: str = "b") -> Callable[[Project], Project]:
    return partial(clip_edits.move_clip, clip_id=clip, start=F(to))


# Undo


def test_an_edit_is_one_step_and_undo_finds_the_same_values(document: Document, changes: list[Any]) -> None:
    before = document.project
    assert document.apply("Move clip", _move(20))
    after = document.project
    document.undo_stack.undo()
    assert document.project is before
    document.undo_stack.redo()
    assert document.project is after
    assert [(a is before, b is after) for a, b in changes] == [(True, True), (False, False), (True, True)]
    assert document.undo_stack.undoText() == "Move clip"


def test_what_changes_nothing_is_no_step(document: Document, changes: list[Any]) -> None:
    assert not document.apply("Move clip", _move(10))
    assert document.undo_stack.count() == 0 and changes == []


def test_what_cannot_be_done_leaves_everything(document: Document, changes: list[Any]) -> None:
    before = document.project
    with pytest.raises(EditError, match="in the way"):
        document.apply("Move clip", _move(3))
    assert document.project is before and document.undo_stack.count() == 0 and changes == []


def test_one_drag_is_one_step(document: Document) -> None:
    before = document.project
    for to in (11, 12, 13, 14):
        document.apply("Move clip", _move(to), ("move", "b", 1))
    assert document.undo_stack.count() == 1
    document.apply("Move clip", _move(20), ("move", "b", 2))
    assert document.undo_stack.count() == 2
    document.undo_stack.setIndex(0)
    assert document.project is before


def test_a_drag_back_to_where_it_began_is_no_step(document: Document) -> None:
    document.apply("Rename", partial(track_edits.set_track_visible, track_id="V2", visible=False))
    before = document.project
    for to in (11, 12, 10):
        document.apply("Move clip", _move(to), ("move", "b", 1))
    assert document.project is before
    assert document.undo_stack.count() == 1 and document.undo_stack.undoText() == "Rename"
    document.undo_stack.undo()
    document.undo_stack.redo()
    assert document.project is before


def test_a_drag_goes_on_after_it_was_back_at_the_start(document: Document) -> None:
    before = document.project
    for to in (11, 10, 12):
        document.apply("Move clip", _move(to), ("move", "b", 1))
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.project is before


def test_handlers_of_changes_only_read(document: Document, qtbot: QtBot) -> None:
    refused: list[str] = []

    def edit_again() -> None:
        with pytest.raises(RuntimeError, match="only read") as caught:
            document.apply("More", _move(30))
        refused.append(str(caught.value))

    document.project_changed.connect(edit_again)
    document.apply("Move clip", _move(20))
    document.project_changed.disconnect(edit_again)
    assert len(refused) == 1 and document.undo_stack.count() == 1


EDITS: list[Callable[[Project], Project]] = [
    partial(clip_edits.append_clip, media_id="two"),
    partial(clip_edits.insert_clip, media_id="two", start=F(3), overwrite=True),
    partial(clip_edits.split_clip, clip_id="a", at=F(5)),
    partial(clip_edits.remove_clip, clip_id="a", close_gap=True),
    partial(clip_edits.trim_clip, clip_id="b", edge=clip_edits.Edge.END, time=F(12)),
    partial(track_edits.set_track_locked, track_id="V1", locked=True),
    partial(track_edits.set_track_locked, track_id="V1", locked=False),
    partial(add_patch, media_id="one", region=BOX, anchor=F(5), window=seconds(4, 7), recipe=RECIPE),
    _move(20),
    _move(21),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(st.tuples(st.sampled_from(EDITS), st.sampled_from([None, "drag"])), max_size=12))
def test_undo_all_and_redo_all_find_the_same_values(qapp: object, script: list[tuple[Any, Any]]) -> None:
    document = Document(journal_interval_ms=HOUR_MS)
    document.note(lambda _: with_clips())
    seen = [document.project]
    for edit, merge_key in script:
        try:
            document.apply("Edit", edit, merge_key)
        except EditError:
            continue
        check_consistency(document.project)
        del seen[document.undo_stack.index() :]
        seen.append(document.project)
    for index in reversed(range(len(seen))):
        document.undo_stack.setIndex(index)
        assert document.project is seen[index]
    for index in range(len(seen)):
        document.undo_stack.setIndex(index)
        assert document.project is seen[index]
    document.close()


# Late results


def _with_patch(document: Document) -> None:
    document.apply("Add patch", partial(add_patch, media_id="one", region=BOX, anchor=F(5), window=seconds(4, 7),
                                        recipe=RECIPE, name="Logo", patch_id="logo"))  # fmt: skip
    document.note(partial(set_patch_state, patch_id="logo", state=PatchState.PROCESSING))


def _paid(project: Project) -> list[float]:
    return [v.cost_usd for p in project.patches for v in p.versions] + [v.cost_usd for _, v in project.unattached]


def test_a_job_that_begins_is_no_step(document: Document) -> None:
    _with_patch(document)
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    document.undo_stack.redo()
    assert document.project.patch_by_id("logo").state is PatchState.PROCESSING


def test_a_result_is_a_step_on_the_present_project(document: Document) -> None:
    _with_patch(document)
    document.apply("Move clip", _move(20))
    assert document.attach_result("logo", version(), "Result for Logo")
    assert document.project.patch_by_id("logo").state is PatchState.QA_READY
    assert document.project.track_by_id("V1").clips[1].start == 20, "what the user did since stays"
    assert document.undo_stack.undoText() == "Result for Logo"


def test_undoing_a_result_keeps_it(document: Document) -> None:
    _with_patch(document)
    document.attach_result("logo", version(), "Result for Logo")
    document.undo_stack.undo()
    assert _paid(document.project) == [0.04] and document.project.unattached[0][0] == "logo"
    assert document.project.patch_by_id("logo").state is PatchState.QUEUED, "no job runs any more"
    document.undo_stack.setIndex(0)
    assert _paid(document.project) == [0.04]
    document.apply("Move clip", _move(20))
    assert _paid(document.project) == [0.04], "also when redo is gone"
    check_consistency(document.project)


def test_redo_brings_the_result_back_to_its_patch(document: Document) -> None:
    _with_patch(document)
    document.attach_result("logo", version(), "Result for Logo")
    document.undo_stack.setIndex(0)
    document.undo_stack.setIndex(2)
    assert document.project.patch_by_id("logo").current_version == 1
    assert document.project.unattached == ()


def test_a_result_that_comes_while_redo_waits_does_not_take_it_away(document: Document) -> None:
    _with_patch(document)
    document.undo_stack.undo()
    assert document.attach_result("logo", version(), "Result for Logo")
    assert document.undo_stack.canRedo() and document.undo_stack.count() == 1
    assert _paid(document.project) == [0.04] and document.project.patches == ()
    document.undo_stack.redo()
    patch = document.project.patch_by_id("logo")
    assert (patch.current_version, patch.state) == (1, PatchState.QA_READY)
    assert document.project.unattached == ()
    document.undo_stack.undo()
    assert _paid(document.project) == [0.04]


def test_a_result_of_a_removed_patch_waits_for_the_undo_of_the_removal(document: Document) -> None:
    _with_patch(document)
    document.apply("Remove patch", partial(remove_patch, patch_id="logo"))
    document.attach_result("logo", version(), "Result for Logo")
    assert document.project.unattached == (("logo", version()),)
    document.undo_stack.setIndex(1)
    assert document.project.patch_by_id("logo") and _paid(document.project) == [0.04]


def test_what_the_user_discards_stays_away_until_that_is_undone(document: Document) -> None:
    _with_patch(document)
    document.apply("Remove patch", partial(remove_patch, patch_id="logo"))
    document.attach_result("logo", version(), "Result for Logo")
    document.apply("Discard", partial(discard_unattached, patch_id="logo", number=0))
    document.apply("Move clip", _move(20))
    assert _paid(document.project) == []
    document.undo_stack.setIndex(3)
    assert _paid(document.project) == [0.04]
    document.undo_stack.setIndex(5)
    assert _paid(document.project) == []


def test_imported_media_arrive_late_too(document: Document) -> None:
    document.apply("Move clip", _move(20))
    document.undo_stack.undo()
    document.apply_late("Generated clip", partial(add_media, media=media("made")))
    document.undo_stack.redo()
    assert document.project.media_by_id("made") and document.project.track_by_id("V1").clips[1].start == 20


ACTS = st.sampled_from(["patch", "result a", "result b", "undo", "redo", "remove", "move", "rename"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(ACTS, max_size=16))
def test_no_order_of_acts_loses_what_was_paid(qapp: object, script: list[str]) -> None:
    document = Document(journal_interval_ms=HOUR_MS)
    document.note(lambda _: with_clips())
    arrived: set[str] = set()
    for step, act in enumerate(script):
        try:
            if act == "patch":
                _with_patch(document)
            elif act.startswith("result"):
                document.attach_result("logo", version(act[-1] * 40), "Result")
                arrived.add(act[-1] * 40)
            elif act == "remove":
                document.apply("Remove", partial(remove_patch, patch_id="logo"))
            elif act == "rename":
                document.apply("Rename", partial(rename_patch, patch_id="logo", name=f"Logo {step}"))
            elif act == "move":
                document.apply("Move", _move(20 + step))
            else:
                getattr(document.undo_stack, act)()
        except EditError:
            continue
        project = document.project
        check_consistency(project)
        kept = [v.pixels for p in project.patches for v in p.versions] + [v.pixels for _, v in project.unattached]
        assert sorted(kept) == sorted(arrived), act
    document.close()


# Modified, save, open


def _save_as(document: Document, path: Path) -> None:
    document.save_as(path)
    assert document.wait_for_saves()


def _opened(qtbot: QtBot, document: Document, path: Path) -> tuple[str, ...]:
    with qtbot.waitSignal(document.opened, raising=True) as told:
        document.open(path)
    assert told.args and told.args[0] == path
    warnings: tuple[str, ...] = told.args[1]
    return warnings


def _recovered(qtbot: QtBot, document: Document, entry: journal.JournalEntry) -> tuple[str, ...]:
    with qtbot.waitSignal(document.opened) as told:
        document.recover(entry)
    assert told.args
    warnings: tuple[str, ...] = told.args[1]
    return warnings


def test_modified_follows_the_saved_value(document: Document, tmp_path: Path) -> None:
    told: list[bool] = []
    _save_as(document, tmp_path / "Film")
    document.modified_changed.connect(told.append)
    assert not document.is_modified and document.path == tmp_path / "Film.patchreel"
    document.apply("Move clip", _move(20))
    document.undo_stack.undo()
    assert not document.is_modified
    document.undo_stack.redo()
    document.save()
    assert document.wait_for_saves()
    document.undo_stack.undo()
    assert told == [True, False, True, False, True]


def test_a_drag_across_a_save_is_two_steps(document: Document, tmp_path: Path) -> None:
    document.apply("Move clip", _move(20), "drag")
    document.save_as(tmp_path / "Film")
    document.apply("Move clip", _move(21), "drag")
    assert document.wait_for_saves()
    document.undo_stack.undo()
    assert document.undo_stack.count() == 2 and not document.is_modified


def test_a_project_without_a_name_cannot_be_saved(document: Document) -> None:
    with pytest.raises(BadInputError, match="no file yet"):
        document.save()


def test_open_begins_anew(document: Document, tmp_path: Path, qtbot: QtBot) -> None:
    _save_as(document, tmp_path / "Film")
    saved = document.project
    document.apply("Move clip", _move(20))
    assert _opened(qtbot, document, tmp_path / "Film.patchreel") == ()
    assert document.project == saved and not document.is_modified and document.undo_stack.count() == 0
    document.new()
    assert document.path is None and document.project == track_edits.new_project()


def test_a_file_that_cannot_be_opened_leaves_the_document(document: Document, tmp_path: Path, qtbot: QtBot) -> None:
    document.apply("Move clip", _move(20))
    before = document.project
    with qtbot.waitSignal(document.open_failed) as told:
        document.open(tmp_path / "no.patchreel")
    assert told.args and isinstance(told.args[1], ProjectFileError)
    assert document.project is before and document.undo_stack.count() == 1


def test_a_newer_project_is_shown_only(document: Document, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "Film.patchreel"
    _save_as(document, path)
    data = json.loads(path.read_bytes())
    data["schema_version"] = 9
    path.write_bytes(json.dumps(data).encode("ascii"))
    (warning,) = _opened(qtbot, document, path)
    assert "newer version" in warning and document.read_only
    with pytest.raises(EditError, match="only shown"):
        document.apply("Move clip", _move(20))
    for target in (path, tmp_path / "Copy.patchreel"):
        with pytest.raises(NewerSchemaError):
            document.save_as(target)
    assert json.loads(path.read_bytes())["schema_version"] == 9 and not (tmp_path / "Copy.patchreel").exists()


def test_assets_move_at_the_first_save_and_are_copied_at_the_next(document: Document, tmp_path: Path) -> None:
    first = document.assets
    name = first.put(b"pixels", ".png")
    _save_as(document, tmp_path / "Film")
    assert document.assets.folder == assets_folder(tmp_path / "Film.patchreel")
    assert document.assets.get(name) == b"pixels"
    with pytest.raises(MissingAsset):
        first.get(name)
    _save_as(document, tmp_path / "Copy")
    assert document.assets.get(name) == b"pixels"
    assert AssetStore(assets_folder(tmp_path / "Film.patchreel")).get(name) == b"pixels"


def test_a_save_that_fails_leaves_document_and_assets(
    document: Document, tmp_path: Path, qtbot: QtBot
) -> None:
    name = document.assets.put(b"pixels", ".png")
    document.apply("Move clip", _move(20))
    (tmp_path / "file").write_bytes(b"")
    with qtbot.waitSignal(document.save_failed) as told:
        document.save_as(tmp_path / "file" / "Film")
    assert told.args and isinstance(told.args[1], StorageError) and not document.is_saving
    assert document.path is None and document.is_modified and document.assets.get(name) == b"pixels"


# Journal


def _written(document: Document) -> None:
    document.journal.write_now().result(5)


def test_a_change_is_journalled_soon_and_not_at_once(document: Document, qtbot: QtBot) -> None:
    quick = Document(journal_interval_ms=30)
    with qtbot.waitSignal(quick.journal.written, timeout=5000) as written:
        quick.apply("Add media", partial(add_media, media=media("one")))
        quick.apply("Add media", partial(add_media, media=media("two")))
        assert journal.entries() == []
    assert written.args and written.args[0].edits == 2
    assert [entry.session for entry in journal.entries()] == [quick.journal.session]
    quick.close()
    assert journal.entries() == []


def test_an_open_session_is_not_offered(document: Document) -> None:
    document.apply("Move clip", _move(20))
    _written(document)
    assert len(journal.entries()) == 1 and recoverable() == []


def _crash(document: Document) -> Project:
    """What is left when the program dies: the journal, with a lock of a process that is gone."""
    _written(document)
    assert document.journal._lock is not None
    document.journal._lock.unlock()
    document.journal._lock = None
    project, document.journal.session = document.project, journal.new_session()
    return project


def test_what_was_not_saved_is_recovered(document: Document, tmp_path: Path, qtbot: QtBot) -> None:
    _save_as(document, tmp_path / "Film")
    document.apply("Move clip", _move(20))
    document.apply("Move clip", _move(21))
    project = _crash(document)
    (entry,) = recoverable()
    assert (entry.project_path, entry.edits) == (tmp_path / "Film.patchreel", 2)
    other = Document(journal_interval_ms=HOUR_MS)
    assert _recovered(qtbot, other, entry) == ()
    assert other.project == project and other.is_modified and other.path == tmp_path / "Film.patchreel"
    assert recoverable() == []
    other.save()
    assert other.wait_for_saves() and not other.is_modified
    other.close()
    assert journal.entries() == []


def test_a_project_that_was_never_saved_is_recovered_with_its_assets(
    document: Document, tmp_path: Path, qtbot: QtBot
) -> None:
    name = document.assets.put(b"paid", ".png")
    _with_patch(document)
    document.attach_result("logo", version(name), "Result for Logo")
    project = _crash(document)
    other = Document(journal_interval_ms=HOUR_MS)
    _recovered(qtbot, other, recoverable()[0])
    assert other.project == project and other.assets.get(name) == b"paid"
    _save_as(other, tmp_path / "Film")
    assert other.assets.get(name) == b"paid"
    other.close()


def test_a_recovery_is_offered_twice_and_not_again(document: Document) -> None:
    document.apply("Move clip", _move(20))
    _crash(document)
    for _ in range(journal.MAX_TRIES):
        (entry,) = recoverable()
        journal.read_entry(entry)  # and the program dies again
    assert recoverable() == []


def test_a_recovery_that_was_worked_on_is_offered_after_every_crash(document: Document, qtbot: QtBot) -> None:
    document.apply("Move clip", _move(20))
    _crash(document)
    for crash in range(journal.MAX_TRIES + 1):
        (entry,) = recoverable()
        _recovered(qtbot, document, entry)
        document.apply("Move clip", _move(30 + crash))
        project = _crash(document)
    (entry,) = recoverable()
    assert journal.read_entry(entry).project == project


def test_nothing_to_recover_leaves_no_journal(document: Document, tmp_path: Path) -> None:
    document.apply("Move clip", _move(20))
    _written(document)
    _save_as(document, tmp_path / "Film")
    _written(document)
    assert journal.entries() == []


def test_a_full_disk_is_told_and_loses_nothing(document: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise StorageError("No space left on device.")

    monkeypatch.setattr("engine.project.journal.write_atomically", full)
    document.apply("Move clip", _move(20))
    with qtbot.waitSignal(document.journal.failed, timeout=5000) as told:
        document.journal.write_now()
    assert told.args and "crash would lose unsaved work" in told.args[0]


def test_damaged_journals_are_not_offered(patchreel_home: Path) -> None:
    folder = patchreel_home / "data" / "journal"
    folder.mkdir(parents=True)
    (folder / "20260101T000000Z-00000000.patchreel").write_bytes(b"\0" * 100)
    (folder / "../x.patchreel").write_bytes(b"{}")
    assert journal.entries() == []


def test_steps_with_something_between_them_do_not_merge(document: Document) -> None:
    document.apply("Move clip", _move(20), "drag")
    top = document.undo_stack.command(0)
    assert isinstance(top, EditCommand)
    after = top.after
    stranger = EditCommand(document, with_clips(), with_clips(), "Move clip", "drag")
    assert not top.mergeWith(stranger) and top.after is after
