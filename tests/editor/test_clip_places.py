"""Which clips show a patch: the same as looking at every clip, and quick where there are thousands."""

import time
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.clip_places import ClipPlaces, KeptPlaces
from engine.errors import EditError
from engine.project.model import (
    AUDIO_KINDS,
    Clip,
    LayerKind,
    Media,
    MediaKind,
    Patch,
    Project,
    Recipe,
    Region,
    RegionKind,
)
from engine.project.track_edits import new_project
from engine.rational_time import TimeRange
from tests.engine.project.edit_scripts import EDITS, Edit, beginning

FRAME = Fraction(1, 25)
REGION = Region(RegionKind.BOX, ((0.1, 0.1), (0.2, 0.2)))
frames = st.integers(0, 60)


def _media(name: str, kind: MediaKind = MediaKind.VIDEO) -> Media:
    available = None if kind is MediaKind.IMAGE else TimeRange(Fraction(0), Fraction(9))
    return Media(name, kind, name, f"/{name}", "0" * 8, 1, 1, available)


def _range(start: int, length: int) -> TimeRange:
    return TimeRange(start * FRAME, length * FRAME)


def _patch(name: str, media_id: str, start: int, length: int, clip_id: str | None = None) -> Patch:
    return Patch(name, name, media_id, REGION, start * FRAME, _range(start, length), Recipe("local.blur"), clip_id=clip_id)


def _project(clips: list[Clip], patches: list[Patch]) -> Project:
    project = new_project()
    tracks = tuple(replace(t, clips=tuple(clips)) if t.kind is LayerKind.SUBJECT else t for t in project.tracks)
    return replace(project, media=(_media("a"), _media("b"), _media("s", MediaKind.IMAGE)), tracks=tracks, patches=tuple(patches))


def _by_looking_at_all(project: Project, patch: Patch) -> list[Clip]:
    still = project.media_by_id(patch.media_id).kind is MediaKind.IMAGE
    return [
        clip for track in project.tracks if track.kind not in AUDIO_KINDS for clip in track.clips
        if clip.media_id == patch.media_id and patch.clip_id in {None, clip.id}
        and (still or max(clip.source_range.start, patch.window.start) < min(clip.source_range.end, patch.window.end))
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from("abs"), frames, st.integers(1, 30)), max_size=12),
    st.lists(st.tuples(st.sampled_from("abs"), frames, st.integers(1, 30), st.sampled_from([None, "c0", "c1"])), max_size=8),
)
def test_the_clips_are_those_that_looking_at_all_finds(
    clips: list[tuple[str, int, int]], patches: list[tuple[str, int, int, str | None]]
) -> None:
    end, made = Fraction(0), []
    for number, (media_id, start, length) in enumerate(clips):
        made.append(Clip(f"c{number}", end, _range(0 if media_id == "s" else start, length), media_id))
        end = made[-1].end
    project = _project(made, [_patch(f"p{n}", *patch) for n, patch in enumerate(patches)])
    places = ClipPlaces(project)
    for patch in project.patches:
        assert list(places.showing(patch)) == _by_looking_at_all(project, patch)
        assert list(places.showing(replace(patch, name="again"))) == _by_looking_at_all(project, patch)


@given(frames, st.integers(0, 30), frames, st.integers(0, 30))
def test_ranges_meet_where_their_times_do(start: int, length: int, other_start: int, other_length: int) -> None:
    one, other = _range(start, length), TimeRange(other_start * Fraction(1, 30), other_length * Fraction(1, 30))
    first, last = max(one.start, other.start), min(one.end, other.end)
    assert one.intersection(other) == (TimeRange.between(first, last) if first < last else None)
    assert one.overlaps(other) == (first < last)
    assert one.contains(other.start) == (one.start <= other.start < one.end)


@pytest.mark.performance
def test_500_patches_among_2000_clips() -> None:
    """Looking at every clip for every patch took more than a minute; an edit and a move of the playhead ask for this."""
    clips = [Clip(f"c{n}", 12 * n * FRAME, _range(12 * n, 12), "a") for n in range(2_000)]
    project = _project(clips, [_patch(f"p{n}", "a", 48 * n, 12) for n in range(500)])
    places = KeptPlaces()
    spent = []
    for _ in range(3):
        began = time.thread_time()
        found = [places.of(replace(project, tracks=tuple(project.tracks))).showing(patch) for patch in project.patches]
        spent.append(time.thread_time() - began)
        assert [clips[0].id for clips in found] == [f"c{4 * n}" for n in range(500)]
        project = replace(project, tracks=tuple(replace(track) for track in project.tracks))
    assert min(spent) < 0.05, spent


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(EDITS, st.integers(1, 4)), min_size=8, max_size=30))
def test_what_is_kept_over_edits_is_what_would_be_found_anew(script: list[Edit | int]) -> None:
    kept, history = KeptPlaces(), [beginning()]
    for step in script:
        if isinstance(step, int):  # undo so many
            history.append(history[max(0, len(history) - 1 - step)])
        else:
            with suppress(EditError):
                history.append(step(history[-1]))
        project = history[-1]
        places = kept.of(project)
        for patch in project.patches:
            assert places.showing(patch) == ClipPlaces(project).showing(patch)


@pytest.mark.performance
def test_an_edit_of_one_clip_asks_anew_for_the_patches_near_it_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = [Clip(f"c{n}", n * FRAME, _range(n, 1), "a") for n in range(400)]
    patches = [_patch(f"p{n}", "a", 4 * n, 2) for n in range(100)]
    project, asked = _project(clips, patches), list[str]()
    kept, look = KeptPlaces(), ClipPlaces._candidates

    def counted(places: ClipPlaces, patch: Patch) -> list[Clip]:
        asked.append(patch.id)
        return look(places, patch)

    monkeypatch.setattr(ClipPlaces, "_candidates", counted)
    for number, edited in enumerate((project, _project([*clips[:200], *clips[201:]], patches), project)):
        asked.clear()
        shown = [kept.of(edited).showing(patch) for patch in patches]
        assert shown[25] == tuple(clips[100:102])
        assert asked == ([patch.id for patch in patches] if number == 0 else ["p50"])
