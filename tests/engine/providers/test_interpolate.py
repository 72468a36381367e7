"""“Rebuild from neighbours” finds the good frames beside a damaged one and puts the picture between them into the region."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import Cancelled, ProviderError
from engine.providers.local.interpolate import Interpolate
from engine.providers.protocol import Crop, RegionEditReply, RegionEditRequest
from engine.running import ThreadCancelToken, ignore
from tests.engine.motion.scenes import texture
from tests.engine.providers.makers import ArrayShot

ANCHOR = 4
BOX = (40, 20, 120, 90)
Mask = npt.NDArray[np.float32]


def moving(deep: bool = False) -> list[Crop]:
    """A wall that moves by three pixels a frame."""
    world = texture(140, 280, 7)
    frames = [cv2.warpAffine(world, np.array([[1, 0, 3.0 * n - 50], [0, 1, -0.5 * n]]), (200, 130)) for n in range(9)]
    scale = 257 if deep else 1
    return [(np.rint(frame.clip(0, 255)) * scale).astype(np.uint16 if deep else np.uint8) for frame in frames]


def mask() -> Mask:
    made = np.zeros((BOX[3], BOX[2]), np.float32)
    made[25:60, 30:85] = 1
    return made


def crop(frame: Crop) -> Crop:
    return frame[BOX[1]:BOX[1] + BOX[3], BOX[0]:BOX[0] + BOX[2]]


def damaged(frames: list[Crop], *numbers: int) -> list[Crop]:
    """Noise over the region of the frames named."""
    hurt = [frame.copy() for frame in frames]
    for number in numbers:
        part = crop(hurt[number])
        peak = np.iinfo(part.dtype).max
        noise = np.random.default_rng(number).random(part.shape) * peak
        part[mask() > 0] = noise[mask() > 0].astype(part.dtype)
    return hurt


def rebuild(shot: ArrayShot, frames: list[Crop]) -> RegionEditReply:
    request = RegionEditRequest(crop(frames[ANCHOR]).copy(), mask())
    return Interpolate().edit(request, shot, cancel=ThreadCancelToken(), report=ignore)


def miss(made: Crop, truth: Crop) -> float:
    peak = np.iinfo(made.dtype).max
    return float(np.abs(made.astype(float) - crop(truth))[mask() > 0].mean() / peak * 255)


@pytest.mark.parametrize("deep", [False, True])
def test_a_damaged_frame_is_what_it_was_and_nothing_else_changes(deep: bool) -> None:
    frames = moving(deep)
    hurt = damaged(frames, ANCHOR)
    made = rebuild(ArrayShot(hurt, ANCHOR, BOX), hurt).pixels
    assert made.dtype == frames[0].dtype and miss(made, frames[ANCHOR]) < 3 < miss(crop(frames[ANCHOR - 1]), frames[ANCHOR])
    assert np.array_equal(made[mask() == 0], crop(hurt[ANCHOR])[mask() == 0])


def test_neighbours_that_are_damaged_too_are_passed_over() -> None:
    frames = moving()
    hurt = damaged(frames, ANCHOR - 1, ANCHOR, ANCHOR + 1, ANCHOR + 2)
    made = rebuild(ArrayShot(hurt, ANCHOR, BOX), hurt).pixels
    assert miss(made, frames[ANCHOR]) < 6


def test_a_frame_that_is_broken_all_over_is_no_shot_of_its_own() -> None:
    frames = moving()
    hurt = [*frames[:ANCHOR], np.full_like(frames[0], 90), *frames[ANCHOR + 1:]]
    made = rebuild(ArrayShot(hurt, ANCHOR, BOX, cuts=(ANCHOR, ANCHOR + 1)), hurt).pixels
    assert miss(made, frames[ANCHOR]) < 3


def test_at_the_end_of_a_shot_the_one_side_is_taken_and_said() -> None:
    frames = moving()
    made = rebuild(ArrayShot(frames, ANCHOR, BOX, cuts=(ANCHOR + 1,)), frames)
    assert np.array_equal(made.pixels[mask() > 0], crop(frames[ANCHOR - 1])[mask() > 0])
    assert len(made.warnings) == 1 and "one side" in made.warnings[0]


def test_without_other_frames_it_says_so() -> None:
    frames = moving()
    with pytest.raises(ProviderError, match="no other frame"):
        rebuild(ArrayShot(frames[ANCHOR:ANCHOR + 1] * (ANCHOR + 1), ANCHOR, BOX, cuts=range(ANCHOR + 1)), frames)
    request = RegionEditRequest(crop(frames[ANCHOR]), mask())
    with pytest.raises(ProviderError, match="no other frames"):
        Interpolate().edit(request, None, cancel=ThreadCancelToken(), report=ignore)


def test_equal_requests_give_equal_answers_and_cancel_is_heard() -> None:
    frames = moving()
    shot = ArrayShot(frames, ANCHOR, BOX)
    assert np.array_equal(rebuild(shot, frames).pixels, rebuild(shot, frames).pixels)
    token = ThreadCancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Interpolate().edit(RegionEditRequest(crop(frames[ANCHOR]), mask()), shot, cancel=token, report=ignore)


def test_what_is_not_to_be_brought_together_is_said() -> None:
    frames = moving()
    other = (255 - texture(130, 200, 31)).clip(0, 255).astype(np.uint8)
    torn = [*frames[:ANCHOR + 1], *[other] * ANCHOR]
    request = RegionEditRequest(crop(frames[ANCHOR]), mask())
    made = Interpolate().edit(replace(request), ArrayShot(torn, ANCHOR, BOX), cancel=ThreadCancelToken(), report=ignore)
    assert made.warnings
