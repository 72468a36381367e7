"""A picture as it is shown: upright, square pixels, 8-bit RGB; fast enough for playback.

Wide-gamut and HDR pictures are brought to sRGB (see `hdr`). Pictures with alpha come with their colour as it is; see
`to_display_rgba`.
"""

from fractions import Fraction
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from engine.media.colour import resolved_matrix, yuv_to_rgb_matrix
from engine.media.hdr import Floats, needs_mapping, to_srgb
from engine.media.picture import Picture, Plane

Rgb8 = npt.NDArray[np.uint8]

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def display_size(width: int, height: int, rotation: int, pixel_aspect: Fraction) -> tuple[int, int]:
    """(width, height) of a stored size when shown: stretched to square pixels, then turned."""
    shown = max(1, round(width * pixel_aspect)), height
    return (shown[1], shown[0]) if rotation in {90, 270} else shown


def to_display_rgb(
    picture: Picture, rotation: int = 0, pixel_aspect: Fraction = Fraction(1), max_size: tuple[int, int] | None = None
) -> Rgb8:
    """(H, W, 3) uint8 R'G'B', upright, square pixels. With `max_size` (width, height) it is shrunk to fit, never enlarged."""
    size = _unturned_size(picture, rotation, pixel_aspect, max_size)
    if needs_mapping(picture.colour) and not picture.format.is_rgb:
        return _turned(to_srgb(_deep_yuv(picture, size), picture.colour), rotation)
    rgb = _rgb_planes(picture, size) if picture.format.is_rgb else _yuv_planes(picture, size)
    return _turned(rgb, rotation)


def to_display_rgba(
    picture: Picture, rotation: int = 0, pixel_aspect: Fraction = Fraction(1), max_size: tuple[int, int] | None = None
) -> Rgb8:
    """The same with straight alpha as fourth channel; 255 where the format has none."""
    rgb = to_display_rgb(picture, rotation, pixel_aspect, max_size)
    if not picture.format.has_alpha:
        return cast(Rgb8, np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]))
    size = _unturned_size(picture, rotation, pixel_aspect, max_size)
    alpha = _resized(_eight_bit(picture.planes[3], picture.format.bits, full_range=True), size)
    return cast(Rgb8, np.dstack([rgb, _turned(alpha, rotation)]))


def _turned(pixels: Rgb8, rotation: int) -> Rgb8:
    return cast(Rgb8, cv2.rotate(pixels, _TURNS[rotation])) if rotation in _TURNS else pixels


def _unturned_size(
    picture: Picture, rotation: int, pixel_aspect: Fraction, max_size: tuple[int, int] | None
) -> tuple[int, int]:
    width, height = display_size(picture.width, picture.height, 0, pixel_aspect)
    if max_size is None:
        return width, height
    limit = max_size if rotation in {0, 180} else (max_size[1], max_size[0])
    scale = min(1.0, limit[0] / width, limit[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _eight_bit(plane: Plane, bits: int, *, full_range: bool) -> Rgb8:
    """8-bit codes: limited range by dropping bits (with rounding), full range by scaling the peak to 255."""
    if bits == 8:
        return cast(Rgb8, plane)
    factor = 255 / ((1 << bits) - 1) if full_range else 1 / (1 << (bits - 8))
    return cast(Rgb8, cv2.convertScaleAbs(plane, alpha=factor))


def _resized(plane: Rgb8, size: tuple[int, int]) -> Rgb8:
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    shrinks = size[0] < plane.shape[1] or size[1] < plane.shape[0]
    return cast(Rgb8, cv2.resize(plane, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))


def _rgb_planes(picture: Picture, size: tuple[int, int]) -> Rgb8:
    planes = (_eight_bit(plane, picture.format.bits, full_range=True) for plane in picture.planes[:3])
    green, blue, red = (_resized(plane, size) for plane in planes)
    return cast(Rgb8, cv2.merge([red, green, blue]))


def _yuv_planes(picture: Picture, size: tuple[int, int]) -> Rgb8:
    source, full = picture.format, picture.colour.full_range
    luma, *chroma = (_eight_bit(plane, source.bits, full_range=full) for plane in picture.planes[:3])
    raised = [_chroma(plane, picture, size) for plane in chroma]
    matrix = resolved_matrix(picture.colour, picture.width, picture.height)
    turn = yuv_to_rgb_matrix(matrix, 8, full_range=full) * 255
    return cast(Rgb8, cv2.transform(cv2.merge([_resized(luma, size), *raised]), turn))


def _deep_yuv(picture: Picture, size: tuple[int, int]) -> Floats:
    """(h, w, 3) R'G'B' 0..1 at the shown size, from all bits: 8 are too few for PQ."""
    luma, *chroma = (_resized(cast(Rgb8, plane), size) for plane in picture.planes[:3])
    matrix = resolved_matrix(picture.colour, picture.width, picture.height)
    turn = yuv_to_rgb_matrix(matrix, picture.format.bits, full_range=picture.colour.full_range)
    return cast(Floats, cv2.transform(cv2.merge([luma, *chroma]).astype(np.float32), turn))


def _chroma(plane: Rgb8, picture: Picture, size: tuple[int, int]) -> Rgb8:
    """Chroma at the shown size. Left siting: column c lies on luma column 2c, row r between luma rows 2r and 2r + 1."""
    source = picture.format
    step_x, step_y = 1 << source.shift_x, 1 << source.shift_y
    if size[0] < plane.shape[1] or size[1] < plane.shape[0]:
        return _resized(plane, size)  # a shrunk picture hides half a pixel
    if (step_x, step_y) == (1, 1) and size == (plane.shape[1], plane.shape[0]):
        return plane
    scale_x, scale_y = picture.width / size[0], picture.height / size[1]
    luma_x, luma_y = (scale_x - 1) / 2, (scale_y - 1) / 2  # where the centre of the first shown pixel lies in the luma plane
    start_x = luma_x / step_x if step_x == 2 else (luma_x + 0.5) / step_x - 0.5
    start_y = (luma_y + 0.5) / step_y - 0.5
    place = np.array([[scale_x / step_x, 0, start_x], [0, scale_y / step_y, start_y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast(Rgb8, cv2.warpAffine(plane, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))
