"""Projects and frame indexes made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from engine.compositing.output import OutputFormat
from engine.media.index import FrameIndex
from engine.media.picture import Colour, PixelFormat
from engine.planning.facts import VideoFacts
from engine.project.model import (
    Canvas,
    Clip,
    LayerKind,
    Media,
    MediaKind,
    Patch,
    PatchState,
    PatchVersion,
    Project,
    Recipe,
    Region,
    RegionKind,
    Track,
)
from engine.rational_time import TimeRange

RATE = 25
OUTPUT = OutputFormat(320, 180, PixelFormat("yuv420p", 8, 1, 1), Colour())


def index_of(gops: Sequence[Sequence[int]], steps: Sequence[int] = (), open_at: Sequence[int] = ()) -> FrameIndex:
    """A frame index of GOPs given as decode orders; `steps` are frame durations in 1/25 s, `open_at` GOPs without an IDR."""
    order: list[int] = []
    is_idr: list[bool] = []
    for number, gop in enumerate(gops):
        is_idr += [position == 0 and number not in open_at for position in range(len(gop))]
        order += [len(order) + shown for shown in gop]
    durations = np.array(list(steps) or [1] * len(order), np.int64)
    pts = np.concatenate(([0], np.cumsum(durations)[:-1])).astype(np.int64)
    idr = np.array(is_idr)
    count = len(order)
    return FrameIndex(
        Fraction(1, RATE), pts, durations, np.array(order, np.int64), pts - 2, np.full(count, 100, np.int64), idr, idr
    )


def simple_index(frames: int, gop: int) -> FrameIndex:
    return index_of([list(range(min(gop, frames - start))) for start in range(0, frames, gop)])


@dataclass
class Facts:
    """Facts by media id."""

    videos: dict[str, VideoFacts] = field(default_factory=dict)

    def video(self, media: Media) -> VideoFacts:
        return self.videos[media.id]


def facts_of(index: FrameIndex, refusal: str = "") -> Facts:
    return Facts({"m": VideoFacts(index, OUTPUT, "h264", copy_refusal=refusal)})


def media_of(index: FrameIndex, media_id: str = "m") -> Media:
    whole = TimeRange(Fraction(0), index.duration)
    return Media(media_id, MediaKind.VIDEO, f"{media_id}.mp4", f"/{media_id}.mp4", f"print-{media_id}", 1, 1, whole, 320, 180)


def project_of(index: FrameIndex, patches: tuple[Patch, ...] = ()) -> Project:
    media = media_of(index)
    clip = Clip("c", Fraction(0), TimeRange(Fraction(0), index.duration), "m")
    track = Track("t", LayerKind.BACKGROUND, "V1", clips=(clip,))
    return Project(Canvas(320, 180, Fraction(RATE), True), (media,), (track,), patches)


def patch_of(start: Fraction, end: Fraction, patch_id: str = "p") -> Patch:
    region = Region(RegionKind.BOX, ((0.1, 0.1), (0.4, 0.4)))
    recipe = Recipe("local.blur")
    version = PatchVersion(1, recipe, region, start, f"pixels-{patch_id}", (10, 10, 20, 20))
    window = TimeRange.between(start, end)
    return Patch(patch_id, f"name {patch_id}", "m", region, start, window, recipe, PatchState.PUBLISHED, (version,), 1)


def with_clips(project: Project, *clips: Clip) -> Project:
    return replace(project, tracks=(replace(project.tracks[0], clips=clips), *project.tracks[1:]))



def never_cached(_key: str) -> bool:
    return False
