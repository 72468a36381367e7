"""Between two anchors a patch is rebuilt from them alone: where it belongs, whatever the frames there show, and doubted where it
does not meet them."""

import numpy as np
import pytest

from engine.compositing.sources import PatchFrame
from engine.media.picture import Picture
from engine.motion.confidence import Reason
from engine.motion.propagation import CarriedFrame
from engine.motion.rebuilding import End, rebuild
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import HEIGHT, WIDTH, Rgb, Scene, pan, patch_of, picture, psnr, scene

FIRST, LAST = 0, 12


@pytest.fixture(scope="module")
def panned() -> Scene:
    """The patch moves by 60 pixels between its anchors and turns by 6 degrees."""
    return scene(pan(5, 1, 0.5))


def ends(shot: Scene) -> tuple[End, End]:
    one, other = (End(n, patch_of(shot.truth[n], shot.region[n])) for n in (FIRST, LAST))
    return one, other


def rebuilt(shot: Scene, frames: list[Rgb] | None = None) -> list[CarriedFrame]:
    shown = frames or shot.frames

    def at(number: int) -> Picture:
        return picture(shown[number])

    return list(rebuild(at, *ends(shot), lambda n: n / LAST, cancel=ThreadCancelToken()))


def on(frame: Rgb, patch: PatchFrame | None) -> Rgb:
    assert patch is not None
    whole = frame.copy()
    height, width = patch.alpha.shape
    part = np.s_[patch.y : patch.y + height, patch.x : patch.x + width]
    whole[part] = np.where(patch.alpha[..., None] > 0, patch.rgb, whole[part])
    return whole


def test_what_lies_between_is_met_at_its_time_and_place(panned: Scene) -> None:
    made = rebuilt(panned)
    assert [carried.frame for carried in made] == list(range(1, 12))
    for carried in made:
        frame = carried.frame
        assert psnr(on(panned.frames[frame], carried.patch), panned.truth[frame], panned.region[frame]) > 29
        assert carried.confidence > 0.75 and not carried.reasons
    matrix = np.array(made[5].to_anchor).reshape(3, 3)
    place = matrix @ np.array([WIDTH / 2, HEIGHT / 2, 1])  # frame 6 shows the world as it is
    assert np.abs(place[:2] / place[2] - (WIDTH / 2 - 30, HEIGHT / 2 - 6)).max() < 1.5


def test_frames_that_show_nothing_of_it_change_nothing_but_the_trust(panned: Scene) -> None:
    damaged = [
        frame if number in {FIRST, LAST} else np.asarray(frame // 4 + 90, np.uint8) for number, frame in enumerate(panned.frames)
    ]
    for one, other in zip(rebuilt(panned), rebuilt(panned, damaged), strict=True):
        assert one.patch is not None and other.patch is not None
        assert np.array_equal(one.patch.rgb, other.patch.rgb) and np.array_equal(one.patch.alpha, other.patch.alpha)
        assert other.confidence < 0.4 < one.confidence and Reason.DIFFERS in other.reasons


def test_nothing_is_rebuilt_over_a_cut(panned: Scene) -> None:
    other = scene(pan(5, 1), seed=50)
    frames = panned.frames[:7] + other.frames[7:]
    made = rebuilt(panned, frames)
    assert all(carried.patch is None and carried.reasons == (Reason.CUT,) for carried in made)


def test_a_patch_that_leaves_no_room_at_the_edge_is_rebuilt_too() -> None:
    shot = scene(pan(-8, 3))
    for carried in rebuilt(shot):
        assert carried.patch is not None
        shown = on(shot.frames[carried.frame], carried.patch)
        assert psnr(shown, shot.truth[carried.frame], shot.region[carried.frame]) > 27
