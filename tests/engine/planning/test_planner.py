"""A plan covers the output, encodes every changed frame, and parts only where a decoder can follow."""

import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.planning.copying import GAPS, HIDDEN, JOINS, MOVED, SIZE, TRIMMED
from engine.planning.plan import AudioMode, Mode, RenderPlan
from engine.planning.planner import blueprint, plan
from engine.planning.segments import UNCHANGED
from engine.planning.splice import GROUP_SECONDS, parted, splice_points
from engine.project.model import Canvas, Clip, LayerKind, Media, MediaKind, PatchState, Text, Track, Transform
from engine.rational_time import TimeRange
from tests.engine.planning.makers import (
    facts_of,
    index_of,
    media_of,
    never_cached,
    patch_of,
    project_of,
    simple_index,
    with_clips,
)


def seconds(frames: int) -> Fraction:
    return Fraction(frames, 25)


def shape(made: RenderPlan) -> list[tuple[str, int, int]]:
    return [(s.mode.value, s.first_frame, s.frames) for s in made.segments]


def test_only_from_the_first_changed_frame_to_the_next_keyframe_is_encoded() -> None:
    index = simple_index(100, 25)
    made = plan(project_of(index, (patch_of(seconds(30), seconds(38)),)), facts_of(index), never_cached)
    assert shape(made) == [("copy", 0, 30), ("encode", 30, 20), ("copy", 50, 50)]
    assert made.segments[1].reason == "Patch name p, + 12 to the next keyframe"
    assert made.segments[0].reason == UNCHANGED
    assert made.share_copied == pytest.approx(0.8)


def test_a_segment_starts_where_the_kept_frames_need_nothing_later() -> None:
    # I P B B P B B in decode order: cutting before frame 2 would strand P3, which was decoded before it.
    index = index_of([[0, 3, 1, 2, 6, 4, 5], [0, 3, 1, 2, 6, 4, 5]])
    made = plan(project_of(index, (patch_of(seconds(2), seconds(3)),)), facts_of(index), never_cached)
    assert shape(made) == [("copy", 0, 1), ("encode", 1, 6), ("copy", 7, 7)]
    later = plan(project_of(index, (patch_of(seconds(5), seconds(6)),)), facts_of(index), never_cached)
    assert shape(later) == [("copy", 0, 4), ("encode", 4, 3), ("copy", 7, 7)]


def test_a_keyframe_that_is_no_idr_does_not_end_a_segment() -> None:
    index = index_of([[0, 1, 2]] * 4, open_at=[2])
    made = plan(project_of(index, (patch_of(seconds(4), seconds(5)),)), facts_of(index), never_cached)
    assert shape(made) == [("copy", 0, 4), ("encode", 4, 5), ("copy", 9, 3)]


def test_one_gop_is_encoded_to_the_end() -> None:
    index = simple_index(60, 60)
    made = plan(project_of(index, (patch_of(seconds(40), seconds(44)),)), facts_of(index), never_cached)
    assert shape(made) == [("copy", 0, 40), ("encode", 40, 20)]
    assert made.segments[1].reason.endswith("+ 16 to the end")


def test_cached_segments_say_so() -> None:
    index = simple_index(100, 25)
    project = project_of(index, (patch_of(seconds(30), seconds(38)),))
    made = plan(project, facts_of(index), lambda key: bool(key))
    assert made.segments[1].mode is Mode.CACHED
    assert made.encoded_frames == 0
    assert made.segments[1].reason.endswith("made earlier")


def test_a_split_clip_is_still_one_source() -> None:
    index = simple_index(100, 25)
    whole = project_of(index)
    halves = (
        Clip("a", Fraction(0), TimeRange(Fraction(0), seconds(40)), "m"),
        Clip("b", seconds(40), TimeRange(seconds(40), seconds(60)), "m"),
    )
    assert plan(with_clips(whole, *halves), facts_of(index), never_cached).share_copied == 1


@pytest.mark.parametrize(
    ("clips", "reason"),
    [
        ([Clip("a", Fraction(0), TimeRange(seconds(10), seconds(90)), "m")], TRIMMED),
        ([Clip("a", Fraction(0), TimeRange(Fraction(0), seconds(90)), "m")], TRIMMED),
        ([Clip("a", Fraction(0), TimeRange(Fraction(0), seconds(50)), "m"),
          Clip("b", seconds(50), TimeRange(seconds(60), seconds(40)), "m")], MOVED),
        ([Clip("a", Fraction(0), TimeRange(Fraction(0), seconds(50)), "m"),
          Clip("b", seconds(60), TimeRange(seconds(60), seconds(40)), "m")], GAPS),
    ],
)  # fmt: skip
def test_what_cannot_be_copied_says_why(clips: list[Clip], reason: str) -> None:
    index = simple_index(100, 25)
    made = plan(with_clips(project_of(index), *clips), facts_of(index), never_cached)
    assert made.reason == reason
    assert [s.mode for s in made.segments] == [Mode.ENCODE]
    assert made.source_id is None


def test_two_files_are_joined_by_encoding_with_their_own_frame_times() -> None:
    index = simple_index(50, 25)
    facts = facts_of(index)
    facts.videos["n"] = replace(facts.videos["m"], index=replace(index, time_base=Fraction(1, 30)))
    project = project_of(index)
    other = media_of(facts.videos["n"].index, "n")
    project = replace(project, media=(*project.media, other))
    project = with_clips(
        project,
        Clip("a", Fraction(0), TimeRange(Fraction(0), seconds(50)), "m"),
        Clip("b", seconds(50), TimeRange(Fraction(0), Fraction(50, 30)), "n"),
    )
    made = blueprint(project, facts, never_cached)
    assert made.plan.reason == JOINS
    assert made.plan.frames == 100
    assert made.clock.time_of(49) == seconds(49)
    assert made.clock.time_of(51) == 2 + Fraction(1, 30)


def test_another_canvas_cannot_be_copied() -> None:
    index = simple_index(50, 25)
    project = replace(project_of(index), canvas=Canvas(640, 360, Fraction(25), True))
    assert plan(project, facts_of(index), never_cached).reason == SIZE


def test_a_codec_that_cannot_be_spliced_says_so() -> None:
    index = simple_index(50, 25)
    made = plan(project_of(index), facts_of(index, "No."), never_cached)
    assert made.reason == "No."


def test_texts_and_placements_are_changes_like_patches() -> None:
    index = simple_index(100, 25)
    project = project_of(index)
    title = Clip("t", seconds(60), TimeRange(Fraction(0), seconds(5)), text=Text("Free parking", bitmap="b"))
    titled = replace(project, tracks=(*project.tracks, Track("C", LayerKind.CAPTIONS, "C1", clips=(title,))))
    made = plan(titled, facts_of(index), never_cached)
    assert shape(made) == [("copy", 0, 60), ("encode", 60, 15), ("copy", 75, 25)]
    assert made.segments[1].reason == "Text Free parking, + 10 to the next keyframe"
    clip = project.tracks[0].clips[0]
    scaled = with_clips(project, replace(clip, transform=Transform(scale=0.5)))
    assert plan(scaled, facts_of(index), never_cached).share_copied == 0


def test_only_accepted_visible_patches_count() -> None:
    index = simple_index(100, 25)
    patch = patch_of(seconds(30), seconds(38))
    hidden = replace(patch, id="q", visible=False)
    waiting = replace(patch, id="w", name="Sign", state=PatchState.QA_READY)
    elsewhere = replace(patch, id="e", clip_id="other")
    made = plan(project_of(index, (hidden, waiting, elsewhere)), facts_of(index), never_cached)
    assert made.share_copied == 1


def test_hidden_pictures_among_the_changed_ones_are_made_anew_where_their_times_are_known() -> None:
    index, inside = index_of([[0, 2, 1, 3, 4]] * 4), np.zeros(21, np.int64)
    inside[8] = 2
    project = project_of(index, (patch_of(seconds(6), seconds(8)),))
    unknown = plan(project, facts_of(replace(index, hidden=inside)), never_cached)
    assert unknown.share_copied == 0 and unknown.reason == HIDDEN
    known = replace(index, hidden=inside, hidden_pts=np.array([-3, -2], np.int64))
    made = plan(project, facts_of(known), never_cached)
    assert shape(made) == [("copy", 0, 6), ("encode", 6, 4), ("copy", 10, 10)]
    assert "2 pictures that the file hides" in made.warnings[0]
    assert made.segments[1].key != plan(project, facts_of(index), never_cached).segments[1].key
    behind = replace(known, hidden=np.roll(inside, 3))
    assert not plan(project, facts_of(behind), never_cached).warnings


def test_ranges_closer_than_the_gap_are_one() -> None:
    index = simple_index(100, 1)
    windows = ((10, 12), (13, 14), (20, 21))
    patches = tuple(patch_of(seconds(a), seconds(b), f"p{a}") for a, b in windows)
    made = plan(project_of(index, patches), facts_of(index), never_cached)
    assert shape(made)[1] == ("encode", 10, 4)
    assert [s.mode.value for s in made.segments] == ["copy", "encode", "copy", "encode", "copy"]


def test_sound_is_copied_unless_it_was_touched() -> None:
    index = simple_index(50, 25)
    silent = project_of(index)
    project = replace(silent, media=(replace(silent.media[0], has_audio=True),))
    clip = project.tracks[0].clips[0]
    whole = plan(project, facts_of(index), never_cached)
    assert (whole.audio, whole.share_copied) == (AudioMode.COPIED, 1)
    assert plan(silent, facts_of(index), never_cached).audio is AudioMode.NONE
    quieter = plan(with_clips(project, replace(clip, gain_db=-6.0)), facts_of(index), never_cached)
    assert (quieter.audio, quieter.share_copied) == (AudioMode.MIXED, 1)
    mute = Track("A1", LayerKind.AUDIO_ORIGINAL, "Original audio", visible=False)
    muted = plan(replace(project, tracks=(*project.tracks, mute)), facts_of(index), never_cached)
    assert (muted.audio, muted.share_copied) == (AudioMode.NONE, 1)
    song = Media("s", MediaKind.AUDIO, "s.ogg", "/s.ogg", "print-s", 1, 1, TimeRange(Fraction(0), Fraction(60)), has_audio=True)
    music = Track("A2", LayerKind.MUSIC, "Music", clips=(Clip("x", Fraction(0), TimeRange(Fraction(0), seconds(50)), "s"),))
    mixed = replace(project, media=(*project.media, song), tracks=(*project.tracks, music))
    found = plan(mixed, facts_of(index), never_cached)
    assert (found.audio, found.share_copied) == (AudioMode.MIXED, 1)


MINI_GOPS = ([1], [2, 1], [3, 1, 2], [4, 2, 1, 3], [8, 4, 2, 1, 3, 6, 5, 7])


@st.composite
def gops(draw: st.DrawFn) -> list[int]:
    """A GOP in decode order: an I frame, then mini GOPs of P and B frames, some pyramids."""
    order = [0]
    for mini in draw(st.lists(st.sampled_from(MINI_GOPS), max_size=4)):
        order += [len(order) - 1 + shown for shown in mini]
    return order


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_structure_is_covered_and_parted_safely(data: st.DataObject) -> None:
    structure = data.draw(st.lists(gops(), min_size=1, max_size=5))
    count = sum(len(gop) for gop in structure)
    steps = data.draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    opened = data.draw(st.sets(st.integers(1, 5)))
    index = index_of(structure, steps, sorted(opened))
    marks = data.draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(1, 6)), max_size=3))
    patches = tuple(
        patch_of(index.time_of(first), index.end_of(min(first + length, count) - 1), f"p{number}")
        for number, (first, length) in enumerate(marks)
    )
    made = blueprint(project_of(index, patches), facts_of(index), never_cached)

    segments = made.plan.segments
    assert [s.first_frame for s in segments] == list(np.cumsum([0, *(s.frames for s in segments)])[:-1])
    assert made.plan.frames == count
    assert segments[0].start == 0 and segments[-1].end == index.duration
    assert all(a.end == b.start for a, b in pairwise(segments))

    encoded = {f for s in segments if s.mode is Mode.ENCODE for f in range(s.first_frame, s.first_frame + s.frames)}
    changed = {f for first, length in marks for f in range(first, min(first + length, count))}
    assert changed <= encoded
    assert {f for r in made.changed for f in r} >= changed
    order = [int(f) for f in index.decode_order]
    for segment, following in pairwise((*segments, None)):
        if segment is None or segment.mode is not Mode.ENCODE:
            continue
        first, stop = segment.first_frame, segment.first_frame + segment.frames
        assert set(order[:first]) == set(range(first)), "the kept prefix refers to or awaits later frames"
        goes_on = following is not None and following.mode is Mode.ENCODE
        assert stop == count or goes_on or (index.is_idr[stop] and order[stop] == stop)
    if not marks:
        assert not encoded


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_parts_of_long_gops_depend_on_the_source_alone(data: st.DataObject) -> None:
    """Whatever the run: the cuts inside it are the same, so what an earlier export encoded is found again."""
    minis = data.draw(st.lists(st.sampled_from(MINI_GOPS[:4]), min_size=150, max_size=250))
    order = [0]
    for mini in minis:
        order += [len(order) - 1 + shown for shown in mini]
    gop = data.draw(st.integers(1, 400))
    structure = [order, list(range(gop))]
    index = index_of(structure, [3] * (len(order) + gop), [])
    points = splice_points(index)
    whole = parted(range(len(index)), points, index)
    assert {frame for part in whole for frame in part} == set(range(len(index)))
    cuts = {part.start for part in whole}
    assert cuts <= set(points.closed.tolist())
    longest = 5 * GROUP_SECONDS / (3 * index.time_base)
    assert all(len(part) <= longest for part in whole)
    start = data.draw(st.sampled_from(points.closed.tolist()))
    later = parted(range(start, len(index)), points, index)
    assert {part.start for part in later} - {start} == {cut for cut in cuts if cut > start} - _first_group(later, cuts, start)


def _first_group(later: list[range], cuts: set[int], start: int) -> set[int]:
    """A run that begins in a group has no second cut in it."""
    return {cut for cut in cuts if start < cut < later[0].stop}


def test_a_long_timeline_with_many_patches_is_planned_at_once() -> None:
    index = simple_index(216_000, 60)
    patches = tuple(patch_of(seconds(400 * n), seconds(400 * n + 24), f"p{n}") for n in range(500))
    project, facts = project_of(index, patches), facts_of(index)
    started = time.process_time()
    made = plan(project, facts, never_cached)
    assert sum(s.mode is Mode.ENCODE for s in made.segments) >= 500
    assert time.process_time() - started < 0.5  # 0.1 s is the aim; the machine may be slow
