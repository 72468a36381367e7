"""Small scenes of difficult motion for `confidence.py`, each family from what any tracker holds to what none can."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from tests.bench.confidence_scenes import FRAME, base, texture, world_of
from tests.bench.motion_render import Image, Matrix, Scene, noise_texture, render, soft_box
from tests.bench.motion_scenes import about, hand_held

_WORLD = (544, 306)
_SHAPE = (_WORLD[1], _WORLD[0])


def jerk(media: Path, seed: int) -> Scene:
    """A camera that is pushed once or twice, by up to a fifth of the picture."""
    random, made = base(media, seed)
    when, far = random.uniform(-7, 7, 2), random.uniform(-60, 60, (2, 2)) * random.uniform(0.1, 1)
    slow = hand_held(random, _WORLD, FRAME, 0.4)

    def camera(time: float) -> Matrix:
        gone = 1 / (1 + np.exp(-3 * (time - when))) - 1 / (1 + np.exp(3 * when))
        x, y = gone @ far
        pushed = np.array([[1, 0, x], [0, 1, 0.5 * y], [0, 0, 1]])
        return np.asarray(pushed @ slow(time), np.float64)

    return render("jerk", world_of(media, seed, random, made, camera=camera, shutter=random.uniform(0, 0.7)), seed)


def dolly(media: Path, seed: int) -> Scene:
    """Comes near or goes away, fast, with the blur of a zoom."""
    random, made = base(media, seed)
    zoom, wave = random.uniform(-0.16, 0.16), random.uniform(0, 0.3)

    def camera(time: float) -> Matrix:
        return about(_WORLD, FRAME, (1.5 * time, 0.0), 0.01 * time, float(np.exp(zoom * time * 0.7 + wave * np.sin(0.7 * time))))

    return render("dolly", world_of(media, seed, random, made, camera=camera, shutter=random.uniform(0, 1)), seed)


def jelly(media: Path, seed: int) -> Scene:
    """The rows of a picture are taken one after the other while the camera shakes."""
    random, made = base(media, seed)
    high, fast = random.uniform(1, 18), random.uniform(0.6, 3.5)
    rows = np.linspace(-0.5, 0.5, FRAME[1], dtype=np.float32)[:, None]

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        moved[..., 0] += np.float32(high) * np.sin(fast * (time + rows)).astype(np.float32)
        moved[..., 1] += np.float32(0.3 * high) * np.sin(1.3 * fast * (time + rows) + 1).astype(np.float32)
        return moved

    return render("jelly", world_of(media, seed, random, made, bend=bent), seed)


def limbs(media: Path, seed: int) -> Scene:
    """Parts of the surface move by themselves, as eyes, mouth and hands do."""
    random, made = base(media, seed)
    count = int(random.integers(2, 6))
    at0, wide = random.uniform((215, 110), (330, 200), (count, 2)), random.uniform(10, 32, count)
    high, fast = random.uniform(-1, 1, (count, 2)) * random.uniform(2, 16), random.uniform(0.3, 1.6, count)

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        for place, size, move, speed in zip(at0, wide, high, fast, strict=True):
            near = np.exp(-(((at - place.astype(np.float32)) ** 2).sum(axis=2) / (2 * size * size)))
            moved += (near[..., None] * move * np.sin(speed * time)).astype(np.float32)
        return moved

    return render("limbs", world_of(media, seed, random, made, bend=bent), seed)


def flag(media: Path, seed: int) -> Scene:
    """Cloth in the wind: it bends, turns away and is shaded by its slope."""
    random, made = base(media, seed)
    high, length, fast, deep = random.uniform(2, 14), random.uniform(30, 120), random.uniform(-1.2, 1.2), random.uniform(0, 0.5)
    columns = np.arange(FRAME[0], dtype=np.float32)[None, :] + np.zeros((FRAME[1], 1), np.float32)

    def phase(time: float, x: Image) -> Image:
        return np.asarray(2 * np.pi * x / length + fast * time, np.float32)

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        moved[..., 1] += np.float32(high) * (np.sin(phase(time, at[..., 0])) - np.sin(phase(0, at[..., 0])))
        moved[..., 0] += np.float32(0.5 * high) * (np.cos(phase(time, at[..., 0])) - np.cos(phase(0, at[..., 0])))
        return moved

    def lit(time: float) -> Image:
        return np.asarray(1 - deep * (0.5 + 0.5 * np.cos(phase(time, columns))), np.float32)[..., None]

    return render("flag", world_of(media, seed, random, made, bend=bent, light=lit), seed)


def barrel(media: Path, seed: int) -> Scene:
    """A round thing turns; one side of it comes into sight, the other goes."""
    random, made = base(media, seed)
    radius, turn, back = random.uniform(70, 150), random.uniform(-0.09, 0.09), random.uniform(0, 0.05)

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        across = np.clip((at[..., 0] - _WORLD[0] / 2) / radius, -0.999, 0.999)
        angle = turn * time + back * np.sin(time)
        moved[..., 0] = _WORLD[0] / 2 + radius * (np.arcsin(across) + np.float32(angle))
        return np.asarray(moved, np.float32)

    camera = hand_held(random, _WORLD, FRAME, 0.2)
    return render("barrel", world_of(media, seed, random, made, bend=bent, camera=camera), seed)


def layers(media: Path, seed: int) -> Scene:
    """A plain thing before a busy background that moves otherwise: what surrounds it pulls at the patch."""
    random, _ = base(media, seed)
    strength = float(np.exp(random.uniform(np.log(0.01), np.log(0.7))))
    plain = noise_texture(*_WORLD, random, strength)
    width, height = random.uniform(50, 120), random.uniform(40, 90)
    left, top = (_WORLD[0] - width) / 2, (_WORLD[1] - height) / 2
    grown = random.uniform(2, 24)
    size, is_round = (width + 2 * grown, height + 2 * grown), bool(random.random() < 0.5)
    cover = soft_box(_SHAPE, left - grown, top - grown, *size, round_=is_round, feather=1)
    alpha = soft_box(_SHAPE, left, top, width, height, round_=bool(random.random() < 0.5), feather=1)
    paint = texture(media, seed, random)
    made = (plain, np.asarray(plain + (paint - plain) * alpha[..., None], np.float32), alpha)
    behind, slow = texture(media, seed + 1, random), hand_held(random, _WORLD, FRAME, 1.0)
    go = random.uniform(-9, 9, 2) * (1, 0.5)

    def background(time: float) -> Image:
        seen = cv2.warpPerspective(behind, slow(time), FRAME, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(seen, np.float32)

    def camera(time: float) -> Matrix:
        return about(_WORLD, FRAME, (go[0] * time, go[1] * time), 0.01 * time)

    return render("layers", world_of(media, seed, random, made, camera=camera, background=background, cover=cover), seed)


def verge(media: Path, seed: int) -> Scene:
    """The region goes over the picture's border, in part or for a while."""
    random, made = base(media, seed)
    far, fast, angle = random.uniform(60, 260), random.uniform(0.12, 0.6), random.uniform(0, 6.28)

    def camera(time: float) -> Matrix:
        gone = far * np.sin(fast * time)
        return about(_WORLD, FRAME, (gone * np.cos(angle), 0.7 * gone * np.sin(angle)), 0.008 * time)

    return render("verge", world_of(media, seed, random, made, camera=camera, shutter=random.uniform(0, 0.5)), seed)


def speck(media: Path, seed: int) -> Scene:
    """A tiny region, with noise."""
    random, (plain, _, _) = base(media, seed)
    width, height = random.uniform(7, 26, 2)
    alpha = soft_box(_SHAPE, 272 - width / 2, 153 - height / 2, width, height, round_=bool(random.random() < 0.5), feather=0.8)
    paint = np.asarray(noise_texture(*_WORLD, random, random.uniform(0.2, 1.0))[..., ::-1], np.float32)
    made = (plain, np.asarray(plain + (paint - plain) * alpha[..., None], np.float32), alpha)
    camera = hand_held(random, _WORLD, FRAME, random.uniform(0.3, 1.5))
    return render("speck", world_of(media, seed, random, made, camera=camera, noise=random.uniform(1, 7)), seed)


def stripes(media: Path, seed: int) -> Scene:
    """Bars or dots that repeat, and a camera that goes by a good part of a period at a time, not always steadily."""
    random, (plain, edited, alpha) = base(media, seed)
    period, strength, kind = random.uniform(6, 30), random.uniform(0.3, 1.0), int(random.integers(3))
    rows, columns = np.mgrid[:_WORLD[1], :_WORLD[0]].astype(np.float32)
    turned = columns * np.cos(0.4 * seed) + rows * np.sin(0.4 * seed)
    other = rows * np.cos(0.4 * seed) - columns * np.sin(0.4 * seed)
    bars, cross = np.sin(2 * np.pi * turned / period), np.sin(2 * np.pi * other / period)
    wave = (np.sign(bars), np.clip(3 * bars * cross, -1, 1), np.clip(2 * np.maximum(bars, cross), -1, 1))[kind]
    tiled = np.asarray(plain * (1 - strength) + (wave * 60 + 120)[..., None] * strength, np.float32)
    speed, jolt, when = random.uniform(0, 0.9) * period, random.uniform(-1.5, 1.5) * period, random.uniform(-8, 8)
    angle = random.uniform(0, 6.28)

    def camera(time: float) -> Matrix:
        gone = speed * time + jolt * (float(time > when) - float(when < 0))
        return about(_WORLD, FRAME, (gone * np.cos(angle), 0.6 * gone * np.sin(angle)))

    painted = np.asarray(tiled * (1 - alpha[..., None]) + edited * alpha[..., None], np.float32)
    world = world_of(media, seed, random, (tiled, painted, alpha), camera=camera)
    return render("stripes", world, seed)


def stutter(media: Path, seed: int) -> Scene:
    """Frames are missing or stand still: the motion comes in steps."""
    random, made = base(media, seed)
    smooth, step = hand_held(random, _WORLD, FRAME, random.uniform(0.6, 3)), int(random.integers(2, 6))
    return render("stutter", world_of(media, seed, random, made, camera=lambda time: smooth(step * np.round(time / step))), seed)


def comb(media: Path, seed: int) -> Scene:
    """Interlaced: every other row is half a frame later."""
    random, made = base(media, seed)
    go = random.uniform(-14, 14, 2) * (1, 0.3)
    odd = (np.arange(FRAME[1]) % 2).astype(np.float32)[:, None]

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        for axis in (0, 1):
            moved[..., axis] -= np.float32(go[axis] * 0.5) * odd
        return moved

    camera: Callable[[float], Matrix] = lambda time: about(_WORLD, FRAME, (go[0] * time, go[1] * time))  # noqa: E731
    return render("comb", world_of(media, seed, random, made, camera=camera, bend=bent), seed)


def still(media: Path, seed: int) -> Scene:
    """Next to nothing happens; there is only grain, or a little of everything."""
    random, made = base(media, seed)
    camera = hand_held(random, _WORLD, FRAME, random.uniform(0, 0.8))
    drift = random.uniform(-0.03, 0.03)
    world = world_of(media, seed, random, made, camera=camera, noise=random.uniform(0.5, 8), light=lambda time: 1 + drift * time)
    return render("still", world, seed)


def whirl(media: Path, seed: int) -> Scene:
    """A thing turns in its plane before what stands still."""
    random, made = base(media, seed)
    turn, wide = random.uniform(-0.5, 0.5), random.uniform(55, 95)
    cover = soft_box(_SHAPE, 272 - wide, 153 - wide, 2 * wide, 2 * wide, round_=True, feather=1)
    behind = texture(media, seed + 1, random)[:FRAME[1], :FRAME[0]]
    go = random.uniform(-4, 4, 2)

    def camera(time: float) -> Matrix:
        return about(_WORLD, FRAME, (go[0] * time, go[1] * time), turn * time)

    shutter = random.uniform(0, 0.8)
    world = world_of(media, seed, random, made, camera=camera, background=lambda _t: behind, cover=cover, shutter=shutter)
    return render("whirl", world, seed)


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {
    made.__name__: made
    for made in (jerk, dolly, jelly, limbs, flag, barrel, layers, verge, speck, stripes, stutter, comb, still, whirl)
}
