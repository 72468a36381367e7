"""A carried patch lies where the scene moved it, changes nothing else, and knows when it is doubtful."""

import numpy as np
import numpy.typing as npt
import pytest

from engine.compositing.replace import replace_frame
from engine.compositing.sources import ALPHA_STEPS
from engine.errors import BadInputError, Cancelled
from engine.media.picture import Colour, Picture, PixelFormat
from engine.motion.confidence import Reason, level
from engine.motion.propagation import CarriedFrame, hold, propagate
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import Scene, Warp, pan, picture, psnr, rgb_of, scene, texture


def carry(what: Scene, window: range | None = None) -> dict[int, CarriedFrame]:
    frames = propagate(what.picture, what.anchor, what.patch, window or range(len(what.frames)), cancel=ThreadCancelToken())
    return {carried.frame: carried for carried in frames}


def quality(what: Scene, carried: CarriedFrame) -> float:
    assert carried.patch is not None
    shown = rgb_of(replace_frame(what.picture(carried.frame), carried.patch))
    return psnr(shown, what.truth[carried.frame], what.region[carried.frame])


@pytest.mark.parametrize(("warp", "least_db"), [
    (pan(0.0), 38), (pan(2.3, -1.2), 36), (pan(0.7, 0.4, 1.5), 35), (pan(11.0, 2.0), 33),
], ids=["still", "slow pan", "turn", "fast pan"])
def test_the_patch_follows_the_plane_it_lies_on(warp: Warp, least_db: float) -> None:
    moving = scene(warp)
    carried = carry(moving)
    for number in (0, 3, 9, 12):
        assert quality(moving, carried[number]) > least_db
        assert level(carried[number].confidence) == "green"


@pytest.mark.parametrize("period", [24, 31])
def test_on_a_surface_that_repeats_it_goes_the_way_that_is_expected(period: int) -> None:
    def sway(number: int) -> npt.NDArray[np.float64]:
        across, down = 40 * np.sin((number - 12) / 4), 1.2 * (number - 12)
        return np.array([[1, 0, across], [0, 1, down], [0, 0, 1.0]])

    moving = scene(sway, 25, period=period)
    carried = carry(moving)
    assert min(quality(moving, carried[number]) for number in carried) > 30


def test_changing_light_falls_on_the_patch_too() -> None:
    fading = scene(pan(1.0), light=lambda number: 1.0 - 0.05 * (number - 6))
    carried = carry(fading)
    assert min(quality(fading, carried[number]) for number in (0, 12)) > 30


def test_what_passes_in_front_is_not_painted_over_and_the_patch_comes_back() -> None:
    passing = scene(pan(0.6), 17, occluder=lambda n: None if n == 8 else (310.0 - 24 * (n - 8), 95.0) if n > 8 else None)
    carried = carry(passing)
    covered = [n for n in range(9, 17) if carried[n].covered_share > 0.1]
    assert covered
    for number in covered:
        patch = carried[number].patch
        assert patch is not None
        shown = rgb_of(replace_frame(passing.picture(number), patch))
        y, x = np.mgrid[:180, :320]
        heart = np.hypot(x - (310.0 - 24 * (number - 8)), y - 95.0) < 16
        painted = np.abs(shown.astype(int) - passing.frames[number]).max(axis=2)[heart]
        assert (painted > 16).mean() < 0.35
    assert quality(passing, carried[16]) > 30


def test_the_anchor_comes_first_then_outward_and_each_frame_once() -> None:
    moving = scene(pan(1.0), 7)
    order = [c.frame for c in propagate(moving.picture, 3, moving.patch, range(1, 7), cancel=ThreadCancelToken())]
    assert order == [3, 4, 5, 6, 2, 1]
    assert carry(moving)[3].patch is moving.patch


def test_a_frame_does_not_depend_on_the_length_of_the_window_and_runs_are_equal() -> None:
    moving = scene(pan(2.3, -1.2), 9)
    long, short = carry(moving), carry(moving, range(3, 7))
    for number in (3, 5, 6):
        one, other = long[number], short[number]
        assert one.patch is not None and other.patch is not None
        assert one.confidence == other.confidence and (one.patch.x, one.patch.y) == (other.patch.x, other.patch.y)
        assert np.array_equal(one.patch.rgb, other.patch.rgb) and np.array_equal(one.patch.alpha, other.patch.alpha)


def test_alpha_is_in_steps_that_the_cache_keeps() -> None:
    moving = scene(pan(1.3), 7)
    patch = carry(moving)[5].patch
    assert patch is not None and patch.alpha.dtype == np.float32 and patch.rgb.dtype == np.uint8
    steps = np.rint(patch.alpha * ALPHA_STEPS)
    assert np.array_equal((steps / ALPHA_STEPS).astype(np.float32), patch.alpha)


def test_it_ends_at_a_cut_with_the_reason_and_reads_no_further() -> None:
    moving = scene(pan(1.0), 9)
    other = (255 - np.rint(texture(180, 320, 77) * 0.4)).astype(np.uint8)
    asked: list[int] = []

    def frames(number: int) -> Picture:
        asked.append(number)
        return picture(other) if number >= 6 else moving.picture(number)

    carried = {c.frame: c for c in propagate(frames, 4, moving.patch, range(9), cancel=ThreadCancelToken())}
    assert carried[5].patch is not None
    for number in (6, 7, 8):
        assert carried[number].patch is None and carried[number].confidence == 0 and carried[number].reasons == (Reason.CUT,)
    assert 7 not in asked and 8 not in asked and carried[0].patch is not None


def test_it_ends_where_the_region_leaves_the_picture() -> None:
    leaving = scene(pan(26.0), 17)
    carried = carry(leaving)
    assert carried[0].reasons or carried[16].reasons
    assert any(c.patch is None and Reason.LEFT in c.reasons for c in carried.values()) or min(
        c.confidence for c in carried.values()) < 0.75


def test_it_is_carried_again_when_the_region_comes_back() -> None:
    def swing(number: int) -> float:
        return float(330 * np.sin(np.pi * min(max(number - 8, 0) / 8, 1.0)) ** 2)

    away = scene(lambda n: np.array([[1, 0, swing(n)], [0, 1, 0], [0, 0, 1.0]]), 17)
    carried = carry(away)
    assert all(carried[n].patch is None and Reason.LEFT in carried[n].reasons for n in (11, 12, 13))
    assert carried[16].patch is not None and quality(away, carried[16]) > 35


def test_what_covers_all_of_it_leaves_it_unpainted_and_it_returns_in_place() -> None:
    behind = scene(pan(0.8, 0.4), 17, occluder=lambda n: None if n <= 8 else (240.0 - 24 * (n - 9), 92.0))
    carried = carry(behind)
    assert quality(behind, carried[16]) > 33


def test_cancel_is_answered_before_the_next_frame() -> None:
    moving = scene(pan(1.0), 7)
    token = ThreadCancelToken()
    run = propagate(moving.picture, 3, moving.patch, range(7), cancel=token)
    next(run)
    next(run)
    token.cancel()
    with pytest.raises(Cancelled):
        next(run)


def test_an_anchor_outside_the_window_is_refused() -> None:
    moving = scene(pan(1.0), 5)
    for method in (propagate, hold):
        with pytest.raises(BadInputError, match="window"):
            next(iter(method(moving.picture, 2, moving.patch, range(3, 5), cancel=ThreadCancelToken())))


def test_ten_bit_video_gets_sixteen_bit_pixels() -> None:
    form = PixelFormat("yuv420p10le", 10, 1, 1)
    luma = (texture(180, 320, 5)[..., 0] * 4).astype(np.uint16).clip(64, 940)
    still = Picture((luma, np.full((90, 160), 512, np.uint16), np.full((90, 160), 512, np.uint16)), form, Colour(1, 1, 1))
    small = scene(pan(0.0), 3).patch
    deep = type(small)(small.x, small.y, small.rgb.astype(np.uint16) * 257, small.alpha)
    carried = list(propagate(lambda _n: still, 1, deep, range(3), cancel=ThreadCancelToken()))
    for frame in carried:
        assert frame.patch is not None and frame.patch.rgb.dtype == np.uint16
        replace_frame(still, frame.patch)


def test_hold_lays_the_same_patch_everywhere_and_doubts_what_moves() -> None:
    still, moving = scene(pan(0.0), 5), scene(pan(6.0), 5)
    held = {c.frame: c for c in hold(still.picture, 2, still.patch, range(5), cancel=ThreadCancelToken())}
    assert all(c.patch is still.patch for c in held.values()) and level(held[0].confidence) == "green"
    doubtful = {c.frame: c for c in hold(moving.picture, 2, moving.patch, range(5), cancel=ThreadCancelToken())}
    assert level(doubtful[0].confidence) == "red" and Reason.DIFFERS in doubtful[0].reasons
