"""How a patch is carried: held, tracked frame by frame, behind what is in front, faded at the ends of its window."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engine.compositing.difference import changed_samples
from engine.compositing.frame import patched_picture
from engine.errors import EditError
from engine.jobs import propagate
from engine.jobs.carried import PatchFrames
from engine.jobs.outline import outline_at
from engine.motion.propagation import propagate as carry
from engine.motion.region import follow
from engine.project.model import Method, RegionKey, RegionKind
from engine.project.patch_edits import set_patch_recipe, set_window
from engine.rational_time import TimeRange
from engine.running import Progress, ThreadCancelToken
from tests.engine.jobs.makers import HEIGHT, WIDTH, Painter, Scene, at, box, make_clip, panning

pytestmark = pytest.mark.integration
ANCHOR_BOX = (48, 29, 96, 67)


def with_ball(number: int) -> np.ndarray:
    """A still wall with a speckled ball that flies through the patch, left to right, three pixels a frame."""
    picture = panning(0)
    speckles = cv2.resize(np.random.default_rng(9).integers(0, 120, (8, 8, 3), np.uint8), (32, 32), interpolation=cv2.INTER_CUBIC)
    left, inside = centre_of(number) - 16, np.hypot(*(np.mgrid[:32, :32] - 15.5)) < 15.5
    picture[32:64, left : left + 32][inside] = speckles[inside] + np.array([120, 0, 40], np.uint8)
    return picture


def centre_of(number: int) -> int:
    return 36 + 3 * number


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("carrying")
    pictures = {"pan": panning, "ball": with_ball, "still": lambda _number: panning(0)}
    return {name: make_clip(folder / f"{name}.mp4", picture) for name, picture in pictures.items()}


@pytest.fixture
def motions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, range]]:
    seen: list[tuple[int, range]] = []

    def watched(method: Any) -> Any:
        def run(frames: Any, anchor: int, patch: Any, window: range, **how: Any) -> Any:
            seen.append((anchor, window))
            return method(frames, anchor, patch, window, **how)

        return run

    monkeypatch.setattr(propagate, "propagate", watched(carry))
    monkeypatch.setattr(propagate, "follow", watched(follow))
    return seen


def scene_of(clip: Path, folder: Path, method: Method = Method.FLOW, painter: Painter | None = None) -> Scene:
    scene = Scene.of(clip, folder, painter or Painter(), box(*ANCHOR_BOX))
    scene.carried_by(method=method, matches_grain=False)
    return scene


def changed(scene: Scene, frame: int) -> np.ndarray:
    """(H, W) bool: what the patch changes on a frame of the clip."""
    with scene.workspace.sources() as sources:
        plain = sources.picture(scene.media, at(frame))
        patched = patched_picture(scene.project, scene.media, at(frame), sources, accepted_only=False)
    return changed_samples(plain, patched)


def extent(mask: np.ndarray) -> np.ndarray:
    """left, top, right, bottom of what is set."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


def test_a_tracked_patch_asks_for_every_frame_with_the_region_where_it_lies(clips: dict[str, Path], tmp_path: Path) -> None:
    painter = Painter()
    scene = scene_of(clips["pan"], tmp_path, Method.TRACK, painter)
    scene.make()
    done = scene.carry()
    assert painter.asked == 1 + 16 and len(done.frames) == 16 and done.frames[0].is_carried
    for frame in (4, 12, 19):
        found = extent(changed(scene, frame))
        assert np.abs(found - (np.array(ANCHOR_BOX) + (12 - frame) * np.array([1, 0, 1, 0]))).max() <= 4
    again = scene.carry()
    assert painter.asked == 17 and again == done


def test_another_wish_of_a_tracked_patch_follows_nothing_anew(
    clips: dict[str, Path], tmp_path: Path, motions: list[tuple[int, range]]
) -> None:
    painter = Painter()
    scene = scene_of(clips["pan"], tmp_path, Method.TRACK, painter)
    scene.make()
    scene.carry()
    assert motions == [(12, range(4, 20))]
    scene.project = set_patch_recipe(scene.project, "one", replace(scene.patch.recipe, seed=5))
    scene.make()
    assert propagate.trust_of(scene.media, scene.patch, _index(scene), scene.workspace.cache) == ()
    scene.carry()
    assert len(motions) == 1 and painter.asked == 2 * 17
    scene.project = set_window(scene.project, "one", TimeRange.between(at(4), at(22)))
    scene.carry()
    assert painter.asked == 2 * 17 + 2


def _index(scene: Scene) -> Any:
    with scene.workspace.sources() as sources:
        return sources.index(scene.media)


def test_a_key_moves_a_tracked_region_on_the_frames_between_only(clips: dict[str, Path], tmp_path: Path) -> None:
    painter = Painter()
    scene = scene_of(clips["still"], tmp_path, Method.TRACK, painter)
    scene.make()
    scene.carry()
    before = {frame: extent(changed(scene, frame)) for frame in (5, 12)}
    asked = painter.asked
    scene.keyed(RegionKey(at(16), box(20, 10, 70, 50)))
    scene.make()
    scene.carry()
    assert painter.asked == asked + 1 + 7  # the key's own frame, and the frames after the anchor
    assert all((extent(changed(scene, frame)) == found).all() for frame, found in before.items())
    assert np.abs(extent(changed(scene, 18)) - (20, 10, 70, 50)).max() <= 4


def test_a_provider_that_is_paid_is_not_asked_for_every_frame(clips: dict[str, Path], tmp_path: Path) -> None:
    painter = Painter(is_remote=True)
    scene = scene_of(clips["pan"], tmp_path, Method.TRACK, painter)
    with pytest.raises(EditError, match="paid for every picture"):
        scene.make()
    assert painter.asked == 0
    scene.carried_by(method=Method.FLOW)
    scene.make()
    scene.carried_by(method=Method.TRACK)
    with pytest.raises(EditError, match="paid for every picture"):
        scene.carry()


def test_a_held_patch_stays_where_it_is(clips: dict[str, Path], tmp_path: Path) -> None:
    scene = scene_of(clips["still"], tmp_path, Method.HOLD)
    scene.make()
    done = scene.carry()
    assert {trust.level for trust in done.frames} == {"green"}
    assert all((extent(changed(scene, frame)) == extent(changed(scene, 12))).all() for frame in (4, 8, 19))
    moving = scene_of(clips["pan"], tmp_path / "moving", Method.HOLD)
    moving.make()
    assert "red" in {trust.level for trust in moving.carry().frames}


def test_what_is_drawn_in_front_once_keeps_every_bit_on_every_frame(clips: dict[str, Path], tmp_path: Path) -> None:
    scene = scene_of(clips["ball"], tmp_path, Method.HOLD)  # held: whatever the tracker thinks of the ball does not help
    scene.make()
    scene.carry()
    assert all(changed(scene, n)[_ball(n, 8)].mean() > 0.9 for n in (10, 12)), "without it the ball is painted over"
    drawn = box(centre_of(9) - 17, 31, centre_of(9) + 17, 65, feather_px=0.0)
    scene.carried_by(in_front=(RegionKey(at(9), replace(drawn, kind=RegionKind.ELLIPSE)),))
    scene.carry()
    for number in (4, 6, 9, 10, 12, 15, 17):
        assert not changed(scene, number)[_ball(number, 12)].any()
    assert changed(scene, 9)[32:64, 86:94].all(), "beside the ball the patch is whole"


def test_progress_counts_frames_and_not_pieces_of_work(clips: dict[str, Path], tmp_path: Path) -> None:
    scene = scene_of(clips["ball"], tmp_path)
    scene.make()
    scene.carried_by(in_front=(RegionKey(at(9), box(44, 35, 70, 61)),))
    told: list[Progress] = []
    request = propagate.PropagateRequest(scene.media, scene.patch)
    propagate.run(request, scene.workspace, cancel=ThreadCancelToken(), report=told.append, registry=scene.registry)
    counts = [int(step.text.split()[0]) for step in told if step.text.endswith(" of 16 frames")]
    assert counts == sorted(counts) and counts[-1] == 16
    assert not [step.text for step in told if "frames" in step.text and not step.text.endswith(" of 16 frames")]


def _ball(number: int, radius: int) -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.asarray(np.hypot(x - (centre_of(number) - 0.5), y - 47.5) < radius)


def test_what_is_in_front_is_followed_alone(
    clips: dict[str, Path], tmp_path: Path, motions: list[tuple[int, range]]
) -> None:
    scene = scene_of(clips["ball"], tmp_path)
    scene.make()
    scene.carry()
    scene.carried_by(in_front=(RegionKey(at(9), box(44, 35, 70, 61)),))
    motions.clear()
    scene.carry()
    assert motions == [(9, range(4, 20))]
    motions.clear()
    scene.carry()
    assert motions == []
    scene.carried_by(in_front=())
    motions.clear()
    scene.carry()
    assert motions == []


def test_a_falloff_fades_in_and_out_and_carries_nothing(
    clips: dict[str, Path], tmp_path: Path, motions: list[tuple[int, range]]
) -> None:
    scene = scene_of(clips["still"], tmp_path)
    scene.make()
    scene.carry()
    motions.clear()
    whole = [strength(scene, frame) for frame in range(4, 20)]
    scene.carried_by(falloff_frames=4)
    scene.carry()
    faded = np.array([strength(scene, frame) for frame in range(4, 20)]) / whole
    assert motions == [] and np.allclose(faded, faded[::-1], atol=0.03)
    assert 0.05 < faded[0] < faded[1] < faded[2] < faded[3] < 0.95 and np.allclose(faded[4:12], 1, atol=0.01)


def strength(scene: Scene, frame: int) -> float:
    """Mean change in levels."""
    with scene.workspace.sources() as sources:
        plain = sources.picture(scene.media, at(frame))
        patched = patched_picture(scene.project, scene.media, at(frame), sources, accepted_only=False)
    return float(np.abs(patched.planes[0].astype(float) - plain.planes[0])[35:60, 55:90].mean())


def test_rebuilding_between_two_anchors_touches_only_what_lies_between(
    clips: dict[str, Path], tmp_path: Path, motions: list[tuple[int, range]]
) -> None:
    """Before the first anchor and after the last it is what following the motion gave: nothing of that is carried again."""
    scene = scene_of(clips["pan"], tmp_path)
    scene.keyed(RegionKey(at(17), box(43, 29, 91, 67)))
    scene.make()
    followed = scene.carry()
    known = PatchFrames(scene.media, scene.patch, scene.workspace.cache)
    names = {frame: known.name(at(frame)) for frame in range(4, 20)}
    motions.clear()
    scene.carried_by(method=Method.REBUILD)
    done = scene.carry()
    assert motions == [] and [f.time for f in done.frames] == [f.time for f in followed.frames]
    known = PatchFrames(scene.media, scene.patch, scene.workspace.cache)
    assert {frame for frame, name in names.items() if known.name(at(frame)) != name} == set(range(13, 17))
    assert [frame.level for frame in done.frames] == ["green"] * 16 and all(known.is_known(at(n)) for n in range(4, 20))
    for frame in range(13, 17):
        found = extent(changed(scene, frame))
        assert np.abs(found - (np.array(ANCHOR_BOX) + (12 - frame) * np.array([1, 0, 1, 0]))).max() <= 4
        outline = outline_at(scene.media, scene.patch, at(frame), scene.workspace.cache)
        assert outline is not None and abs(outline.bounds[0] * WIDTH - (48 + 12 - frame)) < 2
    assert scene.carry() == done


def test_rebuilding_with_one_anchor_is_following_the_motion(clips: dict[str, Path], tmp_path: Path) -> None:
    scene = scene_of(clips["pan"], tmp_path)
    scene.make()
    followed = scene.carry()
    scene.carried_by(method=Method.REBUILD)
    known = PatchFrames(scene.media, scene.patch, scene.workspace.cache)
    assert all(known.is_known(at(frame)) for frame in range(4, 20)) and scene.carry() == followed
