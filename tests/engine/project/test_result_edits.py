"""Results without a patch come back as they were, with everything of their patch, or not at all."""

from dataclasses import replace
from fractions import Fraction

import pytest

from engine.errors import EditError
from engine.project.model import LayerKind, PatchState, PatchVersion, Project
from engine.project.patch_edits import remove_patch
from engine.project.result_edits import put_back
from engine.project.track_edits import set_track_locked
from engine.project.version_edits import attach_version
from engine.rational_time import TimeRange
from tests.engine.project.samples import with_patch

WINDOW = TimeRange(Fraction(0), Fraction(100))


def _with_versions() -> tuple[Project, str]:
    project = with_patch()
    patch = project.patches[0]
    for number in (1, 2):
        version = PatchVersion(0, replace(patch.recipe, seed=number), patch.region, patch.anchor, f"{number:040}", (0, 0, 4, 4))
        project = attach_version(project, patch.id, version)
    return project, patch.id


def test_a_removed_patch_comes_back_with_all_its_versions() -> None:
    project, patch_id = _with_versions()
    before = project.patch_by_id(patch_id)
    gone = remove_patch(project, patch_id)
    assert len(gone.unattached) == 2
    back = put_back(gone, patch_id, 1, before.media_id, before.window)
    patch = back.patch_by_id(patch_id)
    assert patch.versions == before.versions and patch.current_version == 1 and back.unattached == ()
    assert patch.state is PatchState.QA_READY and patch.window.contains(patch.anchor)
    assert (patch.region, patch.recipe) == (before.versions[0].region, before.versions[0].recipe)


def test_a_result_of_a_patch_that_is_there_becomes_its_shown_version() -> None:
    project, patch_id = _with_versions()
    patch = project.patch_by_id(patch_id)
    late = replace(patch.versions[0], recipe=replace(patch.recipe, seed=9), number=7)
    project = replace(project, unattached=((patch_id, late),))
    back = put_back(project, patch_id, 7, patch.media_id, WINDOW)
    found = back.patch_by_id(patch_id)
    assert found.version is not None and found.version.recipe.seed == 9 and len(found.versions) == 3 and back.unattached == ()


def test_what_cannot_be_put_back_is_refused() -> None:
    project, patch_id = _with_versions()
    media_id = project.patches[0].media_id
    gone = remove_patch(project, patch_id)
    with pytest.raises(EditError, match="not among the kept"):
        put_back(gone, patch_id, 5, media_id, WINDOW)
    layer = next(track.id for track in gone.tracks if track.kind is LayerKind.MOTION_PATCH)
    with pytest.raises(EditError, match="locked"):
        put_back(set_track_locked(gone, layer, True), patch_id, 1, media_id, WINDOW)
    far = tuple((owner, replace(v, anchor=Fraction(10_000))) for owner, v in gone.unattached)
    with pytest.raises(EditError, match="no such frame"):
        put_back(replace(gone, unattached=far), patch_id, 1, media_id, WINDOW)
