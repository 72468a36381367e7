"""Captions as values of the project: they belong to moments of its media, as patches do. See `model`, which holds them."""

from dataclasses import dataclass

from engine.rational_time import TimeRange

BURNT_TRACK = "captions-burnt"
"""The track on which captions lie as pictures while a project is exported with them burnt in; no saved project has it."""


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """How captions look. The font is Inter; lines are centred."""

    size: float = 0.05
    """Height of the letters as a fraction of the canvas height."""
    colour: str = "#ffffff"
    box_colour: str = "#000000"
    box_opacity: float = 0.6
    """0..1; 0 is no box, and the letters get a dark edge instead."""
    bottom: float = 0.94
    """Where the last line ends, as a fraction of the canvas height."""


@dataclass(frozen=True, slots=True)
class CuePlace:
    """A stretch over which a cue is said: source time of a media, wherever that is used. Timeline time where it has none."""

    media_id: str | None
    range: TimeRange


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said for a while. It belongs to the moments of its media, so it stays over them whatever happens to the clips.

    A cue over a cut has a place in each of the media; where they follow each other on the timeline it shows as one.
    """

    id: str
    text: str
    """At most two lines as a rule; empty where only the time is known yet."""
    places: tuple[CuePlace, ...]
    """In the order of the timeline it was made on; never empty."""
    speaker: str = ""
    style: CaptionStyle | None = None
    """A look of its own; None: that of all captions."""
    settings: str = ""
    """Settings of the cue in a WebVTT file it came from, which are written back."""


@dataclass(frozen=True, slots=True)
class Captions:
    """All cues; which of them show, and when, follows from the clips (`cue_places.shown_cues`)."""

    cues: tuple[Cue, ...] = ()
    style: CaptionStyle = CaptionStyle()
    language: str = ""
    """Of the words, as ISO 639-1 or -3; empty where nobody said."""
    heard: tuple[tuple[str, str], ...] = ()
    """(name of what was asked, asset of the answer) of transcripts that were paid for: they are not asked for twice."""


NO_CAPTIONS = Captions()
