"""Each rule of the consistency check is broken once and must be named."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from engine.project.consistency import InconsistentProject, check_consistency
from engine.project.model import Canvas, LayerKind, PatchState, Project, Text, Track, Transform
from engine.project.version_edits import attach_version
from engine.rational_time import TimeRange
from tests.engine.project.samples import media, seconds, version, with_patch

F = Fraction


def _clip(**changes: Any) -> Callable[[Project], Project]:
    def edit(project: Project) -> Project:
        track = project.track_by_id("V1")
        return _track(clips=(replace(track.clips[0], **changes), *track.clips[1:]))(project)

    return edit


def _track(**changes: Any) -> Callable[[Project], Project]:
    return lambda project: replace(project, tracks=tuple(replace(t, **changes) if t.id == "V1" else t for t in project.tracks))


def _patch(**changes: Any) -> Callable[[Project], Project]:
    return lambda project: replace(project, patches=(replace(project.patches[0], **changes),))


def _project(**changes: Any) -> Callable[[Project], Project]:
    return lambda project: replace(project, **changes)


def _twice(project: Project) -> Project:
    return replace(project, patches=project.patches * 2)


def _numbered(*numbers: int) -> Callable[[Project], Project]:
    return _patch(versions=tuple(replace(version(), number=n) for n in numbers), current_version=numbers[0])


BROKEN = [
    (_project(canvas=Canvas(0, 0)), "0 × 0 pixels"),
    (_project(media=(media("one"), media("one"))), "media “one” is there twice"),
    (_twice, "patch “logo” is there twice"),
    (_clip(id="b"), "clip “b” is there twice"),
    (_clip(start=F(-1)), "“a” begins before the timeline"),
    (_clip(start=F(1)), "“b” lies over the one before it"),
    (_clip(source_range=TimeRange(F(0), F(0))), "“a” has no length"),
    (_clip(source_range=TimeRange(F(1), F(10))), "“a” shows more than its media has"),
    (_clip(media_id=None), "“a” is not exactly one of media and text"),
    (_clip(text=Text("x")), "“a” is not exactly one of media and text"),
    (_clip(media_id="gone"), "the media “gone”, which is missing"),
    (_clip(media_id="song"), r"“a” \(audio\) is on V1"),
    (_clip(media_id=None, text=Text("x")), "text “a” is on V1"),
    (_clip(transform=Transform(opacity=2)), "opacity 2"),
    (_clip(gain_db=float("nan")), "a number that is none"),
    (_track(kind=LayerKind.MUSIC), "not in the fixed order"),
    (_track(kind=LayerKind.BACKGROUND), "2 background layers"),
    (_track(version=0), "version 0"),
    (_project(tracks=(Track("V1", LayerKind.SUBJECT, ""), Track("V1", LayerKind.OVERLAY, ""))), "track “V1” is there twice"),
    (_patch(media_id="gone"), "the media “gone”, which is missing"),
    (_patch(media_id="song"), "belongs to a sound"),
    (_patch(anchor=F(8)), "does not contain its anchor"),
    (_patch(window=seconds(4, 11)), "longer than its media"),
    (_patch(clip_id="gone"), "the clip “gone”, which is missing"),
    (_patch(clip_id="b"), "a clip of another media"),
    (_patch(current_version=1), "shows version 1, which is missing"),
    (_patch(state=PatchState.PUBLISHED), "published without a result"),
    (_numbered(2, 1), "not numbered in order"),
    (_numbered(1, 1), "not numbered in order"),
]


@pytest.mark.parametrize(("break_it", "named"), BROKEN, ids=[named for _, named in BROKEN])
def test_what_is_wrong_is_named(break_it: Callable[[Project], Project], named: str) -> None:
    project = with_patch()
    check_consistency(project)
    with pytest.raises(InconsistentProject, match=f"The project contradicts itself: .*{named}"):
        check_consistency(break_it(project))


def test_a_patch_with_results_is_consistent() -> None:
    check_consistency(attach_version(with_patch(), "logo", version()))
