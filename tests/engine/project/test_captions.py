"""Captions stay over the moments that they were put on, whatever is done to the clips; their own edits do what they say."""

import json
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EditError
from engine.project.caption_edits import (
    CueDraft,
    add_cue,
    add_cues,
    merge_cues,
    move_cue,
    remove_cues,
    set_caption_style,
    set_cue_range,
    set_cue_text,
    split_cue,
    trim_cue,
)
from engine.project.caption_values import Captions, CaptionStyle, CuePlace
from engine.project.clip_edits import Edge, append_clip, insert_clip, move_clip, remove_clip, split_clip, trim_clip
from engine.project.cue_places import LEAST_SHOWN, ShownCues, hidden_cues, shown_cues
from engine.project.file import from_json, to_json
from engine.project.media_edits import remove_media
from engine.project.model import Project
from engine.project.track_edits import set_track_locked
from engine.rational_time import TimeRange, merge_ranges
from tests.engine.project.edit_scripts import EDITS, FLAGS, MEDIA, TIMES, TRACKS, Edit, direct, on_clip
from tests.engine.project.samples import seconds, with_clips, with_media

CUTS = st.one_of(
    direct(append_clip, MEDIA),
    direct(insert_clip, MEDIA, TIMES, track_id=TRACKS, overwrite=FLAGS),
    on_clip(move_clip, TIMES, track_id=TRACKS, overwrite=FLAGS),
    on_clip(trim_clip, st.sampled_from(Edge), TIMES, ripple=FLAGS),
    on_clip(split_clip, TIMES),
    on_clip(remove_clip, close_gap=FLAGS),
)


def shown(project: Project) -> list[tuple[object, ...]]:
    return [(cue.cue.text, cue.range.start, cue.range.end) for cue in shown_cues(project)]


def captioned() -> Project:
    """| a: one, 0–10 | b: two, 10–14 | with a cue in each and one over the cut."""
    drafts = [CueDraft(seconds(1, 3), "Spring starts small."), CueDraft(seconds(9, 11), "Over the cut"),
              CueDraft(seconds(12, 13), "And then?")]  # fmt: skip
    return add_cues(with_clips(), drafts, ids=["one", "over", "two"])


@settings(max_examples=60, deadline=None)
@given(st.lists(CUTS, min_size=1, max_size=25), st.lists(st.fractions(0, 10, max_denominator=60), min_size=8, max_size=8))
def test_every_cue_stays_over_the_moments_it_was_put_on(script: list[Edit], moments: list[Fraction]) -> None:
    project = captioned()
    said = {"one": [("one", 1, 3)], "over": [("one", 9, 10), ("two", 0, 1)], "two": [("two", 2, 3)]}
    for edit in script:
        try:
            project = edit(project)
        except EditError:
            continue
        assert [cue.id for cue in project.captions.cues] == ["one", "over", "two"]
    clips = [clip for track in project.tracks for clip in track.clips if clip.media_id]
    ranges = {(item.cue.id, item.range.start, item.range.end) for item in shown_cues(project)}
    for clip in clips:
        for offset in moments:
            time = clip.start + offset * clip.source_range.duration / 10
            if not clip.start <= time < clip.end:
                continue
            source = clip.source_range.start + time - clip.start
            for cue_id, places in said.items():
                is_said = any(media == clip.media_id and start <= source < end for media, start, end in places)
                is_shown = any(cue == cue_id and start <= time < end for cue, start, end in ranges)
                assert is_shown or not is_said or _is_sliver(project, cue_id, time, said[cue_id])
    for cue_id, start, end in ranges:
        for offset in moments:
            time = start + (end - start) * offset / 10
            if start <= time < end:
                assert any(
                    clip.media_id == media and a <= clip.source_range.start + time - clip.start < b
                    for media, a, b in said[cue_id] for clip in clips if clip.start <= time < clip.end
                )  # fmt: skip


SPANS = st.tuples(TIMES, TIMES).filter(lambda t: 0 <= t[0] < t[1]).map(lambda t: seconds(*t))


@settings(max_examples=40, deadline=None)
@given(st.lists(CUTS, max_size=15), SPANS, SPANS)
def test_a_cue_shows_where_it_is_put_and_where_it_is_moved_to(script: list[Edit], span: TimeRange, other: TimeRange) -> None:
    project = with_clips()
    for edit in script:
        try:
            project = edit(project)
        except EditError:
            continue
    project = add_cue(project, span, "Here", cue_id="here")
    assert _covers(project, span)
    moved = set_cue_range(project, "here", other)
    assert _covers(moved, other)
    wider = trim_cue(moved, "here", Edge.END, other.end + 1, number=_number_at(moved, other.start))
    assert _covers(wider, other)


def _covers(project: Project, span: TimeRange) -> bool:
    """Whether all of a range shows the cue, but for pieces that are too short to be read."""
    inside = [cut for item in shown_cues(project) if (cut := item.range.intersection(span))]
    missing = span.duration - sum((piece.duration for piece in merge_ranges(inside)), Fraction(0))
    return missing < LEAST_SHOWN * (1 + len(project.captions.cues[0].places))


def _number_at(project: Project, time: Fraction) -> int:
    return next((item.number for item in shown_cues(project) if item.range.contains(time)), 0)


def _is_sliver(project: Project, cue_id: str, time: Fraction, places: list[tuple[str, int, int]]) -> bool:
    """Whether the cue would show around `time` for less than can be read: by looking at the clips, apart from the code."""
    stretches = []
    for track in project.tracks:
        for clip in track.clips:
            shift = clip.start - clip.source_range.start
            for media, start, end in places:
                if media == clip.media_id:
                    low, high = max(start + shift, clip.start), min(end + shift, clip.end)
                    stretches += [(low, high)] if low < high else []
    around, is_growing = (time, time), True
    while is_growing:
        wider = [s for s in stretches if s[0] <= around[1] and around[0] <= s[1]]
        grown = (min(s[0] for s in wider), max(s[1] for s in wider))
        is_growing, around = grown != around, grown
    return around[1] - around[0] < LEAST_SHOWN


def test_a_cue_over_a_cut_parts_with_its_clips_and_is_whole_again() -> None:
    project = captioned()
    assert ("Over the cut", 9, 11) in shown(project)
    apart = move_clip(project, "b", Fraction(20))
    assert [item for item in shown(apart) if item[0] == "Over the cut"] == [("Over the cut", 9, 10), ("Over the cut", 20, 21)]
    assert shown(move_clip(apart, "b", Fraction(10))) == shown(project)


def test_what_is_cut_away_takes_its_captions_along_and_brings_them_back() -> None:
    project = captioned()
    cut = trim_clip(project, "a", Edge.START, Fraction(4), ripple=True)
    assert shown(cut) == [("Over the cut", 5, 7), ("And then?", 8, 9)]
    assert [cue.text for cue in hidden_cues(cut)] == ["Spring starts small."]
    assert from_json(to_json(cut)).project == cut
    assert shown(trim_clip(cut, "a", Edge.START, Fraction(-4), ripple=True)) == shown(project)


def test_a_cue_whose_middle_is_cut_out_goes_on_as_one() -> None:
    project = add_cue(with_clips(), seconds(2, 6), "A long sentence")
    project = split_clip(split_clip(project, "a", Fraction(3), new_clip_id="m"), "m", Fraction(5), new_clip_id="r")
    assert shown(remove_clip(project, "m", close_gap=True)) == [("A long sentence", 2, 4)]


def test_a_moment_that_is_used_twice_has_its_caption_twice() -> None:
    project = append_clip(captioned(), "two")
    assert [item for item in shown(project) if item[0] == "And then?"] == [("And then?", 12, 13), ("And then?", 16, 17)]


def test_over_gaps_and_stills_a_cue_belongs_to_the_timeline() -> None:
    project = add_cue(append_clip(with_media(), "still"), seconds(1, 8), "A still, then nothing")
    assert project.captions.cues[0].places == (CuePlace(None, seconds(1, 8)),)
    assert shown(project) == [("A still, then nothing", 1, 8)]


def test_a_voice_over_carries_its_captions_where_the_picture_is_silent() -> None:
    project = insert_clip(append_clip(with_media(), "still"), "song", Fraction(2), track_id="A2")
    project = add_cue(project, seconds(3, 4), "Said over it")
    (clip,) = project.track_by_id("A2").clips
    assert shown(move_clip(project, clip.id, Fraction(7))) == [("Said over it", 8, 9)]


@pytest.mark.parametrize("start", [Fraction(0), Fraction(7, 2), Fraction(21, 2), Fraction(30)])
def test_a_moved_cue_keeps_its_length(start: Fraction) -> None:
    moved = move_cue(captioned(), "one", start)
    assert ("Spring starts small.", start, start + 2) in shown(moved)


def test_a_trim_keeps_the_other_end_and_what_is_hidden_beyond_it() -> None:
    project = captioned()
    assert shown(trim_cue(project, "one", Edge.END, Fraction(9, 2)))[0][1:] == (1, Fraction(9, 2))
    hidden = trim_clip(project, "a", Edge.START, Fraction(2))
    trimmed = trim_cue(hidden, "one", Edge.END, Fraction(4))
    assert shown(trimmed)[0][1:] == (2, 4)
    assert shown(trim_clip(trimmed, "a", Edge.START, Fraction(0)))[0][1:] == (1, 4)
    with pytest.raises(EditError):
        trim_cue(project, "one", Edge.END, Fraction(1))


def test_split_and_merged_again_it_is_what_it_was() -> None:
    project = captioned()
    parted = split_cue(project, "one", Fraction(2), new_cue_id="rest")
    assert shown(parted)[:2] == [("Spring starts", 1, 2), ("small.", 2, 3)]
    assert merge_cues(parted, ["rest", "one"]) == project
    parted = split_cue(project, "one", Fraction(2), text_at=6)
    assert [cue.text for cue in parted.captions.cues][:2] == ["Spring", "starts small."]


def test_a_cue_over_a_cut_splits_in_either_media() -> None:
    project = captioned()
    for at in (Fraction(19, 2), Fraction(10), Fraction(21, 2)):
        parted = split_cue(project, "over", at)
        assert [item[1:] for item in shown(parted)][1:3] == [(9, at), (at, 11)]
        assert sum(len(cue.places) for cue in parted.captions.cues) == (4 if at == 10 else 5)


def test_the_look_of_all_and_of_one() -> None:
    large = CaptionStyle(size=0.08)
    project = set_caption_style(captioned(), large, ["one"])
    assert [cue.style for cue in project.captions.cues] == [large, None, None]
    assert set_caption_style(set_caption_style(project, large), large, ["one"]).captions.cues[0].style is None
    no_number = float("nan")
    for wrong in (CaptionStyle(size=0), CaptionStyle(colour="red"), CaptionStyle(box_opacity=2), CaptionStyle(bottom=no_number)):
        with pytest.raises(EditError):
            set_caption_style(project, wrong)


def test_locked_captions_stay_and_follow_their_clips() -> None:
    project = set_track_locked(captioned(), "C1", True)
    edits: list[Callable[[], Project]] = [
        lambda: set_cue_text(project, "one", "x"), lambda: remove_cues(project, ["one"]),
        lambda: move_cue(project, "one", Fraction(5)), lambda: add_cue(project, seconds(0, 1), "x"),
        lambda: merge_cues(project, ["one", "two"]), lambda: split_cue(project, "one", Fraction(2)),
    ]
    for edit in edits:
        with pytest.raises(EditError, match="locked"):
            edit()
    assert shown(trim_clip(project, "a", Edge.START, Fraction(1), ripple=True))[0][1:] == (0, 2)


def test_a_media_that_leaves_the_bin_takes_what_was_said_in_it() -> None:
    project = captioned()
    gone = remove_media(remove_clip(project, "b"), "two")
    assert [(cue.id, len(cue.places)) for cue in gone.captions.cues] == [("one", 1), ("over", 1)]


def test_a_file_of_an_older_version_has_no_captions() -> None:
    data = json.loads(to_json(with_clips()))
    data["schema_version"] = 2
    del data["captions"]
    loaded = from_json(json.dumps(data).encode())
    assert loaded.project == with_clips() and loaded.project.captions == Captions() and not loaded.read_only


@pytest.mark.parametrize(("change", "what"), [
    ({"places": []}, "nowhere"),
    ({"places": [{"media_id": "gone", "range": {"start": [0, 1], "duration": [1, 1]}}]}, "missing"),
    ({"places": [{"media_id": None, "range": {"start": [0, 1], "duration": [0, 1]}}]}, "no length"),
    ({"places": [{"media_id": None, "range": {"start": [-1, 1], "duration": [1, 1]}}]}, "before the timeline"),
    ({"text": "\u0000 "}, "no text"),
    ({"style": {"size": 7}}, "size 7"),
    ({"id": "over"}, "twice"),
])  # fmt: skip
def test_a_file_with_impossible_captions_is_refused(change: dict[str, object], what: str) -> None:
    data = json.loads(to_json(captioned()))
    data["captions"]["cues"][0] |= change
    with pytest.raises(Exception, match=what):
        from_json(json.dumps(data).encode())


@pytest.mark.performance
def test_what_an_edit_does_not_touch_is_not_looked_at_again() -> None:
    kept, project = ShownCues(), captioned()
    before = kept.of(project)
    after = kept.of(set_cue_text(project, "one", "Other words"))
    assert [one is other for one, other in zip(before, after, strict=True)] == [False, True, True]
    assert kept.of(project) == shown_cues(project)
    cut = trim_clip(project, "a", Edge.START, Fraction(4), ripple=True)
    assert kept.of(cut) == shown_cues(cut) != before


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(EDITS, CUTS, st.integers(1, 4)), min_size=6, max_size=24))
def test_what_is_kept_over_edits_is_what_would_be_found_anew(script: list[Edit | int]) -> None:
    kept, history = ShownCues(), [captioned()]
    for step in script:
        if isinstance(step, int):  # undo so many
            history.append(history[max(0, len(history) - 1 - step)])
        else:
            with suppress(EditError):
                history.append(step(history[-1]))
        assert kept.of(history[-1]) == shown_cues(history[-1])


@pytest.mark.performance
def test_a_cut_looks_anew_at_the_captions_near_it_only() -> None:
    kept, project = ShownCues(), captioned()
    before = kept.of(project)
    after = kept.of(split_clip(project, "a", Fraction(1, 2)))
    assert [one is other for one, other in zip(before, after, strict=True)].count(True) == 1, "only media two keeps its clip"
    again = kept.of(remove_clip(project, "b"))
    assert before[0] is not again[0], "what was found for another project is not known any more"
    assert again == shown_cues(remove_clip(project, "b"))
