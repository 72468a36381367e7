"""How long the strip of changed area and flicker of 300 frames takes, by hand: python -m tests.bench.review_strip CLIP [W H].

CLIP is any video with 300 frames or more. A patch of W × H pixels (400 × 300 where nothing is said) is laid on every frame first,
without being carried. Printed are the first measurement (everything is read and compared) and the second (everything is known),
in seconds by the clock and of processor time, beside what reading the frames alone takes.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.cache.store import Cache
from engine.compositing.sources import PatchFrame
from engine.jobs import review
from engine.jobs.carried import PatchFrames
from engine.jobs.workspace import Workspace
from engine.media.colour import region_to_rgb
from engine.media.importing import import_media
from engine.project.assets import AssetStore
from engine.project.model import Media, Patch, PatchState, PatchVersion, Recipe, Region, RegionKind
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken, ignore

FRAMES, SIZE = 300, (400, 300)
FEATHER_PX = 6


@dataclass(frozen=True, slots=True)
class Bench:
    workspace: Workspace
    media: Media
    patch: Patch
    times: list[Fraction]


def prepare(clip: Path, folder: Path, size: tuple[int, int]) -> Bench:
    """A patch in the middle of every frame, a little brighter and darker by turns, in the cache."""
    cache = Cache(folder / "cache", 4 << 30)
    workspace, media = Workspace(AssetStore(folder / "assets"), cache), import_media(clip, cache)
    width, height = size
    x, y = (media.width - width) // 2 & ~1, (media.height - height) // 2 & ~1
    region = Region(RegionKind.BOX, ((x / media.width, y / media.height),
                                     ((x + width) / media.width, (y + height) / media.height)), FEATHER_PX)  # fmt: skip
    ramp = np.minimum.outer(np.minimum(np.arange(height), np.arange(height)[::-1]), np.full(width, height))
    across = np.minimum(np.arange(width), np.arange(width)[::-1])
    alpha = (np.clip(np.minimum(ramp, across) / FEATHER_PX, 0, 1) * 65535).round().astype(np.float32) / np.float32(65535)
    with workspace.sources() as sources:
        index = sources.index(media)
        times = [index.time_of(n) for n in range(min(FRAMES, len(index)))]
        version = PatchVersion(1, Recipe("bench"), region, times[0], "a" * 40, (x, y, width, height))
        window = TimeRange.between(times[0], index.end_of(len(times) - 1))
        patch = Patch("p", "P", media.id, region, times[0], window, version.recipe, PatchState.QA_READY, (version,), 1)
        frames = PatchFrames(media, patch, cache)
        for number, moment in enumerate(times):
            rgb = region_to_rgb(sources.picture(media, moment), x, y, width, height)
            pixels = np.clip(rgb * 255 + (10 if number % 2 else 14), 0, 255).astype(np.uint8)
            frames.entries.put_frame(frames.anchor_key(frames.anchors[0], moment), PatchFrame(x, y, pixels, alpha))
    return Bench(workspace, media, patch, times)


def timed(name: str, what: Callable[[], object]) -> None:
    clock, processor = time.perf_counter(), time.process_time()
    what()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    sys.stdout.write(f"{name:20} {clock:6.2f} s by the clock, {processor:6.2f} s of processor time\n")


def read_all(bench: Bench) -> None:
    with bench.workspace.sources() as sources:
        for moment in bench.times:
            sources.picture(bench.media, moment)


def measure(bench: Bench) -> review.Review:
    request = review.ReviewRequest(bench.media, bench.patch)
    return review.run(request, bench.workspace, cancel=ThreadCancelToken(), report=ignore)


def main(arguments: list[str]) -> None:
    size = (int(arguments[1]), int(arguments[2])) if len(arguments) > 2 else SIZE
    with tempfile.TemporaryDirectory() as folder:
        bench = prepare(Path(arguments[0]), Path(folder), size)
        shape = f"{bench.media.width} × {bench.media.height}"
        sys.stdout.write(f"{len(bench.times)} frames of {shape}, patch {size[0]} × {size[1]}\n")
        timed("reading the frames", lambda: read_all(bench))
        timed("strip, measured", lambda: measure(bench))
        timed("strip, known", lambda: measure(bench))


if __name__ == "__main__":
    main(sys.argv[1:])
