"""The picture between two lies where the motion is at that time, at either depth, and is better than a blend."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import BadInputError, Cancelled
from engine.motion import interpolation
from engine.motion.interpolation import Way, between, judged
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import texture

Bytes = npt.NDArray[np.uint8]


def shown(time: float, height: int = 110, width: int = 150) -> Bytes:
    """A wall that moves by (6, -3) pixels in a time of 1, with a block that moves the other way in front."""
    wall = cv2.warpAffine(
        texture(200, 260, 3), np.array([[1, 0, 6 * time - 40], [0, 1, -3 * time - 40]], float), (width, height),
        flags=cv2.INTER_CUBIC)
    block = texture(40, 40, 8)
    place = np.array([[1, 0, 50 - 5 * time], [0, 1, 40 + 4 * time]], float)
    over = cv2.warpAffine(block, place, (width, height), flags=cv2.INTER_CUBIC)
    alpha = cv2.warpAffine(np.ones((40, 40), np.float32), place, (width, height))[..., None]
    return np.asarray(np.clip(np.rint(wall * (1 - alpha) + over * alpha), 0, 255), np.uint8)


def miss(made: npt.NDArray[np.float64] | Bytes, truth: Bytes) -> float:
    return float(np.abs(np.asarray(made, np.float64) - truth)[8:-8, 8:-8].mean())


@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_the_motion_is_met_at_its_time(share: float) -> None:
    before, after = shown(0), shown(1)
    made = between(before, after, share, cancel=ThreadCancelToken())
    blend = before * (1 - share) + after.astype(np.float64) * share
    assert miss(made, shown(share)) < 0.35 * miss(blend, shown(share))


def test_sixteen_bit_is_eight_bit_with_finer_steps() -> None:
    before, after = shown(0), shown(1)
    shallow = between(before, after, 0.5, cancel=ThreadCancelToken())
    deep = between(before.astype(np.uint16) * 257, after.astype(np.uint16) * 257, 0.5, cancel=ThreadCancelToken())
    assert deep.dtype == np.uint16 and np.abs(deep / 257 - shallow).max() <= 0.51


@pytest.mark.parametrize("size", [(1, 1), (7, 90), (50, 33)])
def test_any_size_is_answered(size: tuple[int, int]) -> None:
    before, after = shown(0)[:size[0], :size[1]], shown(1)[:size[0], :size[1]]
    assert between(before, after, 0.5, cancel=ThreadCancelToken()).shape == before.shape


def test_equal_pictures_stay_what_they_are_and_are_not_doubted() -> None:
    still = shown(0)
    made = judged(still, still, 0.3, cancel=ThreadCancelToken())
    assert np.abs(made.pixels.astype(int) - still).max() <= 1 and made.doubt.max() == 0


def test_pictures_that_have_nothing_in_common_are_doubted() -> None:
    other = np.asarray(255 - texture(110, 150, 44), np.uint8)
    assert judged(shown(0), other, 0.5, cancel=ThreadCancelToken()).doubt.mean() > 0.4


def test_what_has_nothing_in_between_is_refused_and_cancel_is_heard() -> None:
    for before, after, share in ((shown(0), shown(1)[:50], 0.5), (shown(0), shown(1), 0.0), (shown(0), shown(1), 1.0)):
        with pytest.raises(BadInputError):
            between(before, after, share, cancel=ThreadCancelToken())
    token = ThreadCancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        between(shown(0), shown(1), 0.5, cancel=token)


def unit(picture: Bytes) -> npt.NDArray[np.float32]:
    return np.asarray(picture / 255, np.float32)


def test_bands_join_without_a_seam() -> None:
    before, after = unit(shown(0, 430, 90)), unit(shown(1, 430, 90))
    way = Way(before, after, cancel=ThreadCancelToken())
    pixels, doubt = way.picture(0.25, cancel=ThreadCancelToken())
    assert np.array_equal(pixels, way.at(0.25, cancel=ThreadCancelToken()).pixels) and doubt.shape == (430, 90)


def test_large_pictures_are_followed_at_half_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = shown(0, 222, 301), shown(1, 222, 301)
    monkeypatch.setattr(interpolation, "_LARGE_PIXELS", 1000)
    made = between(before, after, 0.5, cancel=ThreadCancelToken())
    blend = before / 2 + after / 2
    assert miss(made, shown(0.5, 222, 301)) < 0.5 * miss(blend, shown(0.5, 222, 301))
