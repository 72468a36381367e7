"""Edits of tracks, media, texts, sounds and patches."""

from dataclasses import replace
from fractions import Fraction

import pytest

from engine.errors import EditError
from engine.project import content_edits as content
from engine.project import media_edits as bin_edits
from engine.project import patch_edits as patches
from engine.project import track_edits as tracks
from engine.project import version_edits as versions
from engine.project.clip_edits import append_clip
from engine.project.consistency import check_consistency
from engine.project.model import AnchorPixels, LayerKind, MediaKind, PatchState, Project, RegionKind, Text, Transform
from tests.engine.project.samples import BOX, RECIPE, longer, media, seconds, version, with_clips, with_media, with_patch

F = Fraction


# Tracks


def test_the_standard_tracks_lie_in_the_fixed_order() -> None:
    project = tracks.new_project()
    assert [t.id for t in project.tracks] == ["B1", "V1", "V2", "C1", "P1", "A1", "A2"]
    assert [t.id for t in project.tracks if t.locked] == ["A1"]
    assert tracks.ensure_tracks(project) is project
    assert [t.kind for t in project.tracks] == list(LayerKind)


def test_missing_tracks_are_added_around_those_there() -> None:
    own = replace(tracks.new_project().track_by_id("V2"), name="Logos")
    project = tracks.ensure_tracks(Project(tracks=(own,)))
    assert project.track_by_id("V2") is own
    check_consistency(project)


def test_more_overlays_and_music_but_nothing_else() -> None:
    project = tracks.add_track(tracks.add_track(with_clips(), LayerKind.OVERLAY), LayerKind.MUSIC)
    assert [t.id for t in project.tracks] == ["B1", "V1", "V2", "V3", "C1", "P1", "A1", "A2", "A3"]
    check_consistency(project)
    with pytest.raises(EditError, match="only one subject"):
        tracks.add_track(project, LayerKind.SUBJECT)
    with pytest.raises(EditError, match="standard tracks"):
        tracks.remove_track(project, "V2")
    assert tracks.remove_track(tracks.remove_track(project, "V3"), "A3") == with_clips()


def test_overlays_are_put_in_another_order() -> None:
    project = tracks.add_track(tracks.add_track(with_clips(), LayerKind.OVERLAY), LayerKind.OVERLAY)

    def order(shown: Project) -> list[str]:
        return [track.id for track in shown.tracks if track.kind is LayerKind.OVERLAY]

    assert order(project) == ["V2", "V3", "V4"]
    assert order(tracks.order_track(project, "V4", 0)) == ["V4", "V2", "V3"]
    assert order(tracks.order_track(project, "V2", 9)) == ["V3", "V4", "V2"]
    assert tracks.order_track(project, "V3", 1) is project
    assert [t.kind for t in tracks.order_track(project, "V4", 0).tracks] == [t.kind for t in project.tracks]
    with pytest.raises(EditError, match="keeps its place"):
        tracks.order_track(project, "V1", 0)


def test_eye_padlock_and_version() -> None:
    project = with_clips()
    assert tracks.set_track_visible(project, "V1", True) is project
    assert not tracks.set_track_visible(project, "V1", False).track_by_id("V1").visible
    assert tracks.bump_track_version(project, "V1").track_by_id("V1").version == 2


def test_another_canvas_size_undraws_texts() -> None:
    project = content.add_text(with_clips(), Text("Hello", bitmap="b" * 40), F(0), clip_id="t")
    again = tracks.set_canvas(project, 1280, 720, F(25))
    assert again.track_by_id("C1").clips[0].text == Text("Hello")
    assert tracks.set_canvas(project, 640, 360, F(25)).track_by_id("C1").clips[0].text == Text("Hello", bitmap="b" * 40)
    with pytest.raises(EditError, match="cannot be made"):
        tracks.set_canvas(project, 0, 720, F(25))


# Media


def test_the_same_content_is_imported_once() -> None:
    project = with_media()
    again = replace(media("one"), id="other", path="/copy/of/one.mp4")
    assert bin_edits.add_media(project, again) is project
    assert bin_edits.media_with_fingerprint(project, again.fingerprint) == media("one")


def test_used_media_stay() -> None:
    project = with_patch()
    with pytest.raises(EditError, match=r"“one.mp4” is used by 1 clip and 1 patch\. Remove them first"):
        bin_edits.remove_media(project, "one")
    assert [m.id for m in bin_edits.remove_media(project, "song").media] == ["one", "two", "still"]


def test_relinking_to_other_content_sends_accepted_patches_to_review() -> None:
    project = versions.attach_version(with_patch(), "logo", version())
    project = versions.set_patch_state(project, "logo", PatchState.PUBLISHED)
    moved = bin_edits.relink_media(project, "one", replace(project.media_by_id("one"), id="x", path="/new/one.mp4"))
    assert moved.patch_by_id("logo").state is PatchState.PUBLISHED
    assert moved.media_by_id("one").path == "/new/one.mp4"
    other = bin_edits.relink_media(project, "one", longer(project, "one", 1))
    assert other.patch_by_id("logo").state is PatchState.QA_READY
    with pytest.raises(EditError, match="shorter than what the project uses"):
        bin_edits.relink_media(project, "one", longer(project, "one", -1))
    with pytest.raises(EditError, match="is audio, but"):
        bin_edits.relink_media(project, "one", media("hum", MediaKind.AUDIO))


# Content


def test_texts_lose_their_bitmap_when_they_are_drawn_differently() -> None:
    project = content.add_text(with_clips(), Text("Hello"), F(1), F(2), clip_id="t")
    drawn = content.set_text_bitmap(project, "t", "b" * 40)
    edited = content.edit_text(drawn, "t", Text("Hullo", bitmap="b" * 40))
    found = edited.find_clip("t")
    assert found and found[1].text == Text("Hullo")
    assert content.edit_text(drawn, "t", Text("Hello", bitmap="b" * 40)) is drawn
    with pytest.raises(EditError, match="does not go on V1"):
        content.add_text(project, Text("x"), F(0), track_id="V1")
    with pytest.raises(EditError, match="1 to 10000 characters"):
        content.add_text(project, Text(" \n"), F(20))


def test_overlay_and_music() -> None:
    half = Transform(scale=0.5, opacity=0.8)
    project = content.add_overlay(with_clips(), "still", F(2), F(3), transform=half, clip_id="logo")
    project = content.add_music(project, "song", F(0), F(14), gain_db=-12.0, clip_id="music")
    track, clip = project.find_clip("logo") or pytest.fail("no logo")
    assert (track.id, clip.timeline_range, clip.transform) == ("V2", seconds(2, 5), half)
    track, clip = project.find_clip("music") or pytest.fail("no music")
    assert (track.id, clip.timeline_range, clip.gain_db) == ("A2", seconds(0, 14), -12.0)
    check_consistency(project)


def test_the_sound_of_a_film_may_be_music() -> None:
    check_consistency(content.add_music(with_clips(), "two", F(0)))
    with pytest.raises(EditError, match="has no sound"):
        content.add_music(with_clips(), "still", F(0))
    with pytest.raises(EditError, match="is a sound and does not go on V2"):
        content.add_overlay(with_clips(), "song", F(0))


def test_the_original_audio_is_locked_until_it_is_opened() -> None:
    project = with_clips()
    with pytest.raises(EditError, match=r"original audio \(A1\) is locked"):
        content.set_gain(project, "a", -3.0)
    opened = content.set_gain(tracks.set_track_locked(project, "A1", False), "a", -3.0)
    assert opened.track_by_id("V1").clips[0].gain_db == -3.0
    with pytest.raises(EditError, match="not possible"):
        content.set_gain(project, "a", float("nan"))


@pytest.mark.parametrize("bad", [Transform(scale=0), Transform(opacity=1.5), Transform(x=float("inf"))])
def test_impossible_transforms_are_refused(bad: Transform) -> None:
    with pytest.raises(EditError):
        content.set_transform(with_clips(), "a", bad)


# Patches


def test_a_window_stays_in_the_media_and_round_its_anchor() -> None:
    project = patches.set_window(with_patch(), "logo", seconds(-5, 50))
    assert project.patch_by_id("logo").window == seconds(0, 10)
    right_of_it = patches.set_window(project, "logo", seconds(6, 8))
    assert right_of_it.patch_by_id("logo").window == seconds(5, 8)
    left_of_it = patches.set_window(project, "logo", seconds(1, 2))
    assert left_of_it.patch_by_id("logo").window == seconds(1, 5 + F(1001, 30000))


def test_locks_of_a_patch_say_which_one_it_is() -> None:
    project = with_patch()
    with pytest.raises(EditError, match="window of “Logo” is locked"):
        patches.set_window(patches.lock_window(project, "logo", True), "logo", seconds(0, 10))
    with pytest.raises(EditError, match="anchor of “Logo” is locked"):
        patches.set_anchor(patches.lock_anchor(project, "logo", True), "logo", F(6))
    with pytest.raises(EditError, match="patch “Logo” is locked"):
        patches.rename_patch(patches.set_patch_locked(project, "logo", True), "logo", "Other")
    with pytest.raises(EditError, match="motion patch layer is locked"):
        patches.set_patch_recipe(tracks.set_track_locked(project, "P1", True), "logo", replace(RECIPE, prompt="x"))
    with pytest.raises(EditError, match="has its anchor locked"):
        patches.remove_patch(patches.lock_anchor(project, "logo", True), "logo")


@pytest.mark.parametrize(
    "region",
    [
        replace(BOX, points=((0.1, 0.1), (1.2, 0.5))),
        replace(BOX, points=((0.1, 0.1), (0.1, 0.5))),
        replace(BOX, points=((0.1, float("nan")), (0.3, 0.5))),
        replace(BOX, kind=RegionKind.LASSO),
        replace(BOX, feather_px=1000.0),
    ],
)
def test_what_is_no_region_is_refused(region: object) -> None:
    with pytest.raises(EditError):
        patches.set_patch_region(with_patch(), "logo", region)  # type: ignore[arg-type]


def test_a_box_drawn_from_below_is_put_right() -> None:
    turned = replace(BOX, points=((0.5, 0.5), (0.25, 0.25)))
    assert patches.set_patch_region(with_patch(), "logo", turned).patch_by_id("logo").region == BOX


def test_the_states_follow_one_another_only_as_allowed() -> None:
    project = with_patch()
    for source, targets in versions.ALLOWED.items():
        for target in set(PatchState) - targets - {source}:
            made = versions.attach_version(project, "logo", version())
            there = replace(made, patches=(replace(made.patches[0], state=source),))
            with pytest.raises(EditError, match="cannot become"):
                versions.set_patch_state(there, "logo", target)
    with pytest.raises(EditError, match="has no result yet"):
        running = versions.set_patch_state(project, "logo", PatchState.PROCESSING)
        versions.set_patch_state(running, "logo", PatchState.QA_READY)


def test_a_result_makes_the_patch_ready_and_is_numbered() -> None:
    project = versions.attach_version(with_patch(), "logo", version("a" * 40))
    patch = project.patch_by_id("logo")
    assert (patch.state, patch.current_version, [v.number for v in patch.versions]) == (PatchState.QA_READY, 1, [1])
    assert versions.attach_version(project, "logo", version("a" * 40)) is project
    again = versions.set_patch_state(project, "logo", PatchState.QUEUED)
    again = versions.attach_version(again, "logo", version("b" * 40))
    assert again.patch_by_id("logo").current_version == 2
    check_consistency(again)


def test_what_was_judged_keeps_its_picture_when_a_result_comes_late() -> None:
    project = versions.attach_version(with_patch(), "logo", version("a" * 40))
    accepted = versions.set_patch_state(project, "logo", PatchState.PUBLISHED)
    late = versions.attach_version(accepted, "logo", version("b" * 40)).patch_by_id("logo")
    assert (late.state, late.current_version, len(late.versions)) == (PatchState.PUBLISHED, 1, 2)


def test_a_result_whose_patch_is_gone_is_kept() -> None:
    gone = patches.remove_patch(with_patch(), "logo")
    kept = versions.attach_version(gone, "logo", version())
    assert kept.unattached == (("logo", version()),)
    assert versions.attach_version(kept, "logo", version()) is kept
    back = versions.attach_version(replace(kept, patches=with_patch().patches), "logo", version())
    assert back.unattached == () and len(back.patch_by_id("logo").versions) == 1
    assert versions.discard_unattached(kept, "logo", 0).unattached == ()


def test_removing_a_patch_keeps_what_was_paid() -> None:
    project = versions.attach_version(with_patch(), "logo", version())
    removed = patches.remove_patch(project, "logo")
    assert removed.patches == () and [v.cost_usd for _, v in removed.unattached] == [0.04]


def test_another_version_must_be_judged_again() -> None:
    project = versions.attach_version(with_patch(), "logo", version("a" * 40))
    project = versions.attach_version(project, "logo", version("b" * 40))
    accepted = versions.set_patch_state(project, "logo", PatchState.PUBLISHED)
    chosen = versions.choose_version(accepted, "logo", 1).patch_by_id("logo")
    assert (chosen.state, chosen.current_version) == (PatchState.QA_READY, 1)
    assert versions.choose_version(accepted, "logo", 2) is accepted


def test_patches_are_of_pictures_and_inside_them() -> None:
    project = append_clip(with_media(), "song")
    with pytest.raises(EditError, match="has no picture"):
        patches.add_patch(project, "song", BOX, F(1), seconds(0, 2), RECIPE)
    with pytest.raises(EditError, match=r"has no frame at 00:00:10.000"):
        patches.add_patch(project, "one", BOX, F(10), seconds(9, 10), RECIPE)


def test_corrections_put_one_version_right_and_leave_what_was_accepted() -> None:
    """Only a run makes a version; its number, its cost and the results of other runs stay."""
    project = versions.attach_version(with_patch(), "logo", version("a" * 40))
    for time in (6, 7):
        shown = project.patch_by_id("logo").version
        assert shown is not None
        other = AnchorPixels(Fraction(time), BOX, "c" * 40, (0, 0, 4, 4))
        corrected = replace(shown, number=0, cost_usd=0.0, others=(*shown.others, other))
        project = versions.attach_correction(project, "logo", corrected)
    patch = project.patch_by_id("logo")
    assert [(v.number, v.cost_usd, [float(o.anchor) for o in v.others]) for v in patch.versions] == [(1, 0.04, [6.0, 7.0])]
    project = versions.set_patch_state(project, "logo", PatchState.PUBLISHED)
    accepted = project.patch_by_id("logo").versions[0]
    free = replace(accepted, number=0, cost_usd=0.0, others=accepted.others[:1])
    for _ in range(2):
        project = versions.attach_correction(project, "logo", free)
    patch = project.patch_by_id("logo")
    assert patch.versions == (accepted, replace(free, number=2)) and patch.state is PatchState.QA_READY
    check_consistency(project)
