"""What the compositor reads pixels from. It never opens a file itself."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.project.model import Media, Patch

Rgb = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Alpha = npt.NDArray[np.float32]
ALPHA_STEPS = 65535
"""Alpha of a carried patch is a multiple of 1 / 65535, so that storing it as 16 bit loses nothing."""


def in_steps(alpha: Alpha) -> Alpha:
    """(h, w) 0..1 rounded to the steps that storing keeps."""
    return (np.rint(alpha * ALPHA_STEPS) / ALPHA_STEPS).astype(np.float32)


@dataclass(frozen=True, slots=True)
class PatchFrame:
    """A patch carried to one frame: what to lay where, in stored source pixels (before rotation).

    `rgb` is (h, w, 3) in the source's own non-linear R'G'B', uint8 for 8-bit sources, uint16 (0..65535) else; `alpha` is (h, w)
    float32 0..1, 0 outside mask plus feather. Both read-only. `x` and `y` may be any pixel.
    """

    x: int
    y: int
    rgb: Rgb
    alpha: Alpha


class Sources(Protocol):
    """Pixels by name. One object belongs to one thread."""

    def index(self, media: Media) -> FrameIndex:
        """The frame index of a video."""

    def picture(self, media: Media, time: Fraction) -> Picture:
        """The exact stored picture of a video (or the still) shown at a source time."""

    def rotation(self, media: Media) -> int:
        """Clockwise degrees (0, 90, 180, 270) by which a stored picture is turned to be displayed."""

    def pixel_aspect(self, media: Media) -> Fraction:
        """Width of a pixel over its height."""

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        """A patch's current version as it is laid on the frame at a source time; None where it was not carried (yet)."""

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        """An asset picture as (H, W, 4) straight RGBA, sRGB."""
