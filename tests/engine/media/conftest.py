"""Makes small clips whose frames say their own number, so that a test sees which frame it was given."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.cache.store import Cache
from engine.media.frames import picture_of
from engine.media.picture import Picture

BITS = 8
"""A frame's number is painted as so many black or white bars, first bit left: readable after any codec."""


def numbered_frame(number: int, width: int, height: int, pixel_format: str) -> VideoFrame:
    """Bars of the number over a moving ramp."""
    ramp = (np.arange(height)[:, None] * 2 + np.arange(width)[None, :] + number * 3) % 64 + 96
    rgb = np.repeat(ramp[:, :, None], 3, axis=2).astype(np.uint8)
    rgb[:, :, 0] += 40
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        rgb[height // 4 : 3 * height // 4, left:right] = 255 if number >> bit & 1 else 0
    return VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel_format)


class Clips:
    """Writes clips into a folder of the test and reads the numbers back. (A fixture: tests cannot import each other here.)"""

    number_of = staticmethod(lambda picture: number_of(picture))

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, frames: int = 30, **how: Any) -> Path:
        return write_clip(self.folder / name, frames, **how)

    @staticmethod
    def in_order(path: Path) -> list[Picture]:
        """Every frame of the first video stream, by plain sequential decoding: what random access is held against."""
        with av.open(path) as container:
            return [picture_of(frame) for frame in container.decode(container.streams.video[0])]


def number_of(picture: Picture) -> int:
    """The number painted into a picture; luma, or green of RGB."""
    plane = picture.planes[0]
    height, width = plane.shape
    centres = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    return sum(1 << bit for bit, x in enumerate(centres) if plane[height // 2, x] > picture.format.peak // 2)


def write_clip(
    path: Path, frames: int = 30, *, size: tuple[int, int] = (96, 64), codec: str = "libx264", pixel_format: str = "yuv420p",
    rate: Fraction = Fraction(25), times: list[int] | None = None, time_base: Fraction | None = None,
    options: dict[str, str] | None = None, container: dict[str, str] | None = None, gop: int = 12,
    prepare: Callable[[VideoStream], None] | None = None,
) -> Path:
    """Encode `frames` numbered frames. `times` are pts in `time_base`; both are made from the rate where left out."""
    base = time_base or 1 / rate
    with av.open(path, "w", options=container or {}) as output:
        stream = cast(VideoStream, output.add_stream(codec, rate=rate, options=options or {}))
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = base
        stream.codec_context.gop_size = gop
        if prepare:
            prepare(stream)
        for number in range(frames):
            frame = numbered_frame(number, *size, pixel_format)
            frame.pts, frame.time_base = times[number] if times else number, base
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 1 << 28)


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    return Clips(tmp_path)
