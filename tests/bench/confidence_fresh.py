"""More families of small scenes for `confidence.py`: what the first had not thought of, and what a fit to them alone missed.

Only with seeds from `motion_scenes.FRESH` on.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from tests.bench.confidence_scenes import FRAME, base, texture, world_of
from tests.bench.motion_render import Front, Image, Matrix, Scene, render
from tests.bench.motion_scenes import about


def door(media: Path, seed: int) -> Scene:
    """A plane that swings towards the camera and away, with blur."""
    random, made = base(media, seed)
    swing, shift = random.uniform(2e-4, 1.6e-3), random.uniform(-3, 3)

    def camera(time: float) -> Matrix:
        lean = swing * np.sin(time / 3.0)
        return about((544, 306), FRAME, (shift * time, 0.0), 0.01 * time, 1 + 0.1 * float(np.sin(time / 4)), (float(lean), 0.0))

    return render("door", world_of(media, seed, random, made, camera=camera, shutter=random.uniform(0, 0.6)), seed)


def crowd(media: Path, seed: int) -> Scene:
    """Several small things pass at once, some of the colour of what is behind."""
    random, made = base(media, seed)
    paint, count = texture(media, seed + 1, random), int(random.integers(2, 7))
    starts, speeds = random.uniform(-200, 200, (count, 2)) * (1, 0.35), random.uniform(-22, 22, (count, 2)) * (1, 0.3)
    sizes = random.uniform(5, 26, count)
    rows, columns = np.mgrid[: FRAME[1], : FRAME[0]].astype(np.float32)

    def fronts(time: float) -> list[Front]:
        if abs(time) < 0.5:
            return []
        alpha = np.zeros((FRAME[1], FRAME[0]), np.float32)
        for start, speed, size in zip(starts, speeds, sizes, strict=True):
            x, y = 160 + start[0] + speed[0] * time, 90 + start[1] + speed[1] * time
            alpha = np.maximum(alpha, np.clip(size - np.hypot(columns - x, (rows - y) * 0.6), 0, 1))
        return [Front(np.ascontiguousarray(paint[: FRAME[1], : FRAME[0]]), alpha)]

    return render("crowd", world_of(media, seed, random, made, fronts=fronts), seed)


def lamp(media: Path, seed: int) -> Scene:
    """Light that changes its colour and strength from frame to frame, with grain."""
    random, made = base(media, seed)
    deep, tint = random.uniform(0.05, 0.7), random.uniform(-0.06, 0.06, 3)

    def lit(time: float) -> Image:
        level = 1 - deep * abs(np.sin(0.9 * time))
        return np.asarray(level * np.exp(tint * time), np.float32)[None, None]

    return render("lamp", world_of(media, seed, random, made, light=lit, noise=random.uniform(1, 6)), seed)


def water(media: Path, seed: int) -> Scene:
    """Seen through something that ripples, faster than it moves."""
    random, made = base(media, seed)
    high, fine = random.uniform(0.5, 7), random.uniform(0.05, 0.25)
    phase = random.uniform(0, 6, 2)

    def bent(time: float, at: Image) -> Image:
        if time == 0:
            return at
        moved = at.copy()
        for axis in (0, 1):
            moved[..., axis] += np.float32(high) * np.sin(fine * at[..., 1 - axis] + phase[axis] + 1.9 * time).astype(np.float32)
        return np.asarray(cv2.GaussianBlur(moved, (0, 0), 1.0), np.float32)

    return render("water", world_of(media, seed, random, made, bend=bent), seed)


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {made.__name__: made for made in (door, crowd, lamp, water)}
