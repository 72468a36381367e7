"""What a patch does, as pictures to look at: where it lies, what it adds and takes away, how much it changes.

Together with the result these are the four outputs of a patch replacer. Upright pictures in display sRGB come out.
"""

from enum import Enum
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.difference import Difference
from engine.compositing.frame import black_picture
from engine.compositing.output import OutputFormat
from engine.compositing.sources import PatchFrame, Sources
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.project.model import Media, MediaKind, Patch

Rgb8 = npt.NDArray[np.uint8]
GAINS = (1, 4, 16)
MIDDLE = 128
"""The grey of no difference."""


class Output(Enum):
    """Beside the result."""

    LOCATION = "location"
    """White where a patch lies, grey where it is let in softly, black elsewhere."""
    DIFFERENCE = "difference"
    """Result minus original, amplified, about a middle grey."""
    MAGNITUDE = "magnitude"
    """The largest change of the three channels, amplified, from black."""


def difference_image(signed: npt.NDArray[np.int16], gain: int) -> Rgb8:
    """(H, W, 3) of a signed difference in 8-bit levels, `gain` times as strong, clipped."""
    return np.asarray(cv2.addWeighted(signed, float(gain), signed, 0.0, float(MIDDLE), dtype=cv2.CV_8U), np.uint8)


def magnitude_image(diff: Difference, gain: int) -> Rgb8:
    """(H, W, 3) grey of a difference in 8-bit levels, `gain` times as strong, clipped."""
    grey = cv2.addWeighted(diff, float(gain), diff, 0.0, 0.0, dtype=cv2.CV_8U)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


class LocationSources:
    """Sources in which every picture is black, every patch white, and every text absent: what is composed of them shows where
    patches lie, through all that is done to clips."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def index(self, media: Media) -> FrameIndex:
        return self._sources.index(media)

    def picture(self, media: Media, time: Fraction) -> Picture:
        """Black, in the form the media has. A still keeps no alpha of its own: it covers what is below it."""
        real = self._sources.picture(media, time)
        rotation = 0 if media.kind is MediaKind.IMAGE else self.rotation(media)
        return black_picture(OutputFormat(
            real.width, real.height, real.format, real.colour, rotation, self.pixel_aspect(media)
        ))  # fmt: skip

    def rotation(self, media: Media) -> int:
        return self._sources.rotation(media)

    def pixel_aspect(self, media: Media) -> Fraction:
        return self._sources.pixel_aspect(media)

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        return np.zeros_like(self._sources.bitmap(asset))

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        carried = self._sources.patch_frame(media, patch, time)
        if carried is None:
            return None
        white = np.full(carried.rgb.shape, np.iinfo(carried.rgb.dtype).max, carried.rgb.dtype)
        return PatchFrame(carried.x, carried.y, white, carried.alpha)
