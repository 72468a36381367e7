"""A surface without texture is followed by what lies around it, and only such a surface is."""

import cv2
import numpy as np

from engine.motion import planar
from engine.motion.flow import Box, Field, Gray, texture_share
from engine.motion.plain import PlainSurface
from engine.motion.view import View
from tests.engine.motion.scenes import picture

WIDTH, HEIGHT = 240, 160
ROOF = np.array([(60, 40), (190, 40), (180, 130), (66, 130)], np.float64)
PATCH = Box(105, 70, 40, 30)
"""On the roof, and well away from its edges."""


def shown(corners: np.ndarray, seed: int = 0) -> View:
    """A plain roof on darker ground, with grain."""
    raster = np.full((HEIGHT * 4, WIDTH * 4), 70, np.uint8)
    cv2.fillPoly(raster, [np.round(corners * 4).astype(np.int32)], 190)
    small = np.asarray(cv2.resize(raster, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float64)
    grey = np.clip(small + np.random.default_rng(seed).normal(0, 1.5, small.shape), 0, 255).astype(np.uint8)
    return View(picture(np.dstack([grey] * 3)))


def surface(view: View) -> PlainSurface:
    box = PATCH.grown(32, WIDTH, HEIGHT)
    mask: Field = np.zeros((box.height, box.width), np.float32)
    mask[PATCH.y - box.y :, PATCH.x - box.x :][: PATCH.height, : PATCH.width] = 1
    grey: Gray = view.grey(box)
    return PlainSurface(view, box, mask, texture_share(grey, 1.0), 1.5)


def test_edges_that_lie_far_from_the_patch_hold_it() -> None:
    before, moved = shown(ROOF, 1), ROOF + np.array([7.4, -3.2])
    held = surface(before)
    assert held.is_plain and held.is_fixed
    laid = held.plane(shown(moved, 2), before, np.eye(3), np.eye(3), PATCH, np.zeros(2))
    assert laid is not None and laid[1] < 0.5
    corners = np.array([(PATCH.x, PATCH.y), (PATCH.x + PATCH.width, PATCH.y + PATCH.height)], np.float64)
    assert np.abs(planar.project(laid[0], corners + np.array([7.4, -3.2])) - corners).max() < 0.3


def test_a_surface_without_edges_near_is_not_held() -> None:
    assert not surface(View(picture(np.full((HEIGHT, WIDTH, 3), 120, np.uint8)))).is_fixed


def test_a_surface_with_texture_is_left_to_flow() -> None:
    textured = np.random.default_rng(4).integers(100, 255, (HEIGHT, WIDTH, 1), np.uint8).repeat(3, axis=2)
    assert not surface(View(picture(textured))).is_plain
