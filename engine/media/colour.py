"""Between stored planes and non-linear R'G'B' (float32, 0..1), for regions; both directions use the same numbers.

Matrices and ranges are ITU-T H.273's. Chroma is taken as sited left (MPEG-2, H.264, HEVC default): on every even column, and
between two rows. Across, chroma is raised linearly and lowered by the LeGall 5/3 filter in lifting form; down, rows are repeated
and averaged. Either pair gives back exactly the chroma that was raised, up to the border of a region, so a region that nobody
touched comes back with the codes it had.
"""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from engine.media.picture import Colour, Picture, PixelFormat, Plane

Floats = npt.NDArray[np.float32]

UNSPECIFIED = 2
_RGB, _BT709, _BT601 = 0, 1, 6
_WEIGHTS = {  # matrix code point: weights of red and blue in luma
    1: (0.2126, 0.0722), 4: (0.30, 0.11), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
_HD_WIDTH, _SD_HEIGHT = 1280, 576


def resolved_matrix(colour: Colour, width: int, height: int) -> int:
    """The matrix code point; where the file does not say (or names one that is not read) by size, as players do: BT.709 from
    1280 wide or above 576 high, else BT.601. `width` and `height` are the whole picture's, as stored."""
    if colour.matrix in _WEIGHTS:
        return colour.matrix
    return _BT709 if width >= _HD_WIDTH or height > _SD_HEIGHT else _BT601


def yuv_to_rgb_matrix(matrix: int, bits: int, *, full_range: bool) -> npt.NDArray[np.float64]:
    """(3, 4): R'G'B' in 0..1 from the codes (Y', Cb, Cr, 1) of `bits` bit."""
    red, blue = _WEIGHTS[matrix]
    green = 1 - red - blue
    luma_to_rgb = np.array([
        [1, 0, 2 * (1 - red)],
        [1, -2 * blue * (1 - blue) / green, -2 * red * (1 - red) / green],
        [1, 2 * (1 - blue), 0],
    ])
    peak, step = (1 << bits) - 1, 1 << (bits - 8)
    offset = np.array([0 if full_range else 16 * step, 128 * step, 128 * step])
    scale = np.array([peak, peak, peak] if full_range else [219 * step, 224 * step, 224 * step])
    turned = luma_to_rgb / scale
    return np.hstack([turned, -(turned @ offset)[:, None]])


def region_to_rgb(picture: Picture, x: int, y: int, w: int, h: int) -> Floats:
    """(h, w, 3) R'G'B' of the stored pixels in a region inside the picture; 0..1, beyond it where codes lie outside the gamut.

    Any region may be read. Alpha is left out, see `region_alpha`. Raises ValueError where the region is not inside.
    """
    _check_inside(picture, x, y, w, h)
    if picture.format.is_rgb:
        green, blue, red = (plane[y : y + h, x : x + w] for plane in picture.planes[:3])
        return cast(Floats, np.dstack([red, green, blue]).astype(np.float32) / np.float32(picture.format.peak))
    luma = picture.planes[0][y : y + h, x : x + w].astype(np.float32)
    chroma = [_raised(plane, picture.format, x, y, w, h) for plane in picture.planes[1:3]]
    matrix = resolved_matrix(picture.colour, picture.width, picture.height)
    turn = yuv_to_rgb_matrix(matrix, picture.format.bits, full_range=picture.colour.full_range)
    return cast(Floats, cv2.transform(cv2.merge([luma, *chroma]), turn).reshape(h, w, 3))


def region_alpha(picture: Picture, x: int, y: int, w: int, h: int) -> Floats | None:
    """(h, w) alpha 0..1 of a region, None where the format has none."""
    _check_inside(picture, x, y, w, h)
    if not picture.format.has_alpha:
        return None
    return cast(Floats, picture.planes[3][y : y + h, x : x + w].astype(np.float32) / np.float32(picture.format.peak))


def rgb_to_planes(
    rgb: Floats, target: PixelFormat, colour: Colour, frame_size: tuple[int, int], alpha: Floats | None = None
) -> tuple[Plane, ...]:
    """Planes of an (h, w, 3) R'G'B' region that begins at a multiple of the format's chroma step, rounded and clipped to codes.

    `frame_size` is (width, height) of the whole stored picture, by which an unspecified matrix is resolved. Chroma planes have
    `ceil(w >> shift_x)` columns. `alpha` (h, w) 0..1 goes into formats that have it; None there is opaque.
    """
    height, width = rgb.shape[:2]
    if target.is_rgb:
        planes = [rgb[:, :, channel] * target.peak for channel in (1, 2, 0)]
    else:
        turn = yuv_to_rgb_matrix(resolved_matrix(colour, *frame_size), target.bits, full_range=colour.full_range)
        back = np.linalg.inv(turn[:, :3])
        turned = cv2.transform(np.ascontiguousarray(rgb, np.float32), np.hstack([back, -(back @ turn[:, 3])[:, None]]))
        codes = cast(Floats, turned.reshape(height, width, 3))
        planes = [codes[:, :, 0], *(_lowered(codes[:, :, channel], target) for channel in (1, 2))]
    if target.has_alpha:
        opaque = np.full((height, width), target.peak, np.float32)
        planes.append(opaque if alpha is None else alpha * target.peak)
    return tuple(_codes(plane, target) for plane in planes)


def _codes(plane: Floats, target: PixelFormat) -> Plane:
    kind = np.uint8 if target.bits <= 8 else np.uint16
    rounded = np.rint(plane)
    return cast(Plane, np.clip(rounded, 0, target.peak, out=rounded).astype(kind))


def _check_inside(picture: Picture, x: int, y: int, w: int, h: int) -> None:
    if x < 0 or y < 0 or w < 1 or h < 1 or x + w > picture.width or y + h > picture.height:
        raise ValueError(f"the region {x},{y},{w},{h} is not inside a picture of {picture.width}×{picture.height}")


def _raised(plane: Plane, source: PixelFormat, x: int, y: int, w: int, h: int) -> Floats:
    """(h, w) chroma codes at the luma pixels of a region."""
    left, top = x >> source.shift_x, y >> source.shift_y
    right = ((x + w - 1) >> source.shift_x) + 1
    bottom = ((y + h - 1) >> source.shift_y) + 1
    wanted = min(right + 1, plane.shape[1])  # one more column to the right, for the last odd pixel
    block = plane[top:bottom, left:wanted].astype(np.float32)
    if source.shift_x == 1:
        wide = np.empty((block.shape[0], 2 * (right - left)), np.float32)
        following = np.pad(block, ((0, 0), (0, 1)), mode="edge")[:, 1 : right - left + 1]
        wide[:, 0::2] = block[:, : right - left]
        wide[:, 1::2] = (wide[:, 0::2] + following) / 2
    else:
        wide = np.repeat(block[:, : right - left], 1 << source.shift_x, axis=1)
    tall = np.repeat(wide, 1 << source.shift_y, axis=0)
    skip_x, skip_y = x - (left << source.shift_x), y - (top << source.shift_y)
    return np.ascontiguousarray(tall[skip_y : skip_y + h, skip_x : skip_x + w])


def _lowered(chroma: Floats, target: PixelFormat) -> Floats:
    """Chroma at luma resolution, filtered down to the plane's."""
    return _lowered_across(_mean_rows(chroma, 1 << target.shift_y), target.shift_x)


def _mean_rows(block: Floats, step: int) -> Floats:
    if step == 1:
        return block
    if len(block) % step:
        block = np.pad(block, ((0, -len(block) % step), (0, 0)), mode="edge")
    rows = [block[first::step] for first in range(step)]  # slices: a reduction over axes takes three times as long
    return cast(Floats, sum(rows[1:], start=rows[0]) / np.float32(step))


def _lowered_across(block: Floats, shift: int) -> Floats:
    if shift != 1:
        return np.ascontiguousarray(_mean_rows(np.ascontiguousarray(block.T), 1 << shift).T)
    even, odd = block[:, 0::2], block[:, 1::2]
    # LeGall 5/3 by lifting. What an odd pixel has beyond the mean of its neighbours goes to them, a quarter each; at the right
    # border the neighbour is not known, and nothing is handed on.
    detail = np.zeros_like(even)
    inner = even.shape[1] - 1
    detail[:, :inner] = odd[:, :inner] - (even[:, :-1] + even[:, 1:]) / 2
    lowered = even + detail / 4
    lowered[:, 1:] += detail[:, :-1] / 4
    return cast(Floats, lowered)
