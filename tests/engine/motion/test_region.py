"""A followed region lies on what it was drawn on: on planes, on things that move alone, and again after it was hidden."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from engine.compositing.sources import ALPHA_STEPS, PatchFrame
from engine.errors import BadInputError, Cancelled
from engine.media.picture import Picture
from engine.motion.confidence import Reason, level
from engine.motion.planar import project
from engine.motion.propagation import CarriedFrame
from engine.motion.region import follow
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import HEIGHT, WIDTH, Rgb, pan, picture, texture

Frames = Callable[[int], Rgb]


def region_at(left: int, top: int, width: int, height: int) -> PatchFrame:
    return PatchFrame(left, top, np.zeros((height, width, 3), np.uint8), np.ones((height, width), np.float32))


def followed(frames: Frames, anchor: int, region: PatchFrame, window: range) -> dict[int, CarriedFrame]:
    found = follow(lambda n: picture(frames(n)), anchor, region, window, cancel=ThreadCancelToken())
    return {carried.frame: carried for carried in found}


def corners_of(region: PatchFrame) -> np.ndarray:
    height, width = region.alpha.shape
    x, y = region.x - 0.5, region.y - 0.5
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def outline(carried: CarriedFrame, region: PatchFrame) -> np.ndarray:
    return project(np.linalg.inv(np.array(carried.to_anchor).reshape(3, 3)), corners_of(region))


def swaying(number: int) -> np.ndarray:
    """An affine motion that goes on: it drifts, turns, grows and shears, and comes back. World -> frame; still at 0."""
    turn, grow, shear = np.deg2rad(9 * np.sin(number / 23)), 1 + 0.15 * np.sin(number / 31), 0.08 * np.sin(number / 17)
    cos, sin = grow * np.cos(turn), grow * np.sin(turn)
    linear = np.array([[cos, -sin + shear, 0], [sin, cos, 0], [0, 0, 1]])
    centre = np.array([[1, 0, 160], [0, 1, 90], [0, 0, 1.0]])
    drift = np.array([[1, 0, 45 * np.sin(number / 29)], [0, 1, 20 * np.sin(number / 19)], [0, 0, 1.0]])
    return np.asarray(drift @ centre @ linear @ np.linalg.inv(centre), np.float64)


WORLD = texture(HEIGHT + 320, WIDTH + 320, 4)


def plane(warp: Callable[[int], np.ndarray]) -> Frames:
    def frame(number: int) -> Rgb:
        matrix = warp(number) @ np.array([[1, 0, -160], [0, 1, -160], [0, 0, 1.0]])
        noise = np.random.default_rng(number).normal(0, 2, (HEIGHT, WIDTH, 1))
        seen = cv2.warpPerspective(WORLD, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
        return np.clip(seen + noise, 0, 255).astype(np.uint8)

    return frame


def test_a_box_stays_within_two_pixels_for_120_frames() -> None:
    region = region_at(120, 60, 70, 50)
    carried = followed(plane(swaying), 0, region, range(120))
    off = [np.abs(outline(carried[n], region) - project(swaying(n), corners_of(region))).max() for n in range(120)]
    assert max(off) < 2
    assert all(level(carried[n].confidence) == "green" for n in range(120))


def test_forty_pixels_a_frame_are_followed() -> None:
    fast = pan(19.0, 4.0, 0.5, middle=3)
    region = region_at(130, 70, 60, 40)
    carried = followed(plane(fast), 3, region, range(7))
    for number in range(7):
        wanted = project(fast(number) @ np.linalg.inv(fast(3)), corners_of(region))
        assert np.abs(outline(carried[number], region) - wanted).max() < 2


WALL, THING = texture(HEIGHT, WIDTH, 11), texture(44, 44, 12)
DISC = np.hypot(*(np.mgrid[:44, :44] - 21.5)) < 21


def flying(number: int, hidden: range = range(0)) -> Rgb:
    """A disc with a texture of its own flies over a wall that stands still, behind a post where it is hidden."""
    frame = WALL.copy()
    left, top = 40 + 4 * number, 60 + number
    frame[top : top + 44, left : left + 44][DISC] = 255 - THING[DISC]
    if number in hidden:
        frame[40:150, left - 8 : left + 52] = 128
    return np.clip(frame, 0, 255).astype(np.uint8)


def test_a_thing_that_moves_alone_keeps_its_outline() -> None:
    region = region_at(40 + 4 * 15, 60 + 15, 44, 44)
    carried = followed(flying, 15, region, range(5, 26))
    for number, found in carried.items():
        assert np.abs(outline(found, region) - corners_of(region) - (4 * (number - 15), number - 15)).max() < 2
        assert found.patch is not None and abs(found.patch.alpha.sum() / 44**2 - 1) < 0.1


def test_what_was_hidden_is_doubtful_then_and_found_again() -> None:
    region = region_at(40, 60, 44, 44)
    carried = followed(lambda n: flying(n, range(10, 14)), 0, region, range(24))
    assert all(level(carried[n].confidence) == "red" for n in range(10, 14))
    for number in range(16, 24):
        assert np.abs(outline(carried[number], region) - corners_of(region) - (4 * number, number)).max() < 2.5
        assert level(carried[number].confidence) == "green"


def test_what_left_the_picture_is_found_where_it_comes_back() -> None:
    def there(number: int) -> np.ndarray:
        """Out on the right by 12 pixels a frame, and back."""
        return np.array([[1, 0, 12.0 * (number if number < 11 else 22 - number)], [0, 1, 0], [0, 0, 1]])

    region = region_at(230, 60, 50, 44)
    carried = followed(plane(there), 0, region, range(22))
    assert carried[9].patch is None and carried[10].reasons == (Reason.LEFT,)
    for number in (0, 2, 19, 20, 21):
        assert np.abs(outline(carried[number], region) - project(there(number), corners_of(region))).max() < 2


def test_it_ends_at_a_cut_and_outside_the_picture() -> None:
    other = (255 - np.rint(texture(HEIGHT, WIDTH, 77) * 0.4)).astype(np.uint8)
    carried = followed(lambda n: other if n > 4 else flying(n), 2, region_at(48, 62, 44, 44), range(8))
    assert carried[4].patch is not None and carried[5].patch is None and carried[6].reasons == (Reason.CUT,)
    out = followed(plane(pan(18.0, middle=0)), 0, region_at(250, 60, 40, 40), range(6))
    assert out[1].patch is not None and out[5].patch is None and out[5].reasons == (Reason.LEFT,)


def test_a_frame_does_not_depend_on_the_window_and_alpha_is_in_steps_that_are_kept() -> None:
    region = region_at(40 + 20, 60 + 5, 44, 44)
    long, short = followed(flying, 5, region, range(12)), followed(flying, 5, region, range(4, 9))
    for number in short:
        one, other = long[number].patch, short[number].patch
        assert one is not None and other is not None and np.array_equal(one.alpha, other.alpha)
        steps = np.rint(one.alpha * ALPHA_STEPS)
        assert np.array_equal((steps / ALPHA_STEPS).astype(np.float32), one.alpha) and not one.rgb.any()


def test_a_bare_region_is_no_trouble() -> None:
    bare = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    carried = followed(lambda _n: bare, 2, region_at(100, 60, 40, 40), range(5))
    for found in carried.values():
        assert np.abs(outline(found, region_at(100, 60, 40, 40)) - corners_of(region_at(100, 60, 40, 40))).max() < 0.1


def test_wrong_windows_are_refused_and_cancel_is_answered() -> None:
    region = region_at(100, 60, 40, 40)
    token = ThreadCancelToken()

    def source(number: int) -> Picture:
        return picture(flying(number))

    with pytest.raises(BadInputError, match="window"):
        next(iter(follow(source, 2, region, range(3, 5), cancel=token)))
    run = follow(source, 2, region, range(5), cancel=token)
    next(run)
    token.cancel()
    with pytest.raises(Cancelled):
        next(run)
