"""Words become captions that can be read: within lines and time, in order, no word lost, none before it is said."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.captions.cutting import PAUSE, cues_of
from engine.captions.lines import broken
from engine.captions.reading import USUAL, characters, faults
from engine.captions.transcript import Transcript, Word
from engine.rational_time import TimeRange

PACE = Fraction(6, 100)
"""Seconds a character."""


def spoken(text: str, *, start: Fraction = Fraction(0), speaker: str = "") -> list[Word]:
    """The words of a text at an even pace; “|” is a pause of a second."""
    words, time = [], start
    for token in text.split():
        if token == "|":
            time += 1
            continue
        words.append(Word(token, time, time + len(token) * PACE, speaker))
        time = words[-1].end + PACE
    return words


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["a", "of", "spring", "starts,", "small.", "Incomprehensibilities", "yes!", "x" * 60]),
        st.fractions(Fraction(1, 50), Fraction(1), max_denominator=100),
        st.sampled_from([Fraction(0), Fraction(1, 20), Fraction(1, 2), Fraction(2)]),
        st.sampled_from(["", "", "", "one", "two"]),
    ),
    min_size=1, max_size=60,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(WORDS)
def test_no_word_is_lost_and_every_caption_can_be_shown(given_words: list[tuple[str, Fraction, Fraction, str]]) -> None:
    words, time = [], Fraction(0)
    for text, length, pause, speaker in given_words:
        words.append(Word(text, time, time + length, speaker))
        time += length + pause
    cues = cues_of(Transcript(tuple(words)))
    said = 0
    for cue in cues:
        letters, first = "".join(cue.text.split()), said
        while "".join(word.text for word in words[first:said]) != letters:
            said += 1
            assert said <= len(words), "not the words that were said"
        own = words[first:said]
        assert cue.range.start == own[0].start and cue.range.duration > 0
        assert {word.speaker for word in own} == {cue.speaker}
        assert all(later.start - earlier.end < PAUSE for earlier, later in pairwise(own))
        if len(own) > 1:
            assert own[-1].end - own[0].start <= USUAL.longest
            assert max(map(len, cue.text.split("\n"))) <= USUAL.line_characters and cue.text.count("\n") <= 1
    assert said == len(words)
    assert all(earlier.range.end <= later.range.start for earlier, later in pairwise(cues))


def test_sentences_and_pauses_end_captions() -> None:
    words = spoken("Spring starts small. Then it opens, and somebody wakes up. | Eighteen mirrors, one surface.")
    assert [cue.text for cue in cues_of(Transcript(tuple(words)))] == [
        "Spring starts small.", "Then it opens, and somebody wakes up.", "Eighteen mirrors, one surface.",
    ]


def test_a_long_sentence_parts_at_its_clauses_and_in_two_lines() -> None:
    words = spoken(
        "When the reply comes back from the service it is larger than the crop that was sent to it, "
        "so it is scaled and registered, and only then does the mask decide what of it is kept."
    )
    cues = cues_of(Transcript(tuple(words)))
    assert len(cues) == 3 and cues[0].text.startswith("When") and all(cue.text.endswith((",", ".")) for cue in cues[1:])
    assert all(len(line) <= 42 for cue in cues for line in cue.text.split("\n"))


def test_speech_at_an_easy_pace_has_no_faults() -> None:
    words = spoken("This is how we speak when nobody hurries us. There is time to breathe, | and then we go on with the rest.")
    cues = cues_of(Transcript(tuple(words)))
    starts = [cue.range.start for cue in cues[1:]]
    assert all(not faults(cue.text, cue.range, after) for cue, after in zip(cues, [*starts, None], strict=True))


def test_a_single_word_stays_long_enough_to_be_read() -> None:
    (cue,) = cues_of(Transcript((Word("No.", Fraction(3), Fraction(16, 5)),)))
    assert cue.range == TimeRange(Fraction(3), Fraction(1))


def test_two_speakers_do_not_share_a_caption_and_sounds_stand_alone() -> None:
    words = [*spoken("Is it you?", speaker="a"), *spoken("It is.", start=Fraction(1), speaker="b")]
    words.append(Word("(laughter)", Fraction(2), Fraction(3), "b", is_event=True))
    cues = cues_of(Transcript(tuple(words)))
    assert [(cue.text, cue.speaker) for cue in cues] == [("Is it you?", "a"), ("It is.", "b"), ("(laughter)", "b")]


def test_scripts_without_spaces_are_written_without() -> None:
    text = "春は小さく始まる。"
    words = [Word(sign, Fraction(n, 4), Fraction(n + 1, 4), has_space_before=False) for n, sign in enumerate(text)]
    assert [cue.text for cue in cues_of(Transcript(tuple(words)))] == [text]


def test_nobody_spoke() -> None:
    assert cues_of(Transcript(())) == ()


@pytest.mark.parametrize(("text", "wanted"), [
    ("Short.", "Short."),
    ("It was the best of times, it was the worst of times", "It was the best of times,\nit was the worst of times"),
    ("We parked in front of the old museum of natural history", "We parked in front of the old\nmuseum of natural history"),
    ("Eighteen mirrors stand around the only one of them", "Eighteen mirrors stand\naround the only one of them"),
    ("x" * 50, "x" * 25 + "\n" + "x" * 25),
    ("word " * 20, None),
])  # fmt: skip
def test_lines_break_where_the_sentence_does(text: str, wanted: str | None) -> None:
    assert broken(text.strip(), 42) == wanted


@pytest.mark.parametrize(("text", "length", "after", "what"), [
    ("x" * 34, 2, None, ""), ("x" * 36, 2, None, "Fast: 18"), ("x" * 42, 2, None, "Too fast to read: 21"),
    ("Hi", "1/2", None, "Short: 0.5 s"), ("Hi", 8, None, "Long: 8.0 s"), ("x" * 43, 5, None, "A line of 43"),
    ("a\nb\nc", 2, None, "3 lines"), ("Hi", 2, "3/2", "Overlaps"), ("", 2, None, "No words yet"),
])  # fmt: skip
def test_what_is_wrong_with_a_caption_is_said(text: str, length: int | str, after: str | None, what: str) -> None:
    found = faults(text, TimeRange(Fraction(0), Fraction(length)), Fraction(after) if after else None)
    assert len(found) == bool(what) and (not what or found[0].startswith(what))
    assert characters("ab\ncd") == 4
