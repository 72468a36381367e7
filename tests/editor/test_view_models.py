"""What the timeline and the layers are told about a project."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from editor.view_models import (
    Shown,
    clip_id_of,
    clip_of_patch_view,
    copied_words,
    duration_words,
    layer_rows,
    patch_at,
    patch_id_of,
    plan_spans,
    rate_words,
    timeline_view,
)
from engine.planning.plan import AudioMode, Mode, RenderPlan, Segment
from engine.project.clip_edits import append_clip, move_clip, split_clip
from engine.project.content_edits import add_text
from engine.project.media_edits import add_media
from engine.project.model import LayerKind, Media, MediaKind, Project, Recipe, Region, RegionKind, Text
from engine.project.patch_edits import add_patch
from engine.project.track_edits import add_track, new_project, set_track_visible
from engine.rational_time import TimeRange

F = Fraction
BOX = Region(RegionKind.BOX, ((0.1, 0.1), (0.5, 0.5)))


def film(*, has_audio: bool = True) -> Project:
    """One ten-second video at 25 fps on V1."""
    media = Media("m", MediaKind.VIDEO, "film.mp4", "/film.mp4", "f1", 1, 1, TimeRange(F(0), F(10)), 1280, 720, F(25), has_audio)
    return append_clip(add_media(new_project(), media), "m", clip_id="a")


def patched() -> Project:
    """The film with a patch from 2 to 4 s, anchored at 3 s."""
    return add_patch(film(), "m", BOX, F(3), TimeRange(F(2), F(2)), Recipe("local.blur"), patch_id="p")


def test_rows_stand_from_captions_down_to_music_and_an_empty_background_is_none() -> None:
    rows = [track.id for track in timeline_view(film(), Shown()).tracks]
    assert rows == ["C1", "V2", "P1", "V1", "A1", "A2"]
    moved = move_clip(film(), "a", F(0), track_id="B1")
    assert "B1" in [track.id for track in timeline_view(moved, Shown()).tracks]


def test_a_further_overlay_stands_above_the_first_and_further_music_below() -> None:
    project = add_track(add_track(film(), LayerKind.OVERLAY), LayerKind.MUSIC)
    rows = [track.id for track in timeline_view(project, Shown()).tracks]
    assert rows.index("V3") < rows.index("V2") and rows.index("A3") > rows.index("A2")


def test_original_sound_is_a_row_of_its_own_and_leads_back_to_its_clip() -> None:
    view = timeline_view(film(), Shown())
    sounds = next(track.clips for track in view.tracks if track.id == "A1")
    assert [clip_id_of(clip.id) for clip in sounds] == ["a"] and sounds[0].id != "a"
    assert not next(track.clips for track in timeline_view(film(has_audio=False), Shown()).tracks if track.id == "A1")


def test_a_split_clip_shows_its_patch_on_both_sides() -> None:
    project = split_clip(patched(), "a", F(3), new_clip_id="b")
    views = next(track.patches for track in timeline_view(project, Shown()).tracks if track.id == "P1")
    assert [(v.start, v.end) for v in views] == [(F(2), F(3)), (F(3), F(4))]
    assert {patch_id_of(v.id) for v in views} == {"p"} and len({v.id for v in views}) == 2
    shown_in = [clip_of_patch_view(project, v.id) for v in views]
    assert [clip.id for clip in shown_in if clip] == ["a", "b"]


def test_a_moved_clip_takes_its_patch_along() -> None:
    project = move_clip(patched(), "a", F(7))
    view = next(track.patches for track in timeline_view(project, Shown()).tracks if track.id == "P1")[0]
    assert (view.start, view.end, view.anchor) == (F(9), F(11), F(10))
    assert patch_at(project, F(10)) is not None and patch_at(project, F(8)) is None


def test_missing_files_are_offline_on_every_row() -> None:
    view = timeline_view(film(), Shown(offline={"m"}))
    assert all(clip.offline for track in view.tracks for clip in track.clips)


def test_confidence_is_shown_inside_the_window_only() -> None:
    trust = {"p": tuple((F(n, 25), "green") for n in range(250))}
    view = next(t.patches for t in timeline_view(patched(), Shown(trust=trust)).tracks if t.id == "P1")[0]  # type: ignore[arg-type]
    assert len(view.confidence) == 50 and view.confidence[0].time == 2


def test_layers_stand_from_the_patch_down_and_say_what_they_show() -> None:
    project = add_text(set_track_visible(patched(), "V2", False), Text("Hello"), F(1), F(2))
    rows = {row.id: row for row in layer_rows(project, F(3))}
    assert list(rows) == ["P1", "C1", "V2", "V1", "B1", "A1", "A2"]
    assert rows["P1"].detail == "Patch 1" and rows["C1"].detail == "1 text" and rows["V1"].detail == "film.mp4"
    assert not rows["V2"].visible and rows["A1"].locked
    assert {row.id: row.detail for row in layer_rows(project, F(9))}["P1"] == "1 patch"


def _plan(copied: int, encoded: int) -> RenderPlan:
    at = F(copied, 25)
    segments = (
        Segment(F(0), at, 0, copied, Mode.COPY, "Unchanged"),
        Segment(at, at + F(encoded, 25), copied, encoded, Mode.ENCODE, "Patch"),
    )
    return RenderPlan(at + F(encoded, 25), tuple(s for s in segments if s.frames), AudioMode.COPIED, "m")


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_the_share_copied_is_never_rounded_to_a_lie(copied: int, encoded: int) -> None:
    words = copied_words(_plan(copied, encoded))
    if not copied + encoded:
        assert words == ""
        return
    percent = int(words.split(" ")[0])
    assert (percent == 100) == (encoded == 0) and (percent == 0) == (copied == 0)


def test_the_strip_covers_the_plan() -> None:
    spans = plan_spans(_plan(50, 25))
    assert [(s.start, s.end, s.mode) for s in spans] == [(F(0), F(2), "copy"), (F(2), F(3), "encode")]
    assert plan_spans(None) == () and copied_words(None) == ""


def test_words_for_lengths_and_rates() -> None:
    assert [duration_words(t) for t in (F(307), F(1, 25), None)] == ["00:05:07", "00:00:01", ""]
    assert [rate_words(r) for r in (F(25), F(30000, 1001), F(25, 2))] == ["25 fps", "29.97 fps", "12.5 fps"]
