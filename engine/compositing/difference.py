"""How two pictures differ, as numbers: the change per pixel, the share that changed, and whether anything changed outside.

The proof that a patch stayed in its region compares stored samples of the whole picture, not colours; the map for the eye
compares 8-bit R'G'B'. Whatever costs time is done only in the rectangle in which samples differ.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.sources import PatchFrame
from engine.media.colour import region_to_rgb
from engine.media.picture import Picture, Plane

Difference = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Rgb01 = npt.NDArray[np.float32]

_REACH_PX = 4
"""Chroma filters reach one chroma sample beyond what changed."""


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


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of stored luma samples inside a picture; empty where its width is 0."""

    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    @property
    def corner_and_size(self) -> tuple[int, int, int, int]:
        return self.x, self.y, self.width, self.height

    def grown(self, by: int, width: int, height: int) -> "Box":
        """Wider by so many samples on each side, inside a picture of this size."""
        left, top = max(0, self.x - by), max(0, self.y - by)
        return Box(left, top, min(width, self.x + self.width + by) - left, min(height, self.y + self.height + by) - top)


def changed_box(a: Picture, b: Picture) -> Box:
    """The smallest rectangle that holds every pixel with a changed sample. Raises: ValueError: sizes or formats differ."""
    if a.format != b.format or (a.width, a.height) != (b.width, b.height):
        raise ValueError("only pictures of one size and format can be compared")
    left, top, right, bottom = a.width, a.height, 0, 0
    for one, other in zip(a.planes, b.planes, strict=True):
        if one is other:
            continue
        x, y, width, height = _differing(one, other)
        if width:
            sx, sy = _shifts(a, one)
            left, top = min(left, x << sx), min(top, y << sy)
            right, bottom = max(right, min(a.width, (x + width) << sx)), max(bottom, min(a.height, (y + height) << sy))
    return Box(left, top, right - left, bottom - top) if right > left else Box()


def _differing(one: Plane, other: Plane) -> tuple[int, int, int, int]:
    """x, y, width and height of the smallest rectangle that holds every sample that differs; width 0 where none does.

    Every sample is compared, eight bytes at once: only where such a word differs is it looked at sample by sample.
    """
    in_word = 8 // one.dtype.itemsize
    if one.shape[1] % in_word or not (one.flags.c_contiguous and other.flags.c_contiguous):
        return _bounds(np.not_equal(one, other))
    left, top, across, down = _bounds(np.not_equal(one.view(np.uint64), other.view(np.uint64)))
    part = np.s_[top:top + down, left * in_word:(left + across) * in_word]
    x, y, width, height = _bounds(np.not_equal(one[part], other[part])) if across else (0, 0, 0, 0)
    return left * in_word + x, top + y, width, height


def _bounds(differs: Mask) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect(differs.view(np.uint8))
    return x, y, width, height


def changed_in(a: Picture, b: Picture, box: Box) -> Mask:
    """(box.height, box.width): pixels of a rectangle whose luma sample, or the chroma sample that covers them, differs."""
    changed = np.zeros((box.height, box.width), np.bool_)
    for one, other in zip(a.planes, b.planes, strict=True):
        if one is other or not box.width:
            continue
        sx, sy = _shifts(a, one)
        rows = slice(box.y >> sy, ((box.y + box.height - 1) >> sy) + 1)
        columns = slice(box.x >> sx, ((box.x + box.width - 1) >> sx) + 1)
        differs = one[rows, columns] != other[rows, columns]
        if sx or sy:
            size = (differs.shape[1] << sx, differs.shape[0] << sy)
            wide = cv2.resize(differs.view(np.uint8), size, interpolation=cv2.INTER_NEAREST).view(np.bool_)
            x, y = box.x - (columns.start << sx), box.y - (rows.start << sy)
            differs = wide[y:y + box.height, x:x + box.width]
        changed |= differs
    return changed


def _shifts(picture: Picture, plane: Plane) -> tuple[int, int]:
    """How much coarser a plane is than luma, as powers of two: (across, down)."""
    across = picture.format.shift_x if plane.shape[1] < picture.width else 0
    down = picture.format.shift_y if plane.shape[0] < picture.height else 0
    return across, down


def changed_samples(a: Picture, b: Picture) -> Mask:
    """(H, W): pixels whose luma sample, or the chroma sample that covers them, differs."""
    box = changed_box(a, b)
    changed = np.zeros((a.height, a.width), np.bool_)
    changed[box.slices] = changed_in(a, b, box)
    return changed


def difference(a: Picture, b: Picture) -> Difference:
    """(H, W) uint8: largest absolute difference of the three channels, in 8-bit R'G'B' terms.

    Raises: ValueError where sizes or formats differ.
    """
    result = np.zeros((a.height, a.width), np.uint8)
    box = changed_box(a, b)
    if box.width:
        box = box.grown(_REACH_PX, a.width, a.height)
        result[box.slices] = levels_between(*(region_to_rgb(p, *box.corner_and_size) for p in (a, b)))
    return result


def signed_difference(a: Picture, b: Picture) -> npt.NDArray[np.int16]:
    """(H, W, 3) int16: what `b` has more than `a`, per channel in 8-bit R'G'B' levels, -255..255."""
    result = np.zeros((a.height, a.width, 3), np.int16)
    box = changed_box(a, b)
    if box.width:
        box = box.grown(_REACH_PX, a.width, a.height)
        before, after = (_eight_bit(region_to_rgb(p, *box.corner_and_size)) for p in (a, b))
        result[box.slices] = after.astype(np.int16) - before
    return result


def levels_between(one: Rgb01, other: Rgb01) -> Difference:
    """(h, w): largest absolute difference of the channels of two R'G'B' pictures, both as 8-bit levels."""
    red, green, blue = cv2.split(cv2.absdiff(_eight_bit(one), _eight_bit(other)))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def _eight_bit(rgb: Rgb01) -> Difference:
    """Rounded and clipped to 0..255, in one pass."""
    return np.asarray(cv2.addWeighted(rgb, 255.0, rgb, 0.0, 0.0, dtype=cv2.CV_8U), np.uint8)


def difference_stats(a: Picture, b: Picture, diff: Difference, region: PatchFrame | None = None) -> DifferenceStats:
    """Numbers of a difference; `region` says where a change is meant (its alpha > 0)."""
    box = changed_box(a, b)
    changed = changed_in(a, b, box)
    inside = covered_in(a, region) if region is not None else (box, changed)
    levels, meant = diff[inside[0].slices], inside[1]
    return DifferenceStats(
        changed_share=int(changed.sum()) / (a.width * a.height), largest=int(diff.max(initial=0)),
        mean_in_region=float(levels[meant].mean()) if meant.any() else 0.0,
        outside_changed_count=outside_count(changed, box, *inside),
    )


def outside_count(changed: Mask, box: Box, region_box: Box, region: Mask) -> int:
    """Changed pixels that the region does not cover; each mask lies at its box."""
    outside = changed.copy()
    top, left = max(box.y, region_box.y), max(box.x, region_box.x)
    bottom = min(box.y + box.height, region_box.y + region_box.height)
    right = min(box.x + box.width, region_box.x + region_box.width)
    if bottom > top and right > left:
        meant = region[top - region_box.y:bottom - region_box.y, left - region_box.x:right - region_box.x]
        outside[top - box.y:bottom - box.y, left - box.x:right - box.x] &= ~meant
    return int(outside.sum())


def covered_in(picture: Picture, region: PatchFrame) -> tuple[Box, Mask]:
    """Where a patch's alpha is above 0 on the picture, in the rectangle of the patch that lies inside it."""
    left, top = max(0, -region.x), max(0, -region.y)
    meant = region.alpha[top:max(top, picture.height - region.y), left:max(left, picture.width - region.x)] > 0
    return Box(max(0, region.x), max(0, region.y), meant.shape[1], meant.shape[0]), meant
