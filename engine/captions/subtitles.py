"""Subtitle files: SubRip and WebVTT as they are met, to captions and back. Plain text: italics and colours are left out.

pysubs2 reads and writes times and blocks; what it does not know (names of cues, notes, settings, speakers, entities) is done
here. Times are whole milliseconds in these files.
"""

import html
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import PurePath

import pysubs2

from engine.errors import BadInputError
from engine.project.caption_edits import CueDraft
from engine.project.caption_rules import TEXT_MAX_CHARACTERS, tidy
from engine.rational_time import TimeRange, clock

FILE_MAX_BYTES = 32 << 20
"""Captions of a day have some megabytes; what is larger is something else."""
FORMATS = {".srt": "srt", ".vtt": "vtt"}

_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>|<\d[\d:.]*>")
_ASS = re.compile(r"\{\\[^{}\n]*\}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^<>\n]+)>")
_ARROW = re.compile(r"^\s*([\d:.,]+)\s+-->\s+([\d:.,]+)[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What a file holds, in order of time, and what should be known about it, each a sentence."""

    cues: tuple[CueDraft, ...]
    warnings: tuple[str, ...] = ()


def format_of(name: str) -> str:
    """“srt” or “vtt” by a file's ending. Raises: BadInputError for others."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in FORMATS:
        raise BadInputError(f"“{PurePath(name).name}” ends in neither .srt nor .vtt.", "Captions are SubRip or WebVTT files.")
    return FORMATS[suffix]


def read_subtitles(data: bytes, name: str = "The file") -> Subtitles:
    """Read a file's bytes; which of the two forms it has is seen by its content. Raises: BadInputError."""
    if len(data) > FILE_MAX_BYTES:
        raise BadInputError(f"“{name}” is too large for a file of captions.", "Choose another file.")
    text, notes = _decoded(data)
    is_vtt = text.lstrip().startswith("WEBVTT")
    settings: list[str] = []
    if is_vtt:
        text, settings = _plain_vtt(text)
    events = _events(text, "vtt" if is_vtt else "srt")
    if not events:
        raise BadInputError(f"“{name}” holds no captions.", "Choose a SubRip (.srt) or WebVTT (.vtt) file.")
    drafts, dropped = [], 0
    for number, event in enumerate(events):
        draft = _draft(event, is_vtt, settings[number] if number < len(settings) else "")
        if draft is None:
            dropped += 1
        else:
            drafts.append(draft)
    cues = tuple(sorted(drafts, key=lambda cue: (cue.range.start, cue.range.end)))
    if dropped:
        notes.append(f"{_count(dropped)} without words or without a length left out.")
    return Subtitles(cues, (*notes, *_overlaps(cues)))


def _decoded(data: bytes) -> tuple[str, list[str]]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), ["The file is not UTF-8; it was read as Western European (Windows-1252)."]


def _events(text: str, form: str) -> list[pysubs2.SSAEvent]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(pysubs2.SSAFile.from_string(lines, format_=form, keep_html_tags=True))
    except (ValueError, pysubs2.exceptions.Pysubs2Error, OverflowError):
        return []


def _draft(event: pysubs2.SSAEvent, is_vtt: bool, settings: str) -> CueDraft | None:
    raw = event.text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    voice = _VOICE.search(raw) if is_vtt else None
    plain = _TAG.sub("", raw) if is_vtt else _ASS.sub("", _TAG.sub("", raw))
    text = tidy(html.unescape(plain) if is_vtt else plain)[:TEXT_MAX_CHARACTERS].strip()
    if not text or event.end <= event.start or event.start < 0:
        return None
    span = TimeRange.between(Fraction(event.start, 1000), Fraction(event.end, 1000))
    speaker = html.unescape(voice.group(1)).strip() if voice is not None else ""
    return CueDraft(span, text, speaker, settings)


def _plain_vtt(text: str) -> tuple[str, list[str]]:
    """The file without notes, styles and names of cues, which pysubs2 takes for words; and the settings of each cue."""
    blocks = re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    kept, settings = ["WEBVTT"], []
    for block in blocks[1:]:
        lines = block.split("\n")
        at = next((n for n, line in enumerate(lines[:2]) if _ARROW.match(line)), None)
        if at is None:
            continue
        start, end, given = _ARROW.match(lines[at]).groups()  # type: ignore[union-attr]  # it matched above
        settings.append(given.strip())
        kept.append("\n".join([f"{start} --> {end}", *lines[at + 1 :]]))
    return "\n\n".join(kept) + "\n", settings


def _overlaps(cues: tuple[CueDraft, ...]) -> list[str]:
    over = [later for earlier, later in pairwise(cues) if later.range.start < earlier.range.end]
    return [f"{_count(len(over))} begin before the one before them ends, first at {clock(over[0].range.start)}."] if over else []


def _count(number: int) -> str:
    return "1 caption" if number == 1 else f"{number} captions"


def write_subtitles(cues: Iterable[CueDraft], form: str) -> str:
    """The text of a file of a form (“srt”, “vtt”), cues in order of time; those without words are left out."""
    ordered = sorted((cue for cue in cues if cue.text), key=lambda cue: (cue.range.start, cue.range.end))
    subs = pysubs2.SSAFile()
    for cue in ordered:
        text = _vtt_text(cue) if form == "vtt" else cue.text
        subs.append(pysubs2.SSAEvent(_milliseconds(cue.range.start), _milliseconds(cue.range.end), text.replace("\n", "\\N")))
    text = subs.to_string(form, keep_ssa_tags=True)
    return _with_settings(text, [cue.settings for cue in ordered]) if form == "vtt" else text


def _vtt_text(cue: CueDraft) -> str:
    words = html.escape(cue.text, quote=False)
    return f"<v {html.escape(cue.speaker, quote=False)}>{words}" if cue.speaker else words


def _with_settings(text: str, settings: list[str]) -> str:
    lines, number = text.split("\n"), 0
    for place, line in enumerate(lines):
        if number < len(settings) and _ARROW.match(line):
            lines[place] = f"{line} {settings[number]}".rstrip()
            number += 1
    return "\n".join(lines)


def _milliseconds(time: Fraction) -> int:
    return int(time * 1000 + Fraction(1, 2))
