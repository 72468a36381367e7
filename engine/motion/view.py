"""Reads what the tracker needs from a picture: grey crops for flow, colour crops in R'G'B', a small copy for cuts.

Never converts a whole picture: luma planes are grey already. Knows no patch.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.media.colour import region_to_rgb
from engine.media.picture import Picture
from engine.motion.flow import Box, Gray

Rgb01 = npt.NDArray[np.float32]
_SMALL = (64, 36)


class View:
    """One frame as the tracker sees it."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self.width, self.height = picture.width, picture.height

    @property
    def bits(self) -> int:
        return self._picture.format.bits

    @property
    def whole(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def grey(self, box: Box) -> Gray:
        """(h, w) uint8, contiguous: luma, or the weighted sum where the picture is R'G'B'."""
        if self._picture.format.is_rgb:
            return self._rgb_grey(box)
        crop = self._picture.planes[0][box.slices]
        return np.ascontiguousarray(crop >> (self.bits - 8) if self.bits > 8 else crop, np.uint8)

    def rgb(self, box: Box) -> Rgb01:
        """(h, w, 3) float32 0..1 in the source's own non-linear R'G'B'."""
        return region_to_rgb(self._picture, box.x, box.y, box.width, box.height)

    def small(self) -> npt.NDArray[np.float32]:
        """(36, 64) float32 0..255, the whole frame, for finding cuts."""
        luma = self._picture.planes[0]
        step = max(1, luma.shape[1] // 640)
        shrunk = cv2.resize(np.ascontiguousarray(luma[::step, ::step]), _SMALL, interpolation=cv2.INTER_AREA)
        return shrunk.astype(np.float32) / np.float32(1 << (self.bits - 8))

    def _rgb_grey(self, box: Box) -> Gray:
        green, blue, red = (plane[box.slices].astype(np.float32) for plane in self._picture.planes[:3])
        grey = 0.587 * green + 0.114 * blue + 0.299 * red
        return np.asarray(np.rint(grey / (1 << (self.bits - 8))).clip(0, 255), np.uint8)
