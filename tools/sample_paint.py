"""Paints the far parts of the bundled sample: sky, clouds, mountains; and the brushes that the other parts use.

Every layer is painted once, wider than the picture, and then only moved. All pictures are float32 RGB, 0..1, non-linear
(display) values; positions are pixels, y down. Knows nothing of time, files and encoders.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float32]

WIDTH, HEIGHT = 1280, 720
SHORE = 446  # the row where the water begins
WIDE = 1800  # width of a layer: the picture, the longest drift and a margin
MARGIN = 64
DRIFT = 300.0  # how far a layer of parallax 1 moves over the whole clip
SUN = (470.0, 372.0)

# Height in the sky, 0 at the top, and the colour there.
FAR_SKY = np.array([
    [0.0, 0.115, 0.150, 0.275],
    [0.30, 0.255, 0.255, 0.400],
    [0.52, 0.455, 0.375, 0.470],
    [0.70, 0.690, 0.500, 0.470],
    [0.84, 0.870, 0.640, 0.480],
    [1.0, 0.900, 0.700, 0.530],
])


@dataclass(frozen=True, slots=True)
class Layer:
    """A painted strip. `paint` is premultiplied RGBA, shape (rows, WIDE, 4); `top` its first row in the picture."""

    paint: Array
    top: int
    parallax: float


def noise(shape: tuple[int, int], steepness: float, rng: np.random.Generator, stretch: float = 1.0) -> Array:
    """Fractal noise that tiles in both directions, mean 0, standard deviation 1.

    Spectral synthesis: white noise whose spectrum falls as 1/f^steepness. `stretch` > 1 draws it out sideways.
    """
    rows, columns = shape
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None, :] * stretch)
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) * frequency**-steepness
    field = np.fft.irfft2(spectrum, s=shape)
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def profile(steepness: float, rng: np.random.Generator) -> Array:
    """A skyline: one fractal line of WIDE values, mean 0, standard deviation 1."""
    return noise((1, WIDE), steepness, rng).reshape(WIDE)


def smooth(low: float, high: float, value: ArrayLike) -> Array:
    """Hermite step from 0 at `low` to 1 at `high`."""
    t = np.clip((np.asarray(value) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def warmth(x: ArrayLike, y: ArrayLike, reach: float = 420.0) -> Array:
    """How much of the sunset's light falls on a place, 0..1."""
    return np.asarray(
        np.exp(-np.hypot((np.asarray(x) - SUN[0]) / 1.5, np.asarray(y) - SUN[1]) / reach * 2.2), np.float32
    )


def mix(a: Array, b: Array, amount: ArrayLike) -> Array:
    """From `a` to `b` by `amount` (broadcast over the colour axis)."""
    return np.asarray(a + (b - a) * np.asarray(amount)[..., None], np.float32)


def colour(red: int, green: int, blue: int) -> Array:
    return np.array([red / 255, green / 255, blue / 255], np.float32)


def grid(rows: int, columns: int, top: int = 0) -> tuple[Array, Array]:
    y, x = np.mgrid[top : top + rows, 0:columns].astype(np.float32)
    return x, y


def paint_sky(rng: np.random.Generator) -> Array:
    """Opaque sky in picture coordinates, shape (SHORE + 60, WIDE, 3): gradient, glow, faint texture."""
    rows = SHORE + 60
    x, y = grid(rows, WIDE)
    height = np.clip(y / 430 + noise((rows, WIDE), 1.6, rng, 3.0) * 0.012, 0, 1)
    sky = np.stack([np.interp(height, FAR_SKY[:, 0], FAR_SKY[:, c]) for c in (1, 2, 3)], -1).astype(
        np.float32
    )
    away = np.clip(np.abs(x - SUN[0] - MARGIN) / 1000, 0, 1) * smooth(120, 420, y)
    sky = mix(sky, colour(112, 92, 122), away * 0.75)
    glow = warmth(x - MARGIN, y, 300)
    sky += glow[..., None] * np.array([0.50, 0.33, 0.12], np.float32)
    return np.asarray(np.clip(sky, 0, 1), np.float32)


def paint_clouds(rng: np.random.Generator, stretch: float, cover: float) -> Array:
    """Cloud cover 0..1, shape (SHORE, 2048), tiling sideways: long, thin, torn banks."""
    field = noise((512, 2048), 1.75, rng, stretch) + 0.35 * noise((512, 2048), 1.1, rng, stretch / 2)
    return smooth(cover, cover + 2.0, field[:SHORE])


def cloud_light() -> Array:
    """The colour of a cloud at each place of the picture, shape (SHORE, WIDTH, 3): lit from below by the sun."""
    x, y = grid(SHORE, WIDTH)
    cold = mix(
        np.broadcast_to(colour(82, 80, 124), (SHORE, WIDTH, 3)), colour(178, 124, 138), smooth(40, 300, y)
    )
    return mix(cold, colour(255, 196, 146), np.clip(warmth(x, y, 620) * 1.7 * smooth(0, 240, y), 0, 1))


def paint_ridge(
    rng: np.random.Generator,
    base: float,
    swing: float,
    steepness: float,
    tone: Array,
    haze: float,
    parallax: float,
) -> Layer:
    """A bare mountain range: fractal skyline, slopes with relief, mist that rises from its foot."""
    line = base - swing * np.abs(profile(steepness, rng)) + swing * 0.12 * profile(1.0, rng)
    top = int(line.min()) - 4
    rows = SHORE + 8 - top
    x, y = grid(rows, WIDE, top)
    depth = y - line[None, :]
    relief = noise((rows, WIDE), 1.35, rng) + 0.8 * _slopes(line, depth, rng)
    body = np.asarray(tone * (1 + 0.12 * relief[..., None]), np.float32)
    lit = warmth(x - MARGIN - parallax * DRIFT / 2, np.float32(SUN[1]), 520)
    body = mix(body, colour(232, 164, 124), lit * 0.34 * haze)
    mist = mix(np.broadcast_to(colour(126, 112, 138), body.shape), colour(246, 184, 142), lit)
    foot = smooth(0, 120, depth + 10 * noise((rows, WIDE), 1.5, rng, 3.0)) * haze
    body = mix(body, mist, foot)
    return _layer(body, np.clip(depth + 0.5, 0, 1), top, parallax)


def _slopes(line: Array, depth: Array, rng: np.random.Generator) -> Array:
    """Gullies that run down from the skyline: a line of noise, shifted sideways with depth."""
    rows = depth.shape[0]
    ribs = np.tile(profile(0.9, rng), (rows, 1))
    x, _ = grid(rows, WIDE)
    bent = cv2.remap(
        ribs,
        np.mod(x + depth * 0.55 + 12 * noise(depth.shape, 1.4, rng), WIDE - 1).astype(np.float32),
        np.zeros_like(x),
        cv2.INTER_LINEAR,
    )
    lean = np.gradient(cv2.GaussianBlur(line[None, :], (0, 0), 6)[0])[None, :]
    return np.asarray(bent * np.exp(-np.maximum(depth, 0) / 110) + np.clip(lean * 2.0, -2, 2), np.float32)


def _layer(body: Array, alpha: Array, top: int, parallax: float) -> Layer:
    alpha = np.asarray(alpha, np.float32)[..., None]
    return Layer(np.concatenate([np.clip(body, 0, 1) * alpha, alpha], -1).astype(np.float32), top, parallax)
