"""The captions of an export as texts one after another, in times of the output; and which files can hold them as a track."""

from dataclasses import dataclass
from pathlib import Path

from engine.captions.apart import apart
from engine.errors import BadInputError
from engine.project.cue_places import are_captions_hidden, shown_cues
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
    if are_captions_hidden(project):
        raise BadInputError("The captions are hidden.", "Open the eye of their track, or export without them.")
    if not shown:
        raise BadInputError("There are no captions with words on the timeline.", "Make some, or export without them.")
    language = project.captions.language.lower()
    spans = tuple((span, "\n".join(texts)) for span, texts in apart(shown))
    return SoftCaptions(spans, _LANGUAGES.get(language, language if len(language) == 3 else "und"))


def refuse_holder(target: Path) -> None:
    """Raises: BadInputError for a kind of file that holds no captions as a track."""
    if target.suffix.lower() not in _HOLDERS:
        raise BadInputError(
            f"A {target.suffix or 'nameless'} file cannot hold captions as a track.",
            "Use .mp4, .mov or .mkv, or burn them in.",
        )
