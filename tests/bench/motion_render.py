"""Renders moving scenes with exact truth: a world under a camera, an edit painted on the world, and what else happens.

A scene is functions of time (frames from the anchor, may be fractions: a shutter is open for a while), drawn once without
and once with the edit. Pictures are B'G'R', as OpenCV reads them. Knows no method.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import av
import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.float32]
Bgr = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Front:
    """Something between camera and world: `image` (H, W, 3) shown by `alpha` (H, W) 0..1."""

    image: Image
    alpha: Image


@dataclass
class Scene:
    """`frames` without and `truth` with the edit; `region` 0..1 where it shows, `front` 0..1 what hides it."""

    name: str
    anchor: int
    frames: list[Bgr] = field(default_factory=list)
    truth: list[Bgr] = field(default_factory=list)
    region: list[Image] = field(default_factory=list)
    front: list[Image] = field(default_factory=list)
    doubt_px: int = 0
    """By how much the truth itself may lie wrong."""

    @property
    def patched(self) -> Bgr:
        return self.truth[self.anchor]

    @property
    def mask(self) -> Image:
        """What a person would draw: a little larger than the edit, feathered."""
        grown = cv2.dilate(self.region[self.anchor], cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11)))
        return np.asarray(np.clip(cv2.GaussianBlur(grown, (0, 0), 3), 0, 1), np.float32)


def _no_bend(_time: float, at: Image) -> Image:
    return at


@dataclass(frozen=True)
class World:
    """What is filmed. `camera(time)` is 3×3 from the world to the frame; `shutter` is the share of a frame's time it is open."""

    plain: Image
    edited: Image
    alpha: Image
    camera: Callable[[float], Matrix]
    width: int = 640
    height: int = 360
    half: int = 14
    bend: Callable[[float, Image], Image] = _no_bend
    light: Callable[[float], Image | float] = lambda _t: 1.0
    shine: Callable[[float], Image | float] = lambda _t: 0.0
    fronts: Callable[[float], list[Front]] = lambda _t: []
    noise: float = 1.0
    shutter: float = 0.0
    background: Callable[[float], Image] | None = None
    """What shows where `cover` (of the world's size) is 0: the world is then an object in front of it."""
    cover: Image | None = None


def render(name: str, world: World, seed: int) -> Scene:
    random = np.random.default_rng(seed)
    scene = Scene(name, world.half)
    for number in range(-world.half, world.half + 1):
        times = [float(number)] if not world.shutter else list(number + world.shutter * np.linspace(-0.5, 0.5, 9))
        shots = [_shot(world, time) for time in times]
        plain, edited, region, front = (np.mean([shot[i] for shot in shots], axis=0) for i in range(4))
        noise = random.normal(0, 1, (world.height, world.width, 1)).astype(np.float32) * world.noise
        noise = noise + random.normal(0, 0.5, plain.shape).astype(np.float32) * world.noise
        scene.frames.append(np.clip(np.rint(plain + noise), 0, 255).astype(np.uint8))
        scene.truth.append(np.clip(np.rint(edited + noise), 0, 255).astype(np.uint8))
        scene.region.append(region.astype(np.float32))
        scene.front.append(front.astype(np.float32))
    return scene


def _shot(world: World, time: float) -> tuple[Image, Image, Image, Image]:
    """Plain, edited, the edit's visible alpha, and what is in front of it, at one instant."""
    at = world.bend(time, _lookup(world.camera(time), world.width, world.height))
    plain, edited, alpha = (_seen(image, at) for image in (world.plain, world.edited, world.alpha))
    alpha = np.clip(alpha, 0, 1)
    if world.background is not None and world.cover is not None:
        cover = np.clip(cv2.remap(world.cover, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderValue=0), 0, 1)
        behind = world.background(time)
        plain, edited = (behind + (image - behind) * cover[..., None] for image in (plain, edited))
        alpha = alpha * cover
    light, shine = world.light(time), world.shine(time)
    plain, edited = plain * light + shine, edited * light + shine
    hidden = np.zeros_like(alpha)
    for front in world.fronts(time):
        plain, edited = (image + (front.image - image) * front.alpha[..., None] for image in (plain, edited))
        hidden = np.maximum(hidden, front.alpha)
    return np.clip(plain, 0, 255), np.clip(edited, 0, 255), alpha * (1 - hidden), alpha * hidden


def _lookup(camera: Matrix, width: int, height: int) -> Image:
    """(H, W, 2): the world's point that each pixel of the frame shows."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    inverse = np.linalg.inv(camera)
    depth = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2]
    rows = [(row[0] * x + row[1] * y + row[2]) / depth for row in inverse[:2]]
    return np.dstack(rows).astype(np.float32)


def _seen(image: Image, at: Image) -> Image:
    border = cv2.BORDER_REFLECT_101 if image.ndim == 3 else cv2.BORDER_CONSTANT
    return np.asarray(cv2.remap(image, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=border), np.float32)


def _still(path: str) -> Bgr:
    clip, _, number = path.partition("@")
    if number:
        with av.open(clip) as container:
            frame = next(frame for count, frame in enumerate(container.decode(video=0)) if count == int(number))
        return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    image = cv2.imread(path)
    assert image is not None, path
    return np.asarray(image, np.uint8)


def photo(path: str, width: int, height: int, random: np.random.Generator) -> Image:
    """A piece of a photo, or of a frame of a clip (`clip@number`), that fills (height, width), as float32 0..255."""
    image = _still(path)
    scale = max(width / image.shape[1], height / image.shape[0]) * random.uniform(1.0, 1.4)
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=way), np.uint8)
    y, x = random.integers(0, image.shape[0] - height + 1), random.integers(0, image.shape[1] - width + 1)
    return image[y:y + height, x:x + width].astype(np.float32)


def noise_texture(width: int, height: int, random: np.random.Generator, strength: float = 1.0) -> Image:
    """Noise of several scales around a random tone: strength 1 is a busy texture, 0.05 a plain wall."""
    result = np.zeros((height, width, 3), np.float32)
    for step, weight in ((2, 0.15), (7, 0.3), (25, 0.3), (90, 0.25)):
        shape = (height // step + 3, width // step + 3)
        small = 0.7 * random.random((*shape, 1)) + 0.3 * random.random((*shape, 3))
        result += weight * cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    tone = random.uniform(90, 150, 3).astype(np.float32)
    return np.asarray(np.clip(tone + (result - 0.5) * 420 * strength, 5, 250), np.float32)


def sign(width: int, height: int, random: np.random.Generator) -> Image:
    """A drawn plate with words on it, float32 0..255."""
    low, high = random.uniform(20, 110, 3), random.uniform(130, 240, 3)
    ramp = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    plate = np.ascontiguousarray(np.broadcast_to(low + (high - low) * ramp, (height, width, 3)).astype(np.uint8))
    for _ in range(max(3, width * height // 6000)):
        colour = tuple(int(v) for v in random.integers(0, 256, 3))
        at = (int(random.integers(-20, max(1, width - 30))), int(random.integers(10, height + 5)))
        cv2.putText(plate, str(random.choice(["SALE", "open", "No 42", "Cafe", "Exit"])), at, cv2.FONT_HERSHEY_SIMPLEX,
                    float(random.uniform(0.4, 1.1)), colour, int(random.integers(1, 4)), cv2.LINE_AA)
    return plate.astype(np.float32)


def soft_box(shape: tuple[int, int], x: float, y: float, width: float, height: float, *, round_: bool, feather: float) -> Image:
    """A rectangle or an ellipse, 1 inside, feathered."""
    rows, columns = np.mgrid[:shape[0], :shape[1]]
    across, down = np.abs(columns - x - width / 2) / (width / 2), np.abs(rows - y - height / 2) / (height / 2)
    inside = (across**2 + down**2 < 1) if round_ else (np.maximum(across, down) < 1)
    return np.asarray(cv2.GaussianBlur(inside.astype(np.float32), (0, 0), feather), np.float32)
