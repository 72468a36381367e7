"""The pictures of a video that a service made, by how far they are: it plays as fast as the span that it is to fill is long."""

import numpy as np

from engine.media.colour import region_to_rgb
from engine.media.indexing import build_frame_index
from engine.media.video_reader import open_reader
from engine.providers.generation import Rgb8


class VideoFrames:
    """Used by one thread, as a context."""

    def __init__(self, path: str) -> None:
        self._index = build_frame_index(path)
        self._reader = open_reader(path, self._index)

    def __enter__(self) -> "VideoFrames":
        return self

    def __exit__(self, *_error: object) -> None:
        self._reader.close()

    def at(self, way: float) -> Rgb8:
        """(h, w, 3) sRGB; `way` is 0 for the first picture, 1 for the last."""
        picture = self._reader.picture(round(way * (len(self._index) - 1)))
        rgb = region_to_rgb(picture, 0, 0, picture.width, picture.height)
        return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
