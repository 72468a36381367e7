"""What every job works with: the cache, the project's assets, and sources opened for one thread.

The workspace may be shared by threads; a `ProjectSources` belongs to the thread that asked for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

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


class Workspace:
    """The stores of one open project."""

    def __init__(self, assets: AssetStore, cache: Cache | None = None) -> None:
        self.assets = assets
        self.cache = cache or Cache(folders.cache_dir(), limits.CACHE_BYTES)

    @contextmanager
    def sources(self) -> Iterator[ProjectSources]:
        sources = ProjectSources(self.cache, self.assets)
        try:
            yield sources
        finally:
            sources.close()
