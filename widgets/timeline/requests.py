"""What a gesture asks for, as values. The widget turns them into signals; nothing is changed here."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from widgets.timeline.values import StripSpan

Edge = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class Seek:
    time: Fraction


@dataclass(frozen=True, slots=True)
class Select:
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pan:
    """Move the content by so many pixels, right and down positive."""

    dx: float
    dy: int


@dataclass(frozen=True, slots=True)
class MoveClip:
    clip_id: str
    track_id: str
    start: Fraction


@dataclass(frozen=True, slots=True)
class TrimClip:
    clip_id: str
    edge: Edge
    time: Fraction


@dataclass(frozen=True, slots=True)
class SetWindow:
    patch_id: str
    start: Fraction
    end: Fraction


@dataclass(frozen=True, slots=True)
class ToggleVisible:
    track_id: str


@dataclass(frozen=True, slots=True)
class ToggleLocked:
    track_id: str


@dataclass(frozen=True, slots=True)
class ExplainSpan:
    span: StripSpan


Request = Seek | Select | Pan | MoveClip | TrimClip | SetWindow | ToggleVisible | ToggleLocked | ExplainSpan
