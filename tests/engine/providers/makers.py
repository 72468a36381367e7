"""Shots made of arrays, for local providers: a camera that moves over a drawn wall, something that moves in front of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.providers.protocol import Area, ContextCrop, Crop
from engine.rational_time import TimeRange

RATE = 25
Floats = npt.NDArray[np.float32]


class ArrayShot:
    """A `FrameContext` over pictures in memory. `box` is the request's crop in the picture; `cuts` the first frames of shots."""

    def __init__(self, frames: Sequence[Crop], anchor: int, box: Area, cuts: Sequence[int] = ()) -> None:
        self._frames, self._anchor, self._box, self._cuts = frames, anchor, box, cuts
        self.asked: list[int] = []

    @property
    def anchor(self) -> Fraction:
        return Fraction(self._anchor, RATE)

    @property
    def picture(self) -> Area:
        height, width = self._frames[0].shape[:2]
        return -self._box[0], -self._box[1], width, height

    def times(self, window: TimeRange) -> tuple[Fraction, ...]:
        times = (Fraction(number, RATE) for number in range(len(self._frames)))
        return tuple(time for time in times if window.contains(time))

    def shot(self, times: Iterable[Fraction]) -> Iterator[Fraction]:
        for time in times:
            low, high = sorted((self._anchor, self._number(time)))
            if any(low < cut <= high for cut in self._cuts):
                return
            yield time

    def crop(self, time: Fraction, area: Area) -> ContextCrop | None:
        frame = self._frames[self._number(time)]
        self.asked.append(self._number(time))
        left, top = max(0, area[0] + self._box[0]), max(0, area[1] + self._box[1])
        right = min(frame.shape[1], area[0] + self._box[0] + area[2])
        bottom = min(frame.shape[0], area[1] + self._box[1] + area[3])
        if right <= left or bottom <= top:
            return None
        return ContextCrop(time, frame[top:bottom, left:right].copy(), left - self._box[0], top - self._box[1])

    def frames(self, window: TimeRange, margin: int) -> Iterator[tuple[Fraction, Crop]]:
        _, _, width, height = self._box
        for time in self.times(window):
            found = self.crop(time, (-margin, -margin, width + 2 * margin, height + 2 * margin))
            assert found is not None
            yield time, found.pixels

    def _number(self, time: Fraction) -> int:
        return int(time * RATE)


@dataclass(frozen=True, slots=True)
class Scene:
    """A shot in which something moves in front of a wall. `truth` is the wall in the anchor frame; `mask` covers the thing."""

    frames: list[npt.NDArray[np.uint8]]
    anchor: int
    truth: npt.NDArray[np.uint8]
    mask: Floats
    """(H, W) of the whole picture."""


def wall(seed: int, height: int, width: int) -> Floats:
    """(height, width, 3) 0..1: grain at all scales, bricks, lines and spots."""
    random = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 0.45, np.float32)
    for step, strength in ((64, 0.16), (24, 0.1), (9, 0.07), (3, 0.05)):
        noise = random.standard_normal((height // step + 3, width // step + 3, 3)).astype(np.float32)
        noise += 1.5 * noise.mean(axis=2, keepdims=True)
        picture += strength * 0.5 * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(width * height // 9000):
        start = random.integers(0, (width, height))
        end = start + random.integers(-90, 90, 2)
        colour = random.uniform(0.05, 0.95, 3).tolist()
        cv2.line(picture, start.tolist(), end.tolist(), colour, int(random.integers(1, 5)), cv2.LINE_AA)
        cv2.circle(picture, random.integers(0, (width, height)).tolist(), int(random.integers(3, 14)), colour, -1, cv2.LINE_AA)
    return np.clip(picture, 0.02, 0.98)


def moving_scene(
    seed: int, size: tuple[int, int] = (320, 180), count: int = 60, noise_levels: float = 1.5, speed: float = 1.0
) -> Scene:
    """A camera that pans, turns and zooms by parts of pixels, light that changes, a patterned thing that crosses the picture."""
    random = np.random.default_rng(seed + 1000)
    width, height = size
    background = wall(seed, height * 2, width * 2)
    thing_size = height // 3
    thing = wall(seed + 77, thing_size, thing_size * 3 // 2)
    thing = thing * np.array([1.0, 0.5, 0.4], np.float32)
    pan = random.uniform(-1.3, 1.3, 2) * width / 320 * speed
    turn, zoom, light = random.uniform(-0.06, 0.06), random.uniform(-0.0012, 0.0012), random.uniform(-0.002, 0.002)
    across = random.choice([-1, 1]) * random.uniform(1.0, 1.8) * width / 320
    anchor = count // 2
    frames, truth, mask = [], None, None
    for number in range(count):
        t = number - anchor
        view = cv2.getRotationMatrix2D((width / 2, height / 2), turn * t, 1 + zoom * t)
        view[:, 2] += pan * t - np.array([width / 2, height / 2])
        behind = cv2.warpAffine(background, view, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        behind = np.clip(behind * (1 + light * t), 0, 1)
        place = np.array([[1, 0, width / 2 - thing.shape[1] / 2 + across * t], [0, 1, height / 2 - thing_size / 2 + 0.15 * t]])
        shape = np.zeros(thing.shape[:2], np.float32)
        centre = (thing.shape[1] // 2, thing_size // 2)
        cv2.ellipse(shape, centre, (centre[0] - 3, centre[1] - 3), 0, 0, 360, 1, -1, cv2.LINE_AA)
        cover = cv2.warpAffine(shape, place, size)
        front = cv2.warpAffine(thing, place, size, borderMode=cv2.BORDER_REPLICATE)
        frame = behind + cover[..., None] * (front - behind)
        grain = random.normal(0, noise_levels / 255, frame.shape).astype(np.float32)
        frames.append(np.rint(np.clip(frame + grain, 0, 1) * 255).astype(np.uint8))
        if number == anchor:
            truth = np.rint(behind * 255).astype(np.uint8)
            mask = (cv2.dilate(cover, np.ones((7, 7), np.uint8)) > 0.02).astype(np.float32)
    assert truth is not None and mask is not None
    return Scene(frames, anchor, truth, mask)


def crop_box(mask: Floats) -> Area:
    """The mask's box with surroundings of half its larger side, at least 32 pixels, inside the picture."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    margin = min(256, max(32, round(max(len(rows), len(columns)) * 0.5)))
    left, top = max(0, int(columns[0]) - margin), max(0, int(rows[0]) - margin)
    right, bottom = min(mask.shape[1], int(columns[-1]) + 1 + margin), min(mask.shape[0], int(rows[-1]) + 1 + margin)
    return left, top, right - left, bottom - top


def psnr(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], where: npt.NDArray[np.bool_]) -> float:
    """dB over the pixels of a mask."""
    error = (one[where].astype(np.float64) - other[where]) ** 2
    return float(10 * np.log10(255**2 / max(1e-9, error.mean())))
