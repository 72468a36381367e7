"""Where a region lies on another frame is known to a pixel under plane motion, and roughly where nothing is a plane."""

import numpy as np
import pytest

from engine.motion.flow import Box
from engine.motion.lie import STILL, lie
from engine.motion.planar import project
from engine.motion.propagation import propagate
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import pan, scene


@pytest.mark.parametrize("warp", [pan(2.3, -1.2), pan(0.7, 0.4, 1.5)], ids=["pan", "turn"])
def test_an_outline_stays_on_what_it_was_drawn_on(warp: object) -> None:
    moving = scene(warp)  # type: ignore[arg-type]
    box = moving.patch
    height, width = box.alpha.shape
    corners = np.array([(box.x, box.y), (box.x + width, box.y), (box.x + width, box.y + height), (box.x, box.y + height)], float)
    frames = propagate(moving.picture, 6, box, range(13), cancel=ThreadCancelToken())
    for carried in frames:
        to_anchor = np.array(carried.to_anchor).reshape(3, 3)
        truth = project(warp(carried.frame) @ np.linalg.inv(warp(6)), corners)  # type: ignore[operator]
        assert np.abs(project(np.linalg.inv(to_anchor), corners) - truth).max() < 1.5


def test_what_bends_is_laid_by_the_nearest_affine_map() -> None:
    box = Box(10, 20, 60, 40)
    grid = box.grid()
    bent = grid + np.array([5, -3], np.float32) + 6 * np.sin(grid[..., ::-1] / 5).astype(np.float32)
    found = np.array(lie(bent, box, np.ones((40, 60), np.float32))).reshape(3, 3)
    assert np.abs(project(found, np.array([[40.0, 40.0]])) - (45, 37)).max() < 4


def test_too_little_says_nothing_and_stillness_is_no_motion() -> None:
    box = Box(0, 0, 20, 20)
    assert lie(box.grid(), box, np.zeros((20, 20), np.float32)) == ()
    assert np.allclose(lie(box.grid(), box, np.ones((20, 20), np.float32)), STILL, atol=1e-6)
