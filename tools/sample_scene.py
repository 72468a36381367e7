"""The bundled sample as a film: the painted layers seen by a camera that drifts to the right, and a lake that moves.

Far layers move less, near ones more. Knows nothing of files and encoders.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from sample_forest import SIGN_BOX, SIGN_FOOT, SIGN_PARALLAX, paint_far_shore, paint_near_shore, paint_sign
from sample_paint import (
    DRIFT,
    HEIGHT,
    MARGIN,
    SHORE,
    SUN,
    WIDTH,
    Array,
    Layer,
    cloud_light,
    colour,
    grid,
    mix,
    noise,
    paint_clouds,
    paint_ridge,
    paint_sky,
    smooth,
    warmth,
)

FRAMES = 300
SIGN_MARGIN = 14.0


class Scene:
    """The painted world. `frame(number)` is the finished picture, uint8 RGB."""

    def __init__(self, font: Path, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        self._sky = paint_sky(rng)
        self._clouds = [paint_clouds(rng, 3.6, -0.25), paint_clouds(rng, 7.0, -0.1)]
        self._cloud_light = cloud_light()
        self._layers = [
            paint_ridge(rng, 352, 44, 2.0, colour(128, 112, 134), 0.62, 0.10),
            paint_ridge(rng, 378, 46, 1.9, colour(98, 92, 118), 0.66, 0.17),
            paint_ridge(rng, 404, 42, 1.8, colour(70, 74, 98), 0.60, 0.26),
            paint_ridge(rng, 428, 30, 1.6, colour(50, 62, 76), 0.55, 0.36),
        ]
        self._shore, self._front_trees = paint_far_shore(rng)
        self._sign = paint_sign(font)
        self._near = paint_near_shore(rng)
        self._waves = [noise((512, 512), 1.7, rng, 2.6), noise((512, 512), 1.15, rng, 3.2)]
        self._mist = noise((256, 1024), 1.6, rng, 4.0)
        self._seed = seed

    def frame(self, number: int) -> NDArray[np.uint8]:
        """The picture of frame 0 <= number < FRAMES, shape (HEIGHT, WIDTH, 3)."""
        pan, lift = camera(number)
        picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        self._draw_sky(picture, number, pan)
        for layer in self._layers:
            _draw(picture, layer, pan, lift)
        _draw(picture, self._shore, pan, lift)
        mirrored = picture.copy()
        _draw(picture, self._sign, pan, lift)
        for seen in (mirrored, picture):
            _draw(seen, self._front_trees, pan, lift)
            self._draw_mist(seen, number, pan)
        self._draw_lake(picture, mirrored, number, pan)
        _draw(picture, self._near, pan, lift * 2)
        return self._develop(picture, number)

    def _draw_sky(self, picture: Array, number: int, pan: float) -> None:
        sky = _window(self._sky, pan * 0.05, 0.0)[:SHORE]
        for cover, parallax, speed, strength in (
            (self._clouds[0], 0.06, 0.30, 0.78),
            (self._clouds[1], 0.09, 0.55, 0.6),
        ):
            wide = np.concatenate([cover, cover[:, : WIDTH + 8]], 1)
            alpha = _window(wide, (pan * parallax + number * speed) % 2040 - MARGIN, 0.0)
            sky = mix(sky, self._cloud_light, alpha * strength)
        picture[:SHORE] = sky

    def _draw_mist(self, picture: Array, number: int, pan: float) -> None:
        """A thin veil over the water line, drifting on its own."""
        top, rows = SHORE - 74, 74
        wide = np.concatenate([self._mist] * 3, 1)[:rows]
        drift = _window(wide, (pan * 0.4 + number * 0.35) % 1024 - MARGIN, 0.0)
        x, y = grid(rows, WIDTH, top)
        veil = np.exp(-(((y - SHORE + 8) / 20) ** 2)) * np.clip(0.42 + 0.2 * drift, 0, 0.8)
        tint = mix(
            np.broadcast_to(colour(120, 112, 140), (rows, WIDTH, 3)), colour(250, 188, 144), warmth(x, y, 520)
        )
        picture[top:SHORE] = mix(picture[top:SHORE], tint, veil)

    def _draw_lake(self, picture: Array, above: Array, number: int, pan: float) -> None:
        """Mirrors what stands above the shore in moving water; the ripples follow the perspective of the surface."""
        rows = HEIGHT - SHORE
        x, d = grid(rows, WIDTH)
        near = (d + 40) / (rows + 40)
        u = (x - WIDTH / 2 + pan * (0.5 + 0.65 * d / rows)) * 0.26 / near
        v = 120 * np.log(d + 40)
        one = _tile(self._waves[0], u + number * 0.35, v - number * 0.42)
        two = _tile(self._waves[1], u * 1.7 - number * 0.30, v * 1.6 - number * 0.30)
        ripple = 0.6 * one + 0.55 * two
        source_y = SHORE - 1.5 - d * 1.28 + (one + 0.3 * two) * (0.8 + 11 * near)
        mirror = cv2.remap(
            above,
            (x + two * 4 * near).astype(np.float32),
            np.clip(source_y, 2, SHORE - 2).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        water = mirror * (np.array([0.86, 0.84, 0.90], np.float32) * (1 - 0.34 * d / rows)[..., None])
        water *= (1 + 0.11 * ripple)[..., None]
        water += colour(8, 13, 22)
        path = np.exp(-(((x - SUN[0] + pan * 0.05) / (70 + 0.75 * d)) ** 2))
        glint = smooth(0.75, 2.3, ripple + 0.25 * one) * (0.10 + 0.9 * path) * (1 - 0.55 * d / rows)
        water += glint[..., None] * np.array([0.62, 0.42, 0.27], np.float32)
        edge = np.exp(-d / 3.0)[..., None]
        picture[SHORE:] = water * (1 - 0.35 * edge) + colour(150, 124, 130) * 0.35 * edge

    def _develop(self, picture: Array, number: int) -> NDArray[np.uint8]:
        """Lens and film: darker corners, a gentle curve, grain that is new in every frame."""
        x, y = grid(HEIGHT, WIDTH)
        radius = ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2) * 2
        graded = np.clip(picture, 0, 1) * (1 - 0.26 * radius)[..., None]
        graded = graded + 0.10 * (graded - graded**2) * (2 * graded - 0.75)
        rng = np.random.default_rng((self._seed, number))
        grain = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 0.7) * 0.011
        return np.asarray(np.clip((graded + grain[..., None]) * 255 + 0.5, 0, 255), np.uint8)


def camera(number: int) -> tuple[float, float]:
    """Where the camera is at a frame: drift to the right for parallax 1, and lift; a slow dolly with a living hand."""
    t = number / FRAMES
    return DRIFT * t + 1.6 * np.sin(2 * np.pi * t * 2.3), 1.3 * np.sin(2 * np.pi * t * 1.7 + 0.5)


def sign_box(number: int) -> tuple[float, float, float, float]:
    """Plate and posts with a margin, as fractions 0..1 of the picture: x, y, width, height."""
    pan, lift = camera(number)
    left, upper, width, _ = SIGN_BOX
    x = left - MARGIN - pan * SIGN_PARALLAX - SIGN_MARGIN
    y = upper - lift * SIGN_PARALLAX - SIGN_MARGIN
    tall = SIGN_FOOT - upper + SIGN_MARGIN / 2  # the mist begins below the foot and must not be taken for the hill
    return x / WIDTH, y / HEIGHT, (width + 2 * SIGN_MARGIN) / WIDTH, tall / HEIGHT


def _window(wide: Array, shift: float, lift: float) -> Array:
    """WIDTH columns of a wide picture, from MARGIN + shift on, with sub-pixel accuracy."""
    move = np.array([[1, 0, MARGIN + shift], [0, 1, lift]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(wide, move, (WIDTH, wide.shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )


def _draw(picture: Array, layer: Layer, pan: float, lift: float) -> None:
    seen = np.clip(_window(layer.paint, pan * layer.parallax, lift * layer.parallax), 0, 1)
    rows = min(seen.shape[0], HEIGHT - layer.top)
    part = picture[layer.top : layer.top + rows]
    part *= 1 - seen[:rows, :, 3:]
    part += seen[:rows, :, :3]


def _tile(texture: Array, u: NDArray[np.floating], v: NDArray[np.floating]) -> Array:
    return np.asarray(
        cv2.remap(
            texture,
            np.mod(u, 512).astype(np.float32),
            np.mod(v, 512).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        ),
        np.float32,
    )
