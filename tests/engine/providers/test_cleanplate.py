"""The clean plate shows what was behind, beats inpainting by far, and says where it had nothing to show."""

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import Cancelled
from engine.providers.local.aligning import aligned_frames, spread
from engine.providers.local.covering import covered
from engine.providers.local.plate import plate
from engine.providers.protocol import RegionEditReply, RegionEditRequest
from engine.providers.registry import local_registry
from engine.running import ThreadCancelToken, ignore
from tests.engine.providers.makers import ArrayShot, Scene, crop_box, moving_scene, psnr


def request_of(scene: Scene, deep: bool = False) -> tuple[RegionEditRequest, ArrayShot]:
    box = crop_box(scene.mask)
    cut = np.s_[box[1]:box[1] + box[3], box[0]:box[0] + box[2]]
    frames = [frame.astype(np.uint16) * np.uint16(257) for frame in scene.frames] if deep else scene.frames
    crop, mask = np.ascontiguousarray(frames[scene.anchor][cut]), np.ascontiguousarray(scene.mask[cut])
    return RegionEditRequest(crop, mask), ArrayShot(frames, scene.anchor, box)


def edited(provider: str, request: RegionEditRequest, shot: ArrayShot) -> RegionEditReply:
    return local_registry().get(provider).edit(request, shot, cancel=ThreadCancelToken(), report=ignore)


def truth_of(scene: Scene) -> npt.NDArray[np.uint8]:
    x, y, width, height = crop_box(scene.mask)
    return scene.truth[y:y + height, x:x + width]


@pytest.fixture(scope="module")
def scene() -> Scene:
    return moving_scene(4, (192, 108), count=40)


@pytest.mark.parametrize("seed", [1, 8])
def test_a_moving_camera_sees_behind_a_moving_thing(seed: int) -> None:
    made = moving_scene(seed, (240, 136), count=50)
    request, shot = request_of(made)
    request = replace(request, params={"frames": 24.0})
    inside = request.mask > 0
    plate = edited("local.cleanplate", request, shot)
    inpainted = edited("local.inpaint", request, shot)
    gain = psnr(np.asarray(plate.pixels, np.uint8), truth_of(made), inside)
    gain -= psnr(np.asarray(inpainted.pixels, np.uint8), truth_of(made), inside)
    assert gain >= 5
    assert np.array_equal(plate.pixels[~inside], request.crop[~inside])


def test_equal_shots_give_equal_plates_at_any_depth(scene: Scene) -> None:
    few = {"frames": 12.0}
    request, shot = request_of(scene)
    request = replace(request, params=few)
    one = edited("local.cleanplate", request, shot).pixels
    assert np.array_equal(one, edited("local.cleanplate", request, shot).pixels)
    deep_request, deep_shot = request_of(scene, deep=True)
    deep = edited("local.cleanplate", replace(deep_request, params=few), deep_shot).pixels
    assert deep.dtype == np.uint16
    inside = request.mask > 0
    assert psnr(np.rint(deep / 257).astype(np.uint8), np.asarray(one, np.uint8), inside) > 38


def test_what_stands_still_is_filled_from_around_and_said(scene: Scene) -> None:
    still = replace(scene, frames=[scene.frames[scene.anchor]] * 12, anchor=6)
    request, shot = request_of(still)
    made = edited("local.cleanplate", request, shot)
    assert len(made.warnings) == 1 and "what is behind the region" in made.warnings[0]
    assert (made.pixels[request.mask > 0] != request.crop[request.mask > 0]).any()


def test_frames_beyond_a_cut_are_not_looked_at(scene: Scene) -> None:
    request, _ = request_of(scene)
    box = crop_box(scene.mask)
    shot = ArrayShot(scene.frames, scene.anchor, box, cuts=(scene.anchor - 5, scene.anchor + 6))
    edited("local.cleanplate", request, shot)
    assert set(shot.asked) <= set(range(scene.anchor - 5, scene.anchor + 6)) and len(set(shot.asked)) > 6


def test_frames_are_aligned_to_a_part_of_a_pixel() -> None:
    """Against the known motion: the frame laid over the edited one by the homography found is the wall again."""
    scene = moving_scene(3, (240, 136), count=26)
    request, shot = request_of(scene)
    free = request.mask == 0
    found = list(aligned_frames(request.crop, free, shot, 12, Fraction(1), ThreadCancelToken()))
    assert len(found) >= 10
    height, width = free.shape
    inner = cv2.erode(free.astype(np.uint8), np.ones((25, 25), np.uint8))[12:-12, 12:-12] > 0
    for frame in found:
        laid = cv2.warpPerspective(
            frame.crop.pixels, frame.matrix, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        )
        gap = np.abs(laid.astype(int) - request.crop)[12:-12, 12:-12].max(axis=2)
        assert np.median(gap[inner]) < 9


def test_spread_is_dense_near_the_frame() -> None:
    times = [Fraction(n) for n in range(100)]
    chosen = spread(times, 20)
    assert len(set(chosen)) == 20 and chosen == sorted(chosen) and chosen[0] == 0 and chosen[-1] == 99
    assert chosen[5] < 100 * 5 / 19
    assert spread(times[:7], 20) == times[:7]


def test_the_thing_is_followed_where_it_goes() -> None:
    random = np.random.default_rng(0)
    ground = np.asarray(cv2.GaussianBlur(random.integers(0, 255, (90, 160)).astype(np.uint8), (0, 0), 2), np.uint8)
    patch = np.asarray(cv2.GaussianBlur(random.integers(0, 255, (30, 30)).astype(np.uint8), (0, 0), 1), np.uint8)
    frames = []
    for step in range(6):
        frame = ground.copy()
        frame[30:60, 40 + 7 * step:70 + 7 * step] = patch
        frames.append(frame)
    region = np.zeros((90, 160), np.bool_)
    region[28:62, 38:72] = True
    found = covered(frames[0], frames[1:], [1, 2, 3, 4, 5], region)
    for step, where in enumerate(found, start=1):
        assert where is not None
        assert where[32:58, 42 + 7 * step:68 + 7 * step].all() and not where[:, :30 + 7 * step].any()


def test_cancel_is_heard_between_frames(scene: Scene) -> None:
    token = ThreadCancelToken()
    request, shot = request_of(scene)
    reports = []

    def report(progress: object) -> None:
        reports.append(progress)
        if len(reports) == 3:
            token.cancel()

    with pytest.raises(Cancelled):
        local_registry().get("local.cleanplate").edit(request, shot, cancel=token, report=report)
    assert len(reports) <= 4


def test_a_shadow_that_was_not_drawn_in_is_told_of() -> None:
    """It lies outside the region, where nothing may change; who draws the region larger takes it too."""
    made = moving_scene(1, (240, 136), count=30)
    few = {"frames": 16.0}
    request, shot = request_of(made)
    whole = edited("local.cleanplate", replace(request, params=few), shot).warnings
    assert not any("Draw the region larger" in warning for warning in whole)
    narrow = np.asarray(cv2.erode(made.mask, np.ones((1, 31), np.uint8)), np.float32)
    request, shot = request_of(replace(made, mask=narrow))
    told = edited("local.cleanplate", replace(request, params=few), shot).warnings
    assert any("Draw the region larger" in warning for warning in told)


@pytest.mark.parametrize(("agreeing", "contested"), [(20, 0.0), (9, 1.0)])
def test_what_many_frames_show_otherwise_is_contested(agreeing: int, contested: float) -> None:
    """A thing in another pose shows one picture in some frames and other ones in the rest; what is behind shows one in all."""
    shades = [100] * agreeing + [20 + 12 * number for number in range(20 - agreeing)]
    stack = np.stack([np.full((40, 40, 3), shade, np.float32) for shade in shades])
    free, trust = np.ones((20, 40, 40), bool), np.ones((20, 40, 40), np.float32)
    found = plate(stack, free, trust, np.ones((40, 40), bool), 1.0, ThreadCancelToken())
    assert found.is_seen.all() and found.contested == contested
