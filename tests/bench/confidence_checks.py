"""Families of small scenes for `confidence.py` that nothing was chosen on or fitted to: looked at to see what a fit is worth.

Once a choice has been made by them they are like all the others, and other ones are needed.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from tests.bench.confidence_scenes import FRAME, base, texture, world_of
from tests.bench.motion_render import Front, Image, Matrix, Scene, render, soft_box
from tests.bench.motion_scenes import about, hand_held

_WORLD = (544, 306)
_ROWS, _COLUMNS = np.mgrid[:FRAME[1], :FRAME[0]].astype(np.float32)


def book(media: Path, seed: int) -> Scene:
    """Two pages: one lies still, the other is turned."""
    random, made = base(media, seed)
    most, fast, hinge = random.uniform(0.1, 1.1), random.uniform(0.1, 0.5), 272 + random.uniform(-25, 25)

    def bent(time: float, at: Image) -> Image:
        moved, angle = at.copy(), most * np.sin(fast * abs(time)) * np.sign(time)
        beyond = np.maximum(at[..., 0] - hinge, 0)
        depth = 1 - 0.002 * beyond * np.sin(angle)
        moved[..., 0] += (beyond / (np.cos(angle) * depth) - beyond).astype(np.float32)
        moved[..., 1] += ((at[..., 1] - 153) * (1 / depth - 1) * (beyond > 0)).astype(np.float32)
        return moved

    return render("book", world_of(media, seed, random, made, bend=bent), seed)


def curtain(media: Path, seed: int) -> Scene:
    """Folds that close and open; what lies in a fold is gone for a while."""
    random, made = base(media, seed)
    high, length, fast = random.uniform(1, 12), random.uniform(25, 90), random.uniform(0.1, 0.8)
    deep = random.uniform(0, 0.5)

    def fold(time: float, x: Image) -> Image:
        return np.asarray(np.sin(2 * np.pi * x / length + 0.3 * time) * np.sin(fast * time), np.float32)

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        moved[..., 0] += np.float32(high) * fold(time, at[..., 0])
        return moved

    def lit(time: float) -> Image:
        return np.asarray(1 + deep * fold(time, _COLUMNS), np.float32)[..., None]

    return render("curtain", world_of(media, seed, random, made, bend=bent, light=lit), seed)


def disco(media: Path, seed: int) -> Scene:
    """Coloured spots of light run over the surface in a dark room."""
    random, made = base(media, seed)
    count, dark = int(random.integers(2, 7)), random.uniform(0.2, 0.9)
    at0, go = random.uniform((40, 20), (280, 160), (count, 2)), random.uniform(-15, 15, (count, 2))
    wide, colour = random.uniform(15, 60, count), random.uniform(0, 1, (count, 3))

    def lit(time: float) -> Image:
        light = np.full((FRAME[1], FRAME[0], 3), dark, np.float32)
        for place, move, size, tint in zip(at0, go, wide, colour, strict=True):
            x, y = place + move * time
            spot = np.exp(-(((_COLUMNS - x) ** 2 + (_ROWS - y) ** 2) / (2 * size * size)))
            light += (spot[..., None] * tint * (1 - dark)).astype(np.float32)
        return light

    return render("disco", world_of(media, seed, random, made, light=lit, noise=random.uniform(0.5, 3)), seed)


def hand(media: Path, seed: int) -> Scene:
    """A hand with fingers reaches in, rests on the patch, goes away."""
    random, made = base(media, seed)
    tone, speed, rest = random.uniform(60, 220, 3), random.uniform(8, 30), random.uniform(0, 6)
    paint = np.asarray(tone + 0.25 * (texture(media, seed + 1, random)[:FRAME[1], :FRAME[0]] - 128), np.float32)
    side, reach, thick = random.choice([-1, 1]), random.uniform(-20, 40), random.uniform(5, 12)

    def fronts(time: float) -> list[Front]:
        if abs(time) < 0.5:
            return []
        x = 160 + side * (150 - min(150 - reach, speed * max(0.0, abs(time) - 0.5)))
        x += side * 4 * np.sin(time) * (abs(time) > rest)
        fingers = [np.hypot(np.maximum(0, side * (x - _COLUMNS) + 12 * abs(n)), _ROWS - 90 - 20 * n) - thick for n in (-1, 0, 1)]
        palm = np.hypot(np.maximum(0, side * (x + side * 55 - _COLUMNS)), 0.7 * (_ROWS - 90)) - 24
        far = np.min([*fingers, palm], axis=0)
        return [Front(paint, np.clip(-far + 0.5, 0, 1).astype(np.float32))]

    return render("hand", world_of(media, seed, random, made, fronts=fronts), seed)


def tube(media: Path, seed: int) -> Scene:
    """Filmed from a screen: lines, and a bar that runs over it."""
    random, made = base(media, seed)
    deep, bar, wide, fast = random.uniform(0, 0.4), random.uniform(-0.6, 0.6), random.uniform(8, 60), random.uniform(-25, 25)
    pitch = random.uniform(2, 7)

    def lit(time: float) -> Image:
        lines = 1 - deep * (0.5 + 0.5 * np.sin(2 * np.pi * _ROWS / pitch + 2 * time))
        far = np.abs((_ROWS - 90 - fast * time + 120) % 240 - 120)
        return np.asarray(lines * (1 + bar * np.clip((wide - far) / 6, 0, 1)) * 0.75, np.float32)[..., None]

    return render("tube", world_of(media, seed, random, made, light=lit, noise=random.uniform(0.5, 5)), seed)


def lifted(media: Path, seed: int) -> Scene:
    """A thing is lifted from a table: it grows, turns, and its shadow goes another way."""
    random, made = base(media, seed)
    wide, high = random.uniform(50, 95), random.uniform(40, 70)
    cover = soft_box((306, 544), 272 - wide, 153 - high, 2 * wide, 2 * high, round_=bool(random.random() < 0.5), feather=1)
    table, slow = texture(media, seed + 1, random), hand_held(random, _WORLD, FRAME, 0.3)
    grow, turn, go = random.uniform(-0.05, 0.05), random.uniform(-0.08, 0.08), random.uniform(-8, 8, 2) * (1, 0.5)
    shade, lean = random.uniform(0, 0.7), random.uniform(-3e-4, 3e-4)

    def camera(time: float) -> Matrix:
        return about(_WORLD, FRAME, (go[0] * time, go[1] * time), turn * time, float(np.exp(grow * time)), (lean * time, 0.0))

    def background(time: float) -> Image:
        seen = cv2.warpPerspective(table, slow(time), FRAME, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        far = np.hypot((_COLUMNS - 160 - 0.4 * go[0] * time - 10) / wide, (_ROWS - 90 - 0.4 * go[1] * time - 14) / high)
        return np.asarray(seen * (1 - shade * np.clip(4 * (1.1 - far), 0, 1))[..., None], np.float32)

    world = world_of(media, seed, random, made, camera=camera, background=background, cover=cover)
    return render("lifted", world, seed)


def glass(media: Path, seed: int) -> Scene:
    """A lens or a drop passes over the picture and bends what is behind it."""
    random, made = base(media, seed)
    size, strong = random.uniform(15, 70), random.uniform(-0.6, 0.6)
    x, y, go = random.uniform(200, 340), random.uniform(110, 200), random.uniform(-16, 16, 2) * (1, 0.5)

    def bent(time: float, at: Image) -> Image:
        if time == 0:
            return at
        apart = at - np.array([x + go[0] * time, y + go[1] * time], np.float32)
        near = np.exp(-((apart**2).sum(axis=2) / (2 * size * size)))[..., None]
        return np.asarray(at + strong * near * apart, np.float32)

    return render("glass", world_of(media, seed, random, made, bend=bent), seed)


def knocked(media: Path, seed: int) -> Scene:
    """A camera on a tripod that is knocked: still, a few wild frames, still again elsewhere."""
    random, made = base(media, seed)
    when, far, beat = random.uniform(1, 5), random.uniform(-45, 45, 2), random.uniform(1, 3)
    decay, turn = random.uniform(0.3, 1.5), random.uniform(-0.1, 0.1)

    def camera(time: float) -> Matrix:
        since = abs(time) - when
        swing = 0.0 if since < 0 else 1 - np.exp(-decay * since) * np.cos(beat * since)
        return about(_WORLD, FRAME, (far[0] * swing, 0.5 * far[1] * swing), turn * swing)

    return render("knocked", world_of(media, seed, random, made, camera=camera, shutter=random.uniform(0, 0.8)), seed)


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {
    made.__name__: made for made in (book, curtain, disco, hand, tube, lifted, glass, knocked)
}
