"""A project as large as the design asks for: 2,000 clips in a row and 500 patches, made of one long clip of small frames."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.cache.store import Cache
from engine.compositing.sources import PatchFrame
from engine.jobs.carried import PatchFrames
from engine.project.model import (
    Carrying,
    Clip,
    LayerKind,
    Media,
    Method,
    Patch,
    PatchState,
    PatchVersion,
    Project,
    Recipe,
    Region,
    RegionKind,
)
from engine.rational_time import TimeRange

CLIPS, PATCHES, RATE, CLIP_FRAMES = 2_000, 500, 25, 12
WIDTH, HEIGHT = 64, 36
FRAME = Fraction(1, RATE)


def write_long_clip(path: Path, clips: int = CLIPS) -> None:
    """24,000 frames of 64 × 36 for 2,000 clips, H.264, a keyframe every 250."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "30"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = FRAME
        pictures = [np.full((HEIGHT, WIDTH, 3), grey, np.uint8) for grey in range(40, 200, 4)]
        for number in range(clips * CLIP_FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pictures[number % len(pictures)], "rgb24")))
        container.mux(stream.encode(None))


def made_large(project: Project, media: Media, clips: int = CLIPS, pixels: str = "") -> Project:
    """The subject layer filled with clips of 12 frames each; every fourth has a patch over all of it.

    With `pixels` (the asset hash of a crop of 12 × 10) the patches are finished and accepted, and four frames long; else they
    were never run.
    """
    length = CLIP_FRAMES * FRAME
    row = tuple(Clip(f"c{n}", n * length, TimeRange(n * length, length), media.id) for n in range(clips))
    tracks = tuple(replace(track, clips=row) if track.kind is LayerKind.SUBJECT else replace(track, clips=())
                   for track in project.tracks)  # fmt: skip
    patches = tuple(_patch(n, row[4 * n], pixels) for n in range(clips // 4))
    return replace(project, tracks=tracks, patches=patches)


def _patch(number: int, clip: Clip, pixels: str) -> Patch:
    region = Region(RegionKind.BOX, ((0.3, 0.3), (0.5, 0.6)))
    anchor, recipe = clip.source_range.start + 6 * FRAME, Recipe("local.pixelate")
    patch = Patch(f"p{number}", f"Patch {number + 1}", clip.media_id or "", region, anchor, clip.source_range, recipe,
                  carrying=Carrying(Method.HOLD, matches_grain=False))  # fmt: skip
    if not pixels:
        return patch
    version = PatchVersion(1, recipe, region, anchor, pixels, (18, 10, 12, 10), request_hash=f"request {number}")
    window = TimeRange(anchor - 2 * FRAME, 4 * FRAME)
    return replace(patch, window=window, state=PatchState.PUBLISHED, versions=(version,), current_version=1)


def carry_all(project: Project, cache: Cache) -> None:
    """As if every patch had been carried: its frames are in the cache, and known to hold."""
    media = {item.id: item for item in project.media}
    frame = PatchFrame(18, 10, np.full((10, 12, 3), 128, np.uint8), np.ones((10, 12), np.float32))
    for patch in project.patches:
        frames = PatchFrames(media[patch.media_id], patch, cache)
        for number in range(4):
            for _, key in frames.sources(patch.window.start + number * FRAME):
                frames.entries.put_edit(key, frame)
