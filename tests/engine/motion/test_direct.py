"""A plane is laid over a picture by the edges alone."""

import cv2
import numpy as np
import pytest

from engine.motion import planar
from engine.motion.direct import Edges
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


def edges_of(seed: int) -> Edges:
    rim = np.asarray(cv2.dilate(plate_mask(), np.ones((17, 17), np.uint8)), np.float32)
    grey = shown(PLATE, seed)
    return Edges(grey, WHOLE, rim, np.asarray(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 2), cv2.CV_32F) > 1, np.float32))


MOVED = [PLATE + np.array([6.3, -4.6]), (PLATE - 120) * 1.06 + 118, PLATE + np.array([(0, 0), (-5, 2), (-3, -3), (0, 0)])]


@pytest.mark.parametrize("moved", MOVED)
def test_edges_alone_fix_the_plane(moved: np.ndarray) -> None:
    laid = edges_of(1).laid(shown(moved, 2), WHOLE, np.eye(3), 8)
    assert laid.unlike < 4 and laid.seen > 0.95
    assert np.abs(planar.project(laid.plane, np.asarray(moved, np.float64)) - PLATE).max() < 0.8


def test_what_is_in_front_does_not_pull() -> None:
    moved = PLATE + np.array([2.4, 1.2])
    frame = shown(moved, 2)
    frame[:, 100:130] = np.random.default_rng(5).integers(0, 256, (HEIGHT, 30), np.uint8)
    laid = edges_of(1).laid(frame, WHOLE, np.eye(3))
    assert 0.5 < laid.seen < 0.95
    assert np.abs(planar.project(laid.plane, np.asarray(moved, np.float64)) - PLATE).max() < 0.5


def test_nothing_is_made_of_another_picture() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    assert edges_of(1).laid(noise, WHOLE, np.eye(3)).unlike > 12
