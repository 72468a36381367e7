"""Several anchors: each is made once, only the span to its neighbours is carried anew, and between two both sides count."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.compositing.frame import patched_picture
from engine.jobs import patch as patch_job
from engine.jobs import propagate
from engine.jobs.outline import outline_at
from engine.media.colour import region_to_rgb
from engine.motion.propagation import propagate as carry
from engine.project.model import Region, RegionKey
from engine.running import ThreadCancelToken, ignore
from tests.engine.jobs.makers import BOX, Painter, Scene, at, box, make_clip, panning

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("anchors") / "clip.mp4", panning)


def key(frame: int, region: Region = BOX) -> RegionKey:
    return RegionKey(at(frame), region)


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, range]]:
    """(anchor, window) of every run of the motion room."""
    seen: list[tuple[int, range]] = []

    def watched(frames: Any, anchor: int, patch: Any, window: range, **how: Any) -> Any:
        seen.append((anchor, window))
        return carry(frames, anchor, patch, window, **how)

    monkeypatch.setattr(propagate, "propagate", watched)
    return seen


def test_a_further_anchor_asks_and_carries_only_what_is_new(
    clip: Path, tmp_path: Path, carried: list[tuple[int, range]]
) -> None:
    painter = Painter()
    scene = Scene.of(clip, tmp_path, painter)
    scene.make()
    scene.carry()
    assert carried == [(12, range(4, 20))] and painter.asked == 1
    carried.clear()
    scene.keyed(key(17))
    assert not scene.make().is_cached and painter.asked == 2
    scene.carry()
    assert carried == [(17, range(13, 20))], "what is carried from the first anchor is known up to the new one"
    carried.clear()
    scene.keyed(key(15), key(17))
    scene.make()
    scene.carry()
    assert carried == [(15, range(13, 17))] and painter.asked == 3
    assert [a.anchor for a in scene.patch.version.others] == [at(15), at(17)]  # type: ignore[union-attr]


def test_the_same_keys_again_are_the_same_version_and_keys_taken_away_bring_the_old_one_back(clip: Path, tmp_path: Path) -> None:
    painter = Painter()
    scene = Scene.of(clip, tmp_path, painter)
    scene.make()
    scene.keyed(key(17))
    scene.make()
    assert scene.make().is_cached and len(scene.patch.versions) == 2
    scene.keyed()
    again = scene.make()
    assert again.is_cached and scene.patch.current_version == 1 and painter.asked == 2


def test_between_two_anchors_both_count_and_each_is_whole_on_its_own_frame(clip: Path, tmp_path: Path) -> None:
    painter = Painter(level=60)
    scene = Scene.of(clip, tmp_path, painter)
    scene.make()
    painter.level = 240  # the second anchor is of another light, so that one can see how much of it there is
    scene.keyed(key(18, box(42, 29, 90, 67)))
    scene.make()
    scene.carried_by(matches_grain=False)
    done = scene.carry()
    assert [f.level for f in done.frames] == ["green"] * 16
    levels = [heart(scene, number) for number in range(4, 20)]
    assert np.allclose(levels[:9], 60, atol=4) and np.allclose(levels[14:], 240, atol=4)
    assert all(b > a + 5 for a, b in pairwise(levels[8:15])), "from one to the other, step by step"
    assert abs(levels[11] - 150) < 15


def heart(scene: Scene, frame: int) -> float:
    """Mean level in the middle of the patch."""
    with scene.workspace.sources() as sources:
        picture = patched_picture(scene.project, scene.media, at(frame), sources, accepted_only=False)
    return float(region_to_rgb(picture, 60, 40, 10, 10).mean() * 255)


def test_a_remote_provider_is_never_paid_for_a_correction(clip: Path, tmp_path: Path) -> None:
    painter = Painter(is_remote=True, level=250, cost_usd=0.04)
    scene = Scene.of(clip, tmp_path, painter)
    scene.make()
    corrected = box(30, 20, 60, 50)
    scene.keyed(key(17, corrected))
    made = scene.make()
    assert painter.asked == 1 and made.version.cost_usd == 0.0
    scene.carried_by(matches_grain=False)
    scene.carry()
    with scene.workspace.sources() as sources:
        patched = patched_picture(scene.project, scene.media, at(17), sources, accepted_only=False)
        plain = sources.picture(scene.media, at(17))
    rgb, before = region_to_rgb(patched, 0, 0, 160, 96), region_to_rgb(plain, 0, 0, 160, 96)
    assert rgb[26:44, 36:54].mean() * 255 > 235, "the paid pixels lie in the corrected outline"
    assert np.array_equal(rgb[70:], before[70:]) and np.array_equal(rgb[:, 70:], before[:, 70:])
    assert scene.make().is_cached


def test_a_correction_asks_no_remote_provider_even_where_its_answer_is_known_no_more(clip: Path, tmp_path: Path) -> None:
    painter = Painter(is_remote=True, level=250, cost_usd=0.04)
    scene = Scene.of(clip, tmp_path, painter)
    first = scene.make().version
    painter.info = replace(painter.info, version="another model")
    scene.keyed(key(17))
    request = patch_job.PatchRequest(scene.media, scene.patch, is_correction=True)
    made = patch_job.run(request, scene.workspace, scene.registry, cancel=ThreadCancelToken(), report=ignore)
    assert painter.asked == 1 and made.version.cost_usd == 0
    assert made.version.pixels == first.pixels and [other.anchor for other in made.version.others] == [at(17)]


@pytest.mark.parametrize("frame", [4, 9, 15, 19])
def test_the_outline_is_known_on_every_frame(clip: Path, tmp_path: Path, frame: int) -> None:
    scene = Scene.of(clip, tmp_path, Painter())
    scene.make()
    scene.carry()
    found = outline_at(scene.media, scene.patch, at(frame), scene.workspace.cache)
    assert found is not None
    expected = np.array(BOX.bounds) * (160, 96, 160, 96) - ((frame - 12), 0, frame - 12, 0)
    assert np.abs(np.array(found.bounds) * (160, 96, 160, 96) - expected).max() < 1


def test_an_outline_is_what_was_drawn_and_unknown_where_nothing_was_carried(clip: Path, tmp_path: Path) -> None:
    scene = Scene.of(clip, tmp_path, Painter())
    cache = scene.workspace.cache
    assert outline_at(scene.media, scene.patch, at(12), cache) == BOX
    assert outline_at(scene.media, scene.patch, at(13), cache) is None
    scene.keyed(key(16, box(10, 10, 50, 50)))
    assert outline_at(scene.media, scene.patch, at(16), cache) == box(10, 10, 50, 50)
    scene.make()
    scene.carry()
    middle = outline_at(scene.media, scene.patch, at(14), cache)
    assert middle is not None
    left = [region.bounds[0] * 160 for region in (BOX, middle, box(10, 10, 50, 50))]
    assert left[0] > left[1] > left[2]
