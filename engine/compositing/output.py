"""What one output picture is: the size, pixel format and colour that frames are composed in, and how they are shown."""

from dataclasses import dataclass
from fractions import Fraction

from engine.media.picture import Colour, PixelFormat


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """Stored form of the output. With the preset “Same as the source” it is the source's own, rotation and pixel aspect included.

    Layers are placed in displayed coordinates (upright, square pixels) and turned into stored ones by the compositor.
    """

    width: int
    height: int
    pixel_format: PixelFormat
    colour: Colour
    rotation: int = 0
    """Clockwise degrees by which the stored picture is turned to be displayed."""
    pixel_aspect: Fraction = Fraction(1)
