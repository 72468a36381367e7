"""Slow motion keeps the shot's frames, puts made ones where the motion is at that time, and never joins two shots."""

import cv2
import numpy as np
import pytest

from engine.errors import Cancelled
from engine.media.colour import rgb_to_planes
from engine.media.picture import Colour, Picture, PixelFormat
from engine.motion.slowing import SlowFrames
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import texture

WIDTH, HEIGHT = 150, 110
FORMATS = {
    "yuv420p": PixelFormat("yuv420p", 8, 1, 1), "yuv422p10le": PixelFormat("yuv422p10le", 10, 1, 0),
    "yuv444p": PixelFormat("yuv444p", 8, 0, 0),
}
PLAIN = FORMATS["yuv420p"]


def shown(time: float, form: PixelFormat = PLAIN, seed: int = 3) -> Picture:
    """A wall that moves by (6, -3) pixels in a time of 1."""
    place = np.array([[1, 0, 6 * time - 40], [0, 1, -3 * time - 40]], float)
    wall = cv2.warpAffine(texture(200, 260, seed), place, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    rgb = np.asarray(np.clip(wall, 0, 255) / 255, np.float32)
    colour = Colour(1, 1, 1, full_range=False)
    return Picture(rgb_to_planes(rgb, form, colour, (WIDTH, HEIGHT)), form, colour)


def slowed(pictures: list[Picture], times: int) -> tuple[list[Picture], SlowFrames]:
    frames = SlowFrames(pictures.__getitem__, len(pictures), times, ThreadCancelToken())
    return [frames.picture(number) for number in range(len(pictures) * times)], frames


def luma_miss(one: Picture, other: Picture) -> float:
    """Mean difference in 8-bit levels, away from the border."""
    inner = np.s_[10:-10, 10:-10]
    difference = one.planes[0][inner].astype(np.float64) - other.planes[0][inner]
    return float(np.abs(difference).mean()) * 255 / one.format.peak


@pytest.mark.parametrize("name", FORMATS)
def test_frames_stay_and_what_is_between_is_where_the_motion_is(name: str) -> None:
    form = FORMATS[name]
    source = [shown(time, form) for time in range(3)]
    made, frames = slowed(source, 4)
    assert all(made[4 * number] is source[number] for number in range(3)), "the shot's own frames, bit for bit"
    for number in (1, 2, 3, 5, 6, 7):
        assert made[number].format == form and made[number].colour == source[0].colour
        assert luma_miss(made[number], shown(number / 4, form)) < 2.5
    assert all(picture is source[2] for picture in made[8:]), "after the last one there is nothing to go to"
    assert frames.made == 6 and not frames.cuts and not frames.doubtful


def test_nothing_is_made_over_a_cut() -> None:
    one, other = [shown(0), shown(1)], [shown(0, seed=44), shown(1, seed=44)]
    made, frames = slowed([*one, *other], 2)
    assert made[2] is one[1] and made[3] is one[1], "the frame before the cut stays until it"
    assert made[4] is other[0] and frames.cuts == [1] and frames.made == 2


def test_a_frame_that_is_repeated_is_not_made_anew() -> None:
    made, frames = slowed([shown(0), shown(0), shown(1)], 2)
    assert np.array_equal(made[1].planes[0], made[0].planes[0]) and frames.made == 1


def test_what_cannot_be_followed_is_said() -> None:
    """A block that jumps over half the picture, in front of a wall that goes on."""
    def jumping(time: int) -> Picture:
        picture = shown(time)
        luma = picture.planes[0].copy()
        left = 5 if time == 0 else 105
        luma[30:75, left:left + 40] = np.clip(texture(45, 40, 9 + time).mean(axis=2), 16, 235).astype(np.uint8)
        return Picture((luma, *picture.planes[1:]), picture.format, picture.colour)

    _, frames = slowed([jumping(0), jumping(1)], 2)
    assert frames.doubtful == [0] and not frames.cuts


def test_it_can_be_cancelled() -> None:
    token = ThreadCancelToken()
    frames = SlowFrames([shown(0), shown(1)].__getitem__, 2, 2, token)
    token.cancel()
    with pytest.raises(Cancelled):
        frames.picture(1)
