"""From a stored picture to what a provider gets, and from its answer to what is laid on the picture.

A provider sees an upright crop with square pixels and some surroundings. What it does outside the mask is undone here: those pixels are the
source's own. Knows no provider.
"""

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.geometry import as_stored, upright
from engine.compositing.mask import RegionMask, region_mask
from engine.compositing.sources import PatchFrame, Rgb
from engine.errors import ProviderError
from engine.media.colour import region_to_rgb
from engine.media.picture import Picture
from engine.project.model import Region


@dataclass(frozen=True, slots=True)
class AnchorCrop:
    """What a provider gets, and how to find back. Arrays are read-only.

    `crop` (h, w, 3) and `mask` (h, w) float32 0..1 are upright with square pixels; the crop is uint8 for 8-bit sources, uint16 else, in the
    source's own non-linear R'G'B'. `x`, `y`, `width`, `height` are the same rectangle in stored pixels.
    """

    crop: Rgb
    mask: npt.NDArray[np.float32]
    x: int
    y: int
    width: int
    height: int
    rotation: int
    region: RegionMask

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x, y, width, height in stored pixels, as a `PatchVersion` keeps it."""
        return self.x, self.y, self.width, self.height


def anchor_crop(
    picture: Picture, region: Region, rotation: int = 0, pixel_aspect: Fraction = Fraction(1), margin: int = 48
) -> AnchorCrop:
    """Cut a region with `margin` stored pixels around it out of a picture, clipped to the picture.

    Raises: EditError where the region lies outside the picture.
    """
    covered = region_mask(region, picture.width, picture.height, rotation, pixel_aspect)
    rows, columns = np.flatnonzero(covered.alpha.any(axis=1)), np.flatnonzero(covered.alpha.any(axis=0))
    left, top = max(0, covered.x + int(columns[0]) - margin), max(0, covered.y + int(rows[0]) - margin)
    right = min(picture.width, covered.x + int(columns[-1]) + 1 + margin)
    bottom = min(picture.height, covered.y + int(rows[-1]) + 1 + margin)
    box = (left, top, right - left, bottom - top)
    alpha = mask_in(covered, box)
    crop = _squared(upright(source_rgb(picture, box), rotation), box, rotation, pixel_aspect)
    mask = _squared(upright(alpha, rotation), box, rotation, pixel_aspect)
    mask = np.clip(mask, 0, 1)
    crop.flags.writeable = mask.flags.writeable = False
    return AnchorCrop(crop, mask, *box, rotation, covered)


def source_rgb(picture: Picture, box: tuple[int, int, int, int]) -> Rgb:
    """(h, w, 3) of a stored rectangle in the source's own R'G'B': uint8 for 8-bit formats, else uint16 0..65535."""
    rgb = np.clip(region_to_rgb(picture, *box), 0, 1)
    if picture.format.bits == 8:
        return np.rint(rgb * 255).astype(np.uint8)
    return np.rint(rgb * 65535).astype(np.uint16)


def mask_in(mask: RegionMask, box: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    """(h, w) the mask's alpha over a rectangle, 0 where it does not reach."""
    x, y, width, height = box
    alpha = np.zeros((height, width), np.float32)
    left, top = max(x, mask.x), max(y, mask.y)
    right, bottom = min(x + width, mask.x + mask.alpha.shape[1]), min(y + height, mask.y + mask.alpha.shape[0])
    if right > left and bottom > top:
        alpha[top - y:bottom - y, left - x:right - x] = mask.alpha[top - mask.y:bottom - mask.y, left - mask.x:right - mask.x]
    return alpha


def enforce_mask(reply: Rgb, anchor: AnchorCrop, picture: Picture) -> PatchFrame:
    """A provider's answer as a patch for the anchor frame: stored orientation and pixels, alpha of the region.

    Where alpha is 0 the pixels are the source's, exactly. The depth becomes the source's. Raises: ProviderError where the answer is not a
    picture of the crop's size (a remote reply is registered to it first).
    """
    if reply.shape != anchor.crop.shape or reply.dtype not in (np.uint8, np.uint16):
        raise ProviderError(
            f"The provider answered with a picture of {reply.shape[1]} × {reply.shape[0]} pixels instead of "
            f"{anchor.crop.shape[1]} × {anchor.crop.shape[0]}.", "Run it again or choose another provider.",
        )
    source = source_rgb(picture, anchor.box)
    stored = as_stored(_at_depth(reply, source.dtype), anchor.rotation)
    if stored.shape != source.shape:
        shrink = stored.shape[0] * stored.shape[1] > source.shape[0] * source.shape[1]
        how = cv2.INTER_AREA if shrink else cv2.INTER_CUBIC
        stored = cv2.resize(np.ascontiguousarray(stored), (anchor.width, anchor.height), interpolation=how)
    alpha = mask_in(anchor.region, anchor.box)
    rgb: Rgb = np.where(alpha[..., None] > 0, stored, source).astype(source.dtype)
    rgb.flags.writeable = alpha.flags.writeable = False
    return PatchFrame(anchor.x, anchor.y, rgb, alpha)


def _squared(array: npt.NDArray[np.generic], box: tuple[int, int, int, int], rotation: int, pixel_aspect: Fraction) -> npt.NDArray[np.generic]:
    """An upright array with square pixels: the stored width's axis is stretched by the pixel aspect."""
    if pixel_aspect == 1:
        return np.ascontiguousarray(array)
    wide, high = max(1, round(box[2] * pixel_aspect)), box[3]
    size = (high, wide) if rotation % 180 else (wide, high)
    return cv2.resize(np.ascontiguousarray(array), size, interpolation=cv2.INTER_AREA if pixel_aspect < 1 else cv2.INTER_CUBIC)


def _at_depth(pixels: Rgb, dtype: np.dtype[np.generic]) -> Rgb:
    if pixels.dtype == dtype:
        return pixels
    if dtype == np.uint16:
        return pixels.astype(np.uint16) * np.uint16(257)
    return np.rint(pixels / 257).astype(np.uint8)
