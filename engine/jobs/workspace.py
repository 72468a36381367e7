"""What every job works with: the cache, the project's assets, and sources opened for one thread.

The workspace may be shared by threads; a `ProjectSources` belongs to the thread that asked for it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine import folders, limits
from engine.cache.store import Cache
from engine.compositing.sources import PatchFrame
from engine.jobs.carried import PatchFrames
from engine.media.index import FrameIndex
from engine.media.library import MediaLibrary
from engine.media.picture import Picture
from engine.media.probe import VideoInfo
from engine.project.assets import AssetStore
from engine.project.model import Media, Patch
from engine.running import CancelToken

_LARGEST_KEPT_BYTES = 31 << 20
"""glibc keeps no larger piece than 32 MiB."""


class ProjectSources:
    """Implements `compositing.Sources` over files, assets and the cache. Close it when done."""

    def __init__(self, cache: Cache, assets: AssetStore) -> None:
        self._cache = cache
        self.library = MediaLibrary(cache, assets.get)

    def index(self, media: Media) -> FrameIndex:
        return self.library.index(media)

    def video(self, media: Media) -> VideoInfo:
        return self.library.video(media)

    def picture(self, media: Media, time: Fraction) -> Picture:
        return self.library.picture(media, time)

    def shot(self, media: Media, cancel: CancelToken) -> "MediaShot":
        return MediaShot(self.library, media, cancel)

    def rotation(self, media: Media) -> int:
        return self.library.rotation(media)

    def pixel_aspect(self, media: Media) -> Fraction:
        return self.library.pixel_aspect(media)

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        return self.library.bitmap(asset)

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        return PatchFrames(media, patch, self._cache).frame(time)

    def close(self) -> None:
        self.library.close()


@dataclass(frozen=True, slots=True)
class MediaShot:
    """A video's pictures for what looks at many of its frames (`region_edit.Shot`); belongs to the library's thread."""

    library: MediaLibrary
    media: Media
    cancel: CancelToken

    def picture(self, time: Fraction) -> Picture:
        return self.library.picture(self.media, time)

    def few(self, times: Sequence[Fraction]) -> Iterator[Picture]:
        return self.library.few(self.media, times, self.cancel)


class Workspace:
    """The stores of one open project."""

    def __init__(self, assets: AssetStore, cache: Cache | None = None) -> None:
        self.assets = assets
        self.cache = cache or Cache(folders.cache_dir(), limits.CACHE_BYTES)
        _keep_freed_memory()

    @contextmanager
    def sources(self) -> Iterator[ProjectSources]:
        sources = ProjectSources(self.cache, self.assets)
        try:
            yield sources
        finally:
            sources.close()


@lru_cache(maxsize=1)
def _keep_freed_memory() -> None:
    """Pictures come and go by the megabyte: memory that is handed back after each is paid for anew, page by page, at the next.

    glibc hands back what is larger than the largest piece that was ever freed (mallopt(3), M_MMAP_THRESHOLD), and twice that at
    the end of an arena; a piece that is never touched teaches it. A fifth of measuring a patch; nothing where malloc is another.
    """
    np.empty(_LARGEST_KEPT_BYTES, np.uint8)
