"""A motion service fills the span between two anchors: it sees the region's surroundings only, what it sends back is lined up,
kept inside the region, blended at the seams, and paid once.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engine.compositing.mask import region_mask
from engine.errors import EditError
from engine.jobs import continuing, make_patch
from engine.jobs.continuing import SEAM_FRAMES, Continued, ContinueRequest
from engine.jobs.generations import Generations
from engine.jobs.motion_service import MotionService
from engine.jobs.pixels import pixels_of
from engine.media.colour import region_to_rgb
from engine.project.model import AnchorPixels, RegionKey, RegionKind
from engine.running import ThreadCancelToken, ignore
from tests.engine.jobs.generating import Desk, desk
from tests.engine.jobs.makers import HEIGHT, WIDTH, Painter, Scene, at, box, make_clip, panning
from tests.engine.providers.online import pictures
from tests.engine.providers.online.films import film_of
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.veo_service import VeoService

pytestmark = pytest.mark.integration
FIRST = 8
MARK = (60, 190, 90)


def scene(tmp_path: Path, last: int) -> Scene:
    """Anchors on frame 8 and `last` of a picture that moves left by a pixel a frame; the region, an ellipse, goes with it."""
    clip = make_clip(tmp_path / "panning.mp4", panning)
    made = Scene.of(clip, tmp_path, Painter(level=240), replace(box(70, 30, 100, 60, 0.0), kind=RegionKind.ELLIPSE))
    made.project = replace(made.project, patches=(replace(made.patch, anchor=at(FIRST)),))
    left = 70 - (last - FIRST)
    made.keyed(RegionKey(at(last), replace(box(left, 30, left + 30, 60, 0.0), kind=RegionKind.ELLIPSE)))
    made.make()
    made.carry()
    return made


@pytest.fixture(params=["kling"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def moved(asked: Any, begin: np.ndarray | None = None) -> bytes:
    """What a good service makes: the first picture becomes the last one, and the patch has another colour in between."""
    height, width = (side // 2 * 2 for side in asked.first.shape[:2])
    first = asked.first if begin is None else begin
    ends = [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) for one in (first, asked.last)]
    made = []
    for number in range(36):
        picture = ends[0] + number / 35 * (ends[1] - ends[0])
        if 2 <= number < 34:
            is_patch = (picture.min(axis=2) > 225)[..., None]
            picture = np.where(is_patch, np.array(MARK, np.float32), picture)
        made.append(np.rint(picture).astype(np.uint8))
    return film_of(made, has_audio=False)


@pytest.fixture
def bench(provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    service: Any = VeoService() if provider == "veo" else KlingService()
    service.looks, service.made = 0, moved
    with desk(tmp_path, service, monkeypatch, provider) as made:
        yield made


def run(scene: Scene, generations: Generations, provider: str) -> Continued:
    request = ContinueRequest(scene.media, scene.patch, "goes on")
    service = MotionService(generations, provider)
    return continuing.run(request, service, scene.workspace, cancel=ThreadCancelToken(), report=ignore)


def source(scene: Scene, frame: int, at_box: tuple[int, int, int, int]) -> np.ndarray:
    with scene.workspace.sources() as sources:
        rgb = region_to_rgb(sources.picture(scene.media, at(frame)), *at_box)
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(int)


def _pixels(scene: Scene, one: AnchorPixels) -> np.ndarray:
    return pixels_of(scene.workspace.assets.get(one.pixels)).astype(int)


@pytest.mark.parametrize("provider", ["kling", "veo"], indirect=True)
def test_every_frame_between_becomes_an_anchor_of_what_the_service_made(tmp_path: Path, bench: Desk, provider: str) -> None:
    last = 17 if provider == "kling" else 11
    made, service = scene(tmp_path, last), bench.server.service
    assert isinstance(service, (VeoService, KlingService))
    found, inner = run(made, bench.generations(), provider), range(FIRST + 1, last)
    assert [one.anchor for one in found.version.others] == [at(number) for number in (*inner, last)]
    assert found.frames == len(inner) and found.cost_usd == pytest.approx(service.bill_usd)
    filled = [one for one in found.version.others if one.raw_reply]
    raw = made.workspace.assets.get(filled[0].raw_reply)
    assert raw[4:8] == b"ftyp" and len({one.raw_reply for one in filled}) == 1, "the video is kept as it came"
    assert any("look at them" in text for text in found.warnings)
    assert not any("another picture" in text for text in found.warnings)
    _is_inside_and_follows(made, inner, filled)
    if provider == "kling":
        _is_blended(made, inner, filled)
    _only_the_surroundings_left(made, service.asked[0].raw, last)
    again = run(made, bench.generations(), provider)
    assert len(service.asked) == 1 and again.version.others == found.version.others, "it was paid twice"


def _is_inside_and_follows(made: Scene, inner: range, filled: list[AnchorPixels]) -> None:
    for number, one in zip(inner, filled, strict=True):
        pixels, mask = _pixels(made, one), region_mask(one.region, WIDTH, HEIGHT)
        assert mask.box == one.crop and (mask.alpha == 0).any()
        own = source(made, number, one.crop)
        assert np.array_equal(pixels[mask.alpha == 0], own[mask.alpha == 0]), "outside the region something changed"
        assert abs(one.crop[0] - (70 - (number - FIRST))) <= 2, "the region follows the motion"


def _is_blended(made: Scene, inner: range, filled: list[AnchorPixels]) -> None:
    middles = [_pixels(made, one)[10:-10, 10:-10].reshape(-1, 3).mean(axis=0) for one in filled]
    for number, middle in zip(inner, middles, strict=True):
        if min(number - FIRST, inner.stop - number) > SEAM_FRAMES:
            assert np.abs(middle - np.array(MARK)).max() < 30, f"frame {number} is not the service's: {middle}"
    red = [float(middle[0]) for middle in middles]
    assert red[0] > red[1] > red[SEAM_FRAMES] and red[-1] > red[-2] > red[-1 - SEAM_FRAMES], "240 becomes 60 and 240 again"


def _only_the_surroundings_left(made: Scene, raw: list[bytes], last: int) -> None:
    """Each picture lies in its frame where the region is, and holds no more of it than 32 px on each side."""
    height, most = 92, 30 + (last - FIRST) + 64
    for sent, frame in zip(raw, (FIRST, last), strict=True):
        assert set(pictures.chunks(sent)) <= {"IHDR", "IDAT", "IEND"}
        seen = _without_padding(pictures.decoded(sent))
        width = round(seen.shape[1] * height / seen.shape[0])
        assert width <= most + 6, "more than the surroundings left"
        there = pictures.resized(seen, (width, height))
        whole = source(made, frame, (0, 0, WIDTH, HEIGHT)).astype(np.uint8)
        shift = FIRST - frame
        cv2.ellipse(whole, (85 + shift, 45), (15, 15), 0, 0, 360, (240, 240, 240), -1)
        x, y = cv2.minMaxLoc(cv2.matchTemplate(whole, there, cv2.TM_SQDIFF))[2]
        own = whole[y : y + height, x : x + width].astype(int)
        assert np.abs(there - own).mean() < 14, "it is not what lies around the region"


def _without_padding(picture: np.ndarray) -> np.ndarray:
    """The columns between those that repeat the rim."""
    changes = np.flatnonzero(np.abs(np.diff(picture.astype(int), axis=1)).sum(axis=(0, 2)))
    return np.ascontiguousarray(picture[:, changes[0] : changes[-1] + 2])


def test_a_video_that_begins_elsewhere_is_told_of(tmp_path: Path, bench: Desk, provider: str) -> None:
    service: Any = bench.server.service
    service.made = lambda one: moved(one, np.zeros_like(one.first))
    made = scene(tmp_path, 10)
    before = make_patch.MadePatch(made.project, 1, False, 0.0, made.carry())
    motion = MotionService(bench.generations(), provider)
    filled = make_patch.filled(before, "one", motion, made.workspace, made.registry, cancel=ThreadCancelToken(), report=ignore)
    assert any("begins with another picture" in text for text in filled.warnings)
    assert not any("ends with another picture" in text for text in filled.warnings)
    patch = filled.project.patch_by_id("one")
    assert patch.current_version == 2 == filled.version_number and len(patch.versions) == 2, "the version before it is kept"
    assert filled.cost_usd == pytest.approx(0.35)
    assert at(9) in {one.time for one in filled.carried.frames}


def test_one_anchor_has_nothing_between(tmp_path: Path, bench: Desk) -> None:
    made = Scene.of(make_clip(tmp_path / "still.mp4", panning), tmp_path / "alone", Painter())
    made.make()
    with pytest.raises(EditError, match="two anchors"):
        run(made, bench.generations(), "kling")
    assert bench.server.received == []
