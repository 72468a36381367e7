"""Pictures as FFmpeg's frames and back to luma, and the measure by which two lumas are compared."""

from fractions import Fraction
from typing import cast

import av
import av.filter
import cv2
import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from engine.media.picture import Picture, Plane

IDENTICAL_DB = 99.0
"""Stands for equal pictures, whose ratio is infinite."""


def to_frame(picture: Picture, number: int, time_base: Fraction) -> VideoFrame:
    """A frame with the picture's planes, byte for byte; `number` becomes its pts."""
    frame = av.VideoFrame(picture.width, picture.height, picture.format.name)
    for plane, target in zip(picture.planes, frame.planes, strict=True):
        rows = np.frombuffer(memoryview(target), plane.dtype).reshape(target.height, target.line_size // plane.dtype.itemsize)
        rows[:, : target.width] = plane
    frame.pts, frame.time_base = number, time_base
    frame.color_range = 2 if picture.colour.full_range else 1
    return frame


class TopFieldFirst:
    """Marks frames as interlaced with the top field first. libx264 goes by its frames, and PyAV sets this in a filter only."""

    def __init__(self, width: int, height: int, pixel_format: str, time_base: Fraction) -> None:
        self._graph = av.filter.Graph()
        form = VideoFormat(pixel_format, width, height)
        source = self._graph.add_buffer(width=width, height=height, format=form, time_base=time_base)
        mark, sink = self._graph.add("setfield", "tff"), self._graph.add("buffersink")
        source.link_to(mark)
        mark.link_to(sink)
        self._graph.configure()

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The same pixels and time."""
        self._graph.push(frame)
        marked = self._graph.pull()
        assert isinstance(marked, VideoFrame)
        return marked


def luma_of(frame: VideoFrame) -> Plane:
    """(H, W) view of the first plane, valid as long as the frame lives."""
    plane = frame.planes[0]
    kind: np.dtype[np.uint8] | np.dtype[np.uint16]
    kind = np.dtype(np.uint8) if frame.format.components[0].bits <= 8 else np.dtype(np.uint16)
    rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
    return cast(Plane, rows[:, : plane.width])


def psnr_db(a: Plane, b: Plane, peak: int) -> float:
    """Peak signal-to-noise ratio of two planes of one shape; 0 where their shapes differ."""
    if a.shape != b.shape:
        return 0.0
    error = cv2.norm(a, b, cv2.NORM_L2SQR) / a.size
    return IDENTICAL_DB if error == 0 else float(10 * np.log10(peak * peak / error))
