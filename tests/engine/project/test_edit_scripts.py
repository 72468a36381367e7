"""Random edit scripts: whatever is done in whatever order, the project stays consistent, and undo finds the very same values."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EditError
from engine.project import patch_edits
from engine.project.consistency import check_consistency
from engine.project.file import from_json, to_json
from engine.project.model import Project
from tests.engine.project.edit_scripts import EDITS, Edit, beginning


def _run(script: list[Edit]) -> list[Project]:
    history = [beginning()]
    for edit in script:
        before = history[-1]
        written = to_json(before)
        try:
            after = edit(before)
        except EditError as error:
            assert error.text and not error.text.startswith("The project contradicts")
        else:
            check_consistency(after)
            if after is not before:
                history.append(after)
        assert to_json(before) == written
    return history


@settings(max_examples=100, deadline=None)
@given(st.lists(EDITS, min_size=8, max_size=30))
def test_every_edit_leaves_a_consistent_project(script: list[Edit]) -> None:
    history = _run(script)
    # Equal neighbours would be undo steps that do nothing.
    assert all(one != other for one, other in pairwise(history))


@settings(max_examples=40, deadline=None)
@given(st.lists(EDITS, min_size=8, max_size=30))
def test_every_project_survives_its_file(script: list[Edit]) -> None:
    project = _run(script)[-1]
    text = to_json(project)
    loaded = from_json(text)
    assert loaded.project == project
    assert to_json(loaded.project) == text


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITS, min_size=8, max_size=30))
def test_what_a_frame_lock_protects_is_never_cut_off(script: list[Edit]) -> None:
    project = _locked()
    patch_id = project.patches[0].id
    for edit in script:
        try:
            project = edit(project)
        except EditError:
            continue
        patch = next((p for p in project.patches if p.id == patch_id), None)
        if patch is None or not patch.anchor_locked:
            return  # the script opened the lock
        if patch.clip_id is None:
            shown = [c for t in project.tracks for c in t.clips if c.media_id == "one"]
            assert any(c.source_range.contains(patch.anchor) for c in shown)


def _locked() -> Project:
    project = beginning()
    return patch_edits.lock_anchor(project, project.patches[0].id, True)
