"""Small scenes of difficult light and difficult pictures for `confidence.py`: what is seen changes, wherever it lies."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
import cv2
import numpy as np

from tests.bench.confidence_scenes import FRAME, base, texture, world_of
from tests.bench.motion_render import Bgr, Front, Image, Matrix, Scene, render
from tests.bench.motion_scenes import hand_held

_WORLD = (544, 306)
_ROWS, _COLUMNS = np.mgrid[:FRAME[1], :FRAME[0]].astype(np.float32)


def strobe(media: Path, seed: int) -> Scene:
    """Coloured lights that come and go from one frame to the next."""
    random, made = base(media, seed)
    low, chance = random.uniform(0.15, 0.9), random.uniform(0.2, 0.9)
    is_hard = random.random() < 0.5
    table = np.where(random.random((40, 3)) < chance, 1, low) if is_hard else random.uniform(low, 1.3 - 0.3 * low, (40, 3))
    table[20] = 1

    def lit(time: float) -> Image:
        return np.asarray(table[20 + int(np.round(time))], np.float32)[None, None]

    return render("strobe", world_of(media, seed, random, made, light=lit, noise=random.uniform(0.5, 5)), seed)


def lens(media: Path, seed: int) -> Scene:
    """The contrast curve of the camera changes: gamma, black and white, colour."""
    random, made = base(media, seed)
    scene = render("lens", world_of(media, seed, random, made), seed)
    curve, lift, warm = random.uniform(-0.12, 0.12), random.uniform(-6, 6), random.uniform(-0.04, 0.04)

    def graded(frame: Bgr, time: int) -> Bgr:
        power = np.exp(curve * time + warm * time * np.array([-1, 0, 1]))
        return np.asarray(np.clip(np.rint(255 * (frame / 255) ** power + lift * abs(time)), 0, 255), np.uint8)

    return _after(scene, graded)


def shadows(media: Path, seed: int) -> Scene:
    """Hard shadows run over the surface, many small or few large."""
    random, made = base(media, seed)
    count, deep, soft = int(random.integers(1, 12)), random.uniform(0.15, 0.8), random.uniform(0.7, 10)
    at0, go = random.uniform((0, 0), FRAME, (count, 2)), random.uniform(-14, 14, (1, 2)) + random.uniform(-3, 3, (count, 2))
    wide = random.uniform(8, 60, count)

    def lit(time: float) -> Image:
        shade = np.zeros_like(_ROWS)
        for place, move, size in zip(at0, go, wide, strict=True):
            x, y = place + move * time
            shade = np.maximum(shade, np.clip((size - np.hypot(_COLUMNS - x, 1.3 * (_ROWS - y))) / soft, 0, 1))
        return np.asarray(1 - deep * shade, np.float32)[..., None]

    return render("shadows", world_of(media, seed, random, made, light=lit), seed)


def glints(media: Path, seed: int) -> Scene:
    """Sparks of light all over, elsewhere on every frame: water, metal, tinsel."""
    random, made = base(media, seed)
    count, strength, wide = int(random.integers(3, 120)), random.uniform(40, 255), random.uniform(0.8, 6)
    places = random.uniform((60, 30), (260, 150), (count, 2))
    fast = random.uniform(0.5, 2)

    def shine(time: float) -> Image:
        dots = np.zeros((FRAME[1], FRAME[0]), np.float32)
        for number, (x, y) in enumerate(places):
            bright = max(0.0, np.sin(fast * time + 2.4 * number)) ** 6
            row, column = int(y + 4 * np.sin(time + number)), int(x + 5 * np.cos(time * 0.7 + number))
            dots[row, column] += strength * bright * wide * wide * 6.3
        return np.minimum(255, cv2.GaussianBlur(dots, (0, 0), wide))[..., None]

    return render("glints", world_of(media, seed, random, made, shine=shine, light=lambda _t: 0.8), seed)


def jump(media: Path, seed: int) -> Scene:
    """Exposure and colour jump, once or several times."""
    random, made = base(media, seed)
    when = np.sort(random.uniform(-8, 8, 3))
    factor = np.exp(random.uniform(-1, 1, (4, 3)) * random.uniform(0.05, 1))
    factor *= np.exp(random.uniform(-0.9, 0.9, (4, 1)))
    factor[int((when < 0).sum())] = 1

    def lit(time: float) -> Image:
        return np.asarray(factor[int((when < time).sum())], np.float32)[None, None]

    return render("jump", world_of(media, seed, random, made, light=lit, noise=random.uniform(0.5, 4)), seed)


def focus(media: Path, seed: int) -> Scene:
    """The focus is drawn away from the surface, or to it."""
    random, made = base(media, seed)
    scene = render("focus", world_of(media, seed, random, made), seed)
    start, pull = random.uniform(0, 3), random.uniform(-0.8, 0.8)
    grain = np.random.default_rng(seed).normal(0, random.uniform(0.3, 3), (FRAME[1], FRAME[0], 1))

    def soft(frame: Bgr, time: int) -> Bgr:
        sigma = abs(start + pull * time)
        blurred = cv2.GaussianBlur(frame, (0, 0), sigma) if sigma > 0.2 else frame
        return np.asarray(np.clip(np.rint(blurred + np.roll(grain, (7 * time, 11 * time), (0, 1))), 0, 255), np.uint8)

    return _after(scene, soft)


def codec(media: Path, seed: int) -> Scene:
    """Compressed far too much: blocks, steps, smeared detail, a keyframe that pops."""
    random, made = base(media, seed)
    camera = hand_held(random, _WORLD, FRAME, random.uniform(0.3, 1.5))
    world = world_of(media, seed, random, made, camera=camera, noise=random.uniform(0, 4))
    scene = render("codec", world, seed)
    decoded = _squeezed(scene.frames, int(random.integers(24, 46)), int(random.integers(3, 30)))
    for number, (frame, truth) in enumerate(zip(decoded, scene.truth, strict=True)):
        edit = truth.astype(np.float32) - scene.frames[number]
        scene.truth[number] = np.clip(np.rint(frame + edit), 0, 255).astype(np.uint8)
    scene.frames = decoded
    return scene


def _squeezed(frames: list[Bgr], crf: int, gop: int) -> list[Bgr]:
    held = BytesIO()
    with av.open(held, "w", format="matroska") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": str(crf), "preset": "veryfast", "g": str(gop)})
        stream.width, stream.height, stream.pix_fmt = FRAME[0], FRAME[1], "yuv420p"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        out.mux(stream.encode(None))
    held.seek(0)
    with av.open(held, "r") as source:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in source.decode(video=0)]


def screen(media: Path, seed: int) -> Scene:
    """What the patch lies on shows something else as time goes: a screen, a slow wipe, a thing that is painted over."""
    random, made = base(media, seed)
    camera = hand_held(random, _WORLD, FRAME, random.uniform(0.2, 1.2))
    first = render("screen", world_of(media, seed, random, made, camera=camera), seed)
    other = texture(media, seed + 1, random)
    edited = np.asarray(other + (made[1] - other) * made[2][..., None], np.float32)
    second = render("screen", world_of(media, seed, random, (other, edited, made[2]), camera=camera), seed)
    fast, most, is_wide = random.uniform(0.02, 0.3), random.uniform(0.2, 1.0), random.random() < 0.5
    for number in range(len(first.frames)):
        share = most * min(1.0, fast * abs(number - first.anchor))
        where = 1.0 if is_wide else cv2.dilate(first.region[number], np.ones((9, 9), np.uint8))[..., None]
        for name in ("frames", "truth"):
            one, two = (getattr(scene, name)[number].astype(np.float32) for scene in (first, second))
            getattr(first, name)[number] = np.rint(one + (two - one) * where * share).astype(np.uint8)
    return first


def dissolve(media: Path, seed: int) -> Scene:
    """The shot fades to another, to black or to white, or is seen through mist."""
    random, made = base(media, seed)
    kind, start, fast, most = int(random.integers(3)), random.uniform(0, 5), random.uniform(0.03, 0.3), random.uniform(0.2, 1)
    tone = np.full((FRAME[1], FRAME[0], 3), random.choice([0, 255, 128]), np.float32)
    other = tone if kind == 0 else np.ascontiguousarray(texture(media, seed + 1, random)[:FRAME[1], :FRAME[0]])
    mist = np.ones_like(_ROWS)
    if kind == 2:
        cloud = cv2.resize(random.random((6, 9)).astype(np.float32), FRAME, interpolation=cv2.INTER_CUBIC)
        other, mist = tone, np.clip(1.6 * cloud - 0.2, 0, 1)

    def fronts(time: float) -> list[Front]:
        share = most * min(1.0, max(0.0, fast * (abs(time) - start)))
        return [Front(other, np.roll(mist, int(5 * time), 1) * np.float32(share))] if share > 0 else []

    return render("dissolve", world_of(media, seed, random, made, fronts=fronts), seed)


def grain(media: Path, seed: int) -> Scene:
    """Much noise, of several sizes, little light."""
    random, made = base(media, seed)
    scene = render("grain", world_of(media, seed, random, made, light=lambda _t: 0.6), seed)
    draw, strong, wide = np.random.default_rng(seed + 5), random.uniform(2, 26), random.uniform(0.3, 1.6)

    def noisy(frame: Bgr, time: int) -> Bgr:
        rough = cv2.GaussianBlur(draw_of(time), (0, 0), wide)
        return np.asarray(np.clip(np.rint(frame + strong * rough / rough.std()), 0, 255), np.uint8)

    table = draw.normal(0, 1, (17, FRAME[1], FRAME[0], 3)).astype(np.float32)

    def draw_of(time: int) -> Image:
        return np.asarray(table[time + 8], np.float32)

    return _after(scene, noisy)


def gleam(media: Path, seed: int) -> Scene:
    """A glossy thing: the reflection of a bright window stays where it is while the surface moves under it."""
    random, made = base(media, seed)
    wide, high, strong = random.uniform(8, 60), random.uniform(8, 60), random.uniform(30, 220)
    x, y, soft = random.uniform(120, 200), random.uniform(60, 120), random.uniform(1, 12)
    sway, tint = random.uniform(0, 12), random.uniform(0.7, 1, 3)
    inside = np.minimum(wide - np.abs(_COLUMNS - x), high - np.abs(_ROWS - y))

    def shine(time: float) -> Image:
        moved = np.roll(inside, int(sway * np.sin(0.5 * time)), 1)
        return np.asarray(strong * np.clip(moved / soft, 0, 1)[..., None] * tint, np.float32)

    camera: Callable[[float], Matrix] = hand_held(random, _WORLD, FRAME, random.uniform(0.4, 2))
    return render("gleam", world_of(media, seed, random, made, camera=camera, shine=shine, light=lambda _t: 0.7), seed)


def _after(scene: Scene, changed: Callable[[Bgr, int], Bgr]) -> Scene:
    """A scene as another camera would have taken it."""
    for number in range(len(scene.frames)):
        scene.frames[number] = changed(scene.frames[number], number - scene.anchor)
        scene.truth[number] = changed(scene.truth[number], number - scene.anchor)
    return scene


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {
    made.__name__: made for made in (strobe, lens, shadows, glints, jump, focus, codec, screen, dissolve, grain, gleam)
}
