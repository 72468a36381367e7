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
from engine.compositing import patch_codec
from engine.compositing.sources import PatchFrame
from engine.media.index import FrameIndex
from engine.media.library import MediaLibrary
from engine.media.picture import Picture
from engine.motion import ALGORITHM
from engine.project.assets import AssetStore
from engine.project.model import Media, MediaKind, PatchVersion
from engine.project.regions import region_values

PATCH_FRAMES = "patch-frames"


def patch_frame_key(media: Media, version: PatchVersion, time: Fraction) -> str:
    """Names one carried frame by everything that decides its pixels. A still has one frame, at time 0."""
    time = Fraction(0) if media.kind is MediaKind.IMAGE else time
    return Cache.key(
        ALGORITHM, media.fingerprint, version.pixels, version.crop, version.anchor,
        *region_values(version.region), time,
    )


class ProjectSources:
    """Implements `compositing.Sources` over files, assets and the cache. Close it when done."""

    def __init__(self, cache: Cache, assets: AssetStore) -> None:
        self._cache = cache
        self.library = MediaLibrary(cache, assets.get)

    def index(self, media: Media) -> FrameIndex:
        return self.library.index(media)

    def picture(self, media: Media, time: Fraction) -> Picture:
        return self.library.picture(media, time)

    def rotation(self, media: Media) -> int:
        return self.library.rotation(media)

    def pixel_aspect(self, media: Media) -> Fraction:
        return self.library.pixel_aspect(media)

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        return self.library.bitmap(asset)

    def patch_frame(self, media: Media, version: PatchVersion, time: Fraction) -> PatchFrame | None:
        data = self._cache.get(PATCH_FRAMES, patch_frame_key(media, version, time))
        return patch_codec.decode(data) if data is not None else None

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
