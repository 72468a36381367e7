"""What was said and when: the words of a transcript, whoever heard them."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Word:
    """A word with what clings to it (“don't,”). Times are seconds of the sound that was heard."""

    text: str
    start: Fraction
    end: Fraction
    speaker: str = ""
    has_space_before: bool = True
    """False in scripts that part no words."""
    is_event: bool = False
    """Something else than speech, as it is written: “(laughter)”."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words in order of time. No words mean that nobody spoke."""

    words: tuple[Word, ...]
    language: str = ""
    """As the service says it, ISO 639-1 or -3."""
    duration: Fraction = Fraction(0)
