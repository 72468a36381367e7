"""What an export is asked for and what it says when it is done. Values only."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from engine.cache.store import Cache
from engine.compositing.sources import Sources
from engine.limits import ENCODER_THREADS
from engine.media.probe import VideoInfo
from engine.planning.plan import AudioMode, RenderPlan
from engine.project.model import Media, Project
from engine.rational_time import TimeRange

SAME_AS_SOURCE = "Same as the source"


class Seam(Enum):
    """How encoded frames are fitted between copied ones; the user's choice."""

    FAST = "fast"
    """As quick as 45 dB on unmodified frames allows."""
    BEST = "best"
    """Slower and closer to the source: 48 dB and more."""
    FULL = "full"
    """No seam: every frame is encoded."""


class CaptionsAs(Enum):
    """What becomes of the captions; the user's choice."""

    NONE = "none"
    SOFT = "soft"
    """A track of the file, which players show or hide."""
    BURN = "burn"
    """Drawn into the picture: the frames over which one shows are encoded again."""


class FileSources(Sources, Protocol):
    """Sources that lie in files and can say how these are stored."""

    def video(self, media: Media) -> VideoInfo:
        """How a video is stored and shown. Raises MediaError where the media has no picture."""


OpenSources = Callable[[], AbstractContextManager[FileSources]]


MOST_WORKERS = 4
"""More at once take more memory than time they save: each holds its encoder and its frames."""


def usual_workers() -> int:
    """Segments to encode at once on this computer where nobody said how many."""
    return max(1, min(MOST_WORKERS, (os.cpu_count() or 1) // ENCODER_THREADS))


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One export. `range` is timeline time; `accept_losses` allows a pixel format or codec that keeps less than the source's."""

    project: Project
    output: Path
    open_sources: OpenSources
    cache: Cache | None = None
    preset: str = SAME_AS_SOURCE
    range: TimeRange | None = None
    accept_losses: bool = False
    motion_version: str = ""
    protected: tuple[Path, ...] = ()
    """Files beside the project's media that must not be overwritten: its assets, the project file."""
    seam: Seam = Seam.FAST
    workers: int = 1
    """Segments that are encoded at once; the bytes are the same whatever it is."""
    soft_captions: bool = False
    """The captions go into the file as a track, which players show or hide; the picture is not touched."""


@dataclass(frozen=True, slots=True)
class Check:
    """One claim about the finished file, and the figures it rests on."""

    name: str
    ok: bool
    detail: str
    is_warning: bool = False
    """Holds, and still the user should hear of it."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written. Times are wall seconds; `peak_rss_mb` is of the whole process, 0 where the system does not say."""

    output: Path
    duration: Fraction
    frames: int
    plan: RenderPlan
    copied_packets: int
    encoded_frames: int
    audio: AudioMode
    seconds: float
    seconds_write: float
    seconds_verify: float
    peak_rss_mb: float
    verified: bool
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]
