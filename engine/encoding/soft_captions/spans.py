"""The captions of an export as texts one after another, in times of the output; and which files can hold them as a track."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from engine.errors import BadInputError
from engine.project.cue_places import shown_cues
from engine.project.model import Project
from engine.rational_time import ZERO, TimeRange

TRACK_NAME = "Captions (Patchreel)"
"""By it the track is known again, apart from those that the source brought."""
_HOLDERS = frozenset({".mp4", ".m4v", ".mov", ".mkv"})
_LANGUAGES = {
    "ar": "ara", "bg": "bul", "bn": "ben", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa",
    "et": "est", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "it": "ita",
    "ja": "jpn", "ko": "kor", "lt": "lit", "lv": "lav", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron",
    "ru": "rus", "sk": "slk", "sl": "slv", "sv": "swe", "ta": "tam", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie",
    "zh": "zho",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SoftCaptions:
    """Texts with their times in seconds of the output, in order, not overlapping; `language` is three letters."""

    spans: tuple[tuple[TimeRange, str], ...]
    language: str = "und"


def soft_captions(project: Project, part: TimeRange | None) -> SoftCaptions:
    """The captions that show in a part of the timeline (all of it where None), moved to 0.

    Where two show at once, their lines stand together. Raises: BadInputError: there are none.
    """
    shown = [(item.range, item.cue.text) for item in shown_cues(project) if item.cue.text]
    part = part or TimeRange(ZERO, project.duration)
    shown = [(cut.shifted(-part.start), text) for span, text in shown if (cut := span.intersection(part))]
    if not shown:
        raise BadInputError("There are no captions with words on the timeline.", "Make some, or export without them.")
    language = project.captions.language.lower()
    return SoftCaptions(tuple(apart(shown)), _LANGUAGES.get(language, language if len(language) == 3 else "und"))


def apart(shown: Iterable[tuple[TimeRange, str]]) -> Iterable[tuple[TimeRange, str]]:
    """Texts as a track holds them: one at a time, those that overlap as one text for as long as they do."""
    items = sorted(shown)
    edges = sorted({time for span, _ in items for time in (span.start, span.end)})
    active: list[tuple[TimeRange, str]] = []
    place = 0
    last: tuple[Fraction, Fraction, str] = (ZERO, ZERO, "")
    for start, end in pairwise(edges):
        while place < len(items) and items[place][0].start <= start:
            active.append(items[place])
            place += 1
        active = [item for item in active if item[0].end > start]
        text = "\n".join(text for _, text in active)
        if text and text == last[2] and start == last[1] and not _begins_at(active, start):
            last = (last[0], end, text)
            continue
        if last[2]:
            yield TimeRange.between(last[0], last[1]), last[2]
        last = (start, end, text)
    if last[2]:
        yield TimeRange.between(last[0], last[1]), last[2]


def _begins_at(active: list[tuple[TimeRange, str]], time: Fraction) -> bool:
    return any(span.start == time for span, _ in active)


def refuse_holder(target: Path) -> None:
    """Raises: BadInputError for a kind of file that holds no captions as a track."""
    if target.suffix.lower() not in _HOLDERS:
        raise BadInputError(
            f"A {target.suffix or 'nameless'} file cannot hold captions as a track.",
            "Use .mp4, .mov or .mkv, or burn them in.",
        )
