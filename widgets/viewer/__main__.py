"""The viewer by itself with a drawn picture, a region and every plate: `python -m widgets.viewer`."""

import argparse
import sys

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.diff_heatmap.__main__ import STOPS
from widgets.frame_image import to_qimage
from widgets.roi_canvas import Region, RoiCanvas
from widgets.viewer import HEATMAP, MODES, Viewer

WIDTH, HEIGHT = 1280, 720
STONE = Region(
    "lasso",
    ((0.12, 0.42), (0.16, 0.39), (0.2, 0.47), (0.22, 0.6), (0.21, 0.68), (0.2, 0.78),
     (0.14, 0.82), (0.07, 0.74), (0.06, 0.63), (0.1, 0.57)),
    6.0,
)  # fmt: skip


def landscape() -> QImage:
    """A quiet hill under a sky with some grain; the same every time."""
    y, x = np.indices((HEIGHT, WIDTH), dtype=float)
    x, y = x / WIDTH, y / HEIGHT
    hill = y > 0.62 - 0.25 * np.sin(x * 2.6 + 0.4) + 0.015 * np.sin(x * 40)
    sky = np.stack([90 + 90 * y, 120 + 60 * y, 150 + 30 * y], axis=-1)
    grass = np.stack([60 + 60 * x, 95 + 50 * (1 - y), 30 + 20 * x], axis=-1)
    grain = np.random.default_rng(7).normal(0, 5, (HEIGHT, WIDTH, 1))
    return to_qimage(np.clip(np.where(hill[..., None], grass, sky) + grain, 0, 255).astype(np.uint8))


def heat() -> QImage:
    """Change colours over the stone, transparent elsewhere."""
    y, x = np.indices((HEIGHT, WIDTH), dtype=float)
    away = np.hypot((x / WIDTH - 0.14) / 0.09, (y / HEIGHT - 0.6) / 0.2)
    change = np.clip(1.1 - away, 0, 1)[..., None]
    colour = np.array([13, 8, 30]) * (1 - change) + np.array([252, 190, 90]) * change
    return to_qimage(np.concatenate([colour, (change > 0) * 255.0], axis=-1).astype(np.uint8))


def make(mode: str) -> QWidget:
    """A viewer as in the patch workspace."""
    viewer = Viewer()
    viewer.set_images(landscape(), landscape().flipped(Qt.Orientation.Horizontal), heat())
    viewer.set_heat_stops(STOPS)
    viewer.set_mode(mode)
    canvas = RoiCanvas()
    canvas.set_region(STONE)
    canvas.set_selected(True)
    viewer.add_overlay(canvas)
    if mode == HEATMAP:
        viewer.set_badge("Outside: 0 px changed", ok=True)
        canvas.set_presentation("outline")
    return viewer


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--mode", choices=MODES, default="Original")
    chosen, rest = parser.parse_known_args()
    sys.exit(show(lambda: make(chosen.mode), (1240, 583), rest))
