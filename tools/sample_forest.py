"""Plants the wooded parts of the bundled sample, tree by tree: the far shore with its sign, and the bank at our feet."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sample_paint import (
    HEIGHT,
    MARGIN,
    SHORE,
    SUN,
    WIDE,
    Array,
    Layer,
    colour,
    mix,
    noise,
    profile,
    smooth,
    warmth,
)

SIGN_PARALLAX = 0.5
SIGN_BOX = (1104.0, 296.0, 160.0, 84.0)  # the plate in layer coordinates: left, top, width, height
SIGN_FOOT = 408.0  # the posts vanish behind the trees that stand below this row
SHORE_TOP = 180  # first row of the far shore and of the sign

Tree = tuple[float, float, float, Array]
"""Where it stands (x, foot), how tall it is, its colour."""


def pine(x: float, foot: float, tall: float, wide: float, rng: np.random.Generator) -> NDArray[np.int32]:
    """The outline of one conifer, in 1/16 pixel: branches that droop, longer and rougher towards the foot."""
    steps = int(np.clip(tall / 4, 4, 26))
    down = np.repeat(np.linspace(0.03, 1, steps), 2)
    reach = 0.5 * wide * down**0.85 * np.where(np.arange(2 * steps) % 2, 1.0, 0.55)
    left = x - reach * rng.uniform(0.75, 1.2, 2 * steps)
    right = x + reach * rng.uniform(0.75, 1.2, 2 * steps)
    y = foot - tall + tall * down
    points = np.concatenate([[[x, foot - tall]], np.stack([right, y], 1), np.stack([left, y], 1)[::-1]])
    return np.asarray(np.round(points * 16), np.int32)


def plant(
    canvas: NDArray[np.uint8],
    trees: list[tuple[float, float, float, Array]],
    rng: np.random.Generator,
    slim: float = 0.36,
) -> None:
    """Draws trees (x, foot, height, tone) in the given order on an RGBA canvas of double size."""
    for x, foot, tall, tone in trees:
        outline = pine(2 * x, 2 * foot, 2 * tall, 2 * tall * slim * rng.uniform(0.8, 1.2), rng)
        rgba = [*(float(v) for v in np.clip(tone, 0, 1) * 255), 255.0]
        cv2.fillPoly(canvas, [outline], rgba, cv2.LINE_AA, 4)


def _fill_below(canvas: NDArray[np.uint8], line: Array, floor: float, rgba: tuple[float, ...]) -> None:
    """Solid ground between a skyline and a row, so that nothing shines through between the trees."""
    ground = np.stack([np.arange(WIDE, dtype=np.float32), line], 1)
    ground = np.concatenate([ground, np.array([[WIDE, floor], [0, floor]], np.float32)])
    cv2.fillPoly(canvas, [np.asarray(ground * 32, np.int32)], rgba, cv2.LINE_AA, 4)


def _half(canvas: NDArray[np.uint8]) -> Array:
    """A double-size RGBA drawing to premultiplied floats of the layer's size."""
    paint = canvas.astype(np.float32) / 255
    paint[..., :3] *= paint[..., 3:]
    return np.asarray(cv2.resize(paint, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)


def paint_far_shore(rng: np.random.Generator) -> tuple[Layer, Layer]:
    """The wooded shore with the hill on the right: and apart from it the trees that stand before the sign's posts."""
    x = np.arange(WIDE, dtype=np.float32)
    hill = 178 * np.exp(-(((x - 1215) / 300) ** 2)) + 44 * np.exp(-(((x - 140) / 260) ** 2))
    line = SHORE - 16 - hill - 5 * profile(1.5, rng)
    trees = _far_trees(line, rng)
    front = [tree for tree in trees if tree[1] > SIGN_FOOT - SHORE_TOP]
    back = [tree for tree in trees if tree[1] <= SIGN_FOOT - SHORE_TOP]
    behind, before = _shore_canvas(), _shore_canvas()
    _fill_below(behind, line + 9 - SHORE_TOP, SHORE + 1 - SHORE_TOP, (25.0, 36.0, 44.0, 255.0))
    plant(behind, back, rng)
    plant(before, front, rng)
    far, near = (Layer(_half(canvas), SHORE_TOP, SIGN_PARALLAX) for canvas in (behind, before))
    return far, near


def _shore_canvas() -> NDArray[np.uint8]:
    return np.zeros((2 * (SHORE + 6 - SHORE_TOP), 2 * WIDE, 4), np.uint8)


def _far_trees(line: Array, rng: np.random.Generator) -> list[Tree]:
    """Rows of trees from the skyline down to the water, far ones first."""
    trees = []
    for depth in np.arange(0, 200, 4.2):
        for at in np.arange(-4, WIDE + 4, 6.5) + rng.uniform(-4, 4):
            x = float(at + rng.uniform(-2.6, 2.6))
            foot = float(line[int(np.clip(x, 0, WIDE - 1))] + depth + rng.uniform(-2, 2) + 10)
            if foot < SHORE + 8:
                tone = _forest_tone(x, foot, float(depth), rng)
                trees.append((x, min(foot, SHORE + 1.0) - SHORE_TOP, rng.uniform(13, 25), tone))
    return trees


def _forest_tone(x: float, foot: float, depth: float, rng: np.random.Generator) -> Array:
    """Tree colour: mossy in the light of the sun at the top, deep and hazy towards the water."""
    lit = float(warmth(x - MARGIN - 75, SUN[1], 520))
    tone = mix(colour(40, 55, 60), colour(104, 82, 70), np.float32(lit * 0.9))
    deep = mix(tone, colour(22, 34, 42), np.float32(np.clip(depth / 120, 0, 1)))
    hazed = mix(
        deep,
        mix(colour(86, 84, 108), colour(206, 150, 122), np.float32(lit)),
        smooth(SHORE - 42, SHORE + 14, np.float32(foot)) * np.float32(0.22),
    )
    return np.asarray(hazed * rng.uniform(0.72, 1.28), np.float32)


def paint_sign(font: Path) -> Layer:
    """The plate on its posts: a layer of its own, so that the lake does not mirror what is going to be removed."""
    return Layer(_half(_draw_sign(_shore_canvas(), font)), SHORE_TOP, SIGN_PARALLAX)


def _draw_sign(canvas: NDArray[np.uint8], font: Path) -> NDArray[np.uint8]:
    """The plate "LAKE 7" on two posts, on an RGBA canvas of double size."""
    left, upper, width, height = (2 * v for v in SIGN_BOX)
    upper -= 2 * SHORE_TOP
    picture = Image.fromarray(canvas, "RGBA")
    draw = ImageDraw.Draw(picture)
    for post in (0.2, 0.8):
        centre = left + width * post
        draw.rectangle(
            (centre - 7, upper + 20, centre + 7, 2 * (SIGN_FOOT - SHORE_TOP)), fill=(58, 52, 58, 255)
        )
        draw.rectangle(
            (centre - 7, upper + 20, centre - 3, 2 * (SIGN_FOOT - SHORE_TOP)), fill=(140, 104, 88, 255)
        )
    draw.rounded_rectangle((left, upper, left + width, upper + height), 10, fill=(118, 98, 94, 255))
    draw.rounded_rectangle((left, upper, left + width, upper + height - 5), 10, fill=(241, 234, 221, 255))
    draw.rounded_rectangle(
        (left + 9, upper + 9, left + width - 9, upper + height - 14), 5, outline=(38, 46, 66, 255), width=3
    )
    draw.text(
        (left + width / 2, upper + height / 2 - 2),
        "LAKE 7",
        fill=(30, 38, 60, 255),
        anchor="mm",
        font=ImageFont.truetype(str(font), 70),
    )
    return np.array(picture)


def paint_near_shore(rng: np.random.Generator) -> Layer:
    """The bank at our feet, tall pines at both sides of the way the camera goes."""
    top, rows = 250, HEIGHT - 250
    x = np.arange(WIDE, dtype=np.float32)
    left, right = np.exp(-((x / 420) ** 2)), np.exp(-(((x - WIDE) / 520) ** 2))
    line = 694 - 70 * left - 62 * right - 9 * profile(1.4, rng)
    canvas = np.zeros((2 * rows, 2 * WIDE, 4), np.uint8)
    _fill_below(canvas, line + 9 - top, rows, (20.0, 27.0, 31.0, 255.0))
    trees = []
    for depth in np.arange(0, 110, 6.5):
        for at in np.arange(-10, WIDE + 10, 10.0) + rng.uniform(-9, 9):
            at += rng.uniform(-6, 6)
            column = int(np.clip(at, 0, WIDE - 1))
            crowd = max(float(left[column]), float(right[column]) * 0.9)
            tall = rng.uniform(9, 22) * (1 + 1.6 * crowd)
            if rng.uniform() < 0.03 + 0.10 * crowd:
                tall += rng.uniform(0.4, 1.0) * (30 + 250 * crowd**1.5)
            tone = mix(colour(30, 40, 42), colour(12, 18, 23), np.float32(depth / 110)) * rng.uniform(
                0.7, 1.35
            )
            tone = tone + colour(18, 9, 3) * float(rng.uniform() < 0.35)
            trees.append((at, float(line[column]) + depth + 14 - top, tall, tone))
    plant(canvas, trees, rng, 0.34)
    paint = _half(canvas)
    grain = 1 + 0.16 * noise((rows, WIDE), 0.7, rng)
    paint[..., :3] *= np.clip(grain, 0.5, 1.6)[..., None]
    return Layer(paint, top, 1.15)
