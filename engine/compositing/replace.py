"""Lays a patch over a picture without touching anything else (the seed's `replaceFrame`).

Everything outside the patch's alpha keeps its very bits: no plane is converted and converted back. Knows nothing of projects.
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from engine.compositing.sources import Alpha, PatchFrame
from engine.media.colour import rgb_to_planes
from engine.media.picture import Picture, PixelFormat, Plane

Rgb01 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Region:
    """A rectangle of luma samples whose corner lies on the chroma grid and whose far side ends on it or with the picture."""

    x: int
    y: int
    width: int
    height: int


def replace_frame(base: Picture, patch: PatchFrame) -> Picture:
    """`base` with `patch` blended over it, as a new picture that shares every plane that did not change.

    The blend is in the source's non-linear R'G'B'. It is computed as a blend of Y'CbCr samples, which is the same thing (one
    is a linear function of the other) and keeps the untouched share of a sample exact. Luma, or R'G'B', is written only where
    alpha > 0, a chroma sample only where alpha > 0 on every luma sample it covers. An alpha plane is kept.
    """
    peak = np.iinfo(patch.rgb.dtype).max
    return blend(base, patch.x, patch.y, patch.rgb.astype(np.float32) / np.float32(peak), patch.alpha)


def blend(base: Picture, x: int, y: int, rgb: Rgb01, alpha: Alpha, *, spill: bool = False) -> Picture:
    """Lay `rgb` ((h, w, 3) float32 0..1, the base's own R'G'B') with `alpha` ((h, w) 0..1) at stored pixel (`x`, `y`), clipped.

    With `spill` a chroma sample is written where any of its luma samples is covered, by their mean: right for layers, whose
    hard edges would otherwise lose their colour; wrong for patches, which must not change the colour of a pixel outside.
    """
    region = _region(base, x, y, alpha)
    if region is None:
        return base
    rgb, alpha = _on_region(region, x, y, rgb, alpha)
    painted = rgb_to_planes(rgb, base.format, base.colour, (base.width, base.height))
    planes = [_mixed(plane, new, alpha, region, base.format if index and not base.format.is_rgb else None, spill)
              for index, (plane, new) in enumerate(zip(base.planes[:3], painted, strict=False))]
    return Picture((*planes, *base.planes[3:]), base.format, base.colour)


def _region(base: Picture, x: int, y: int, alpha: Alpha) -> _Region | None:
    """What of the patch lies on the picture, grown to the chroma grid; None where alpha covers nothing of it."""
    crop = alpha[max(0, -y):max(0, base.height - y), max(0, -x):max(0, base.width - x)]
    rows, columns = np.flatnonzero(crop.any(axis=1)), np.flatnonzero(crop.any(axis=0))
    if not len(rows):
        return None
    left, top = max(0, x) + int(columns[0]), max(0, y) + int(rows[0])
    right, bottom = max(0, x) + int(columns[-1]) + 1, max(0, y) + int(rows[-1]) + 1
    sx, sy = base.format.shift_x, base.format.shift_y
    left, top = left >> sx << sx, top >> sy << sy
    right, bottom = min(base.width, -(-right >> sx) << sx), min(base.height, -(-bottom >> sy) << sy)
    return _Region(left, top, right - left, bottom - top)


def _on_region(region: _Region, x: int, y: int, rgb: Rgb01, alpha: Alpha) -> tuple[Rgb01, Alpha]:
    """Pixels and alpha cut and padded to the region: edge pixels repeated (they only feed chroma filters), alpha 0."""
    height, width = alpha.shape
    before = (max(0, y - region.y), max(0, x - region.x))
    after = (max(0, region.y + region.height - y - height), max(0, region.x + region.width - x - width))
    cut = np.s_[max(0, region.y - y):region.y + region.height - y, max(0, region.x - x):region.x + region.width - x]
    pads = [(before[0], after[0]), (before[1], after[1])]
    if not any(before) and not any(after):
        return rgb[cut], alpha[cut]
    return np.pad(rgb[cut], [*pads, (0, 0)], mode="edge"), np.pad(alpha[cut], pads)


def _mixed(plane: Plane, new: Plane, alpha: Alpha, region: _Region, chroma: PixelFormat | None, spill: bool) -> Plane:
    """A copy of `plane` with `new` mixed in, or the plane itself where no sample changes."""
    x, y = region.x, region.y
    if chroma is not None and (chroma.shift_x or chroma.shift_y):
        alpha = chroma_alpha(alpha, chroma, spill=spill)
        x, y = x >> chroma.shift_x, y >> chroma.shift_y
    height, width = alpha.shape
    old = plane[y:y + height, x:x + width]
    mixed = new.astype(np.float32)
    mixed -= old
    mixed *= alpha
    mixed += old  # where alpha is 0 this is `old` itself: every code is exact in float32
    result = np.rint(mixed, out=mixed).astype(plane.dtype)
    if np.array_equal(result, old):
        return plane
    copy = plane.copy()
    copy[y:y + height, x:x + width] = result
    copy.flags.writeable = False
    return copy


def chroma_alpha(alpha: Alpha, pixel_format: PixelFormat, *, spill: bool) -> Alpha:
    """(ceil, ceil) mean of alpha over the luma samples of each chroma sample; 0 where one of them is 0, unless `spill`.

    The corner of `alpha` must lie on the chroma grid. At an odd far side a chroma sample covers only the samples that exist.
    """
    cells = _cells(alpha, pixel_format)
    mean = np.asarray(sum(cells[1:], start=cells[0]) / np.float32(len(cells)), np.float32)
    return mean if spill else np.where(reduce(np.minimum, cells) > 0, mean, np.float32(0))


def _cells(alpha: Alpha, pixel_format: PixelFormat) -> list[Alpha]:
    """The luma samples of each chroma sample: one array of chroma size for each place in the cell.

    Slices instead of a reduction over axes, which is ten times slower. A repeated edge changes neither mean nor minimum.
    """
    sx, sy = 1 << pixel_format.shift_x, 1 << pixel_format.shift_y
    height, width = alpha.shape
    if height % sy or width % sx:
        alpha = np.pad(alpha, [(0, -height % sy), (0, -width % sx)], mode="edge")
    return [alpha[row::sy, column::sx] for row in range(sy) for column in range(sx)]
