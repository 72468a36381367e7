"""Small pictures for the bin and the clips on the timeline, cached as JPEG."""

from fractions import Fraction
from typing import cast

import cv2
import numpy as np

from engine.media.display import Rgb8, display_size, to_display_rgba
from engine.media.library import MediaLibrary
from engine.project.model import Media, MediaKind

_KIND = "thumbnail"
_QUALITY = 85
_BACKDROP = 40
"""Grey behind what is transparent; a picture without its alpha shows what nobody was meant to see."""


def thumbnail(library: MediaLibrary, media: Media, time: Fraction, height: int) -> Rgb8:
    """(height, W, 3) uint8 sRGB of the frame shown at a source time, upright, square pixels. Raises MediaError.

    Frames of one pts share one entry, so scrubbing between two frames costs nothing.
    """
    frame = 0 if media.kind is MediaKind.IMAGE else library.index(media).frame_at(time)
    key = library.cache.key("thumbnail", 1, media.fingerprint, frame, height)
    stored = library.cache.get(_KIND, key)
    found = _decode(stored) if stored else None
    if found is None:
        stored = _encode(_draw(library, media, time, height))
        library.cache.put(_KIND, key, stored)
        found = _decode(stored)  # the same pixels the first time as later
        assert found is not None
    return found


def _draw(library: MediaLibrary, media: Media, time: Fraction, height: int) -> Rgb8:
    picture = library.picture(media, time)
    rotation, aspect = library.rotation(media), library.pixel_aspect(media)
    full_width, full_height = display_size(picture.width, picture.height, rotation, aspect)
    width = max(1, round(full_width * height / full_height))
    rgba = to_display_rgba(picture, rotation, aspect, (width, height))
    if rgba.shape[:2] != (height, width):
        rgba = cast(Rgb8, cv2.resize(rgba, (width, height), interpolation=cv2.INTER_LINEAR))
    if not picture.format.has_alpha:
        return np.ascontiguousarray(rgba[:, :, :3])
    alpha = rgba[:, :, 3:].astype(np.float32) / 255
    return cast(Rgb8, np.rint(rgba[:, :, :3] * alpha + _BACKDROP * (1 - alpha)).astype(np.uint8))


def _encode(rgb: Rgb8) -> bytes:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def _decode(data: bytes) -> Rgb8 | None:
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if bgr is None else cast(Rgb8, cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
