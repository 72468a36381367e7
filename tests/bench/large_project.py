"""A project as large as the design asks for: 2,000 clips in a row and 500 patches, made of one long clip of small frames."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.project.model import Clip, LayerKind, Media, Patch, Project, Recipe, Region, RegionKind
from engine.rational_time import TimeRange

CLIPS, PATCHES, RATE, CLIP_FRAMES = 2_000, 500, 25, 12
WIDTH, HEIGHT = 64, 36
FRAME = Fraction(1, RATE)


def write_long_clip(path: Path) -> None:
    """24,000 frames of 64 × 36, H.264, a keyframe every 250."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "30"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = FRAME
        pictures = [np.full((HEIGHT, WIDTH, 3), grey, np.uint8) for grey in range(40, 200, 4)]
        for number in range(CLIPS * CLIP_FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pictures[number % len(pictures)], "rgb24")))
        container.mux(stream.encode(None))


def made_large(project: Project, media: Media) -> Project:
    """The subject layer filled with clips of 12 frames each; every fourth has a patch over all of it."""
    length = CLIP_FRAMES * FRAME
    clips = tuple(Clip(f"c{n}", n * length, TimeRange(n * length, length), media.id) for n in range(CLIPS))
    tracks = tuple(replace(track, clips=clips) if track.kind is LayerKind.SUBJECT else replace(track, clips=())
                   for track in project.tracks)  # fmt: skip
    return replace(project, tracks=tracks, patches=tuple(_patch(n, clips[n * CLIPS // PATCHES]) for n in range(PATCHES)))


def _patch(number: int, clip: Clip) -> Patch:
    region = Region(RegionKind.BOX, ((0.3, 0.3), (0.5, 0.6)))
    return Patch(f"p{number}", f"Patch {number + 1}", clip.media_id or "", region, clip.source_range.start + 6 * FRAME,
                 clip.source_range, Recipe("local.pixelate"))  # fmt: skip
