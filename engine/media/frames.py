"""Turns FFmpeg's frames into `Picture`s: planar, native byte order, nothing lost.

Formats that are no planes (nv12, rgba, palettes, packed YUV) become the nearest planar one of at least the same depth and
subsampling, through swscale, without a change of range or matrix:

    nv12, nv21 -> yuv420p        p010 -> yuv420p10le      yuyv422, uyvy422 -> yuv422p
    rgb24, bgr0, rgb555 -> gbrp  rgba, bgra, pal8, ya8 -> gbrap   rgb48 -> gbrp16le   rgba64 -> gbrap16le
    gray, gray10 -> yuv420p, yuv420p10le: the luma as it is with neutral chroma, so that no one after us meets a single plane

The old yuvj… names become yuv… with full range.
"""

import re
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from engine.errors import MediaError
from engine.media.picture import Colour, Picture, PixelFormat, Plane

_FULL_RANGE = 2
_DEPTHS = (8, 9, 10, 12, 14, 16)


def planar_format(name: str) -> PixelFormat:
    """The planar format in which frames of FFmpeg's pixel format `name` come out. Raises MediaError for hardware formats."""
    try:
        source = av.VideoFormat(name)
    except ValueError as error:
        raise MediaError(f"The pixel format “{name}” is not known.") from error
    if not source.components:
        raise MediaError(f"The pixel format “{name}” cannot be read.")
    return _describe(_planar_name(source))


def _planar_name(source: av.VideoFormat) -> str:
    name = re.sub(r"^yuvj", "yuv", source.name)
    if re.fullmatch(r"(yuva?4\d\dp|gbra?p)(\d+[lb]e)?", name):
        return re.sub(r"be$", "le", name)
    bits = next(d for d in _DEPTHS if d >= min(16, max(c.bits for c in source.components)))
    depth = "" if bits == 8 else f"{bits}le"
    if source.name.startswith("gray"):
        return f"yuv420p{depth}"
    has_alpha = source.has_palette or len(source.components) in {2, 4}
    if source.is_rgb or source.has_palette or len(source.components) < 3:
        return _known(f"gbrap{depth}" if has_alpha else f"gbrp{depth}", "gbrap16le" if has_alpha else "gbrp16le")
    shift = {(2, 2): "420", (2, 1): "422", (4, 1): "411", (1, 2): "440"}.get(_subsampling(source), "444")
    return _known(f"yuva{shift}p{depth}" if has_alpha else f"yuv{shift}p{depth}", f"yuv{shift}p16le")


def _known(name: str, otherwise: str) -> str:
    try:
        return av.VideoFormat(name).name
    except ValueError:
        return otherwise


def _subsampling(source: av.VideoFormat) -> tuple[int, int]:
    return 16 // source.chroma_width(16), 16 // source.chroma_height(16)


def _describe(name: str) -> PixelFormat:
    planar = av.VideoFormat(name)
    across, down = (1, 1) if planar.is_rgb else _subsampling(planar)
    return PixelFormat(
        name=name, bits=planar.components[0].bits, shift_x=across.bit_length() - 1, shift_y=down.bit_length() - 1,
        is_rgb=bool(planar.is_rgb), has_alpha=len(planar.components) == 4,
    )


def colour_of(frame: VideoFrame) -> Colour:
    """What the frame says about its numbers; RGB is full range with the identity matrix."""
    if frame.format.is_rgb or frame.format.has_palette or len(frame.format.components) == 2:
        return Colour(0, int(frame.color_primaries), int(frame.color_trc), full_range=True)
    full = int(frame.color_range) == _FULL_RANGE or frame.format.name.startswith("yuvj")
    return Colour(int(frame.colorspace), int(frame.color_primaries), int(frame.color_trc), full)


def picture_of(frame: VideoFrame) -> Picture:
    """The frame's pixels, copied out of the decoder's memory."""
    target = planar_format(frame.format.name)
    colour, is_damaged = colour_of(frame), bool(frame.is_corrupt)
    if frame.format.name.startswith("gray"):
        planes = _grey_planes(frame, target)
    else:
        if frame.format.name.replace("yuvj", "yuv") != target.name:
            frame = frame.reformat(format=target.name)
        planes = tuple(_plane(frame, number) for number in range(len(frame.planes)))
    for plane in planes:
        plane.setflags(write=False)
    return Picture(planes, target, colour, is_damaged)


def _plane(frame: VideoFrame, number: int, dtype: npt.DTypeLike | None = None) -> Plane:
    plane = frame.planes[number]
    kind = np.dtype(dtype or (np.uint8 if frame.format.components[0].bits <= 8 else np.uint16))
    rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
    return cast(Plane, rows[:, : plane.width].copy())


def _grey_planes(frame: VideoFrame, target: PixelFormat) -> tuple[Plane, ...]:
    wide = target.bits > 8
    order = ">u2" if frame.format.name.endswith("be") else "<u2"
    luma = cast(Plane, _plane(frame, 0, order if wide else np.uint8).astype(np.uint16 if wide else np.uint8))
    neutral = np.full((-(-frame.height // 2), -(-frame.width // 2)), 1 << (target.bits - 1), luma.dtype)
    chroma = cast(Plane, neutral)
    return luma, chroma, chroma
