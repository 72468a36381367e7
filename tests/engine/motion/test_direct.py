"""A plane is laid over a picture by the edges alone."""

import cv2
import numpy as np
import pytest

from engine.motion import planar
from engine.motion.direct import aligned
from engine.motion.flow import Box, Field, Gray

WIDTH, HEIGHT = 240, 160
PLATE = np.array([(80, 50), (160, 50), (160, 110), (80, 110)], np.float64)
WHOLE = Box(0, 0, WIDTH, HEIGHT)


def shown(corners: np.ndarray, seed: int = 0, grain: float = 1.0) -> Gray:
    """A bright plate without texture on darker ground, its edges soft, with grain that is another one on each picture."""
    raster = np.full((HEIGHT * 4, WIDTH * 4), 70, np.uint8)
    cv2.fillPoly(raster, [np.round(corners * 4).astype(np.int32)], 190)
    small = np.asarray(cv2.resize(raster, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float64)
    noise = np.random.default_rng(seed).normal(0, grain, small.shape)
    return np.clip(cv2.GaussianBlur(small, (0, 0), 1.0) + noise, 0, 255).astype(np.uint8)


def plate_mask() -> Field:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [PLATE.astype(np.int32)], 1)
    return mask.astype(np.float32)


@pytest.mark.parametrize(
    "moved", [PLATE + np.array([6.3, -4.6]), (PLATE - 120) * 1.06 + 118, PLATE + np.array([(0, 0), (-5, 2), (-3, -3), (0, 0)])]
)
def test_edges_alone_fix_the_plane(moved: np.ndarray) -> None:
    rim = np.asarray(cv2.dilate(plate_mask(), np.ones((17, 17), np.uint8)), np.float32)
    found = aligned(shown(PLATE, 1), WHOLE, rim, shown(moved, 2), WHOLE, np.eye(3))
    assert found is not None and found[1] > 0.97
    assert np.abs(planar.project(found[0], np.asarray(moved, np.float64)) - PLATE).max() < 0.6


def test_nothing_is_made_of_another_picture() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    found = aligned(shown(PLATE), WHOLE, plate_mask(), noise, WHOLE, np.eye(3))
    assert found is None or found[1] < 0.5
