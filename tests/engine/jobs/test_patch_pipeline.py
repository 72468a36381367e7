"""The patch jobs called directly: nothing outside changes, nothing is computed twice, cancelling keeps what is done."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from engine.cache.store import Cache
from engine.compositing.difference import changed_samples
from engine.compositing.frame import patched_picture
from engine.compositing.mask import region_mask
from engine.compositing.replace import replace_frame
from engine.errors import BadInputError, Cancelled, MediaError, ProviderError
from engine.jobs import make_patch, patch, propagate, review
from engine.jobs.patch_place import clip_at, place_at, window_around
from engine.jobs.region_edit import Frame, edit_region
from engine.jobs.workspace import Workspace
from engine.media.importing import import_media
from engine.media.library import MediaLibrary
from engine.media.picture import Picture
from engine.motion.propagation import propagate as carry
from engine.planning.spans import shown_patches
from engine.project.assets import AssetStore
from engine.project.clip_edits import append_clip
from engine.project.media_edits import add_media
from engine.project.model import Media, PatchState, Project, Recipe, Region, RegionKind
from engine.project.patch_edits import add_patch, set_patch_recipe, set_window
from engine.project.track_edits import new_project, set_track_locked, set_track_visible
from engine.project.version_edits import set_patch_state
from engine.providers.protocol import ProviderInfo, RegionEditReply, RegionEditRequest
from engine.providers.registry import Registry, local_registry
from engine.rational_time import TimeRange
from engine.running import CancelToken, Progress, Report, ThreadCancelToken, ignore

pytestmark = pytest.mark.integration
BOX = Region(RegionKind.BOX, ((0.3, 0.3), (0.6, 0.7)), feather_px=4.0)


def world(number: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    texture = cv2.resize(rng.integers(30, 220, (30, 60, 3), np.uint8), (480, 240), interpolation=cv2.INTER_CUBIC)
    return texture[10 : 10 + 96, 20 + number : 20 + number + 160].copy()


def other_shot() -> np.ndarray:
    """A bright wall with dark posts: nothing of the first shot is in it."""
    wall = np.full((96, 160, 3), 225, np.uint8)
    wall[:, 20:160:40] = wall[:, 21:160:40] = wall[60:] = 25
    return wall


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 frames of 160×96, panning one pixel per frame; a hard cut before frame 25."""
    path = tmp_path_factory.mktemp("jobs") / "clip.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"crf": "12", "g": "10", "threads": "1"})
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        for number in range(30):
            pixels = world(number) if number < 25 else other_shot()
            out.mux(video.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(video.encode(None))
    return path


@dataclass
class Set:
    project: Project
    media: Media
    workspace: Workspace
    patch_id: str = "patch-one"

    @property
    def patch(self) -> Any:
        return self.project.patch_by_id(self.patch_id)


@pytest.fixture
def scene(clip: Path, tmp_path: Path) -> Iterator[Set]:
    cache = Cache(tmp_path / "cache", 1 << 30)
    media = import_media(str(clip), cache)
    project = append_clip(add_media(new_project(), media), media.id)
    window = TimeRange(Fraction(8, 25), Fraction(6, 25))
    project = add_patch(project, media.id, BOX, Fraction(10, 25), window, Recipe("local.blur"), patch_id="patch-one")
    yield Set(project, media, Workspace(AssetStore(tmp_path / "assets"), cache))


def made(scene: Set) -> make_patch.MadePatch:
    return make_patch.run(
        scene.project, scene.patch_id, scene.workspace, local_registry(), cancel=ThreadCancelToken(), report=ignore
    )


def test_a_patch_is_made_carried_and_ready_to_review(scene: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    result = made(scene)
    found = result.project.patch_by_id("patch-one")
    assert found.state is PatchState.QA_READY and found.current_version == 1
    assert [f.time for f in result.carried.frames] == [Fraction(n, 25) for n in range(8, 14)]
    assert result.carried.reached == TimeRange(Fraction(8, 25), Fraction(6, 25))
    monkeypatch.setattr(review, "Seen", None)  # every frame was measured while it was carried
    reviewed = review.run(
        review.ReviewRequest(scene.media, found), scene.workspace, cancel=ThreadCancelToken(), report=ignore
    )
    assert len(reviewed.frames) == 6 and reviewed.outside_changed == 0
    assert all(f.changed_share > 0.02 and f.largest > 0 for f in reviewed.frames)


def test_growing_the_window_computes_only_the_new_side(scene: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.project = made(scene).project
    seen: list[range] = []

    def watched(frames: Any, anchor: int, carried: Any, window: range, **how: Any) -> Any:
        seen.append(window)
        return carry(frames, anchor, carried, window, **how)

    monkeypatch.setattr(propagate, "propagate", watched)
    run_again(scene)
    assert seen == []
    scene.project = set_window(scene.project, scene.patch_id, TimeRange(Fraction(8, 25), Fraction(9, 25)))
    grown = run_again(scene)
    assert seen == [range(10, 17)] and len(grown.frames) == 9


def run_again(scene: Set) -> propagate.Propagated:
    request = propagate.PropagateRequest(scene.media, scene.patch)
    return propagate.run(request, scene.workspace, cancel=ThreadCancelToken(), report=ignore)


def test_the_window_ends_at_a_cut_and_says_so(scene: Set) -> None:
    scene.project = set_window(made(scene).project, scene.patch_id, TimeRange(Fraction(8, 25), Fraction(20, 25)))
    carried = run_again(scene)
    assert carried.reached.end == Fraction(25, 25)
    assert any("shot ends" in warning for warning in carried.warnings)


@pytest.mark.parametrize("damaged", [10, 13], ids=["its anchor frame", "a frame of its window"])
def test_nothing_is_built_on_a_frame_that_is_only_guessed(damaged: int, scene: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    real = MediaLibrary.picture

    def torn(library: MediaLibrary, media: Media, time: Fraction) -> Picture:
        return replace(real(library, media, time), is_damaged=time == Fraction(damaged, 25))

    monkeypatch.setattr(MediaLibrary, "picture", torn)
    with pytest.raises(MediaError, match=f"Frame {damaged} at .* is damaged and cannot be changed"):
        made(scene)


def test_a_frame_that_is_only_guessed_is_mended_from_its_neighbours(scene: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the provider that does not look at it; what it shows is near what was there, and a guessed neighbour is not asked."""
    anchor = scene.patch.anchor
    one = TimeRange(anchor, Fraction(1, 25))
    scene.project = set_window(scene.project, scene.patch_id, one)
    scene.project = set_patch_recipe(scene.project, scene.patch_id, Recipe("local.interpolate"))
    with scene.workspace.sources() as sources:
        truth = sources.picture(scene.media, anchor).planes[0].astype(int)
    real, few = MediaLibrary.picture, MediaLibrary.few

    def torn(library: MediaLibrary, media: Media, time: Fraction) -> Picture:
        return guessed(real(library, media, time), time)

    def torn_few(library: MediaLibrary, media: Media, times: Any, cancel: Any) -> Any:
        return (guessed(picture, time) for picture, time in zip(few(library, media, times, cancel), times, strict=True))

    def guessed(picture: Picture, time: Fraction) -> Picture:
        if time not in {anchor, anchor + Fraction(1, 25)}:
            return picture
        grey = np.full_like(picture.planes[0], 128)
        return replace(picture, planes=(grey, *picture.planes[1:]), is_damaged=True)

    monkeypatch.setattr(MediaLibrary, "picture", torn)
    monkeypatch.setattr(MediaLibrary, "few", torn_few)
    scene.project = made(scene).project
    carried = run_again(scene)
    assert len(carried.frames) == 1
    with scene.workspace.sources() as sources:
        laid = sources.patch_frame(scene.media, scene.patch, anchor)
        assert laid is not None
        result = replace_frame(sources.picture(scene.media, anchor), laid)
    shown = result.planes[0].astype(int)
    inside = np.zeros(truth.shape, bool)
    inside[laid.y:laid.y + laid.alpha.shape[0], laid.x:laid.x + laid.alpha.shape[1]] = laid.alpha == 1
    assert np.abs(shown - truth)[inside].mean() < 0.4 * np.abs(128 - truth)[inside].mean()


def test_cancelling_keeps_what_was_carried(scene: Set) -> None:
    scene.project = made(scene).project
    scene.project = set_window(scene.project, scene.patch_id, TimeRange(Fraction(8, 25), Fraction(14, 25)))
    token, done = ThreadCancelToken(), []

    def report(progress: Progress) -> None:
        done.append(progress)
        if len(done) == 8:
            token.cancel()

    with pytest.raises(Cancelled):
        propagate.run(propagate.PropagateRequest(scene.media, scene.patch), scene.workspace, cancel=token, report=report)
    with scene.workspace.sources() as sources:
        known = propagate.trust_of(scene.media, scene.patch, sources.index(scene.media), scene.workspace.cache)
    assert 6 < len(known) < 14


def test_equal_requests_share_their_answer_across_projects(scene: Set, tmp_path: Path) -> None:
    request = patch.PatchRequest(scene.media, scene.patch)
    one = patch.run(request, scene.workspace, local_registry(), cancel=ThreadCancelToken(), report=ignore)
    other = Workspace(AssetStore(tmp_path / "other"), scene.workspace.cache)
    two = patch.run(request, other, local_registry(), cancel=ThreadCancelToken(), report=ignore)
    assert not one.is_cached and two.is_cached and other.assets.get(two.version.pixels)
    changed = replace(scene.patch, recipe=Recipe("local.blur", params=(("radius", "9"),)))
    three = patch.run(replace(request, patch=changed), other, local_registry(), cancel=ThreadCancelToken(), report=ignore)
    assert not three.is_cached


class Vandal:
    """A provider that paints everything, also outside the mask."""

    info = ProviderInfo("test.vandal", "Vandal", "", is_remote=False)

    def __init__(self, shrink: int = 0) -> None:
        self.shrink = shrink
        self.request: RegionEditRequest | None = None

    def edit(self, request: RegionEditRequest, context: object, *, cancel: CancelToken, report: Report) -> RegionEditReply:
        self.request = request
        return RegionEditReply(np.full_like(request.crop, 255)[self.shrink :])


def test_the_mask_is_enforced_whatever_the_provider_does(scene: Set) -> None:
    vandal = Vandal()
    scene.project = replace(scene.project, patches=(replace(scene.patch, recipe=Recipe("test.vandal")),))
    registry = Registry([vandal])
    result = make_patch.run(
        scene.project, "patch-one", scene.workspace, registry, cancel=ThreadCancelToken(), report=ignore
    )
    found = result.project.patch_by_id("patch-one")
    reviewed = review.run(review.ReviewRequest(scene.media, found), scene.workspace, cancel=ThreadCancelToken(), report=ignore)
    assert reviewed.outside_changed == 0 and reviewed.frames[0].largest > 30
    # A provider sees the crop with its surroundings and nothing else.
    assert vandal.request is not None and vandal.request.crop.shape[:2] == vandal.request.mask.shape
    assert vandal.request.crop.shape[0] < 96 + 1 and vandal.request.mask.max() == 1


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotated_sources_show_the_provider_an_upright_crop(scene: Set, rotation: int) -> None:
    with scene.workspace.sources() as sources:
        picture = sources.picture(scene.media, Fraction(0))
    vandal = Vandal()
    edited = edit_region(
        vandal, Frame(picture, rotation, Fraction(1)), BOX, cancel=ThreadCancelToken(), report=ignore
    )  # fmt: skip
    mask = region_mask(BOX, picture.width, picture.height, rotation)
    assert (edited.x, edited.y) == (mask.x, mask.y) and edited.pixels.shape[:2] == mask.alpha.shape
    assert (edited.pixels[mask.alpha > 0] == 255).all() and (edited.pixels[mask.alpha == 0] != 255).any()


def test_a_reply_of_another_size_is_refused(scene: Set) -> None:
    with scene.workspace.sources() as sources:
        picture = sources.picture(scene.media, Fraction(0))
    with pytest.raises(ProviderError, match="another size"):
        edit_region(Vandal(3), Frame(picture, 0, Fraction(1)), BOX, cancel=ThreadCancelToken(), report=ignore)


def test_the_topmost_unlocked_clip_takes_the_patch(scene: Set) -> None:
    project, media = scene.project, scene.media
    with_overlay = append_clip(project, media.id, track_id="B1")
    assert clip_at(with_overlay, Fraction(0)).id == project.track_by_id("V1").clips[0].id
    locked = set_track_locked(with_overlay, "V1", True)
    assert clip_at(locked, Fraction(0)).id == with_overlay.track_by_id("B1").clips[0].id
    with pytest.raises(BadInputError, match="no clip"):
        clip_at(project, Fraction(99))


def test_windows_are_clamped_to_the_clip(scene: Set) -> None:
    with scene.workspace.sources() as sources:
        index = sources.index(scene.media)
        place = place_at(scene.project, Fraction(21, 50), sources.index)
    assert place.anchor == Fraction(10, 25), "between two frames the earlier one is shown"
    window = window_around(place, index, 3, 500)
    assert (window.before, window.after, window.is_clamped) == (3, 19, True)
    assert window.range == TimeRange.between(Fraction(7, 25), Fraction(30, 25))


def test_the_eye_of_the_patch_row_hides_every_patch(scene: Set) -> None:
    result = made(scene).project
    shown = set_patch_state(result, "patch-one", PatchState.PUBLISHED)
    hidden = set_track_visible(shown, "P1", False)
    assert [p.id for p in shown_patches(shown)] == ["patch-one"] and shown_patches(hidden) == ()
    with scene.workspace.sources() as sources:
        time, plain = Fraction(10, 25), sources.picture(scene.media, Fraction(10, 25))
        with_patch = patched_picture(shown, scene.media, time, sources, accepted_only=True)
        assert changed_samples(plain, with_patch).any()
        assert patched_picture(hidden, scene.media, time, sources, accepted_only=False) is plain
