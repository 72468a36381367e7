"""How far a followed region strays from the truth, in pixels, over 120 frames of 1920×1080, and what a frame costs.

Run by hand from the repository's root: `python -m tests.bench.regions_followed`. The scenes are made of noise of several scales
and moved by known maps: planes that sway, turn, tilt and pan fast, and a thing that flies on its own over a still wall, also
behind a post. Promise: within 2 pixels on affine motion (a corner of the box, the worst of all frames).
"""

import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.sources import PatchFrame
from engine.media.picture import Colour, Picture, PixelFormat
from engine.motion.confidence import level
from engine.motion.planar import project
from engine.motion.region import follow
from engine.running import ThreadCancelToken

WIDTH, HEIGHT, FRAMES, MARGIN = 1920, 1080, 120, 500
FORMAT, COLOUR = PixelFormat("yuv420p", 8, 1, 1), Colour(1, 1, 1)
Gray = npt.NDArray[np.uint8]
Warp = Callable[[int], npt.NDArray[np.float64]]


def noise(height: int, width: int, seed: int) -> Gray:
    random = np.random.default_rng(seed)
    result = np.zeros((height, width), np.float32)
    for step, weight in ((6, 0.25), (22, 0.35), (80, 0.4)):
        small = random.random((height // step + 2, width // step + 2)).astype(np.float32)
        result += weight * cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((result - 0.5) * 1.6 + 0.5, 0, 1) * 219 + 16, np.uint8)


WORLD = noise(HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN, 1)
CHROMA = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)


def picture(luma: npt.NDArray[np.float32], number: int) -> Picture:
    grain = np.random.default_rng(number).normal(0, 2, luma.shape)
    return Picture((np.clip(luma + grain, 16, 235).astype(np.uint8), CHROMA, CHROMA), FORMAT, COLOUR)


def about_centre(linear: npt.NDArray[np.float64], dx: float, dy: float) -> npt.NDArray[np.float64]:
    centre = np.array([[1, 0, WIDTH / 2], [0, 1, HEIGHT / 2], [0, 0, 1.0]])
    return np.asarray(np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1.0]]) @ centre @ linear @ np.linalg.inv(centre), np.float64)


def swaying(n: int) -> npt.NDArray[np.float64]:
    turn, grow = np.deg2rad(9 * np.sin(n / 23)), 1 + 0.15 * np.sin(n / 31)
    cos, sin = grow * np.cos(turn), grow * np.sin(turn)
    linear = np.array([[cos, -sin + 0.08 * np.sin(n / 17), 0], [sin, cos, 0], [0, 0, 1]])
    return about_centre(linear, 260 * np.sin(n / 29), 120 * np.sin(n / 19))


def tilting(n: int) -> npt.NDArray[np.float64]:
    linear = np.array([[1, 0, 0], [0, 1, 0], [2.2e-4 * np.sin(n / 25), 1e-4 * np.sin(n / 31), 1]])
    return about_centre(linear, 90 * np.sin(n / 33), 0)


def fast(n: int) -> npt.NDArray[np.float64]:
    return about_centre(np.eye(3), 430 * np.sin(n / 10.7), 60 * np.sin(n / 13))


def plane(warp: Warp) -> Callable[[int], Picture]:
    def frame(number: int) -> Picture:
        matrix = warp(number) @ np.array([[1, 0, -MARGIN], [0, 1, -MARGIN], [0, 0, 1.0]])
        return picture(cv2.warpPerspective(WORLD, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC).astype(np.float32), number)

    return frame


def flight(n: int) -> npt.NDArray[np.float64]:
    return np.array([[1, 0, 9.0 * n], [0, 1, 90 * np.sin(n / 20)], [0, 0, 1]])


def flying(post: bool) -> Callable[[int], Picture]:
    thing, wall = 255 - noise(260, 260, 7), WORLD[:HEIGHT, :WIDTH]
    disc = np.hypot(*(np.mgrid[:260, :260] - 129.5)).astype(np.float32)

    def frame(number: int) -> Picture:
        x, y = flight(number)[:2, 2] + (200, 400)
        place = np.array([[1, 0, x], [0, 1, y]])
        cover = cv2.warpAffine(np.clip(128 - disc, 0, 1), place, (WIDTH, HEIGHT))
        luma = wall * (1 - cover) + cover * cv2.warpAffine(thing, place, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        if post:
            luma[:, 900:1020] = 60
        return picture(luma.astype(np.float32), number)

    return frame


def judge(name: str, frames: Callable[[int], Picture], truth: Warp, box: tuple[int, int, int, int]) -> None:
    x, y, width, height = box
    region = PatchFrame(x, y, np.zeros((height, width, 3), np.uint8), np.ones((height, width), np.float32))
    corners = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float64) - 0.5
    made = [frames(n) for n in range(FRAMES)]
    started = time.process_time()
    carried = {c.frame: c for c in follow(lambda n: made[n], 0, region, range(FRAMES), cancel=ThreadCancelToken())}
    cost = (time.process_time() - started) * 1000 / FRAMES
    start, lights = np.linalg.inv(truth(0)), []
    off: list[float] = []
    trusted: list[float] = []
    for n in range(FRAMES):
        lights.append(level(carried[n].confidence))
        if carried[n].to_anchor:
            found = project(np.linalg.inv(np.array(carried[n].to_anchor).reshape(3, 3)), corners)
            off.append(float(np.abs(found - project(truth(n) @ start, corners)).max()))
            trusted += off[-1:] if lights[-1] == "green" else []
    counts = ", ".join(f"{lights.count(light)} {light}" for light in ("green", "amber", "red"))
    figures = f"worst {max(off):6.2f} px, of green frames {max(trusted):6.2f}, median {np.median(off):5.2f}"
    sys.stdout.write(f"{name:28} {figures}   {counts}   {cost:5.1f} CPU ms a frame\n")
    sys.stdout.flush()


def main() -> None:
    box = (800, 420, 320, 220)
    for name, warp in (("sways, turns, grows, shears", swaying), ("tilts", tilting), ("40 px a frame", fast)):
        judge(name, plane(warp), warp, box)
    judge("small box that sways", plane(swaying), swaying, (900, 500, 60, 44))
    judge("flies alone", flying(post=False), flight, (200, 400, 260, 260))
    judge("flies behind a post", flying(post=True), flight, (200, 400, 260, 260))


if __name__ == "__main__":
    main()
