"""Pictures for the tests of the compositor."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from engine.compositing.output import OutputFormat
from engine.compositing.sources import PatchFrame
from engine.media.index import FrameIndex
from engine.media.picture import Colour, Picture, PixelFormat, Plane
from engine.project.model import Media, MediaKind, Patch
from engine.rational_time import TimeRange

BT709 = Colour(1, 1, 1)
FORMATS = (
    PixelFormat("yuv420p", 8, 1, 1), PixelFormat("yuv422p", 8, 1, 0), PixelFormat("yuv444p", 8, 0, 0),
    PixelFormat("yuv420p10le", 10, 1, 1), PixelFormat("yuv422p10le", 10, 1, 0), PixelFormat("gbrp", 8, 0, 0, is_rgb=True),
)
YUV420 = FORMATS[0]


def noise_picture(width: int, height: int, form: PixelFormat = YUV420, seed: int = 0) -> Picture:
    """Random codes over the whole range of the format."""
    random = np.random.default_rng(seed)
    small = (-(-height >> form.shift_y), -(-width >> form.shift_x))

    def plane(shape: tuple[int, int]) -> Plane:
        codes = random.integers(0, form.peak + 1, shape)
        made: Plane = codes.astype(np.uint8) if form.bits == 8 else codes.astype(np.uint16)
        made.flags.writeable = False
        return made

    return Picture((plane((height, width)), plane(small), plane(small)), form, BT709)


def noise_patch(x: int, y: int, alpha: npt.NDArray[np.float32], form: PixelFormat = YUV420, seed: int = 1) -> PatchFrame:
    random = np.random.default_rng(seed)
    codes = random.integers(0, 256 if form.bits == 8 else 65536, (*alpha.shape, 3))
    return PatchFrame(x, y, codes.astype(np.uint8) if form.bits == 8 else codes.astype(np.uint16), alpha)


def output_of(picture: Picture, rotation: int = 0, aspect: Fraction = Fraction(1)) -> OutputFormat:
    return OutputFormat(picture.width, picture.height, picture.format, picture.colour, rotation, aspect)


def video(media_id: str, width: int, height: int) -> Media:
    second = TimeRange(Fraction(0), Fraction(2))
    return Media(media_id, MediaKind.VIDEO, media_id, f"/{media_id}.mp4", "f", 1, 1, second, width, height, Fraction(25))


class FakeSources:
    """Two seconds of 25 frames per media, all showing one picture; patches and bitmaps by name."""

    def __init__(self, pictures: dict[str, Picture]) -> None:
        self.pictures = pictures
        self.patches: dict[str, PatchFrame] = {}
        self.bitmaps: dict[str, npt.NDArray[np.uint8]] = {}
        self.rotations: dict[str, int] = {}
        self.asked: list[Fraction] = []

    def index(self, media: Media) -> FrameIndex:
        count = np.arange(50, dtype=np.int64)
        yes = np.ones(50, np.bool_)
        return FrameIndex(Fraction(1, 25), count, np.ones(50, np.int64), count, count, count, yes, yes)

    def picture(self, media: Media, time: Fraction) -> Picture:
        self.asked.append(time)
        return self.pictures[media.id]

    def rotation(self, media: Media) -> int:
        return self.rotations.get(media.id, 0)

    def pixel_aspect(self, media: Media) -> Fraction:
        return Fraction(1)

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        return self.patches.get(patch.version.pixels) if patch.version else None

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        return self.bitmaps[asset]
