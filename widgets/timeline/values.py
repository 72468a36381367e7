"""What the timeline shows, as plain frozen values. Times are seconds, exact; ranges are half-open.

Nothing here knows the project: the editor translates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

ZERO = Fraction(0)

Thumbnails = Callable[[str, Fraction], QImage | None]
"""(clip id, source time) -> the picture shown then, upright, or None when it is not there yet. Must return at once."""

Peaks = Callable[[str, Fraction, Fraction, int], npt.NDArray[np.floating[Any]] | None]
"""(clip id, source start, source end, columns) -> shape (columns, 2), peak and rms in 0..1, or None. Must return at once."""


ClipKind = Literal["video", "image", "audio", "text"]
TrackKind = Literal["caption", "overlay", "patch", "video", "audio"]
SpanMode = Literal["copy", "cached", "encode"]
Level = Literal["green", "amber", "red"]
"""How far a frame of a patch can be trusted: it holds, it needs a check, it is doubtful."""

LEVEL_RANK: dict[Level, int] = {"green": 0, "amber": 1, "red": 2}


@dataclass(frozen=True, slots=True)
class ConfidenceBar:
    """One frame of a patch: its timeline time and how well it holds."""

    time: Fraction
    level: Level


def _sum_s(a: Fraction, b: Fraction) -> float:
    """`float(a + b)` to the last bit, ten times as fast: timelines have thousands of ends."""
    return (a.numerator * b.denominator + b.numerator * a.denominator) / (a.denominator * b.denominator)


@dataclass(frozen=True, slots=True)
class StripSpan:
    """A piece of the export plan: what happens to `[start, end)` and why, in one sentence."""

    start: Fraction
    end: Fraction
    mode: SpanMode
    reason: str

    @property
    def end_s(self) -> float:
        return float(self.end)


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip as drawn. `room_before`/`room_after`: how much more source lies beyond the edges (None: no limit).

    `badge` stands after the name ("80 %", "−12 dB"); `fade_in`/`fade_out` are lengths in seconds, drawn on audio.
    """

    id: str
    name: str
    kind: ClipKind
    start: Fraction
    duration: Fraction
    source_start: Fraction = ZERO
    offline: bool = False
    room_before: Fraction | None = None
    room_after: Fraction | None = None
    badge: str = ""
    fade_in: Fraction = ZERO
    fade_out: Fraction = ZERO

    @property
    def end(self) -> Fraction:
        return self.start + self.duration

    @property
    def end_s(self) -> float:
        return _sum_s(self.start, self.duration)


@dataclass(frozen=True, slots=True)
class PatchView:
    """A patch clip: `anchors` are the fixed frames it grows from, `falloff` the length of its soft ends in seconds.

    `state` is shown as a word when not empty ("working", "ready to review"). All times are timeline times.
    """

    id: str
    name: str
    start: Fraction
    duration: Fraction
    anchor: Fraction
    version: str = ""
    frames: int = 0
    state: str = ""
    window_locked: bool = False
    anchor_locked: bool = False
    confidence: tuple[ConfidenceBar, ...] = ()
    falloff: Fraction = ZERO
    more_anchors: tuple[Fraction, ...] = ()

    @property
    def end(self) -> Fraction:
        return self.start + self.duration

    @property
    def end_s(self) -> float:
        return _sum_s(self.start, self.duration)

    @property
    def anchors(self) -> tuple[Fraction, ...]:
        """The anchor and any further ones, sorted."""
        return tuple(sorted({self.anchor, *self.more_anchors}))


@dataclass(frozen=True, slots=True)
class TrackView:
    """A row. Patches on a track that is not of kind "patch" get a lane of their own right above it."""

    id: str
    kind: TrackKind
    name: str
    visible: bool = True
    locked: bool = False
    clips: tuple[ClipView, ...] = ()
    patches: tuple[PatchView, ...] = ()

    @property
    def items(self) -> "tuple[ClipView | PatchView, ...]":
        """Clips and patches together."""
        return (*self.clips, *self.patches)


@dataclass(frozen=True, slots=True)
class Marker:
    """A flag in the ruler."""

    time: Fraction
    name: str = ""


@dataclass(frozen=True, slots=True)
class TimelineView:
    """Everything the timeline shows. `rate` (frames per second) is the grid of every gesture and of the timecodes.

    `share_copied` is the sentence in the head of the export plan, ready to show ("71 % copied").
    """

    tracks: tuple[TrackView, ...] = ()
    plan: tuple[StripSpan, ...] = ()
    duration: Fraction = ZERO
    rate: Fraction = Fraction(25)
    share_copied: str = ""
    markers: tuple[Marker, ...] = ()
    in_point: Fraction | None = None
    out_point: Fraction | None = None


class HitKind(Enum):
    NOTHING = "nothing"
    LANE = "lane"
    HEAD = "head"
    EYE = "eye"
    PADLOCK = "padlock"
    RULER = "ruler"
    PLAN = "plan"
    CLIP = "clip"
    CLIP_START = "clip_start"
    CLIP_END = "clip_end"
    PATCH = "patch"
    PATCH_START = "patch_start"
    PATCH_END = "patch_end"
    ANCHOR = "anchor"
    CONFIDENCE = "confidence"

    @property
    def is_edge(self) -> bool:
        return self in {HitKind.CLIP_START, HitKind.CLIP_END, HitKind.PATCH_START, HitKind.PATCH_END}


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies under a point: `id` of the clip or patch ("" for none), the track ("" outside), the time there."""

    kind: HitKind
    id: str = ""
    track_id: str = ""
    time: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class DroppedFiles:
    """Local files dropped on the timeline, in name order."""

    paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a drop would really lie: between what is there, on a track that takes it."""

    track_id: str
    start: Fraction
    duration: Fraction


@dataclass(frozen=True, slots=True)
class DroppedMedia:
    """Media of the bin dropped on the timeline."""

    ids: tuple[str, ...] = ()
