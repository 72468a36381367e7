"""Real clips with truth: opaque edits on surfaces that are found by an alignment the tracker does not use, and recolours.

`opaque`: a near-rigid surface of the clip is aligned to the anchor frame directly by the enhanced correlation coefficient
(Evangelidis and Psarakis 2008) with few parameters; the edit is laid by that, at the light of the frame, behind what is keyed as
passing in front. Frames whose alignment correlates badly have no truth and end the scene. `recolour`: a function of the pixel
inside a colour key, so that truth is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from tests.bench.motion_render import Bgr, Image, Matrix, Scene, sign, soft_box
from tests.bench.motion_scenes import FRESH, HELD_OUT

_LEAST_CORRELATION = 0.9


@dataclass(frozen=True)
class Surface:
    clip: str
    scale: float
    anchor: int
    half: int
    box: tuple[int, int, int, int]
    """x, y, width, height of what is aligned, at the scaled size; the edit covers its middle."""
    motion: int = cv2.MOTION_AFFINE
    bright_front: bool = False
    """What passes in front is told from the surface by its difference from the anchor."""


_DEV = (
    Surface("bbb_720p25_aac51", 0.5, 40, 18, (425, 150, 170, 75)),
    Surface("flower_960x540_2997_aac", 0.667, 60, 18, (280, 290, 150, 65)),
    Surface("cars_768x432_12.5fps", 0.8333, 58, 18, (180, 60, 300, 230), cv2.MOTION_TRANSLATION, True),
    Surface("friday_640x480_30_speech", 1.0, 50, 18, (160, 50, 120, 90), cv2.MOTION_TRANSLATION),
)
_HELD = (
    Surface("bbb_720p25_aac51", 0.5, 70, 18, (350, 180, 120, 80)),
    Surface("flower_960x540_2997_aac", 0.667, 110, 18, (400, 160, 130, 110)),
    Surface("cars_768x432_12.5fps", 0.8333, 316, 18, (140, 70, 300, 220), cv2.MOTION_TRANSLATION, True),
    Surface("friday_640x480_30_speech", 1.0, 150, 18, (165, 45, 110, 95), cv2.MOTION_TRANSLATION),
    Surface("bbb_720p25_aac51", 0.5, 105, 18, (430, 155, 150, 70)),
)


_FRESH = (
    Surface("bbb_720p25_aac51", 0.5, 92, 18, (350, 180, 120, 80)),
    Surface("flower_960x540_2997_aac", 0.667, 84, 18, (390, 150, 140, 110)),
    Surface("friday_640x480_30_speech", 1.0, 112, 18, (165, 45, 110, 95), cv2.MOTION_TRANSLATION),
    Surface("cars_768x432_12.5fps", 0.8333, 150, 18, (160, 70, 290, 220), cv2.MOTION_TRANSLATION, True),
)


def opaque(media: Path, seed: int) -> Scene:
    surfaces = _DEV if seed < HELD_OUT else _HELD if seed < FRESH else _FRESH
    surface = surfaces[seed % HELD_OUT % len(surfaces)]
    random = np.random.default_rng(seed)
    frames = _read(media, surface.clip, surface.scale)
    x, y, width, height = surface.box
    shape = frames[0].shape[:2]
    w, h = int(width * random.uniform(0.6, 0.8)), int(height * random.uniform(0.6, 0.8))
    alpha = soft_box(shape, x + (width - w) / 2, y + (height - h) / 2, w, h, round_=bool(random.random() < 0.5), feather=1.5)
    paint = np.zeros((*shape, 3), np.float32)
    paint[y:y + height, x:x + width] = sign(width, height, random)
    scene = Scene("opaque", 0)
    kept = _aligned(frames, surface)
    scene.anchor = surface.anchor - min(kept)
    for number in sorted(kept):
        matrix, gain = kept[number]
        size, flags = (shape[1], shape[0]), cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        back = cv2.invertAffineTransform(matrix)
        over = cv2.warpAffine(paint, back, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101) * gain
        seen = np.clip(cv2.warpAffine(alpha, back, size, flags=flags), 0, 1)
        frame = frames[number]
        hidden = _in_front(frames[surface.anchor], frame, matrix, gain) if surface.bright_front else np.zeros(shape, np.float32)
        part = (seen * (1 - hidden))[..., None]
        scene.frames.append(frame)
        scene.truth.append(np.clip(np.rint(frame + (over - frame) * part), 0, 255).astype(np.uint8))
        scene.region.append((seen * (1 - hidden)).astype(np.float32))
        scene.front.append((seen * hidden).astype(np.float32))
    return scene


@cache
def _read(media: Path, clip: str, scale: float) -> list[Bgr]:
    found = next(path for path in sorted(media.iterdir()) if path.stem == clip)
    with av.open(str(found)) as container:
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    return [np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8) for frame in frames]


def _aligned(frames: list[Bgr], surface: Surface) -> dict[int, tuple[Matrix, float]]:
    """Frame -> 2×3 from the anchor's coordinates to the frame's, and the light against the anchor's."""
    result: dict[int, tuple[Matrix, float]] = {surface.anchor: (np.eye(2, 3), 1.0)}
    anchor = frames[surface.anchor]
    x, y, width, height = surface.box
    cut = np.s_[y:y + height, x:x + width]
    goal = cv2.cvtColor(anchor[cut], cv2.COLOR_BGR2GRAY)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-5)
    corner = np.array([x, y], np.float64)
    for step in (1, -1):
        matrix = np.eye(2, 3)
        for number in range(surface.anchor + step, surface.anchor + step * (surface.half + 1), step):
            if not 0 <= number < len(frames):
                break
            hidden = _in_front(anchor, frames[number], matrix, _gain(anchor, frames[number]) if surface.bright_front else 1.0)
            mask = np.asarray(hidden < 0.02, np.uint8) if surface.bright_front else np.ones(anchor.shape[:2], np.uint8)
            warp = matrix.copy()
            warp[:, 2] = matrix[:, :2] @ corner + matrix[:, 2]
            try:
                grey = cv2.cvtColor(frames[number], cv2.COLOR_BGR2GRAY)
                correlation, found = cv2.findTransformECC(
                    goal, grey, warp.astype(np.float32), surface.motion, stop, mask, 5)
            except cv2.error:
                break
            if correlation < (0.3 if surface.bright_front else _LEAST_CORRELATION):
                break
            matrix = np.asarray(found, np.float64)
            matrix[:, 2] -= matrix[:, :2] @ corner
            result[number] = (matrix, _gain(anchor, frames[number]) if surface.bright_front else 1.0)
    return result


def _gain(anchor: Bgr, frame: Bgr) -> float:
    return float(np.median(frame.astype(np.float32).mean(axis=2) / (anchor.astype(np.float32).mean(axis=2) + 1)))


def _in_front(anchor: Bgr, frame: Bgr, matrix: Matrix, gain: float) -> Image:
    """0..1: what differs over an area from the anchor laid here."""
    size = (frame.shape[1], frame.shape[0])
    there = cv2.warpAffine(anchor, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    apart = cv2.GaussianBlur(np.abs(there.astype(np.float32) * gain - frame).max(axis=2), (0, 0), 1.2)
    sure = cv2.morphologyEx((apart > 16).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    closed = cv2.morphologyEx(sure, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (31, 31)))
    return np.asarray(cv2.GaussianBlur(closed.astype(np.float32), (0, 0), 0.8), np.float32)


def _red(frame: Bgr) -> Image:
    blue, green, red = (frame[..., channel].astype(np.float32) for channel in range(3))
    return np.asarray(np.clip((red - np.maximum(green, blue) - 70) / 40, 0, 1), np.float32)


def _white(frame: Bgr) -> Image:
    return np.asarray(np.clip((cv2.GaussianBlur(frame.min(axis=2), (0, 0), 1).astype(np.float32) - 165) / 40, 0, 1), np.float32)


_COLOURED = (
    ("flower_960x540_2997_aac", 0.667, 40, _red), ("cars_768x432_12.5fps", 0.8333, 80, _white),
    ("flower_960x540_2997_aac", 0.667, 80, _red),
)
_COLOURED_FRESH = (("flower_960x540_2997_aac", 0.667, 140, _red), ("flower_960x540_2997_aac", 0.667, 60, _red))
_COLOURED_HELD = (
    ("flower_960x540_2997_aac", 0.667, 120, _red), ("cars_768x432_12.5fps", 0.8333, 78, _white),
    ("flower_960x540_2997_aac", 0.667, 20, _red),
)


def _coloured(seed: int) -> "tuple[tuple[str, float, int, Callable[[Bgr], Image]], ...]":
    return _COLOURED if seed < HELD_OUT else _COLOURED_HELD if seed < FRESH else _COLOURED_FRESH


def recolour(media: Path, seed: int) -> Scene:
    jobs = _coloured(seed)
    clip, scale, anchor, key = jobs[seed % HELD_OUT % len(jobs)]
    frames = _read(media, clip, scale)
    random = np.random.default_rng(seed)
    mix = np.eye(3) * 0.3 + random.permutation(np.eye(3))[[2, 0, 1]] * 0.7
    first, last = max(0, anchor - 14), min(len(frames), anchor + 15)
    scene = Scene("recolour", anchor - first)
    for frame in frames[first:last]:
        part = _largest(key(frame))
        edited = np.clip(frame.astype(np.float32) @ mix.T.astype(np.float32) * 0.9 + random.choice([15.0]), 0, 255)
        scene.frames.append(frame)
        scene.truth.append(np.clip(np.rint(frame + (edited - frame) * part[..., None]), 0, 255).astype(np.uint8))
        scene.region.append(part)
        scene.front.append(np.zeros_like(part))
    return scene


@dataclass(frozen=True)
class Ride:
    """A car that drives through `cars`: the frame, the box that is aligned, the box of the edit, both (x, y, width, height)."""

    anchor: int
    box: tuple[int, int, int, int]
    edit: tuple[int, int, int, int]


_RIDES = (
    Ride(210, (345, 120, 110, 175), (362, 155, 75, 55)), Ride(206, (115, 70, 130, 200), (138, 128, 70, 46)),
    Ride(210, (368, 312, 76, 54), (388, 332, 36, 16)), Ride(206, (100, 185, 145, 165), (135, 285, 70, 45)),
)
_RIDES_HELD = (
    Ride(80, (295, 85, 120, 195), (322, 130, 65, 55)), Ride(336, (150, 140, 125, 200), (184, 178, 70, 36)),
    Ride(80, (318, 264, 94, 60), (340, 283, 50, 24)),
)


_RIDES_FRESH = (
    Ride(336, (150, 140, 125, 200), (186, 190, 60, 44)), Ride(80, (295, 85, 120, 195), (330, 120, 55, 40)),
)


_CAR_PX = 3
"""By how much the alignment of a whole car, which is no plane, may miss one side of it."""


def ride(media: Path, seed: int) -> Scene:
    """An opaque edit on a car: plain, glossy, small, and a third of its own length further on every frame."""
    rides = _RIDES if seed < HELD_OUT else _RIDES_HELD if seed < FRESH else _RIDES_FRESH
    job, random = rides[seed % HELD_OUT % len(rides)], np.random.default_rng(seed)
    frames = _read(media, "cars_768x432_12.5fps", 1.0)
    shape, (x, y, width, height) = frames[0].shape[:2], job.edit
    alpha = soft_box(shape, x, y, width, height, round_=False, feather=1.0)
    paint = np.zeros((*shape, 3), np.float32)
    paint[y - 6:y + height + 6, x - 6:x + width + 6] = sign(width + 12, height + 12, random)
    kept = _driven(frames, job)
    scene = Scene("ride", job.anchor - min(kept), doubt_px=_CAR_PX)
    for number in sorted(kept):
        back, size = cv2.invertAffineTransform(kept[number]), (shape[1], shape[0])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        over = cv2.warpAffine(paint, back, size, flags=flags)
        seen = np.clip(cv2.warpAffine(alpha, back, size, flags=flags), 0, 1)
        frame = frames[number]
        scene.frames.append(frame)
        scene.truth.append(np.clip(np.rint(frame + (over - frame) * seen[..., None]), 0, 255).astype(np.uint8))
        scene.region.append(np.asarray(seen, np.float32))
        scene.front.append(np.zeros(shape, np.float32))
    return scene


def _driven(frames: list[Bgr], job: Ride) -> dict[int, Matrix]:
    """Frame -> 2×3 from the anchor's coordinates to the frame's, as long as the whole car is in the picture."""
    x, y, width, height = job.box
    goal, corner = cv2.cvtColor(frames[job.anchor], cv2.COLOR_BGR2GRAY)[y:y + height, x:x + width], np.array([x, y], np.float64)
    result: dict[int, Matrix] = {job.anchor: np.eye(2, 3)}
    everything = np.ones(frames[0].shape[:2], np.uint8)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-5)
    for step in (1, -1):
        matrix, speed = np.eye(2, 3), np.zeros(2)
        for number in range(job.anchor + step, job.anchor + 13 * step, step):
            grey = cv2.cvtColor(frames[number], cv2.COLOR_BGR2GRAY)
            left, top = np.rint(matrix[:, :2] @ corner + matrix[:, 2] + speed).astype(int)
            reach = np.s_[max(0, top - 24):top + height + 24, max(0, left - 16):left + width + 16]
            if min(left, top) < 0 or left + width > grey.shape[1] or top + height > grey.shape[0]:
                break
            before = frames[number - step]
            # A whole number of pixels from the frame before, then exactly against the anchor.
            last = np.rint(matrix[:, :2] @ corner + matrix[:, 2]).astype(int)
            template = cv2.cvtColor(before, cv2.COLOR_BGR2GRAY)[last[1]:last[1] + height, last[0]:last[0] + width]
            found = cv2.minMaxLoc(cv2.matchTemplate(grey[reach], template, cv2.TM_CCOEFF_NORMED))[3]
            guess = matrix.copy()
            guess[:, 2] += np.array([found[0] + max(0, left - 16), found[1] + max(0, top - 24)]) - last
            warp = guess.copy()
            warp[:, 2] = guess[:, :2] @ corner + guess[:, 2]
            try:
                correlation, warped = cv2.findTransformECC(
                    goal, grey, warp.astype(np.float32), cv2.MOTION_AFFINE, stop, everything, 5)
            except cv2.error:
                break
            if correlation < _LEAST_CORRELATION:
                break
            exact = np.asarray(warped, np.float64)
            exact[:, 2] -= exact[:, :2] @ corner
            speed = (exact - matrix)[:, 2] + (exact - matrix)[:, :2] @ corner
            matrix = exact
            result[number] = matrix
    return result


def _largest(key: Image) -> Image:
    count, labels, stats, _ = cv2.connectedComponentsWithStats((key > 0.4).astype(np.uint8))
    if count < 2:
        return np.zeros_like(key)
    chosen = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    grown = cv2.dilate(chosen, np.ones((7, 7), np.uint8)).astype(np.float32)
    return np.asarray(key * cv2.GaussianBlur(grown, (0, 0), 1.5), np.float32)


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {"opaque": opaque, "recolour": recolour, "ride": ride}
