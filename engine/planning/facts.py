"""What planning must be told about files: their frames, their stored form, and whether their packets can stay.

Values and one protocol; must not open a file. `encoding/facts.py` fills them in for real files, tests by hand.
"""

from dataclasses import dataclass
from typing import Protocol

from engine.compositing.output import OutputFormat
from engine.media.index import FrameIndex
from engine.project.model import Media


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """One video file. `codec` is FFmpeg's name (`h264`)."""

    index: FrameIndex
    output: OutputFormat
    """The stored form of its pictures, which the preset “Same as the source” keeps."""
    codec: str
    is_interlaced: bool = False
    copy_refusal: str = ""
    """Why new frames cannot be put between this file's packets, one sentence; empty where they can."""
    is_top_field_first: bool = False


class MediaFacts(Protocol):
    """Facts by media. Raises MediaError where a file is gone or unreadable."""

    def video(self, media: Media) -> VideoFacts: ...


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of everything outside planning that decides pixels or bytes; part of every key."""

    renderer: str = ""
    motion: str = ""
    encoder: str = ""
