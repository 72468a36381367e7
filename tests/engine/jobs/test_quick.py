"""A first look at new frames: near the real one, only for looking, gone as soon as the real one is there."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from engine.cache.store import Cache
from engine.compositing.replace import replace_frame
from engine.jobs import make_patch, propagate, quick, review
from engine.jobs.workspace import Workspace
from engine.media.importing import import_media
from engine.project.assets import AssetStore
from engine.project.clip_edits import append_clip
from engine.project.media_edits import add_media
from engine.project.model import Carrying, Media, Method, Patch, Recipe, Region, RegionKind
from engine.project.patch_edits import add_patch
from engine.project.track_edits import new_project
from engine.providers.registry import local_registry
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken, ignore

pytestmark = pytest.mark.integration
WIDTH, HEIGHT, FRAMES = 320, 192, 24
BOX = Region(RegionKind.BOX, ((0.3, 0.3), (0.6, 0.7)), feather_px=4.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A texture that pans two pixels per frame."""
    texture = np.random.default_rng(3).integers(30, 220, (40, 80, 3), np.uint8)
    wide = cv2.resize(texture, (WIDTH + 2 * FRAMES, HEIGHT), interpolation=cv2.INTER_CUBIC)
    path = tmp_path_factory.mktemp("quick") / "clip.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"crf": "12", "g": "12", "threads": "1"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            pixels = np.ascontiguousarray(wide[:, 2 * number : 2 * number + WIDTH]).astype(np.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(video.encode(None))
    return path


Scene = tuple[Workspace, Media, Patch]


@pytest.fixture
def scene(clip: Path, tmp_path: Path) -> Iterator[Scene]:
    """A blurred box, carried over frames 8 to 11; the window then grows to 5 … 15."""
    cache = Cache(tmp_path / "cache", 1 << 30)
    workspace, media = Workspace(AssetStore(tmp_path / "assets"), cache), import_media(str(clip), cache)
    project = append_clip(add_media(new_project(), media), media.id)
    project = add_patch(
        project, media.id, BOX, Fraction(10, 25), TimeRange(Fraction(8, 25), Fraction(4, 25)), Recipe("local.blur"),
        patch_id="p",
    )
    made = make_patch.run(project, "p", workspace, local_registry(), cancel=ThreadCancelToken(), report=ignore)
    patch = made.project.patch_by_id("p")
    yield workspace, media, replace(patch, window=TimeRange.between(Fraction(5, 25), Fraction(16, 25)))


def _look(scene: Scene) -> list[int]:
    workspace, media, patch = scene
    told: list[quick.QuickFrame] = []
    request = propagate.PropagateRequest(media, patch)
    count = quick.run(request, workspace, cancel=ThreadCancelToken(), report=ignore, partial=told.append)
    assert count == len(told)
    return [round(frame.time * 25) for frame in told]


def test_only_the_new_frames_are_looked_at_nearest_first(scene: Scene) -> None:
    assert _look(scene) == [12, 13, 14, 15, 7, 6, 5]


def test_a_look_is_near_the_real_frame_and_gives_way_to_it(scene: Scene) -> None:
    workspace, media, patch = scene
    _look(scene)
    looks = quick.LookSources(workspace.cache, workspace.assets)
    time = Fraction(15, 25)
    looks.begin()
    seen = looks.patch_frame(media, patch, time)
    assert seen is not None and looks.is_quick
    with workspace.sources() as sources:
        assert sources.patch_frame(media, patch, time) is None, "an export never sees it"
        plain = sources.picture(media, time)
    request = propagate.PropagateRequest(media, patch)
    propagate.run(request, workspace, cancel=ThreadCancelToken(), report=ignore)
    looks.begin()
    real = looks.patch_frame(media, patch, time)
    looks.close()
    assert real is not None and not looks.is_quick
    one, other = (replace_frame(plain, frame).planes[0].astype(int) for frame in (seen, real))
    original = plain.planes[0].astype(int)
    assert np.abs(one - other).mean() < 0.5 * np.abs(original - other).mean(), "nearer to the real frame than no patch is"
    changed = np.abs(original - other) > 8
    assert (np.abs(one - original) > 2)[changed].mean() > 0.7, "it lies where the real one lies"


def test_a_look_is_neither_measured_nor_trusted(scene: Scene) -> None:
    workspace, media, patch = scene
    _look(scene)
    measured = review.run(review.ReviewRequest(media, patch), workspace, cancel=ThreadCancelToken(), report=ignore)
    assert [round(frame.time * 25) for frame in measured.frames] == [8, 9, 10, 11]
    with workspace.sources() as sources:
        known = propagate.trust_of(media, patch, sources.index(media), workspace.cache)
    assert [round(trust.time * 25) for trust in known] == [8, 9, 10, 11]


def test_other_methods_need_no_look(scene: Scene) -> None:
    workspace, media, patch = scene
    assert _look((workspace, media, replace(patch, carrying=Carrying(Method.HOLD)))) == []
