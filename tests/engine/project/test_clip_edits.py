"""Edits of clips do what their drawings say, and refuse in one sentence."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from engine.errors import EditError
from engine.project.clip_edits import (
    Edge,
    append_clip,
    insert_clip,
    move_clip,
    remove_clip,
    split_clip,
    trim_clip,
    trim_limits,
)
from engine.project.consistency import check_consistency
from engine.project.model import Canvas, Project
from engine.project.patch_edits import limit_patch_to_clip, lock_anchor, lock_window, set_patch_locked
from engine.project.track_edits import set_canvas, set_track_locked
from engine.rational_time import TimeRange
from tests.engine.project.samples import layout, seconds, with_clips, with_media, with_patch

F = Fraction


def test_clips_are_appended_one_after_another() -> None:
    assert layout(with_clips()) == [("a", 0, 10, 0), ("b", 10, 14, 0)]


def test_the_first_video_decides_the_canvas_and_the_next_does_not() -> None:
    assert with_clips().canvas == Canvas(640, 360, F(30000, 1001), is_chosen=True)
    chosen = set_canvas(with_media(), 1080, 1920, F(25))
    assert append_clip(chosen, "one").canvas == Canvas(1080, 1920, F(25), is_chosen=True)


def test_a_still_or_a_sound_leaves_the_canvas_open() -> None:
    project = append_clip(append_clip(with_media(), "still"), "song")
    assert not project.canvas.is_chosen
    assert [track.id for track in project.tracks if track.clips] == ["V1", "A2"]
    assert project.track_by_id("V1").clips[0].timeline_range == seconds(0, 5)


def test_insert_wants_a_free_place() -> None:
    with pytest.raises(EditError, match=r"no free place at 00:00:02.000 on V1: “one.mp4” is in the way"):
        insert_clip(with_clips(), "two", F(2))


def test_overwrite_cuts_what_is_in_the_way() -> None:
    project = insert_clip(with_clips(), "two", F(8), overwrite=True, clip_id="c")
    assert layout(project) == [("a", 0, 8, 0), ("c", 8, 12, 0), ("b", 12, 14, 2)]


def test_overwrite_inside_a_clip_leaves_both_its_ends() -> None:
    project = insert_clip(with_clips(), "two", F(2), source_range=seconds(0, 1), overwrite=True, clip_id="c")
    a, c, rest, b = layout(project)
    assert (a, c, b) == (("a", 0, 2, 0), ("c", 2, 3, 0), ("b", 10, 14, 0))
    assert rest[1:] == (3, 10, 3) and rest[0] not in {"a", "b", "c"}


def test_moving_into_a_gap_of_another_track_and_back() -> None:
    project = with_clips()
    moved = move_clip(project, "b", F(3), track_id="V2")
    assert layout(moved) == [("a", 0, 10, 0)] and layout(moved, "V2") == [("b", 3, 7, 0)]
    assert move_clip(moved, "b", F(10), track_id="V1") == project


def test_a_move_goes_round_no_corner() -> None:
    project = with_clips()
    with pytest.raises(EditError, match="in the way"):
        move_clip(project, "b", F(9))
    with pytest.raises(EditError, match="before the start of the timeline"):
        move_clip(project, "a", F(-1))


@pytest.mark.parametrize("view", ["P1", "A1", "C1"])
def test_pictures_do_not_go_on_views_and_captions(view: str) -> None:
    with pytest.raises(EditError, match=f"Pictures do not go on {view}"):
        move_clip(with_clips(), "b", F(0), track_id=view)


def test_trim_stops_at_the_neighbour_and_at_the_source() -> None:
    project = trim_clip(with_clips(), "a", Edge.END, F(6))
    assert layout(trim_clip(project, "a", Edge.END, F(99)))[0] == ("a", 0, 10, 0)
    project = trim_clip(project, "b", Edge.START, F(11))
    assert layout(project) == [("a", 0, 6, 0), ("b", 11, 14, 1)]
    assert list(trim_limits(project, "b", Edge.START)) == [10, 14]
    assert layout(trim_clip(project, "b", Edge.START, F(0)))[1] == ("b", 10, 14, 0)
    assert list(trim_limits(project, "a", Edge.END)) == [0, 10]


def test_a_still_has_no_end_and_always_starts_at_zero() -> None:
    project = insert_clip(with_clips(), "still", F(20), clip_id="s")
    project = trim_clip(trim_clip(project, "s", Edge.START, F(15)), "s", Edge.END, F(5000))
    assert layout(project)[-1] == ("s", 15, 5000, 0)
    assert list(trim_limits(project, "s", Edge.END)) == [15, None]


def test_nothing_is_trimmed_to_nothing() -> None:
    with pytest.raises(EditError, match=r"Nothing would be left of “two.mp4”"):
        trim_clip(with_clips(), "b", Edge.START, F(14))


def test_ripple_trims_close_the_gap_they_make() -> None:
    project = with_clips()
    assert layout(trim_clip(project, "a", Edge.END, F(6), ripple=True)) == [("a", 0, 6, 0), ("b", 6, 10, 0)]
    assert layout(trim_clip(project, "a", Edge.START, F(4), ripple=True)) == [("a", 0, 6, 4), ("b", 6, 10, 0)]


def test_a_split_shows_the_same_frames() -> None:
    project = split_clip(with_clips(), "a", F(3), new_clip_id="a2")
    assert layout(project) == [("a", 0, 3, 0), ("a2", 3, 10, 3), ("b", 10, 14, 0)]
    assert split_clip(project, "a", F(3)) is project
    with pytest.raises(EditError, match=r"not under 00:00:12.000"):
        split_clip(project, "a", F(12))


def test_removal_leaves_a_gap_or_closes_it() -> None:
    project = with_clips()
    assert layout(remove_clip(project, "a")) == [("b", 10, 14, 0)]
    assert layout(remove_clip(project, "a", close_gap=True)) == [("b", 0, 4, 0)]


def test_a_locked_track_says_so() -> None:
    project = set_track_locked(with_clips(), "V1", True)
    edits: tuple[Callable[[], Project], ...] = (
        lambda: append_clip(project, "one"),
        lambda: move_clip(project, "b", F(50)),
        lambda: trim_clip(project, "a", Edge.END, F(5)),
        lambda: split_clip(project, "a", F(5)),
        lambda: remove_clip(project, "a"),
    )
    for edit in edits:
        with pytest.raises(EditError, match=r"The track V1 \(Subject\) is locked. Unlock it"):
            edit()


def test_a_locked_anchor_is_not_trimmed_away() -> None:
    project = lock_anchor(with_patch(), "logo", True)
    assert layout(trim_clip(project, "a", Edge.END, F(6)))[0] == ("a", 0, 6, 0)
    sentence = r"“Logo” has its anchor frame locked at 00:00:05.000 of the source, which this would cut off\. Unlock"
    edits: tuple[Callable[[], Project], ...] = (
        lambda: trim_clip(project, "a", Edge.END, F(5)),
        lambda: trim_clip(project, "a", Edge.START, F(11, 2)),
        lambda: remove_clip(project, "a"),
        lambda: insert_clip(project, "two", F(4), overwrite=True),
    )
    for edit in edits:
        with pytest.raises(EditError, match=sentence):
            edit()
    assert move_clip(project, "a", F(20)) and split_clip(project, "a", F(5))


def test_a_locked_window_is_not_cut_into() -> None:
    project = lock_window(with_patch(), "logo", True)
    with pytest.raises(EditError, match=r"window locked from 00:00:04.000 to 00:00:07.000"):
        trim_clip(project, "a", Edge.END, F(6))
    assert layout(trim_clip(project, "a", Edge.END, F(7)))[0] == ("a", 0, 7, 0)
    assert len(layout(split_clip(project, "a", F(5)))) == 3, "a split takes nothing away"


def test_a_lock_is_kept_by_any_clip_that_shows_it() -> None:
    twice = append_clip(lock_anchor(with_patch(), "logo", True), "one", clip_id="again")
    once = remove_clip(twice, "a")
    with pytest.raises(EditError, match="anchor frame locked"):
        remove_clip(once, "again")


def test_a_patch_of_one_clip_is_divided_with_it() -> None:
    project = limit_patch_to_clip(with_patch(), "logo", "a")
    split = split_clip(project, "a", F(6), new_clip_id="a2")
    assert [(p.id == "logo", p.clip_id, p.window) for p in split.patches] == [
        (True, "a", seconds(4, 7)),
        (False, "a2", seconds(4, 7)),
    ]
    late = split_clip(project, "a", F(9, 2), new_clip_id="a2")
    assert [(p.id == "logo", p.clip_id) for p in late.patches] == [(False, "a"), (True, "a2")]
    assert [p.clip_id for p in split_clip(project, "a", F(8)).patches] == ["a"]
    check_consistency(split)
    check_consistency(late)


def test_a_patch_of_one_clip_goes_with_it_unless_locked() -> None:
    project = limit_patch_to_clip(with_patch(), "logo", "a")
    assert remove_clip(project, "a").patches == ()
    with pytest.raises(EditError, match="belongs to this clip alone"):
        remove_clip(set_patch_locked(project, "logo", True), "a")


def test_only_what_exists_can_be_shown() -> None:
    with pytest.raises(EditError, match=r"“two.mp4” goes from 00:00:00.000 to 00:00:04.000 only"):
        append_clip(with_media(), "two", source_range=seconds(2, 5))
    with pytest.raises(EditError, match="needs a length"):
        append_clip(with_media(), "two", source_range=TimeRange(F(1), F(0)))
    with pytest.raises(EditError, match="no clip “nothing”"):
        remove_clip(with_media(), "nothing")
