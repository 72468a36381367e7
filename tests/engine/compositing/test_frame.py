"""A frame of the timeline: untouched sources pass through bit for bit, layers cover what they cover."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from engine.compositing.frame import Compositor, frame, original_frame
from engine.compositing.output import OutputFormat
from engine.media.colour import region_to_rgb
from engine.media.picture import Colour, Picture, PixelFormat
from engine.project.model import (
    Clip,
    LayerKind,
    Media,
    MediaKind,
    Patch,
    PatchState,
    PatchVersion,
    Project,
    Recipe,
    Region,
    RegionKind,
    Text,
    Track,
    Transform,
)
from engine.rational_time import TimeRange
from tests.engine.compositing.pictures import FakeSources, noise_patch, noise_picture, output_of, video

SECOND = TimeRange(Fraction(0), Fraction(1))
REGION = Region(RegionKind.BOX, ((0.1, 0.1), (0.5, 0.5)))


def clip(media: str | None = "m", start: int = 0, **more: Any) -> Clip:
    return replace(Clip(f"clip-{media}-{start}", Fraction(start), SECOND, media), **more)


def track(kind: LayerKind, *clips: Clip) -> Track:
    return Track(kind.value, kind, kind.value, clips=clips)


def project(*tracks: Track, media: tuple[Media, ...] = (), patches: tuple[Patch, ...] = ()) -> Project:
    return Project(media=media or (video("m", 64, 48),), tracks=tracks, patches=patches)


def patch(name: str = "p", state: PatchState = PatchState.PUBLISHED, **more: Any) -> Patch:
    version = PatchVersion(1, Recipe("local.blur"), REGION, Fraction(0), name, (0, 0, 8, 8))
    window = TimeRange(Fraction(0), Fraction(1, 5))
    made = Patch(name, name, "m", REGION, Fraction(0), window, Recipe("local.blur"), state, (version,), 1)
    return replace(made, **more)


@pytest.fixture
def sources() -> FakeSources:
    made = FakeSources({"m": noise_picture(64, 48)})
    made.patches["p"] = noise_patch(10, 8, np.ones((8, 8), np.float32))
    return made


def test_an_untouched_source_is_the_output_itself(sources: FakeSources) -> None:
    picture = sources.pictures["m"]
    result = frame(project(track(LayerKind.BACKGROUND, clip())), Fraction(1, 2), sources, output_of(picture), accepted_only=True)
    assert result is picture


def test_gaps_and_ends_are_black(sources: FakeSources) -> None:
    output = output_of(sources.pictures["m"])
    timeline = project(track(LayerKind.BACKGROUND, clip()))
    result = frame(timeline, Fraction(1), sources, output, accepted_only=True)
    assert (result.planes[0] == 16).all() and (result.planes[1] == 128).all()
    assert np.abs(region_to_rgb(result, 0, 0, 64, 48)).max() < 1e-6


def test_a_patch_is_asked_for_by_its_frames_own_time_and_shows_in_its_window(sources: FakeSources) -> None:
    timeline = project(track(LayerKind.BACKGROUND, clip()), patches=(patch(),))
    picture, output = sources.pictures["m"], output_of(sources.pictures["m"])
    shown = frame(timeline, Fraction(19, 100), sources, output, accepted_only=True)
    assert sources.asked[-1] == Fraction(4, 25)
    assert shown.planes[0] is not picture.planes[0]
    assert original_frame(timeline, Fraction(19, 100), sources, output) is picture
    assert frame(timeline, Fraction(1, 5), sources, output, accepted_only=True) is picture  # the window is half-open


@pytest.mark.parametrize(("change", "accepted", "draft"), [
    ({"state": PatchState.QA_READY}, False, True), ({"state": PatchState.REJECTED}, False, False),
    ({"visible": False}, False, False),
    ({"current_version": 0}, False, False), ({"clip_id": "clip-m-0"}, True, True), ({"clip_id": "another"}, False, False),
    ({"media_id": "x"}, False, False),
])
def test_which_patches_show(sources: FakeSources, change: dict[str, Any], accepted: bool, draft: bool) -> None:
    timeline = project(track(LayerKind.BACKGROUND, clip()), patches=(patch(**change),))
    picture, output = sources.pictures["m"], output_of(sources.pictures["m"])
    for only, shows in ((True, accepted), (False, draft)):
        assert (frame(timeline, Fraction(0), sources, output, accepted_only=only) is not picture) == shows


def test_another_size_is_letterboxed_and_centred() -> None:
    sources = FakeSources({"m": noise_picture(32, 48)})
    for plane in (grey := [np.full(p.shape, 180, np.uint8) for p in sources.pictures["m"].planes]):
        plane.flags.writeable = False
    base = sources.pictures["m"]
    sources.pictures["m"] = Picture(tuple(grey), base.format, base.colour)
    output = OutputFormat(64, 48, base.format, base.colour)
    result = frame(project(track(LayerKind.BACKGROUND, clip()), media=(video("m", 32, 48),)), Fraction(0), sources, output,
                   accepted_only=True)
    assert (result.planes[0][:, :16] == 16).all() and (result.planes[0][:, 48:] == 16).all()
    assert np.abs(result.planes[0][:, 16:48].astype(int) - 180).max() <= 1


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_source_is_placed_upright(rotation: int) -> None:
    stored = (48, 64) if rotation != 180 else (64, 48)
    picture = noise_picture(*stored, PixelFormat("yuv444p", 8, 0, 0))
    sources = FakeSources({"m": picture})
    sources.rotations["m"] = rotation
    output = OutputFormat(64, 48, picture.format, picture.colour)
    timeline = project(track(LayerKind.BACKGROUND, clip()), media=(video("m", 64, 48),))
    result = frame(timeline, Fraction(0), sources, output, accepted_only=True)
    rgb = np.clip(region_to_rgb(picture, 0, 0, *stored), 0, 1)
    upright = np.rot90(rgb, -(rotation // 90))
    assert np.abs(np.clip(region_to_rgb(result, 0, 0, 64, 48), 0, 1) - upright).max() < 0.02


def test_a_caption_changes_only_the_rectangle_of_its_text(sources: FakeSources) -> None:
    bitmap = np.zeros((48, 64, 4), np.uint8)
    bitmap[20:24, 30:41] = 255
    sources.bitmaps["text"] = bitmap
    caption = clip(None, text=Text("Hi", bitmap="text"))
    timeline = project(track(LayerKind.BACKGROUND, clip()), track(LayerKind.CAPTIONS, caption))
    picture, output = sources.pictures["m"], output_of(sources.pictures["m"])
    result = frame(timeline, Fraction(0), sources, output, accepted_only=True)
    changed = result.planes[0] != picture.planes[0]
    outside = np.ones_like(changed)
    outside[20:24, 30:41] = False
    assert not changed[outside].any() and (result.planes[0][20:24, 30:41] == 235).all()
    chroma = result.planes[1] != picture.planes[1]
    chroma[10:12, 15:21] = False
    assert not chroma.any()


def test_a_still_with_alpha_lies_over_the_clip_at_its_opacity(sources: FakeSources) -> None:
    form = PixelFormat("gbrap", 8, 0, 0, is_rgb=True, has_alpha=True)
    planes = [np.full((12, 16), value, np.uint8) for value in (255, 255, 255, 0)]
    planes[3][:, 8:] = 255
    sources.pictures["logo"] = Picture(tuple(planes), form, Colour(0, 1, 13, True))
    logo = replace(video("logo", 16, 12), kind=MediaKind.IMAGE, available_range=None)
    overlay = clip("logo", transform=Transform(opacity=0.5, scale=0.5))
    timeline = project(track(LayerKind.BACKGROUND, clip()), track(LayerKind.OVERLAY, overlay), media=(video("m", 64, 48), logo))
    picture, output = sources.pictures["m"], output_of(sources.pictures["m"])
    compositor = Compositor(sources, output)
    result = compositor.frame(timeline, Fraction(0), accepted_only=True)
    assert np.array_equal(result.planes[0][:, :30], picture.planes[0][:, :30])
    mixed = (picture.planes[0][14:34, 36:46].astype(float) + 235) / 2
    assert np.abs(result.planes[0][14:34, 36:46] - mixed).max() <= 1
    again = compositor.frame(timeline, Fraction(1, 2), accepted_only=True)
    assert all(np.array_equal(a, b) for a, b in zip(result.planes, again.planes, strict=True))


def test_hidden_tracks_and_sound_do_not_show(sources: FakeSources) -> None:
    output = output_of(sources.pictures["m"])
    hidden = replace(track(LayerKind.BACKGROUND, clip()), visible=False)
    result = frame(project(hidden, track(LayerKind.MUSIC, clip())), Fraction(0), sources, output, accepted_only=True)
    assert (result.planes[0] == 16).all()


def test_a_faded_clip_mixes_with_black(sources: FakeSources) -> None:
    picture = sources.pictures["m"]
    timeline = project(track(LayerKind.BACKGROUND, clip(transform=Transform(opacity=0.5))))
    result = frame(timeline, Fraction(0), sources, output_of(picture), accepted_only=True)
    assert not np.array_equal(result.planes[0], picture.planes[0])
    assert result.planes[0].mean() < picture.planes[0].mean()
