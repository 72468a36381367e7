"""Subtitle files in and out: what is written is read again as it was, and files as they are met are understood."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.captions.subtitles import FILE_MAX_BYTES, format_of, read_subtitles, write_subtitles
from engine.errors import BadInputError
from engine.project.caption_edits import CueDraft
from engine.project.caption_rules import tidy
from engine.rational_time import TimeRange

SRT = """1
00:00:01,000 --> 00:00:03,500
Spring starts small.

2
00:00:04,000 --> 00:00:06,000
- Then it opens.
- <i>And</i> somebody wakes up.
"""
VTT = """WEBVTT - a film
Kind: captions

NOTE made by hand
in two lines

STYLE
::cue { color: red }

intro
00:01.000 --> 00:03.500 line:0 align:start
<v Roger Bingham>Fish &amp; <c.yellow>chips</c> &lt;3

00:00:04.000 --> 00:00:06.000
Then it opens.
"""


def ms(start: int, end: int) -> TimeRange:
    return TimeRange.between(Fraction(start, 1000), Fraction(end, 1000))


def test_subrip_as_it_is_met() -> None:
    found = read_subtitles(SRT.encode())
    assert found.cues == (
        CueDraft(ms(1000, 3500), "Spring starts small."), CueDraft(ms(4000, 6000), "- Then it opens.\n- And somebody wakes up."),
    )
    assert not found.warnings


@pytest.mark.parametrize("data", [
    SRT.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + SRT.encode(), SRT.encode("utf-16"), SRT.replace(",", ".").encode(),
    ("\n\n" + SRT).encode(), SRT.replace("1\n00", "7\n00").encode(),
])  # fmt: skip
def test_subrip_of_other_systems(data: bytes) -> None:
    assert read_subtitles(data).cues == read_subtitles(SRT.encode()).cues


def test_webvtt_with_notes_names_settings_and_voices() -> None:
    found = read_subtitles(VTT.encode())
    assert found.cues == (
        CueDraft(ms(1000, 3500), "Fish & chips <3", "Roger Bingham", "line:0 align:start"),
        CueDraft(ms(4000, 6000), "Then it opens."),
    )


def test_what_is_odd_about_a_file_is_said() -> None:
    cues = (("01,000", "03,000", "Caf\xe9"), ("02,000", "04,000", "x"), ("05,000", "05,000", "y"))
    text = "\n".join(f"1\n00:00:{start} --> 00:00:{end}\n{words}\n" for start, end, words in cues)
    found = read_subtitles(text.encode("latin-1"))
    assert [cue.text for cue in found.cues] == ["Café", "x"]
    assert [word for word in ("not UTF-8", "without a length", "before the one before them ends, first at 00:00:02.000")
            if not any(word in note for note in found.warnings)] == []  # fmt: skip


NONE = [b"", b"\x00\x01\x02", b"WEBVTT\n\nnothing", b"{}", b"[Script Info]\n", b"1\n00:00:01,000 --> x\nhi"]


@pytest.mark.parametrize("data", NONE)
def test_what_holds_no_captions_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError, match=r"“a\.srt” holds no captions"):
        read_subtitles(data, "a.srt")


def test_other_files_are_refused() -> None:
    with pytest.raises(BadInputError, match="too large"):
        read_subtitles(bytes(FILE_MAX_BYTES + 1))
    for name in ("film.ass", "film", "film.srt.txt"):
        with pytest.raises(BadInputError, match="ends in neither"):
            format_of(name)
    assert format_of("/a/Film.SRT") == "srt" and format_of("film.vtt") == "vtt"


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")) | st.sampled_from("\n<>&{}\\-"), max_size=60).map(tidy)
CUES = st.lists(st.tuples(TEXTS, st.integers(0, 10**7), st.integers(1, 10**5)), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(CUES, st.sampled_from(["", "Anna", "Anna & Bob <x"]))
def test_webvtt_is_read_as_it_was_written(given_cues: list[tuple[str, int, int]], speaker: str) -> None:
    cues = [CueDraft(ms(start, start + length), text, speaker, "line:0") for text, start, length in given_cues if _is_plain(text)]
    if cues:
        assert sorted(read_subtitles(write_subtitles(cues, "vtt").encode()).cues, key=_order) == sorted(cues, key=_order)


@settings(max_examples=50, deadline=None)
@given(CUES)
def test_subrip_is_read_as_it_was_written(given_cues: list[tuple[str, int, int]]) -> None:
    cues = [CueDraft(ms(start, start + length), text) for text, start, length in given_cues
            if _is_plain(text) and not {"<", "{"} & set(text)]  # fmt: skip
    if cues:
        assert sorted(read_subtitles(write_subtitles(cues, "srt").encode()).cues, key=_order) == sorted(cues, key=_order)


def _is_plain(text: str) -> bool:
    """Words that are no part of the form itself: a backslash is pysubs2's line break, a lone number the next cue's."""
    return bool(text) and "\\" not in text and "-->" not in text and not any(line.strip().isdigit() for line in text.split("\n"))


def _order(cue: CueDraft) -> tuple[Fraction, Fraction, str]:
    return cue.range.start, cue.range.end, cue.text


def test_the_written_form_is_that_of_the_formats(tmp_path: Path) -> None:
    cues = [CueDraft(ms(4000, 6000), "Second"), CueDraft(ms(1000, 3500), "First\nin two"), CueDraft(ms(9000, 9500), "")]
    assert write_subtitles(cues, "srt").startswith("1\n00:00:01,000 --> 00:00:03,500\nFirst\nin two\n\n2\n00:00:04,000 --> ")
    assert write_subtitles(cues, "vtt").startswith("WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.500\nFirst\nin two\n\n2\n")
    assert "00:00:09" not in write_subtitles(cues, "srt")
