"""Opens source files for the whole program and hands out their pictures by media and source time.

One object belongs to one thread; several threads make several libraries over one cache. Knows no patches and no timeline.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from engine.cache.store import Cache
from engine.errors import MediaError
from engine.media.container import display_name
from engine.media.fingerprint import file_state
from engine.media.importing import media_changed
from engine.media.index import FrameIndex
from engine.media.indexing import frame_index
from engine.media.picture import Picture
from engine.media.probe import Probe, VideoInfo
from engine.media.probe_store import known_probe
from engine.media.video_reader import Reader, open_reader
from engine.project.model import Media, MediaKind
from engine.running import CancelToken

MAX_READERS = 6
"""Open decoders; each holds its frames and threads."""

MAX_STILLS = 8
MAX_BITMAPS = 32

AssetReader = Callable[[str], bytes]
"""The bytes of an asset by its hash; raises a PatchreelError where it is missing."""

_Value = TypeVar("_Value")


class MediaLibrary:
    """Pixels of media and assets: `Sources` but for patches. Call `close()` at the end."""

    def __init__(self, cache: Cache, assets_reader: AssetReader) -> None:
        self.cache = cache
        self._read_asset = assets_reader
        self._readers: OrderedDict[str, Reader] = OrderedDict()
        self._stills: OrderedDict[str, Picture] = OrderedDict()
        self._bitmaps: OrderedDict[str, npt.NDArray[np.uint8]] = OrderedDict()
        self._indexes: dict[str, FrameIndex] = {}
        self._probes: dict[str, Probe] = {}
        self._states: dict[str, tuple[int, int]] = {}

    def index(self, media: Media) -> FrameIndex:
        """The frame index of a video. Raises MediaError (missing, changed on disk, no video)."""
        key = self._checked(media)
        if key not in self._indexes:
            self._indexes[key] = frame_index(media.path, media.fingerprint, self.cache)
        return self._indexes[key]

    def probe(self, media: Media) -> Probe:
        """What the file is."""
        key = self._checked(media)
        if key not in self._probes:
            self._probes[key] = known_probe(media.path, media.fingerprint, self.cache)
        return self._probes[key]

    def picture(self, media: Media, time: Fraction) -> Picture:
        """The exact stored picture shown at a source time; the still, upright, whatever the time."""
        if media.kind is MediaKind.IMAGE:
            from engine.media.stills import read_still  # brings Pillow

            key = self._checked(media)
            return _recent(self._stills, key, MAX_STILLS, lambda: read_still(media.path))
        index = self.index(media)
        return self._reader(media, index).picture(index.frame_at(time))

    def few(self, media: Media, times: Sequence[Fraction], cancel: CancelToken) -> Iterator[Picture]:
        """The pictures shown at some source times of a video, in this order; cheaper than one by one where they lie apart."""
        index = self.index(media)
        return self._reader(media, index).few([index.frame_at(time) for time in times], cancel)

    def rotation(self, media: Media) -> int:
        """Clockwise degrees by which a picture of this media is turned to be shown; 0 for stills, which are read upright."""
        return 0 if media.kind is MediaKind.IMAGE else self.video(media).rotation

    def pixel_aspect(self, media: Media) -> Fraction:
        """Width of a stored pixel over its height; 1 for stills."""
        return Fraction(1) if media.kind is MediaKind.IMAGE else self.video(media).pixel_aspect

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        """An asset picture as (H, W, 4) straight RGBA, sRGB, read-only."""
        from engine.media.stills import read_bitmap  # brings Pillow

        return _recent(self._bitmaps, asset, MAX_BITMAPS, lambda: read_bitmap(self._read_asset(asset), asset))

    def close(self) -> None:
        """Close all files; may be called twice."""
        for reader in self._readers.values():
            reader.close()
        for kept in (self._readers, self._stills, self._bitmaps, self._indexes, self._probes, self._states):
            kept.clear()

    def video(self, media: Media) -> VideoInfo:
        """How a video is stored and shown. Raises MediaError where the media has no picture."""
        video = self.probe(media).video
        if video is None:
            raise MediaError(f"“{media.name}” has no picture.")
        return video

    def _reader(self, media: Media, index: FrameIndex) -> Reader:
        key = media.path
        if key in self._readers:
            self._readers.move_to_end(key)
            return self._readers[key]
        while len(self._readers) >= MAX_READERS:
            self._readers.popitem(last=False)[1].close()
        self._readers[key] = open_reader(media.path, index)
        return self._readers[key]

    def _checked(self, media: Media) -> str:
        """The key of the file's content as it is now; everything known of a file that changed is forgotten.

        Raises: MediaError where it is missing or is not what was imported.
        """
        state = file_state(media.path)
        known = self._states.get(media.path)
        if known is None or known != state:
            self._forget(media.path)
            if state != (media.mtime_ns, media.size_bytes) and media_changed(media):
                raise MediaError(f"“{display_name(media.path)}” was changed since it was imported.", "Relink the media.")
            self._states[media.path] = state
        return media.path

    def _forget(self, path: str) -> None:
        if reader := self._readers.pop(path, None):
            reader.close()
        for kept in (self._stills, self._indexes, self._probes, self._states):
            kept.pop(path, None)


def _recent(kept: OrderedDict[str, _Value], key: str, most: int, make: Callable[[], _Value]) -> _Value:
    """The value under a key, made where it is not there; the least recently used go first."""
    if key not in kept:
        kept[key] = make()
        while len(kept) > most:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
