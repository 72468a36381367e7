"""Small scenes that go wrong: every family runs, by its seed, from what any tracker holds to what none can.

They are there to have bad frames at all, for `confidence.py`; how well patches hold is measured on `motion_scenes.py`. Seeds
below `motion_scenes.HELD_OUT` see other photos than the others.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from tests.bench.motion_real import ride
from tests.bench.motion_render import Front, Image, Matrix, Scene, World, noise_texture, photo, render, sign, soft_box
from tests.bench.motion_scenes import about, hand_held, photos_of

FRAME = (320, 180)
_WORLD = (544, 306)
_HALF = 8

Random = np.random.Generator
Made = tuple[Image, Image, Image]


def base(media: Path, seed: int, strength: float = 0.0) -> tuple[Random, Made]:
    """Random numbers; the world, the world with an edit on it, the edit's alpha."""
    random = np.random.default_rng(seed + 77_000)
    plain = noise_texture(*_WORLD, random, strength) if strength else texture(media, seed, random)
    width, height = random.uniform(0.18, 0.4) * FRAME[0], random.uniform(0.2, 0.45) * FRAME[1]
    x, y = (_WORLD[0] - width) / 2 + random.uniform(-12, 12), (_WORLD[1] - height) / 2 + random.uniform(-10, 10)
    is_round, feather = bool(random.random() < 0.4), random.uniform(0.8, 2.0)
    alpha = soft_box((_WORLD[1], _WORLD[0]), x, y, width, height, round_=is_round, feather=feather)
    painted = _paint(media, seed, random, plain, (x, y, width, height))
    return random, (plain, plain + (painted - plain) * alpha[..., None], alpha)


def _paint(media: Path, seed: int, random: Random, plain: Image, box: tuple[float, float, float, float]) -> Image:
    """What is laid on the world: a sign, another picture, the world smoothed away, the world recoloured."""
    kind = int(random.integers(4))
    if kind == 0:
        painted = plain.copy()
        left, top = int(box[0]) - 12, int(box[1]) - 12
        over = sign(int(box[2]) + 24, int(box[3]) + 24, random)
        painted[top:top + over.shape[0], left:left + over.shape[1]] = over
        return painted
    if kind == 1:
        return texture(media, seed, random)
    if kind == 2:
        return np.asarray(cv2.GaussianBlur(plain, (0, 0), 14), np.float32)
    return np.asarray(np.clip(plain[..., [1, 2, 0]] * random.uniform(0.6, 1.1) + 25, 0, 255), np.float32)


def texture(media: Path, seed: int, random: Random) -> Image:
    names = photos_of(seed)
    if random.random() < 0.35:
        return noise_texture(*_WORLD, random, random.uniform(0.3, 1.0))
    return photo(str(media / names[int(random.integers(len(names)))]), *_WORLD, random)


def world_of(media: Path, seed: int, random: Random, made: Made, **others: object) -> World:
    camera = others.pop("camera", None) or hand_held(random, _WORLD, FRAME, 0.5)
    return World(*made, camera, *FRAME, _HALF, **others)  # type: ignore[arg-type]


def rush(media: Path, seed: int) -> Scene:
    random, made = base(media, seed)
    speed, angle, sway = random.uniform(4, 32), random.uniform(-0.5, 0.5), random.uniform(0.5, 3)

    def camera(time: float) -> Matrix:
        gone = speed * sway * np.sin(time / sway)
        return about(_WORLD, FRAME, (gone * np.cos(angle), gone * np.sin(angle)), 0.01 * time)

    world = world_of(media, seed, random, made, camera=camera, shutter=random.uniform(0, 0.9), noise=random.uniform(0.5, 3))
    return render("rush", world, seed)


def grid(media: Path, seed: int) -> Scene:
    """A surface that repeats: a match one period off fits as well."""
    random, (plain, edited, alpha) = base(media, seed)
    period, strength = random.uniform(8, 26), random.uniform(0.4, 1.0)
    rows, columns = np.mgrid[:_WORLD[1], :_WORLD[0]].astype(np.float32)
    wave = (np.sign(np.sin(2 * np.pi * columns / period)) * np.sign(np.sin(2 * np.pi * rows / period)) * 55 + 120)[..., None]
    tiled = plain * (1 - strength) + wave * strength
    painted = tiled * (1 - alpha[..., None]) + edited * alpha[..., None]
    speed = random.uniform(0.1, 0.9) * period
    made = (tiled.astype(np.float32), painted.astype(np.float32), alpha)
    world = world_of(media, seed, random, made, camera=lambda time: about(_WORLD, FRAME, (speed * time, 0.3 * speed * time)))
    return render("grid", world, seed)


def swell(media: Path, seed: int) -> Scene:
    random, made = base(media, seed)
    high, fast, wave = random.uniform(2, 16), random.uniform(0.2, 1.4), random.uniform(0.02, 0.09, 2)

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        for axis in (0, 1):
            run = np.sin(wave[axis] * at[..., 1 - axis] + fast * time * (1 + axis)) - np.sin(wave[axis] * at[..., 1 - axis])
            moved[..., axis] += (high * run).astype(np.float32)
        return moved

    return render("swell", world_of(media, seed, random, made, bend=bent), seed)


def cover(media: Path, seed: int) -> Scene:
    """Something large comes slowly in front and stays: of any texture, sharp or like smoke."""
    random, made = base(media, seed)
    source = made[0][40:, 60:] if random.random() < 0.3 else texture(media, seed, random)
    painted = np.ascontiguousarray(source[:FRAME[1], :FRAME[0]])
    speed, dense = random.uniform(6, 22), random.uniform(0.35, 1.0)
    soft, wide = random.choice([1.0, 1.0, 12.0]), random.uniform(18, 70)
    rows, columns = np.mgrid[:FRAME[1], :FRAME[0]].astype(np.float32)

    def fronts(time: float) -> list[Front]:
        if abs(time) < 0.5:
            return []
        x = 160 + np.sign(time) * max(0.0, 110 + wide - speed * abs(time))
        far = np.hypot(columns - x, (rows - 90) * 0.8) - wide
        image = cv2.warpAffine(painted, np.array([[1, 0, x - 160], [0, 1, 0]]), FRAME, borderMode=cv2.BORDER_REFLECT_101)
        return [Front(np.asarray(image, np.float32), (dense * np.clip(-far / soft, 0, 1)).astype(np.float32))]

    return render("cover", world_of(media, seed, random, made, fronts=fronts), seed)


def fog(media: Path, seed: int) -> Scene:
    random, made = base(media, seed, strength=0.01 + 0.06 * np.random.default_rng(seed).random())
    return render("fog", world_of(media, seed, random, made, noise=random.uniform(1, 7)), seed)


def spin(media: Path, seed: int) -> Scene:
    random, made = base(media, seed)
    turn, zoom, lean = random.uniform(-0.25, 0.25), random.uniform(-0.09, 0.09), random.uniform(-4e-4, 4e-4, 2)

    def camera(time: float) -> Matrix:
        leaned = (float(lean[0] * time), float(lean[1] * time))
        return about(_WORLD, FRAME, (0.8 * time, 0.0), turn * time, float(np.exp(zoom * time)), leaned)

    return render("spin", world_of(media, seed, random, made, camera=camera), seed)


def mirror(media: Path, seed: int) -> Scene:
    """A reflection of something else moves over the surface."""
    random, made = base(media, seed)
    other, strength, go = texture(media, seed, random), random.uniform(0.05, 0.7), random.uniform(-9, 9, 2)

    def shine(time: float) -> Image:
        move = np.array([[1, 0, go[0] * time - 100], [0, 1, go[1] * time - 60]])
        return np.asarray(cv2.warpAffine(other, move, FRAME, borderMode=cv2.BORDER_REFLECT_101) * strength, np.float32)

    world = world_of(media, seed, random, made, shine=shine, light=lambda _t: 1 - 0.6 * strength)
    return render("mirror", world, seed)


def glare(media: Path, seed: int) -> Scene:
    """Light burns out or goes out, all over or in a spot that wanders."""
    random, made = base(media, seed)
    drift, spot, go = random.uniform(-0.3, 0.3), random.uniform(0, 220), random.uniform(-12, 12, 2)
    rows, columns = np.mgrid[:FRAME[1], :FRAME[0]].astype(np.float32)

    def shine(time: float) -> Image:
        x, y = 160 + 40 * np.sign(go[0]) + go[0] * time, 90 + go[1] * time
        return np.asarray(spot * np.exp(-(((columns - x) / 30) ** 2 + ((rows - y) / 22) ** 2)), np.float32)[..., None]

    world = world_of(media, seed, random, made, shine=shine, light=lambda time: float(2 ** (drift * time)))
    return render("glare", world, seed)


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {
    made.__name__: made for made in (rush, grid, swell, cover, fog, spin, mirror, glare, ride)
}
