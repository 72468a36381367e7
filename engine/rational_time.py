"""Exact times: seconds as `Fraction`, half-open ranges, timecodes, and the TIME of the command line.

Floats appear only where a time is shown. Nothing here knows what a clip or a file is.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """A half-open range `[start, start + duration)` in seconds; which clock it is in is said where it is used."""

    start: Fraction
    duration: Fraction

    @classmethod
    def between(cls, start: Fraction, end: Fraction) -> "TimeRange":
        return cls(start, end - start)

    @property
    def end(self) -> Fraction:
        """The first time after the range."""
        return self.start + self.duration

    def contains(self, time: Fraction) -> bool:
        """In whole numbers: comparing fractions costs ten times as much, and thousands of ranges are asked at once."""
        start, duration = self.start, self.duration
        into = time.numerator * start.denominator - start.numerator * time.denominator
        return into >= 0 and into * duration.denominator < duration.numerator * time.denominator * start.denominator

    def overlaps(self, other: "TimeRange") -> bool:
        """Whether the two share a time: as `intersection` without making it."""
        is_empty = self.duration.numerator <= 0 or other.duration.numerator <= 0
        return not is_empty and (self.contains(other.start) or other.contains(self.start))

    def intersection(self, other: "TimeRange") -> "TimeRange | None":
        """The common part, or None where the ranges only touch or lie apart."""
        if not self.contains(other.start) and not other.contains(self.start):
            return None
        start, end = max(self.start, other.start), min(self.end, other.end)
        return TimeRange(start, end - start) if start < end else None

    def shifted(self, by: Fraction) -> "TimeRange":
        return TimeRange(self.start + by, self.duration)


def merge_ranges(ranges: list[TimeRange], gap: Fraction = ZERO) -> list[TimeRange]:
    """Sort ranges by start and join those whose distance is less than or equal to `gap` seconds."""
    merged: list[TimeRange] = []
    for item in sorted(ranges):
        if merged and item.start - merged[-1].end <= gap:
            merged[-1] = TimeRange.between(merged[-1].start, max(merged[-1].end, item.end))
        else:
            merged.append(item)
    return merged


def timecode(time: Fraction, rate: Fraction) -> str:
    """`HH:MM:SS:FF` (non-drop) of a time at a frame rate; a negative time carries a true minus sign."""
    frames = floor(abs(time) * rate + Fraction(1, 2))
    per_second = max(1, -(-rate.numerator // rate.denominator))
    seconds, frame = divmod(frames, per_second) if rate.denominator == 1 else _split_fractional(abs(time), rate)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}"
    return f"−{text}" if time < 0 else text


def _split_fractional(time: Fraction, rate: Fraction) -> tuple[int, int]:
    """Whole seconds and the frame within the second, by real time, for rates such as 30000/1001."""
    frames = floor(time * rate + Fraction(1, 2))
    seconds = floor(frames / rate)
    return seconds, frames - -(-seconds * rate.numerator // rate.denominator)


def clock(time: Fraction) -> str:
    """`HH:MM:SS.mmm`, for lists and messages."""
    milliseconds = floor(abs(time) * 1000 + Fraction(1, 2))
    seconds, rest = divmod(milliseconds, 1000)
    sign = "−" if time < 0 else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


@dataclass(frozen=True, slots=True)
class TimeSpec:
    """A TIME as the user wrote it: seconds, or a frame number that only a frame map can turn into seconds."""

    seconds: Fraction | None
    frame: int | None


_TIMECODE = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)")


def parse_time(text: str) -> TimeSpec:
    """Read `12.5`, `00:00:12.500` or `f:375`.

    Raises: ValueError with a sentence for the user.
    """
    text = text.strip()
    if re.fullmatch(r"f:\d+", text):
        return TimeSpec(None, int(text[2:]))
    if re.fullmatch(r"\d+(\.\d*)?|\.\d+|\d+/\d+", text):
        return TimeSpec(Fraction(text), None)
    if match := _TIMECODE.fullmatch(text):
        hours, minutes, seconds = match.groups()
        return TimeSpec(Fraction(int(hours or 0) * 3600 + int(minutes) * 60) + Fraction(seconds), None)
    raise ValueError(f"“{text}” is not a time. Write seconds (12.5), a timecode (00:00:12.500) or a frame (f:375).")


def time_json(time: Fraction) -> dict[str, int | float]:
    """The form of a time in every JSON object of the command line."""
    return {"num": time.numerator, "den": time.denominator, "seconds": float(time)}
