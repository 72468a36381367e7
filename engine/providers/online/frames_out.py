"""Pictures that leave as first or last frame of a video: cut to its shape, of a size that the service takes, as bare PNGs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from engine.errors import BadInputError
from engine.providers.generation import Rgb8
from engine.providers.online.outgoing import png, shrunk

_SMALLER = 0.8
_LEAST_SIDE = 64


@dataclass(frozen=True, slots=True)
class FramesOut:
    """The PNGs in order, all of one size; `notes` says what was done to them, each a sentence."""

    pngs: tuple[bytes, ...] = field(repr=False)
    size: tuple[int, int]
    source: tuple[int, int]
    """Width and height of the first as it came."""
    notes: tuple[str, ...] = ()


def cut_to_ratio(picture: Rgb8, ratio: float) -> Rgb8:
    """The largest middle of a picture (h, w, 3) that is `ratio` times as wide as high, to the pixel."""
    height, width = picture.shape[:2]
    wide, high = min(width, round(height * ratio)), min(height, round(width / ratio))
    x, y = (width - wide) // 2, (height - high) // 2
    return np.ascontiguousarray(picture[y : y + high, x : x + wide])


def frames_out(
    pictures: Sequence[Rgb8], ratio: float | None, *, max_side: int, min_side: int = 1, max_bytes: int,
    max_each: int | None = None,
) -> FramesOut:
    """`ratio` None keeps the shape of the first; a second one is brought to the first one's shape and size. `max_bytes` is of
    all together, `max_each` of each.

    Raises: BadInputError: a picture so small or thin that nothing of it would be left.
    """
    first = pictures[0]
    ratio = ratio or first.shape[1] / first.shape[0]
    cut = [cut_to_ratio(one, ratio) for one in pictures]
    if min(min(one.shape[:2]) for one in cut) < 1 or min(min(one.shape[:2]) for one in pictures) < 8:
        raise BadInputError("The picture is too small to begin a video with.", "Choose a larger one.")
    lead = _enlarged(shrunk(cut[0], max_side), min_side)
    size = lead.shape[1], lead.shape[0]
    made = [lead, *(_resized(one, size) for one in cut[1:])]
    pngs = [png(one) for one in made]
    smallest, each = max(min_side, _LEAST_SIDE), max_each or max_bytes
    while (sum(map(len, pngs)) > max_bytes or max(map(len, pngs)) > each) and min(size) > smallest:
        size = max(1, round(size[0] * _SMALLER)), max(1, round(size[1] * _SMALLER))
        pngs = [png(_resized(one, size)) for one in made]
    source = first.shape[1], first.shape[0]
    return FramesOut(tuple(pngs), size, source, tuple(_notes(source, (cut[0].shape[1], cut[0].shape[0]), size)))


def _enlarged(picture: Rgb8, min_side: int) -> Rgb8:
    height, width = picture.shape[:2]
    scale = min_side / min(width, height)
    return picture if scale <= 1 else _resized(picture, (-int(-width * scale // 1), -int(-height * scale // 1)))


def _resized(picture: Rgb8, size: tuple[int, int]) -> Rgb8:
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    how = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _notes(source: tuple[int, int], cut: tuple[int, int], size: tuple[int, int]) -> list[str]:
    notes = []
    if cut[0] < source[0] * 0.99 or cut[1] < source[1] * 0.99:
        notes.append(f"The picture was cut from {_words(source)} to {_words(cut)} px, the video's shape.")
    if size[0] < cut[0]:
        notes.append(f"It was shrunk to {_words(size)} px to be sent.")
    elif size[0] > cut[0]:
        notes.append(f"It was enlarged to {_words(size)} px, because the service takes nothing smaller.")
    return notes


def _words(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"
