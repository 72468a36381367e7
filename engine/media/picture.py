"""A decoded picture as planes: the pixels exactly as the decoder gave them, with what is needed to read them as colour.

    planes[0]  luma (or green)         (H, W)
    planes[1:] chroma (or blue, red)   (ceil(H >> shift_y), ceil(W >> shift_x))
    planes[3]  alpha, where the format has one

Arrays are uint8 for 8-bit formats, else uint16 in native byte order with the value in the low bits (yuv420p10le: 0..1023).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """A planar pixel format; `name` is FFmpeg's."""

    name: str
    bits: int
    shift_x: int
    """Chroma width is the luma width shifted right by this, rounded up."""
    shift_y: int
    is_rgb: bool = False
    """True for gbrp…: planes are green, blue, red."""
    has_alpha: bool = False

    @property
    def peak(self) -> int:
        return (1 << self.bits) - 1


@dataclass(frozen=True, slots=True)
class Colour:
    """How the numbers mean colour. Values are FFmpeg's (ITU-T H.273) code points; 2 is unspecified."""

    matrix: int = 2
    primaries: int = 2
    transfer: int = 2
    full_range: bool = False


SRGB = Colour(matrix=0, primaries=1, transfer=13, full_range=True)
"""Of stills."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in stored orientation; arrays are read-only and shared, never written after construction."""

    planes: tuple[Plane, ...]
    format: PixelFormat
    colour: Colour
    is_damaged: bool = False
    """The decoder had to guess a part of it: the file is torn or has errors there."""

    @property
    def width(self) -> int:
        return int(self.planes[0].shape[1])

    @property
    def height(self) -> int:
        return int(self.planes[0].shape[0])
