"""The render plan as values: the whole output as segments, each with what happens to it and why."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction


class Mode(Enum):
    COPY = "copy"
    CACHED = "cached"
    ENCODE = "encode"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of output frames, half-open in frames and in timeline seconds."""

    start: Fraction
    end: Fraction
    first_frame: int
    frames: int
    mode: Mode
    reason: str
    """For the user, plain words: “Patch Remove logo, + 12 to the next keyframe”."""
    key: str = ""
    """Content hash of everything that decides the segment's bytes; empty for copies."""
    changed_frames: int = 0
    """How many of the frames are meant to differ; the others refer to those, or lie between them and a keyframe."""
    frames_after: int = 0
    """Frames between the last changed one and the segment's end; all of them where none is changed."""


class AudioMode(Enum):
    COPIED = "copied"
    MIXED = "mixed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """Covers the whole output without gap or overlap."""

    duration: Fraction
    segments: tuple[Segment, ...]
    audio: AudioMode
    source_id: str | None
    """The media whose packets are copied; None where everything is encoded."""
    reason: str = ""
    """Why nothing can be copied, where that is so."""
    warnings: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        return sum(s.frames for s in self.segments)

    @property
    def encoded_frames(self) -> int:
        return sum(s.frames for s in self.segments if s.mode is Mode.ENCODE)

    @property
    def encoded_runs(self) -> list[range]:
        """Output frames that are not copied, cached ones among them."""
        return [range(s.first_frame, s.first_frame + s.frames) for s in self.segments if s.mode is not Mode.COPY]

    @property
    def share_copied(self) -> float:
        """Share 0..1 of the frames whose packets are the source's."""
        return sum(s.frames for s in self.segments if s.mode is Mode.COPY) / self.frames if self.frames else 0.0

    @property
    def encoded_seconds(self) -> Fraction:
        return sum((s.end - s.start for s in self.segments if s.mode is Mode.ENCODE), Fraction(0))
