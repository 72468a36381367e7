"""Small scenes for `confidence.py` in which something is in front of the patch, and scenes made of real clips."""

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np

from tests.bench.confidence_scenes import FRAME, base, texture, world_of
from tests.bench.motion_real import opaque, recolour
from tests.bench.motion_render import Bgr, Front, Image, Matrix, Scene, noise_texture, render, sign, soft_box
from tests.bench.motion_scenes import about, hand_held

_WORLD = (544, 306)
_SHAPE = (_WORLD[1], _WORLD[0])
_ROWS, _COLUMNS = np.mgrid[:FRAME[1], :FRAME[0]].astype(np.float32)
_CLIPS = (
    ("bbb_720p25_aac51.mp4", 0), ("flower_960x540_2997_aac.mp4", 20), ("cars_768x432_12.5fps.mp4", 60),
    ("friday_640x480_30_speech.mp4", 40), ("cars_768x432_12.5fps.mp4", 190), ("bbb_720p25_aac51.mp4", 70),
    ("friday_640x480_30_speech.mp4", 120), ("nasa_multistream.mp4", 30),
)


def fence(media: Path, seed: int) -> Scene:
    """Thin things in front: bars, twigs, wires, near the camera and therefore faster."""
    random, made = base(media, seed)
    count, thick, speed = int(random.integers(2, 14)), random.uniform(0.8, 9), random.uniform(-16, 16)
    at0, angle, start = np.sort(random.uniform(-260, 580, count)), random.uniform(-0.6, 0.6, count), float(random.random() < 0.5)
    paint = np.asarray(texture(media, seed + 1, random)[:FRAME[1], :FRAME[0]] * random.uniform(0.3, 1), np.float32)

    def fronts(time: float) -> list[Front]:
        if start and abs(time) < 1.5:
            return []
        bars = (np.abs(_COLUMNS - x - speed * time + lean * (_ROWS - 90)) for x, lean in zip(at0, angle, strict=True))
        far = np.min(list(bars), axis=0)
        return [Front(np.ascontiguousarray(paint), np.clip(thick / 2 + 0.5 - far, 0, 1).astype(np.float32))]

    return render("fence", world_of(media, seed, random, made, fronts=fronts), seed)


def rain(media: Path, seed: int) -> Scene:
    """Drops, flakes or dust: other ones on every frame."""
    random, made = base(media, seed)
    count, long, thick = int(random.integers(10, 300)), int(random.integers(1, 30)), int(random.integers(1, 4))
    dense, tone = random.uniform(0.2, 1), random.uniform(60, 250)
    image = np.full((FRAME[1], FRAME[0], 3), tone, np.float32)

    def fronts(time: float) -> list[Front]:
        if time == 0 and seed % 2:
            return []
        draw, drops = np.random.default_rng(seed * 100 + int(10 * time) + 500), np.zeros((FRAME[1], FRAME[0]), np.float32)
        for x, y in draw.uniform((0, 0), FRAME, (count, 2)).astype(int):
            cv2.line(drops, (int(x), int(y)), (int(x) + long // 4, int(y) + long), 1.0, thick, cv2.LINE_8)
        return [Front(image, np.asarray(dense * cv2.GaussianBlur(drops, (0, 0), 0.6), np.float32))]

    return render("rain", world_of(media, seed, random, made, fronts=fronts), seed)


def chameleon(media: Path, seed: int) -> Scene:
    """A thing of the colour and the texture of the surface comes in front and stays, or goes by."""
    random, made = base(media, seed)
    shift, speed, wide = random.integers(5, 90, 2), random.uniform(3, 24), random.uniform(14, 60)
    near, stays = np.roll(made[0], shift, (1, 0))[60:60 + FRAME[1], 110:110 + FRAME[0]], random.random() < 0.5
    dim = random.uniform(0.8, 1.2)

    def fronts(time: float) -> list[Front]:
        if abs(time) < 0.5:
            return []
        x = 160 + np.sign(time) * (110 + wide - speed * abs(time))
        x = 160 + np.sign(time) * max(0.0, np.sign(time) * (x - 160)) if stays else x
        image = cv2.warpAffine(near * dim, np.array([[1, 0, x - 160], [0, 1, 0]]), FRAME, borderMode=cv2.BORDER_REFLECT_101)
        far = np.hypot(_COLUMNS - x, (_ROWS - 90) * 0.7) - wide
        return [Front(np.asarray(image, np.float32), np.clip(-far, 0, 1).astype(np.float32))]

    return render("chameleon", world_of(media, seed, random, made, fronts=fronts), seed)


def titles(media: Path, seed: int) -> Scene:
    """Words or a mark that stay where they are on the screen, more or less seen through."""
    random, made = base(media, seed)
    drawn_on, dense = np.zeros((FRAME[1], FRAME[0]), np.uint8), random.uniform(0.2, 1)
    for _ in range(int(random.integers(1, 9))):
        at = (int(random.integers(60, 200)), int(random.integers(40, 150)))
        said = str(random.choice(["LIVE", "news", "(c)", "12:30"]))
        cv2.putText(drawn_on, said, at, 0, float(random.uniform(0.4, 1.6)), 255, int(random.integers(1, 5)), cv2.LINE_AA)
    words = drawn_on.astype(np.float32) / np.float32(255)
    image, always = np.full((FRAME[1], FRAME[0], 3), random.uniform(0, 255), np.float32), random.random() < 0.5

    def fronts(time: float) -> list[Front]:
        return [Front(image, words * np.float32(dense))] if always or abs(time) > 2.5 else []

    camera = hand_held(random, _WORLD, FRAME, random.uniform(0.3, 1.8))
    return render("titles", world_of(media, seed, random, made, camera=camera, fronts=fronts), seed)


def smoke(media: Path, seed: int) -> Scene:
    """Clouds with holes in them drift over the patch, thick or thin."""
    random, made = base(media, seed)
    cells, dense, tone = int(random.integers(3, 16)), random.uniform(0.3, 1), random.uniform(30, 240)
    cloud = cv2.resize(random.random((cells * 2, cells * 4)).astype(np.float32), (900, 400), interpolation=cv2.INTER_CUBIC)
    go, image = random.uniform(-12, 12, 2), np.full((FRAME[1], FRAME[0], 3), tone, np.float32)

    def fronts(time: float) -> list[Front]:
        x, y = int(290 + go[0] * time), int(110 + go[1] * time)
        part = cloud[y:y + FRAME[1], x:x + FRAME[0]]
        grow = min(1.0, abs(time) / 3)
        return [Front(image, np.asarray(grow * dense * np.clip(2.2 * part - 0.9, 0, 1), np.float32))]

    return render("smoke", world_of(media, seed, random, made, fronts=fronts), seed)


def twin(media: Path, seed: int) -> Scene:
    """Something that looks like the surface itself passes beside it or over it."""
    random, made = base(media, seed)
    wide, speed, y = random.uniform(25, 60), random.uniform(4, 22), random.uniform(-60, 60)
    middle = made[0][63:63 + FRAME[1], 112:112 + FRAME[0]]

    def fronts(time: float) -> list[Front]:
        x = np.sign(time) * 130 - speed * time if time else 400.0
        move = np.array([[1, 0, x], [0, 1, y]])
        image = cv2.warpAffine(middle, move, FRAME, borderMode=cv2.BORDER_REFLECT_101)
        far = np.maximum(np.abs(_COLUMNS - 160 - x) - wide, np.abs(_ROWS - 90 - y) - 0.8 * wide)
        return [Front(np.asarray(image, np.float32), np.clip(-far, 0, 1).astype(np.float32))]

    return render("twin", world_of(media, seed, random, made, fronts=fronts), seed)


def _shown(media: Path, number: int, count: int, size: tuple[int, int] = FRAME) -> list[Image]:
    """Frames of a real clip, as they come."""
    name, first = _CLIPS[number % len(_CLIPS)]
    with av.open(str(media / name)) as source:
        frames = []
        for place, frame in enumerate(source.decode(video=0)):
            if place >= first:
                frames.append(frame.to_ndarray(format="bgr24"))
            if len(frames) == count:
                break
    frames += [frames[-1]] * (count - len(frames))
    return [cv2.resize(frame, size, interpolation=cv2.INTER_AREA).astype(np.float32) for frame in frames]


def pasted(media: Path, seed: int) -> Scene:
    """A thing cut from a real frame moves before a real clip."""
    random, made = base(media, seed)
    clip, piece = _shown(media, seed, 17), _shown(media, seed + 3, 1, _WORLD)[0]
    strength = random.uniform(0.2, 1)
    plain = np.asarray(strength * piece + (1 - strength) * piece.mean((0, 1)), np.float32)
    alpha = made[2]
    edited = np.asarray(plain + (made[1] - plain) * alpha[..., None], np.float32)
    wide, high = random.uniform(55, 100), random.uniform(45, 80)
    cover = soft_box(_SHAPE, 272 - wide, 153 - high, 2 * wide, 2 * high, round_=bool(random.random() < 0.5), feather=1)
    go, turn, zoom = random.uniform(-10, 10, 2) * (1, 0.5), random.uniform(-0.05, 0.05), random.uniform(-0.03, 0.03)
    high2, wave = random.uniform(0, 6) * (random.random() < 0.5), random.uniform(0.03, 0.1)

    def camera(time: float) -> Matrix:
        return about(_WORLD, FRAME, (go[0] * time, go[1] * time), turn * time, float(np.exp(zoom * time)))

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        moved[..., 0] += np.float32(high2) * (np.sin(wave * at[..., 1] + 0.5 * time) - np.sin(wave * at[..., 1]))
        return moved

    def background(time: float) -> Image:
        return clip[int(np.clip(np.round(time) + 8, 0, 16))]

    world = world_of(media, seed, random, (plain, edited, alpha), camera=camera, bend=bent, background=background, cover=cover,
                     shutter=random.uniform(0, 0.5))  # fmt: skip
    return render("pasted", world, seed)


def passing(media: Path, seed: int) -> Scene:
    """A real clip plays in front: a part of it covers the patch."""
    random, made = base(media, seed)
    clip = _shown(media, seed, 17)
    x, y, wide = random.uniform(90, 230), random.uniform(40, 140), random.uniform(20, 70)
    go, dense = random.uniform(-14, 14), random.uniform(0.5, 1)

    def fronts(time: float) -> list[Front]:
        if abs(time) < 0.5:
            return []
        image = clip[int(np.clip(np.round(time) + 8, 0, 16))]
        far = np.hypot(_COLUMNS - x - go * time, (_ROWS - y) * 0.8) - wide * min(1.0, abs(time) / 4)
        return [Front(image, np.asarray(dense * np.clip(-far / 2, 0, 1), np.float32))]

    return render("passing", world_of(media, seed, random, made, fronts=fronts), seed)


def shaken(media: Path, seed: int) -> Scene:
    """A patch on a real clip (`motion_real`), filmed once more by a camera that moves."""
    scene = (opaque, recolour)[seed % 2](media, seed // 2)
    random = np.random.default_rng(seed + 99_000)
    height, width = scene.frames[0].shape[:2]
    camera = hand_held(random, (width, height), (width, height), random.uniform(0.3, 2.0))
    first, last = max(0, scene.anchor - 8), min(len(scene.frames), scene.anchor + 9)
    middle = np.argwhere(scene.region[scene.anchor] > 0.3).mean(axis=0)[::-1]
    small = np.array([[1, 0, 160 - middle[0]], [0, 1, 90 - middle[1]], [0, 0, 1]])
    light = random.uniform(-0.05, 0.05)

    def filmed(image: Bgr | Image, number: int) -> Image:
        matrix = small @ camera(float(number - scene.anchor))
        edge = cv2.BORDER_REFLECT_101 if image.ndim == 3 else cv2.BORDER_CONSTANT
        return np.asarray(cv2.warpPerspective(image, matrix, FRAME, flags=cv2.INTER_CUBIC, borderMode=edge), np.float32)

    made = Scene("shaken", scene.anchor - first)
    for number in range(first, last):
        for name in ("frames", "truth"):
            lit = filmed(getattr(scene, name)[number], number) * (1 + light * (number - scene.anchor))
            getattr(made, name).append(np.clip(np.rint(lit), 0, 255).astype(np.uint8))
        made.region.append(np.clip(filmed(scene.region[number], number), 0, 1))
        made.front.append(np.clip(filmed(scene.front[number], number), 0, 1))
    return made


def drawn(media: Path, seed: int) -> Scene:
    """A sign on something all but plain, with edges far away: walls, skies, cars."""
    random, _ = base(media, seed)
    plain = noise_texture(*_WORLD, random, float(np.exp(random.uniform(np.log(0.004), np.log(0.15)))))
    tone = random.uniform(-60, 60)
    for _ in range(int(random.integers(1, 6))):
        x, y = random.uniform((160, 60), (390, 250))
        part = soft_box(_SHAPE, x, y, *random.uniform(30, 160, 2), round_=False, feather=1.0)
        plain += (part * random.uniform(-50, 50))[..., None]
    plain = np.clip(plain + tone, 0, 255).astype(np.float32)
    width, height = random.uniform(40, 110), random.uniform(30, 70)
    left, top = 272 - width / 2, 153 - height / 2
    alpha, paint = soft_box(_SHAPE, left, top, width, height, round_=False, feather=1.0), plain.copy()
    over = sign(int(width) + 24, int(height) + 24, random)
    paint[int(top) - 12:int(top) - 12 + over.shape[0], int(left) - 12:int(left) - 12 + over.shape[1]] = over
    made = (plain, np.asarray(plain + (paint - plain) * alpha[..., None], np.float32), alpha)
    camera = hand_held(random, _WORLD, FRAME, random.uniform(0.3, 2.5))
    return render("drawn", world_of(media, seed, random, made, camera=camera, noise=random.uniform(0.5, 4)), seed)


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {
    made.__name__: made for made in (fence, rain, chameleon, titles, smoke, twin, pasted, passing, shaken, drawn)
}
