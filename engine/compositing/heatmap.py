"""The heatmap: a picture in grey at a third of its light, with the change in colour, and a legend with numbers.

Draws without a window: the legend's text is Pillow's own font. Upright pictures in display sRGB come in, the same go out.
"""

from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from engine.compositing.difference import Difference

Rgb8 = npt.NDArray[np.uint8]

STOPS: tuple[tuple[int, tuple[int, int, int]], ...] = (
    (0, (43, 17, 72)), (35, (171, 45, 108)), (70, (240, 110, 50)), (105, (252, 196, 66)), (140, (255, 247, 214)),
)
"""Level of change (of 255) and its colour: dark violet, magenta, orange, yellow, cream. The last stands for 140 and more."""
LABELS = ("0", "35", "70", "105", "140 +")

_FIRST_VISIBLE = 1
_BACKGROUND_LIGHT = 1 / 3


def heat_colours(diff: Difference) -> Rgb8:
    """(H, W, 3) sRGB of a difference, by `STOPS`."""
    return _TABLE[diff]


def _table() -> Rgb8:
    levels = [level for level, _ in STOPS]
    channels = [np.interp(np.arange(256), levels, [colour[i] for _, colour in STOPS]) for i in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


_TABLE = _table()
_DIMMED = np.rint(np.arange(256) * np.float32(_BACKGROUND_LIGHT)).astype(np.uint8)


def heatmap_image(original: Rgb8, diff: Difference) -> Rgb8:
    """(H, W, 3): `original` in grey at a third, the change in colour over it. Both upright and of one size."""
    grey = cv2.LUT(cv2.cvtColor(original, cv2.COLOR_RGB2GRAY), _DIMMED)
    image = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    x, y, width, height = cv2.boundingRect(diff)
    if width:
        box = np.s_[y:y + height, x:x + width]
        image[box] = _coloured(image[box], diff[box])
    return image


def _coloured(grey: Rgb8, diff: Difference) -> Rgb8:
    """The smallest changes are let in softly: an encoder's rounding is no stain."""
    cover = np.clip((diff.astype(np.float32) - _FIRST_VISIBLE + 1) / 6, 0, 1)[..., None]
    mixed: Rgb8 = np.rint(grey * (1 - cover) + heat_colours(diff) * cover).astype(np.uint8)
    return mixed


def heatmap_png(original: Rgb8, diff: Difference) -> bytes:
    """The heatmap with its legend as PNG."""
    image = Image.fromarray(heatmap_image(original, diff))
    _draw_legend(image)
    out = BytesIO()
    image.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _draw_legend(image: Image.Image) -> None:
    """Bottom right, sized to the picture; nothing where the picture is too small to hold it."""
    unit = max(1.0, min(image.width / 960, image.height / 540))
    width, height, margin, pad = (round(v * unit) for v in (212, 62, 14, 10))
    if image.width < width + 2 * margin or image.height < height + 2 * margin:
        return
    x, y = image.width - margin - width, image.height - margin - height
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(round(11 * unit))
    draw.rounded_rectangle((x, y, x + width, y + height), round(5 * unit), fill=(18, 18, 20), outline=(70, 70, 74))
    draw.text((x + pad, y + pad * 0.8), "Change per pixel", fill=(236, 236, 238), font=font, anchor="lt")
    draw.text((x + width - pad, y + pad * 0.8), "of 255", fill=(160, 160, 166), font=font, anchor="rt")
    bar = round(7 * unit)
    left, top, length = x + pad, y + round(28 * unit), width - 2 * pad
    ramp = heat_colours(np.linspace(0, STOPS[-1][0], length).astype(np.uint8)[None, :].repeat(bar, axis=0))
    image.paste(Image.fromarray(ramp), (left, top))
    for index, label in enumerate(LABELS):
        at = left + length * index / (len(LABELS) - 1)
        anchor = "lt" if index == 0 else "rt" if index == len(LABELS) - 1 else "mt"
        draw.text((at, top + bar + 4 * unit), label, fill=(200, 200, 204), font=font, anchor=anchor)
