"""Sources for work that goes forward through the timeline: few decoded frames are kept, and nothing is left out silently."""

from fractions import Fraction
from types import TracebackType

import numpy as np
import numpy.typing as npt

from engine.compositing.sources import PatchFrame
from engine.encoding.result import FileSources
from engine.errors import ExportError
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.media.probe import VideoInfo
from engine.media.video_reader import Reader, damaged_frame, open_reader
from engine.project.model import Media, MediaKind, Patch
from engine.rational_time import clock as clock_text

KEPT_BYTES = 12 << 20
"""Per file: the viewer's readers keep twenty times as much to step backward, which an export never does."""

DECODER_THREADS = 2
"""Whatever the computer has: each one more holds a picture more, and the encoder is not faster than two."""


_OTHER_WAYS = "Patch other frames, choose Full encode, or copy the file again."
"""A frame that must be encoded refers to a changed one, or is changed itself."""


class ForwardSources:
    """Wraps `Sources` with readers of its own for videos. Belongs to one thread; leaving the context closes them.

    A patch frame that is not there raises ExportError: an export never leaves a patch out silently.
    """

    def __init__(self, sources: FileSources, *, only_whole: bool = False) -> None:
        """`only_whole`: see the attribute."""
        self._sources = sources
        self.only_whole = only_whole
        """Frames of which the decoder guesses a part are refused: between copied ones only the output would have them whole."""
        self._readers: dict[str, Reader] = {}

    def __enter__(self) -> "ForwardSources":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.rest()

    def rest(self) -> None:
        """Give decoders and pictures back; who asks for a picture later waits for them."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def index(self, media: Media) -> FrameIndex:
        return self._sources.index(media)

    def video(self, media: Media) -> VideoInfo:
        return self._sources.video(media)

    def picture(self, media: Media, time: Fraction) -> Picture:
        if media.kind is not MediaKind.VIDEO:
            return self._sources.picture(media, time)
        index = self.index(media)
        if media.path not in self._readers:
            self._readers[media.path] = open_reader(media.path, index, KEPT_BYTES, DECODER_THREADS)
        frame = index.frame_at(time)
        picture = self._readers[media.path].picture(frame)
        if picture.is_damaged and self.only_whole:
            raise damaged_frame(media.path, index, frame, "encoded again between copied ones", _OTHER_WAYS)
        return picture

    def rotation(self, media: Media) -> int:
        return self._sources.rotation(media)

    def pixel_aspect(self, media: Media) -> Fraction:
        return self._sources.pixel_aspect(media)

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        return self._sources.bitmap(asset)

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        found = self._sources.patch_frame(media, patch, time)
        if found is None:
            place = f"{clock_text(time)} of “{media.name}”"
            raise ExportError(f"The patch “{patch.name}” was not carried to {place}.", "Let it propagate again, then export.")
        return found
