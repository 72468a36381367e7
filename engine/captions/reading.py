"""What can be read in time: the limits of captions, and what is wrong with one by them.

The figures are those in common use for adults: two lines of 42 characters, 17 characters a second, at most 20.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.rational_time import TimeRange


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds."""

    line_characters: int = 42
    lines: int = 2
    good_speed: float = 17.0
    """Characters a second that everybody can read."""
    most_speed: float = 20.0
    least: Fraction = Fraction(1)
    longest: Fraction = Fraction(7)
    gap: Fraction = Fraction(1, 12)
    """Between two captions, so that the change is seen: two frames of film."""


USUAL = Limits()


def characters(text: str) -> int:
    """How many there are to read: a line break is none."""
    return len(text.replace("\n", ""))


def reading_speed(text: str, duration: Fraction) -> float:
    """Characters a second."""
    return float(characters(text) / duration) if duration > 0 else 0.0


def faults(text: str, span: TimeRange, next_start: Fraction | None, limits: Limits = USUAL) -> tuple[str, ...]:
    """What is wrong with a caption, each a few words; none where all is well."""
    if not text:
        return ("No words yet",)
    lines, speed = text.split("\n"), reading_speed(text, span.duration)
    longest = max(map(len, lines))
    found = []
    if speed > limits.most_speed:
        found.append(f"Too fast to read: {speed:.0f} characters a second")
    elif speed > limits.good_speed:
        found.append(f"Fast: {speed:.0f} characters a second")
    if span.duration < limits.least:
        found.append(f"Short: {float(span.duration):.1f} s")
    elif span.duration > limits.longest:
        found.append(f"Long: {float(span.duration):.1f} s")
    if longest > limits.line_characters:
        found.append(f"A line of {longest} characters")
    if len(lines) > limits.lines:
        found.append(f"{len(lines)} lines")
    if next_start is not None and next_start < span.end:
        found.append("Overlaps the next")
    return tuple(found)


def words_of(problems: Sequence[str]) -> str:
    return ". ".join(problems)
