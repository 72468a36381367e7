"""Animated WebP and APNG, which FFmpeg cannot open or plays without true times: through Pillow, with the reader's interface."""

import io
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from engine.errors import MediaError
from engine.media.container import SourcePath, display_name
from engine.media.index import FrameIndex
from engine.media.index_building import PacketTable, build_index
from engine.media.picture import Picture
from engine.media.stills import picture_of_rgba, pillow_errors
from engine.running import CancelToken

_TIME_BASE = Fraction(1, 1000)
_DEFAULT_MS = 100
"""Shown for a frame that says 0, as browsers do."""
_CACHE_BYTES = 256 << 20
_FORMATS = ("WEBP", "PNG")


def frame_count(path: SourcePath) -> int:
    """Frames of a WebP or PNG; 0 where it is neither."""
    try:
        with pillow_errors(path), Image.open(path, formats=_FORMATS) as image:
            return int(getattr(image, "n_frames", 1))
    except MediaError:
        return 0


def animation_index(path: SourcePath) -> FrameIndex:
    """Frames by the file's own durations in ms. Decodes the file once: Pillow tells a duration with the picture."""
    with pillow_errors(path), Image.open(path, formats=_FORMATS) as image:
        durations = np.array([_duration_ms(image, n) for n in range(int(getattr(image, "n_frames", 1)))], np.int64)
    count = len(durations)
    first = np.arange(count) == 0
    pts = np.cumsum(durations) - durations
    none = np.zeros(count + 1, np.int64)
    return build_index(PacketTable(_TIME_BASE, pts, pts, durations, none[:-1], first, first, none))


def _duration_ms(image: Image.Image, number: int) -> int:
    image.seek(number)
    image.load()
    return max(1, round(float(image.info.get("duration", 0)) or _DEFAULT_MS))


class AnimationReader:
    """Pictures (gbrap) of an animation by frame number. For use by one thread."""

    def __init__(self, path: SourcePath, index: FrameIndex) -> None:
        self._name = display_name(path)
        with pillow_errors(path):
            self._image = Image.open(io.BytesIO(Path(path).read_bytes()), formats=_FORMATS)
        self._path, self._count = path, len(index)
        self._kept: OrderedDict[int, Picture] = OrderedDict()

    def picture(self, frame: int) -> Picture:
        """The picture of frame `frame`. Raises MediaError where it is damaged, IndexError outside the file."""
        if not 0 <= frame < self._count:
            raise IndexError(frame)
        if frame not in self._kept:
            with pillow_errors(self._path):
                self._image.seek(frame)
                self._kept[frame] = picture_of_rgba(np.asarray(self._image.convert("RGBA")))
            size = sum(plane.nbytes for plane in self._kept[frame].planes)
            while len(self._kept) > max(1, _CACHE_BYTES // size):
                self._kept.popitem(last=False)
        self._kept.move_to_end(frame)
        return self._kept[frame]

    def pictures(self, frames: range) -> Iterator[Picture]:
        return (self.picture(frame) for frame in frames)

    def few(self, frames: Sequence[int], cancel: CancelToken) -> Iterator[Picture]:
        for frame in frames:
            cancel.check()
            yield self.picture(frame)

    def close(self) -> None:
        self._image.close()
        self._kept.clear()
