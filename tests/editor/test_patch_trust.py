"""What is known of carried frames, told to the timeline: an edit of one patch leaves the levels of the others as they were."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from editor.background import Threads
from editor.document import Document
from editor.media_files import MediaFiles
from editor.patch_trust import PatchTrust
from engine.cache.store import Cache
from engine.jobs.carried import FrameTrust
from engine.project.model import Patch, Project, Recipe
from engine.project.patch_edits import add_patch, rename_patch, set_window
from engine.project.version_edits import attach_version
from engine.rational_time import TimeRange
from tests.engine.project.samples import BOX, seconds, version, with_clips


@pytest.fixture
def trust(qapp: QApplication, tmp_path: Path) -> Iterator[PatchTrust]:
    document, threads, cache = Document(), Threads(), Cache(tmp_path, 1 << 20)
    yield PatchTrust(cache, MediaFiles(document, cache, threads), threads.media)
    threads.close()
    document.close()


def _with_two() -> Project:
    project = with_clips()
    for name, hue in (("one", "a"), ("two", "b")):
        project = add_patch(project, "one", BOX, Fraction(5), seconds(4, 7), Recipe("local.blur"), patch_id=name)
        project = attach_version(project, name, version(hue * 40))
    return project


def _frames(patch: Patch, confidence: float) -> list[FrameTrust]:
    return [FrameTrust(patch.window.start + n, confidence) for n in range(3)]


def test_levels_of_untouched_patches_are_the_very_same(trust: PatchTrust) -> None:
    project = _with_two()
    trust.follow_project(Project(), project)
    assert trust.levels() == {}
    for patch in project.patches:
        trust.add_frames(patch, _frames(patch, 1.0))
    before = trust.levels()
    assert [level for _, level in before["one"]] == ["green"] * 3
    shorter = set_window(project, "two", TimeRange(Fraction(4), Fraction(2)))
    trust.follow_project(project, shorter)
    after = trust.levels()
    assert after["one"] is before["one"]
    assert after["two"] == before["two"][:2]


def test_what_becomes_known_is_told_of_every_patch_that_shows_it(trust: PatchTrust) -> None:
    project = attach_version(_with_two(), "two", version("a" * 40))  # both show the same pixels now
    trust.follow_project(Project(), project)
    one = project.patch_by_id("one")
    trust.add_frames(one, _frames(one, 1.0))
    before = trust.levels()
    assert before["two"] == before["one"]
    trust.add_frames(one, _frames(one, 0.0))
    after = trust.levels()
    assert [level for _, level in after["one"]] == [level for _, level in after["two"]] == ["red"] * 3
    trust.forget()
    assert trust.levels() == {}


def test_another_name_takes_no_levels_away(trust: PatchTrust) -> None:
    project = _with_two()
    trust.follow_project(Project(), project)
    one = project.patch_by_id("one")
    trust.add_frames(one, _frames(one, 1.0))
    renamed = rename_patch(project, "one", "Another name")
    trust.follow_project(project, renamed)
    assert trust.is_loaded(renamed.patch_by_id("one"))
    assert trust.levels()["one"] == tuple((frame.time, "green") for frame in _frames(one, 1.0))
