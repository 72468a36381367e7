"""Reads a still picture upright, at its own depth, as planes in full-range sRGB.

OpenCV reads 8- and 16-bit JPEG, PNG and TIFF (Pillow cuts 16-bit colour to 8); Pillow reads CMYK, palettes, WebP, AVIF, GIF
and what else there is. Both are asked by the file's content, never by its name.
"""

import contextlib
import importlib.util
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import BadInputError, MediaError
from engine.media.container import SourcePath, check_file, display_name
from engine.media.picture import SRGB, Picture, PixelFormat, Plane

STILL_MAX_PIXELS = 150_000_000
"""Larger than any camera's picture; beyond it a few kilobytes of PNG may fill the memory."""

_HAS_AVIF = importlib.util.find_spec("PIL._avif") is not None
STILL_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "ICO", *(("AVIF",) if _HAS_AVIF else ()))

_ORIENTATION = 0x0112
_TIFF_BITS_PER_SAMPLE = 258
_ANIMATED = {"GIF", "WEBP", "PNG", "AVIF"}
_CV2_FORMATS = {"JPEG", "MPO", "PNG", "TIFF"}
_CV2_MODES = {"RGB", "L", "LA", "RGBA", "I;16", "I;16B", "I", "1"}

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@contextlib.contextmanager
def pillow_errors(path: SourcePath) -> Iterator[None]:
    """Turns what Pillow raises into one sentence about the file."""
    name = display_name(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own bound is checked, and odd tags are no reason to complain
            yield
    except Image.DecompressionBombError as error:
        raise BadInputError(_too_large(name)) from error
    except UnidentifiedImageError as error:
        raise MediaError(f"“{name}” is no picture in a known form.") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, TypeError, IndexError) as error:
        raise MediaError(f"“{name}” is damaged: its picture cannot be decoded.", "Copy it again.") from error


def _too_large(name: str) -> str:
    return f"“{name}” has more than {STILL_MAX_PIXELS // 1_000_000} million pixels. Make it smaller first."


def read_still(path: SourcePath) -> Picture:
    """The picture of a file: gbrp or gbrap (with alpha), 8 or 16 bit, upright by EXIF, grey as equal planes.

    Raises: MediaError (missing, damaged, of no known kind), BadInputError (a folder, over STILL_MAX_PIXELS).
    """
    check_file(path)
    with pillow_errors(path), Image.open(path, formats=STILL_FORMATS) as image:
        _check_size(path, image)
        orientation = int(image.getexif().get(_ORIENTATION, 1))
        if image.format in _CV2_FORMATS and image.mode in _CV2_MODES and "transparency" not in image.info:
            pixels = _read_cv2(path, orientation)
            if pixels is not None:
                return picture_of_rgba(pixels)
        upright = ImageOps.exif_transpose(image)
        return picture_of_rgba(np.asarray(_as_rgb(upright)))


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What a picture file says without being decoded. `width` and `height` are as displayed; `format` is Pillow's name."""

    format: str
    width: int
    height: int
    frames: int
    """1 for a still; more for an animation."""
    has_alpha: bool
    bits: int
    """Of the picture that `read_still` gives: 8 or 16."""


def picture_header(path: SourcePath) -> PictureHeader | None:
    """None where the file is no picture. Raises MediaError (missing, empty), BadInputError (folder, over STILL_MAX_PIXELS)."""
    check_file(path)
    try:
        with pillow_errors(path), Image.open(path, formats=STILL_FORMATS) as image:
            _check_size(path, image)
            return _header(path, image)
    except MediaError:
        return None


def _check_size(path: SourcePath, image: Image.Image) -> None:
    if image.width * image.height > STILL_MAX_PIXELS:
        raise BadInputError(_too_large(display_name(path)))


def _header(path: SourcePath, image: Image.Image) -> PictureHeader:
    width, height = image.size
    if int(image.getexif().get(_ORIENTATION, 1)) >= 5:
        width, height = height, width
    frames = int(getattr(image, "n_frames", 1)) if image.format in _ANIMATED else 1
    bits = 16 if _is_deep(path, image) else 8
    return PictureHeader(str(image.format), width, height, frames, image.has_transparency_data, bits)


def _is_deep(path: SourcePath, image: Image.Image) -> bool:
    """Whether OpenCV will give 16 bit. Pillow calls a 16-bit colour picture RGB, so the file itself is asked."""
    if image.format == "PNG":
        with Path(path).open("rb") as file:
            return file.read(25)[24:] == b"\x10"
    if image.format == "TIFF" and image.mode in _CV2_MODES:
        depth = getattr(image, "tag_v2", {}).get(_TIFF_BITS_PER_SAMPLE, (8,))
        return bool(max(depth) == 16)
    return False


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode in {"I", "F", "I;16", "I;16B"}:
        wide = np.clip(np.asarray(image, np.float64), 0, 65535)
        return Image.fromarray((wide / 257).round().astype(np.uint8)).convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _read_cv2(path: SourcePath, orientation: int) -> Pixels | None:
    """(H, W, 3 or 4) RGB(A), upright; None where OpenCV cannot read it. By bytes: OpenCV's own names must be UTF-8."""
    data = np.frombuffer(Path(path).read_bytes(), np.uint8)
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)  # keeps depth and alpha, and leaves the orientation to us
    except cv2.error:
        return None
    if pixels is None or pixels.dtype not in {np.dtype(np.uint8), np.dtype(np.uint16)}:
        return None
    return _upright(_rgb_order(cast(Pixels, pixels)), orientation)


def _rgb_order(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:
        return cast(Pixels, np.repeat(pixels[:, :, None], 3, axis=2))
    return pixels[:, :, [2, 1, 0, 3]] if pixels.shape[2] == 4 else pixels[:, :, ::-1]


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """EXIF 0x0112: 2 and 4 are flips, 3 half a turn, 5 to 8 exchange the sides."""
    if orientation in {5, 6, 7, 8}:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return pixels


def picture_of_rgba(pixels: Pixels) -> Picture:
    """(H, W, 3 or 4) RGB(A), uint8 or uint16, as green, blue, red (and alpha) planes."""
    has_alpha = pixels.shape[2] == 4
    bits = 8 * pixels.dtype.itemsize
    name = ("gbrap" if has_alpha else "gbrp") + ("16le" if bits == 16 else "")
    order = (1, 2, 0, 3) if has_alpha else (1, 2, 0)
    planes = tuple(cast(Plane, np.ascontiguousarray(pixels[:, :, channel])) for channel in order)
    for plane in planes:
        plane.setflags(write=False)
    return Picture(planes, PixelFormat(name, bits, 0, 0, is_rgb=True, has_alpha=has_alpha), SRGB)


def picture_to_rgba(picture: Picture) -> Pixels:
    """The reverse, of an RGB picture: (H, W, 3 or 4)."""
    green, blue, red, *alpha = picture.planes
    return cast(Pixels, np.dstack([red, green, blue, *alpha]))


def read_bitmap(data: bytes, name: str) -> npt.NDArray[np.uint8]:
    """(H, W, 4) straight RGBA of a picture's bytes, read-only. Raises MediaError where they are none."""
    with pillow_errors(name), Image.open(io.BytesIO(data)) as image:
        pixels = np.array(image.convert("RGBA"))
    pixels.setflags(write=False)
    return pixels
