"""A transcript as captions: words in groups that end where speech pauses and sentences end, and can be read in their time.

All ways to cut are weighed at once (the least sum of what is bad about each caption), not one caption after the other.
"""

from dataclasses import dataclass
from fractions import Fraction

from engine.captions.lines import broken, fits
from engine.captions.reading import USUAL, Limits
from engine.captions.transcript import Transcript, Word
from engine.project.caption_edits import CueDraft
from engine.rational_time import TimeRange

PAUSE = Fraction(4, 5)
"""A pause this long (seconds) always ends a caption."""
_CATCH = Fraction(2, 5)
"""A pause that is heard as one."""
_LINGER = Fraction(3, 2)
"""A caption stays no longer than this after its last word."""
_SENTENCE_END = tuple(".!?…。！？")
_CLAUSE_END = tuple(",;:、，")
_OF_A_CAPTION, _OF_A_TORN_SENTENCE, _OF_A_TORN_CLAUSE = 1.0, 1.2, 0.6
_OF_A_SENTENCE_INSIDE, _OF_A_SHORT_SECOND, _OF_SPEED = 1.4, 2.0, 0.25
_SHORT = 20
"""Characters: sentences shorter than this may share a caption without harm."""


@dataclass(frozen=True, slots=True)
class _Group:
    text: str
    words: tuple[Word, ...]


def cues_of(transcript: Transcript, limits: Limits = USUAL) -> tuple[CueDraft, ...]:
    """The captions of a transcript, in order; times are seconds of the sound that was heard."""
    groups = [group for run in _runs(transcript.words) for group in _cut(run, limits)]
    return tuple(_timed(groups, limits))


def _runs(words: tuple[Word, ...]) -> list[list[Word]]:
    """Words that may share captions: of one speaker, without a long pause, and no event among speech."""
    runs: list[list[Word]] = []
    last: Word | None = None
    for word in (word for word in words if word.text.strip()):
        is_new = last is None or word.start - last.end >= PAUSE or word.speaker != last.speaker or word.is_event != last.is_event
        if is_new:
            runs.append([])
        runs[-1].append(word)
        last = word
    return runs


def _cut(run: list[Word], limits: Limits) -> list[_Group]:
    """The run in groups of the least cost; a word that fits nowhere is a group of its own."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for stop in range(1, len(run) + 1):
        ways = []
        for start in range(stop - 1, -1, -1):
            text = _text_of(run[start:stop])
            is_alone = stop - start == 1
            if not is_alone and (not fits(text, limits.line_characters, limits.lines) or _is_too_long(run, start, stop, limits)):
                break
            ways.append((best[start][0] + _cost(run, start, stop, text, limits), start))
        best.append(min(ways))
    groups: list[_Group] = []
    stop = len(run)
    while stop:
        start = best[stop][1]
        groups.append(_Group(_text_of(run[start:stop]), tuple(run[start:stop])))
        stop = start
    return groups[::-1]


def _is_too_long(run: list[Word], start: int, stop: int, limits: Limits) -> bool:
    return run[stop - 1].end - run[start].start > limits.longest


def _text_of(words: list[Word]) -> str:
    return "".join(f" {word.text}" if word.has_space_before and number else word.text for number, word in enumerate(words))


def _cost(run: list[Word], start: int, stop: int, text: str, limits: Limits) -> float:
    """What is bad about the words from `start` to `stop` as one caption."""
    cost = _OF_A_CAPTION + (_break_cost(run[stop - 1], run[stop]) if stop < len(run) else 0.0)
    inside = run[start : stop - 1]
    done = 0
    for word, following in zip(inside, run[start + 1 : stop], strict=True):
        done += len(word.text) + 1
        if word.text.endswith(_SENTENCE_END) and min(done, len(text) - done) > _SHORT:
            cost += _OF_A_SENTENCE_INSIDE
        elif following.start - word.end >= _CATCH:
            cost += _OF_A_SENTENCE_INSIDE / 2
    room = _room(run, start, stop, text, limits)
    cost += _OF_A_SHORT_SECOND * max(0.0, float(limits.least - room))
    speed = len(text) / max(float(room), 0.05)
    return cost + _OF_SPEED * max(0.0, speed - limits.good_speed)


def _break_cost(word: Word, following: Word) -> float:
    if word.text.endswith(_SENTENCE_END):
        return 0.0
    is_parted = following.start - word.end >= _CATCH
    if word.text.endswith(_CLAUSE_END):
        return 0.0 if is_parted else _OF_A_TORN_CLAUSE
    return _OF_A_TORN_CLAUSE if is_parted else _OF_A_TORN_SENTENCE


def _room(run: list[Word], start: int, stop: int, text: str, limits: Limits) -> Fraction:
    """How long the caption may be seen: to its last word, and on into the pause after it where it needs that."""
    end = run[stop - 1].end
    wanted = run[start].start + max(limits.least, _reading_time(text, limits))
    latest = run[stop].start - limits.gap if stop < len(run) else end + _LINGER
    return max(end, min(wanted, latest, end + _LINGER)) - run[start].start


def _reading_time(text: str, limits: Limits) -> Fraction:
    return Fraction(len(text)) / Fraction(limits.good_speed)


def _timed(groups: list[_Group], limits: Limits) -> list[CueDraft]:
    """From the first word to the last, longer where the words need it and the pause has room; never over the next caption."""
    drafts: list[CueDraft] = []
    starts = [group.words[0].start for group in groups]
    for group, next_start in zip(groups, [*starts[1:], None][: len(groups)], strict=True):
        start, end = group.words[0].start, max(word.end for word in group.words)
        wanted = start + max(limits.least, _reading_time(group.text, limits))
        end = max(end, min(wanted, end + _LINGER))
        if next_start is not None and end > next_start - limits.gap:
            end = next_start - limits.gap if next_start - limits.gap - start >= limits.least / 2 else max(next_start, start)
        end = end if end > start else start + limits.gap
        text = broken(group.text, limits.line_characters) or group.text
        drafts.append(CueDraft(TimeRange.between(start, end), text, group.words[0].speaker))
    return drafts
