"""Families of scenes that no constant was tuned on: what a patch meets when somebody else films.

Every family makes a scene from a seed. Seeds below `HELD_OUT` may be looked at while the tracker is built, the others only
measured; they also see other photos. The folder with photos is given by the caller. Real clips are in `motion_real.py`.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from tests.bench.motion_render import Front, Image, Matrix, Scene, World, noise_texture, photo, render, sign, soft_box

HELD_OUT, FRESH, UNSEEN = 100, 200, 300
"""First seeds of the scenes that are held out, of those made after the first had been looked at (other stills), and of those
that nothing was fitted to or chosen on."""
_DEV_PHOTOS = ("photo_larch.jpg", "photo_red_panda.jpg")
_OTHER_PHOTOS = ("photo_blueberries.jpg", "exif8_portrait.jpg", "exif6_landscape.jpg")
_FRESH_PHOTOS = (
    "bbb_720p25_aac51.mp4@12", "friday_640x480_30_speech.mp4@30", "hdv_1080i50_interlaced_noaudio.mov@4", "iss634.webp",
    "flower_960x540_2997_aac.mp4@8",
)

Random = np.random.Generator


def photos_of(seed: int) -> tuple[str, ...]:
    return _DEV_PHOTOS if seed < HELD_OUT else _OTHER_PHOTOS if seed < FRESH else _FRESH_PHOTOS


def _picture(media: Path, seed: int, random: Random, width: int, height: int) -> Image:
    names = photos_of(seed)
    if random.random() < 0.25:
        return noise_texture(width, height, random, random.uniform(0.5, 1.0))
    return photo(str(media / names[int(random.integers(len(names)))]), width, height, random)


def _edit(world: Image, media: Path, seed: int, random: Random, size: tuple[float, float], kind: str = "") -> tuple[Image, Image]:
    """The world with something painted on its middle, and the alpha of that. Kinds: sign, picture, tint, removal."""
    height, width = world.shape[:2]
    w, h = size
    x, y = (width - w) / 2 + random.uniform(-15, 15), (height - h) / 2 + random.uniform(-15, 15)
    alpha = soft_box((height, width), x, y, w, h, round_=bool(random.random() < 0.4), feather=random.uniform(1.0, 3.0))
    kind = kind or str(random.choice(["sign", "picture", "removal", "sign"]))
    if kind == "sign":
        paint = world.copy()
        left, top, over = int(x) - 12, int(y) - 12, sign(int(w) + 24, int(h) + 24, random)
        paint[top:top + over.shape[0], left:left + over.shape[1]] = over
    elif kind == "picture":
        paint = _picture(media, seed, random, width, height)
    else:  # the region is filled smoothly, as when something is taken away
        paint = np.asarray(cv2.GaussianBlur(world, (0, 0), max(w, h) / 5), np.float32)
    return world + (paint - world) * alpha[..., None], alpha


def hand_held(random: Random, world: tuple[int, int], frame: tuple[int, int], amount: float = 1.0) -> Callable[[float], Matrix]:
    """A camera that pans, turns, zooms and shakes: world (w, h) to frame (w, h)."""
    go, bow = random.uniform(-5, 5, 2) * amount, random.uniform(-0.12, 0.12, 2) * amount
    turn, zoom = np.deg2rad(random.uniform(-0.9, 0.9)) * amount, random.uniform(-0.014, 0.014) * amount
    lean = random.uniform(-8e-6, 8e-6, 2)
    shake, phase = random.uniform(0.3, 2.0) * amount, random.uniform(0, 6, 4)

    def camera(time: float) -> Matrix:
        beat = np.array([1.1, 1.7])
        shaken = shake * (np.sin(beat * time + phase[:2]) - np.sin(phase[:2]))
        place = go * time + bow * time * time + shaken
        leaned = (lean[0] * time, lean[1] * time)
        return about(world, frame, (place[0], place[1]), turn * time, float(np.exp(zoom * time)), leaned)

    return camera


def about(
    world: tuple[int, int], frame: tuple[int, int], place: tuple[float, float], turn: float = 0.0, zoom: float = 1.0,
    lean: tuple[float, float] = (0.0, 0.0),
) -> Matrix:
    """The world's middle at the frame's middle plus `place`, turned (radians), scaled, leaned."""
    centred = np.array([[1, 0, -world[0] / 2], [0, 1, -world[1] / 2], [0, 0, 1]])
    cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
    turned = np.array([[cos, -sin, 0], [sin, cos, 0], [lean[0], lean[1], 1]])
    placed = np.array([[1, 0, frame[0] / 2 + place[0]], [0, 1, frame[1] / 2 + place[1]], [0, 0, 1]])
    return np.asarray(placed @ turned @ centred, np.float64)


def _basis(media: Path, seed: int, size: tuple[int, int] = (640, 360), patch: tuple[float, float] = (1.0, 1.0), kind: str = "",
           strength: float = 0.0) -> tuple[Random, Image, Image, Image, tuple[int, int]]:
    random = np.random.default_rng(seed)
    width, height = int(size[0] * 1.6), int(size[1] * 1.6)
    plain = noise_texture(width, height, random, strength) if strength else _picture(media, seed, random, width, height)
    w, h = random.uniform(0.16, 0.34) * size[0] * patch[0], random.uniform(0.2, 0.42) * size[1] * patch[1]
    edited, alpha = _edit(plain, media, seed, random, (w, h), kind)
    return random, plain, edited, alpha, (width, height)


def plane(media: Path, seed: int) -> Scene:
    random, plain, edited, alpha, size = _basis(media, seed)
    return render("plane", World(plain, edited, alpha, hand_held(random, size, (640, 360), 1.2)), seed)


def front(media: Path, seed: int) -> Scene:
    """Things pass between camera and patch on both sides of the anchor: discs, poles, walkers, with textures of their own."""
    random, plain, edited, alpha, size = _basis(media, seed)
    texture = _picture(media, seed, random, 640, 360) * random.uniform(0.6, 1.0) + random.uniform(0, 60)
    kind, speed, width = int(random.integers(3)), random.uniform(16, 34), random.uniform(35, 75)

    def fronts(time: float) -> list[Front]:
        if abs(time) < 1.5:
            return []
        x = 320 + np.sign(time) * (width + 170 - speed * (abs(time) - 1.5))
        y = 180 + 20 * np.sin(time / 3)
        rows, columns = np.mgrid[:360, :640].astype(np.float32)
        far = (
            np.hypot(columns - x, rows - y) - width, np.abs(columns - x) - width / 2,
            (np.hypot((columns - x) / 0.5, rows - y - 60) - 2.4 * width) * 0.5,
        )[kind]
        move = np.array([[1, 0, x - 320], [0, 1, y - 180]])
        image = cv2.warpAffine(texture, move, (640, 360), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return [Front(np.asarray(image, np.float32), np.clip(-far, 0, 1).astype(np.float32))]

    return render("front", World(plain, edited, alpha, hand_held(random, size, (640, 360), 0.6), fronts=fronts), seed)


def fast(media: Path, seed: int) -> Scene:
    """A whip of the camera with its blur: 20 to 40 pixels a frame at the size of the picture, up to 1080p, speed changing."""
    frame = ((1920, 1080), (960, 540), (960, 540))[seed % 3]
    random, plain, edited, alpha, size = _basis(media, seed, frame)
    top, shutter = random.uniform(0.8, 1.05) * frame[0] * 40 / 1920, random.uniform(0.3, 0.6)
    half, angle = (7, 11, 11)[seed % 3], random.uniform(-0.4, 0.4)

    def camera(time: float) -> Matrix:
        gone = top * (time + 1.2 * np.cos(time / 2) - 1.2) if seed % 2 else top * time
        return about(size, frame, (gone * np.cos(angle), gone * np.sin(angle)), 0.004 * time, float(np.exp(0.004 * time)))

    world = World(plain, edited, alpha, camera, *frame, half, shutter=shutter)
    return render("fast", world, seed)


def flat(media: Path, seed: int) -> Scene:
    """A wall or asphalt: hardly any texture, a gradient, grain."""
    random, plain, edited, alpha, size = _basis(media, seed, strength=0.035 + 0.02 * (seed % 3))
    slope = np.linspace(0.9, 1.1, size[0], dtype=np.float32)[None, :, None]
    camera = hand_held(random, size, (640, 360), 0.7)
    return render("flat", World(plain * slope, edited * slope, alpha, camera, noise=random.uniform(1, 2.5)), seed)


def tiny(media: Path, seed: int) -> Scene:
    random, plain, edited, alpha, size = _basis(media, seed, patch=(0.14, 0.2))
    return render("tiny", World(plain, edited, alpha, hand_held(random, size, (640, 360)), noise=random.uniform(3, 7)), seed)


def highlight(media: Path, seed: int) -> Scene:
    """Reflections that wander over the patch and burn out."""
    random, plain, edited, alpha, size = _basis(media, seed)
    start, go, wide = random.uniform(-60, 60, (2, 2)), random.uniform(-9, 9, (2, 2)), random.uniform(14, 45, 2)
    rows, columns = np.mgrid[:360, :640].astype(np.float32)

    def shine(time: float) -> Image:
        total = np.zeros((360, 640), np.float32)
        for (x, y), (dx, dy), size_ in zip(start, go, wide, strict=True):
            across, down = (columns - 320 - x - dx * time) / (1.6 * size_), (rows - 180 - y - dy * time) / size_
            total += 190 * np.exp(-(across**2 + down**2))
        return total[..., None]

    camera = hand_held(random, size, (640, 360), 0.6)
    return render("highlight", World(plain * 0.7, edited * 0.7, alpha, camera, shine=shine), seed)


def gloss(media: Path, seed: int) -> Scene:
    """Reflections that come over the patch from beside it: on the anchor it is clear."""
    random, plain, edited, alpha, size = _basis(media, seed)
    rows, columns = np.mgrid[:360, :640].astype(np.float32)
    spots = [
        (side, *(random.uniform(*range_) for range_ in ((120, 190), (9, 16), (-60, 60), (14, 40), (70, 230)))) for side in (-1, 1)
    ]

    def shine(time: float) -> Image:
        total = np.zeros((360, 640), np.float32)
        for side, far, speed, y, wide, strength in spots:
            x = side * max(far - speed * side * time, -400.0)
            total += strength * np.exp(-(((columns - 320 - x) / (1.6 * wide)) ** 2 + ((rows - 180 - y) / wide) ** 2))
        return total[..., None]

    camera = hand_held(random, size, (640, 360), 0.6)
    return render("gloss", World(plain * 0.7, edited * 0.7, alpha, camera, shine=shine), seed)


def light(media: Path, seed: int) -> Scene:
    """Exposure drifts and flickers, colour temperature turns, a shadow crosses."""
    random, plain, edited, alpha, size = _basis(media, seed)
    drift, flicker, warmth = random.uniform(-0.05, 0.05), random.uniform(0, 0.06), random.uniform(-0.012, 0.012)
    go, start, deep, wide = random.uniform(-12, 12), random.uniform(-80, 80), random.uniform(0.2, 0.5), random.uniform(40, 110)
    rows, columns = np.mgrid[:360, :640].astype(np.float32)

    def shade(time: float) -> Image:
        shadow = 1 - deep * np.clip((wide - np.hypot(columns - 320 - start - go * time, (rows - 180) * 0.7)) / 25 + 0.5, 0, 1)
        level = 2 ** (drift * time) * (1 + flicker * np.sin(2.3 * time))
        return np.asarray(shadow[..., None] * level * np.array([1 - warmth * time, 1, 1 + warmth * time]), np.float32)

    camera = hand_held(random, size, (640, 360), 0.6)
    return render("light", World(plain * 0.75, edited * 0.75, alpha, camera, light=shade), seed)


def bend(media: Path, seed: int) -> Scene:
    """Cloth: waves run through the surface."""
    random, plain, edited, alpha, size = _basis(media, seed)
    waves = [
        (random.uniform(0.015, 0.04, 2), random.uniform(2, 7), random.uniform(-0.35, 0.35), random.uniform(0, 6))
        for _ in range(3)
    ]

    def bent(time: float, at: Image) -> Image:
        moved = at.copy()
        for number, (wave, high, speed, phase) in enumerate(waves):
            run = np.sin(wave[0] * at[..., 0] + wave[1] * at[..., 1] + phase + speed * time)
            moved[..., number % 2] += (high * min(1.0, abs(time) / 5) * run).astype(np.float32)
        return moved

    return render("bend", World(plain, edited, alpha, hand_held(random, size, (640, 360), 0.6), bend=bent), seed)


def away(media: Path, seed: int) -> Scene:
    """The camera turns away until the patch has left the picture, and comes back; on the other side it leaves in part."""
    random, plain, edited, alpha, size = _basis(media, seed)
    far, other = random.uniform(430, 520), random.uniform(180, 300)
    tilt, turn = random.uniform(-40, 40), random.uniform(-0.01, 0.01)
    side = random.choice([-1, 1])

    def camera(time: float) -> Matrix:
        swing = np.sin(np.pi * min(abs(time) / 12, 1)) ** 2 if abs(time) < 12 else 0.0
        x = side * (far if time > 0 else -other) * swing
        return about(size, (640, 360), (x, tilt * swing + 1.5 * time), turn * time, float(np.exp(0.006 * time)))

    return render("away", World(plain, edited, alpha, camera), seed)


def thing(media: Path, seed: int) -> Scene:
    """A textured object moves before a background that moves otherwise; the box drawn around it holds both."""
    random, plain, edited, alpha, size = _basis(media, seed, patch=(0.8, 0.8))
    cover = soft_box(plain.shape[:2], size[0] / 2 - 150, size[1] / 2 - 110, 300, 220, round_=True, feather=1.0)
    behind = _picture(media, seed, random, *size)
    slow = hand_held(random, size, (640, 360), 0.6)
    go, turn, zoom = random.uniform(-7, 7, 2) * (1, 0.4), random.uniform(-0.03, 0.03), random.uniform(-0.012, 0.012)

    def background(time: float) -> Image:
        seen = cv2.warpPerspective(behind, slow(time), (640, 360), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(seen, np.float32)

    def camera(time: float) -> Matrix:
        return about(size, (640, 360), (go[0] * time, go[1] * time), turn * time, float(np.exp(zoom * time)))

    return render("thing", World(plain, edited, alpha, camera, background=background, cover=cover), seed)


def panel(media: Path, seed: int) -> Scene:
    """A sign on something plain with edges, a roof, a door, that drives through the picture; a sheen stays where it is."""
    random, busy, _, _, size = _basis(media, seed)
    tone = random.uniform(50, 225) + random.uniform(-20, 20, 3)
    slope = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :, None] * random.uniform(-15, 15)
    plain = np.asarray(tone + slope + noise_texture(*size, random, 0.006) * 0.3, np.float32)
    width, height = random.uniform(170, 270), random.uniform(120, 190)
    left, top = (size[0] - width) / 2, (size[1] - height) / 2
    cover = soft_box(plain.shape[:2], left, top, width, height, round_=False, feather=1.0)
    rim = cover - soft_box(plain.shape[:2], left + 5, top + 5, width - 10, height - 10, round_=False, feather=1.0)
    plain = np.clip(plain * (1 - random.uniform(0.2, 0.6) * rim[..., None]), 0, 255).astype(np.float32)
    sign_size = (width * random.uniform(0.3, 0.5), height * random.uniform(0.3, 0.5))
    edited, alpha = _edit(plain, media, seed, random, sign_size, "sign")
    slow, go = hand_held(random, size, (640, 360), 0.3), random.uniform(-13, 13, 2) * (1, 0.4)
    turn, zoom, sheen = random.uniform(-0.02, 0.02), random.uniform(-0.02, 0.02), random.uniform(0, 22)
    rows, columns = np.mgrid[:360, :640].astype(np.float32)
    shine = sheen * np.exp(-(((columns - random.uniform(180, 460)) / 110) ** 2 + ((rows - random.uniform(90, 270)) / 60) ** 2))
    pole, speed = random.uniform(10, 24), random.uniform(9, 20)

    def background(time: float) -> Image:
        seen = cv2.warpPerspective(busy, slow(time), (640, 360), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(seen, np.float32)

    def camera(time: float) -> Matrix:
        return about(size, (640, 360), (go[0] * time, go[1] * time), turn * time, float(np.exp(zoom * time)))

    def fronts(time: float) -> list[Front]:
        if seed % 3 or abs(time) < 1.5:
            return []
        far = np.abs(columns - 320 - np.sign(time) * (170 - speed * (abs(time) - 1.5))) - pole
        return [Front(np.asarray(busy[:360, :640] * 0.6, np.float32), np.clip(-far, 0, 1).astype(np.float32))]

    def stays(_time: float) -> Image:
        return np.asarray(shine[..., None], np.float32)

    world = World(plain, edited, alpha, camera, shine=stays, fronts=fronts, background=background, cover=cover)
    return render("panel", world, seed)


FAMILIES: dict[str, Callable[[Path, int], Scene]] = {
    made.__name__: made for made in (plane, front, fast, flat, tiny, highlight, gloss, light, bend, away, thing, panel)
}
