"""Moving scenes with exact truth, made of noise of several scales: small and deterministic. No constant was tuned on them."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.sources import PatchFrame
from engine.media.picture import Colour, Picture, PixelFormat

WIDTH, HEIGHT = 320, 180
GBRP = PixelFormat("gbrp", 8, 0, 0, is_rgb=True)
Rgb = npt.NDArray[np.uint8]
Warp = Callable[[int], npt.NDArray[np.float64]]
"""Frame number -> 3×3 from the world to the frame."""


def texture(height: int, width: int, seed: int) -> npt.NDArray[np.float32]:
    random = np.random.default_rng(seed)
    result = np.zeros((height, width, 3), np.float32)
    for step, weight in ((3, 0.25), (9, 0.35), (30, 0.4)):
        small = random.random((height // step + 2, width // step + 2, 3)).astype(np.float32)
        result += weight * cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((result - 0.5) * 1.6 + 0.5, 0, 1) * 255, np.float32)


@dataclass(frozen=True)
class Scene:
    """`frames` without and `truth` with the patch; `region` 0..1 is where it shows."""

    frames: list[Rgb]
    truth: list[Rgb]
    region: list[npt.NDArray[np.float32]]
    anchor: int
    patch: PatchFrame

    def picture(self, number: int) -> Picture:
        return picture(self.frames[number])


def picture(rgb: Rgb) -> Picture:
    planes = tuple(np.ascontiguousarray(rgb[..., channel]) for channel in (1, 2, 0))
    return Picture(planes, GBRP, Colour(0, 1, 1, True))


def rgb_of(shown: Picture) -> Rgb:
    green, blue, red = shown.planes
    return np.dstack([red, green, blue]).astype(np.uint8)


def scene(
    warp: Warp, count: int = 13, seed: int = 0, light: Callable[[int], float] = lambda _n: 1.0,
    occluder: Callable[[int], tuple[float, float] | None] = lambda _n: None, period: int = 0,
) -> Scene:
    """A textured plane under `warp`, an opaque patch painted on it; light and a disc in front are functions of its number.

    With a period in pixels the plane is nearly the same again every so many rows and columns.
    """
    world = texture(HEIGHT + 160, WIDTH + 160, seed)
    if period:
        tiles = -(-np.array(world.shape[:2]) // period)
        tiled = np.tile(world[:period, :period], (*tiles, 1))[: len(world), : world.shape[1]]
        world = np.asarray(0.85 * tiled + 0.15 * world, np.float32)
    alpha = np.zeros(world.shape[:2], np.float32)
    alpha[140:200, 190:280] = 1
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.5), np.float32)
    paint = texture(HEIGHT + 160, WIDTH + 160, seed + 1)
    painted = world * (1 - alpha[..., None]) + paint * alpha[..., None]
    random = np.random.default_rng(seed + 2)
    ball = texture(60, 60, seed + 3) * 0.25 + np.array([150, 110, 80], np.float32)
    frames, truth, region = [], [], []
    for number in range(count):
        matrix = warp(number) @ np.array([[1, 0, -80], [0, 1, -80], [0, 0, 1.0]])
        noise = random.normal(0, 1, (HEIGHT, WIDTH, 1))
        seen = _warped(alpha, matrix)
        plain, edited = (_warped(image, matrix) * light(number) for image in (world, painted))
        if (centre := occluder(number)) is not None:
            y, x = np.mgrid[:HEIGHT, :WIDTH]
            front = np.clip(24 - np.hypot(x - centre[0], y - centre[1]), 0, 1)
            move = np.array([[1, 0, centre[0] - 30], [0, 1, centre[1] - 30]])
            disc = cv2.warpAffine(ball, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
            plain, edited = (image * (1 - front[..., None]) + disc * front[..., None] for image in (plain, edited))
            seen = seen * (1 - front)
        frames.append(np.clip(plain + noise, 0, 255).astype(np.uint8))
        truth.append(np.clip(edited + noise, 0, 255).astype(np.uint8))
        region.append(seen.astype(np.float32))
    anchor = count // 2
    return Scene(frames, truth, region, anchor, patch_of(truth[anchor], region[anchor]))


def _warped(image: npt.NDArray[np.float32], matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    warped = cv2.warpPerspective(image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(warped, np.float32)


def patch_of(truth: Rgb, region: npt.NDArray[np.float32]) -> PatchFrame:
    rows, columns = np.flatnonzero((region > 0.01).any(axis=1)), np.flatnonzero((region > 0.01).any(axis=0))
    cut = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    return PatchFrame(int(columns[0]), int(rows[0]), np.ascontiguousarray(truth[cut]), np.ones(truth[cut].shape[:2], np.float32))


def pan(dx: float, dy: float = 0.0, turn_deg: float = 0.0, middle: int = 6) -> Warp:
    """Moves by (dx, dy) pixels and turns by `turn_deg` a frame; frame `middle` shows the world as it is."""

    def warp(number: int) -> npt.NDArray[np.float64]:
        step = number - middle
        angle = np.deg2rad(turn_deg * step)
        cos, sin = np.cos(angle), np.sin(angle)
        about = np.array([[cos, -sin, WIDTH / 2], [sin, cos, HEIGHT / 2], [0, 0, 1]])
        shift = np.array([[1, 0, dx * step], [0, 1, dy * step], [0, 0, 1]])
        centred = np.array([[1, 0, -WIDTH / 2], [0, 1, -HEIGHT / 2], [0, 0, 1.0]])
        return np.asarray(shift @ about @ centred, np.float64)

    return warp


def psnr(result: Rgb, truth: Rgb, region: npt.NDArray[np.float32]) -> float:
    """dB over the pixels where the patch shows."""
    error = (result.astype(np.float64) - truth)[region > 0.5]
    return float(10 * np.log10(255**2 / max(1e-4, float((error**2).mean()))))
