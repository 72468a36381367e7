"""How two pictures differ, as numbers: the change per pixel, the share that changed, and whether anything changed outside.

The proof that a patch stayed in its region compares stored samples, not colours; the map for the eye compares 8-bit R'G'B'.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.compositing.sources import PatchFrame
from engine.media.colour import region_to_rgb
from engine.media.picture import Picture

Difference = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class DifferenceStats:
    """Change of one frame. Levels are 8-bit levels, 0..255."""

    changed_share: float
    """Share of the picture's pixels that changed, 0..1."""
    largest: int
    mean_in_region: float
    """Mean change over the region (alpha > 0), or over the changed pixels where no region is given."""
    outside_changed_count: int
    """Pixels outside the region with a changed stored sample: 0 is the promise."""


def difference(a: Picture, b: Picture) -> Difference:
    """(H, W) uint8: largest absolute difference of the three channels, in 8-bit R'G'B' terms.

    Only the rectangle in which samples differ is converted. Raises: ValueError where sizes or formats differ.
    """
    result = np.zeros((a.height, a.width), np.uint8)
    changed = changed_samples(a, b)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return result
    # Chroma filters reach one chroma sample beyond what changed.
    top, bottom = max(0, int(rows[0]) - 4), min(a.height, int(rows[-1]) + 5)
    left, right = max(0, int(columns[0]) - 4), min(a.width, int(columns[-1]) + 5)
    box = (left, top, right - left, bottom - top)
    one, other = (np.rint(np.clip(region_to_rgb(p, *box), 0, 1) * 255).astype(np.int16) for p in (a, b))
    result[top:bottom, left:right] = np.abs(one - other).max(axis=2)
    return result


def changed_samples(a: Picture, b: Picture) -> npt.NDArray[np.bool_]:
    """(H, W): pixels whose luma sample, or the chroma sample that covers them, differs."""
    if a.format != b.format or (a.width, a.height) != (b.width, b.height):
        raise ValueError("only pictures of one size and format can be compared")
    changed = np.zeros((a.height, a.width), np.bool_)
    for one, other in zip(a.planes, b.planes, strict=True):
        if one is other:
            continue
        differs = one != other
        if differs.any():
            down, across = a.height > differs.shape[0], a.width > differs.shape[1]
            differs = np.repeat(differs, 2, axis=0) if down and a.format.shift_y == 1 else differs
            differs = np.repeat(differs, 1 << a.format.shift_x, axis=1) if across else differs
            changed |= differs[:a.height, :a.width]
    return changed


def difference_stats(a: Picture, b: Picture, diff: Difference, region: PatchFrame | None = None) -> DifferenceStats:
    """Numbers of a difference; `region` says where a change is meant (its alpha > 0)."""
    changed = changed_samples(a, b)
    meant = _covered(a, region) if region is not None else changed
    return DifferenceStats(
        changed_share=float(changed.mean()), largest=int(diff.max(initial=0)),
        mean_in_region=float(diff[meant].mean()) if meant.any() else 0.0,
        outside_changed_count=int((changed & ~meant).sum()) if region is not None else 0,
    )


def _covered(picture: Picture, region: PatchFrame) -> npt.NDArray[np.bool_]:
    covered = np.zeros((picture.height, picture.width), np.bool_)
    left, top = max(0, -region.x), max(0, -region.y)
    part = region.alpha[top:max(top, picture.height - region.y), left:max(left, picture.width - region.x)] > 0
    y, x = max(0, region.y), max(0, region.x)
    covered[y:y + part.shape[0], x:x + part.shape[1]] = part
    return covered
