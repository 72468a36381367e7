"""Captions as the window shows them: rows of the table, items of the timeline, times as they are typed. Pure functions."""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from engine.captions.reading import faults, reading_speed
from engine.project.cue_places import ShownCue, ShownCues
from engine.project.model import Project
from engine.rational_time import TimeRange
from widgets.timeline.values import ClipView

_PREFIX, _NUMBER = "cue:", "#"
NO_WORDS = "No words yet"
_TIME = re.compile(r"(?:(\d+):)?(?:(\d{1,2}):)?(\d{1,5}(?:[.,]\d{1,6})?)")
_RANGE = re.compile(r"\s*(.+?)\s*(?:–|—|-->|->|\bto\b|-|\s)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class CueRow:
    """One time that a cue shows. `speed` is characters a second; `faults` is what is wrong with it."""

    id: str
    number: int
    start: Fraction
    end: Fraction
    text: str
    speaker: str
    speed: float
    faults: tuple[str, ...] = ()

    @property
    def range(self) -> TimeRange:
        return TimeRange.between(self.start, self.end)


def _row(item: ShownCue, after: Fraction | None) -> CueRow:
    cue, span = item.cue, item.range
    problems = faults(cue.text, span, after)
    return CueRow(
        cue.id, item.number, span.start, span.end, cue.text, cue.speaker, reading_speed(cue.text, span.duration), problems
    )


def _view(item: ShownCue) -> ClipView:
    name = " ".join(item.cue.text.split()) or NO_WORDS
    return ClipView(view_id(item.cue.id, item.number), name, "text", item.range.start, item.range.duration)


class KeptCues:
    """The captions' items and rows as they were the last time: an edit of one among thousands costs little."""

    def __init__(self) -> None:
        self._shown, self._last_shown = ShownCues(), tuple[ShownCue, ...]()
        self._views: tuple[ClipView, ...] = ()
        self._view_of: dict[int, tuple[ShownCue, ClipView]] = {}
        self._row_of: dict[int, tuple[ShownCue, Fraction | None, CueRow]] = {}

    def shown(self, project: Project) -> tuple[ShownCue, ...]:
        """In the order of the timeline."""
        return self._shown.of(project)

    def views(self, project: Project) -> tuple[ClipView, ...]:
        """Captions as items of their lane."""
        shown = self._shown.of(project)
        if shown is not self._last_shown:
            before, self._view_of = self._view_of, {}
            for item in shown:
                known = before.get(id(item))
                self._view_of[id(item)] = known if known is not None and known[0] is item else (item, _view(item))
            self._last_shown, self._views = shown, tuple(view for _, view in self._view_of.values())
        return self._views

    def rows(self, project: Project) -> tuple[CueRow, ...]:
        """A row for each time a cue shows."""
        shown = self._shown.of(project)
        before, self._row_of = self._row_of, {}
        for item, following in zip(shown, [*shown[1:], None][: len(shown)], strict=True):
            after = following.range.start if following is not None else None
            known = before.get(id(item))
            is_same = known is not None and known[0] is item and known[1] is after
            self._row_of[id(item)] = known if known is not None and is_same else (item, after, _row(item, after))
        return tuple(row for _, _, row in self._row_of.values())


def layer_words(project: Project, texts: int) -> str:
    """ "14 cues, 1 text"; texts of older projects lie on the layer of the captions too."""
    counted = ((len(project.captions.cues), "cue"), (texts, "text"))
    return ", ".join(f"{number} {what if number == 1 else f'{what}s'}" for number, what in counted if number)


def view_id(cue_id: str, number: int) -> str:
    """The id of a caption on the timeline."""
    return f"{_PREFIX}{cue_id}{_NUMBER}{number}"


def cue_of_view(view_id: str) -> tuple[str, int] | None:
    """(cue, which of its times) behind an id of the timeline; None for what is no caption."""
    if not view_id.startswith(_PREFIX):
        return None
    cue_id, _, number = view_id.removeprefix(_PREFIX).rpartition(_NUMBER)
    return cue_id, int(number)


def time_words(time: Fraction) -> str:
    """ "1:02.345", "1:00:02.345"."""
    milliseconds = floor(time * 1000 + Fraction(1, 2))
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}.{rest:03d}" if hours else f"{minutes}:{seconds:02d}.{rest:03d}"


def range_words(row: CueRow) -> str:
    """As it is typed: “0:01.200 – 0:03.500”."""
    return f"{time_words(row.start)} – {time_words(row.end)}"


def read_time(text: str) -> Fraction | None:
    """Seconds of “3.5”, “1:02.345” or “1:00:02,345”; None for what is no time."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    first, second, seconds = found.groups()
    hours, minutes = (first, second) if second is not None else (None, first)
    return Fraction(int(hours or 0) * 3600 + int(minutes or 0) * 60) + Fraction(seconds.replace(",", "."))


def read_range(text: str, row: CueRow) -> TimeRange | None:
    """The range that was typed over a row's; a time that reads as before is exactly that of before. None for what is none."""
    found = _RANGE.fullmatch(text)
    times = (read_time(found[1]), read_time(found[2])) if found else (None, None)
    if times[0] is None or times[1] is None:
        return None
    start = row.start if times[0] == read_time(time_words(row.start)) else times[0]
    end = row.end if times[1] == read_time(time_words(row.end)) else times[1]
    return TimeRange.between(start, end) if start < end else None
