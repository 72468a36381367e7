"""Pictures as FFmpeg's frames and back to luma, and the measure by which two lumas are compared."""

from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from engine.media.picture import Picture, Plane

IDENTICAL_DB = 99.0
"""Stands for equal pictures, whose ratio is infinite."""


def to_frame(picture: Picture, number: int, time_base: Fraction, name: str = "") -> VideoFrame:
    """A frame with the picture's planes, byte for byte; `number` becomes its pts.

    `name` is FFmpeg's for what the planes are called instead: H.264 codes RGB as if green were luma.
    """
    frame = av.VideoFrame(picture.width, picture.height, name or picture.format.name)
    for plane, target in zip(picture.planes, frame.planes, strict=True):
        rows = np.frombuffer(memoryview(target), plane.dtype).reshape(target.height, target.line_size // plane.dtype.itemsize)
        rows[:, : target.width] = plane
    frame.pts, frame.time_base = number, time_base
    frame.color_range = 2 if picture.colour.full_range else 1
    return frame


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
