"""A track of timed text (3GPP tx3g, FFmpeg's mov_text) for an MP4 or MOV that is finished: its samples, and the `moov` with it.

Everything else of the movie stays as it is, byte for byte. Source: 3GPP TS 26.245, ISO/IEC 14496-12.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from engine.bitstream.box_editing import edited, full_box, with_body
from engine.bitstream.boxes import Box, child_boxes, require_box, unpack
from engine.bitstream.errors import BitstreamError

TIMESCALE = 90_000
_LARGEST = (1 << 32) - 1
_MATRIX = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
_SUBTITLE_GROUP = 3
_SAMPLE_MAX_BYTES = 0xFFFF


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A text from `start` to `end`, in ticks of TIMESCALE from the beginning of the movie."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class TextTrack:
    """Spans in order, not overlapping, and where the movie ends. `language` is three letters of ISO 639-2; `name` is that of the
    track's handler."""

    spans: tuple[TextSpan, ...]
    end: int = 0
    language: str = "und"
    name: str = ""
    width: int = 0
    height: int = 0

    def samples(self) -> list[tuple[int, bytes]]:
        """(ticks, sample) one after another from 0: an empty sample where nothing is shown."""
        made: list[tuple[int, bytes]] = []
        time = 0
        for span in self.spans:
            if span.start > time:
                made.append((span.start - time, b"\0\0"))
            text = span.text.encode("utf-8")[:_SAMPLE_MAX_BYTES].decode("utf-8", "ignore").encode("utf-8")
            made.append((span.end - span.start, struct.pack(">H", len(text)) + text))
            time = span.end
        if self.end > time:  # without it some readers let the last text stand to the end of the movie
            made.append((self.end - time, b"\0\0"))
        return made


def with_text_track(moov: bytes, track: TextTrack, samples_at: int) -> bytes:
    """The `moov` (with its header) with one more track, whose samples lie in the file one after another from `samples_at`.

    Raises: BitstreamError: the movie has no room for one more, or its head is damaged.
    """
    boxes = child_boxes(moov, 8, len(moov))
    whole = Box("moov", 0, 8, len(moov))
    head = require_box(boxes, "mvhd")
    timescale, track_id = _head_values(moov, head)
    made = _trak(track, track_id, timescale, samples_at)
    new_head = moov[head.start : head.end - 4] + struct.pack(">I", track_id + 1)
    return with_body(moov, whole, edited(moov, 8, len(moov), boxes, {head: new_head}) + made)


def _head_values(moov: bytes, head: Box) -> tuple[int, int]:
    """The movie's ticks a second, and the number of its next track."""
    version = moov[head.body]
    (timescale,) = unpack("I", moov, head.body + (20 if version == 1 else 12), head.end)
    (track_id,) = unpack("I", moov, head.end - 4, head.end)
    if not timescale or not 0 < track_id < _LARGEST:
        raise BitstreamError("The movie's head names no next track.")
    return timescale, track_id


def _trak(track: TextTrack, track_id: int, movie_timescale: int, samples_at: int) -> bytes:
    samples = track.samples()
    ticks = sum(length for length, _ in samples)
    mdia = _box("mdia", _mdhd(ticks, track.language) + _hdlr(track.name) + _minf(samples, samples_at))
    return _box("trak", _tkhd(track, track_id, ticks * movie_timescale // TIMESCALE) + mdia)


def _tkhd(track: TextTrack, track_id: int, duration: int) -> bytes:
    """Enabled, in the movie and in its preview."""
    layout, version = (">QQIIQ", 1) if duration > _LARGEST else (">IIIII", 0)
    times = struct.pack(layout, 0, 0, track_id, 0, duration)
    place = struct.pack(">8xhhhH", 0, _SUBTITLE_GROUP, 0, 0) + _MATRIX
    return full_box("tkhd", version << 24 | 3, times + place + struct.pack(">II", track.width << 16, track.height << 16))


def _mdhd(ticks: int, language: str) -> bytes:
    layout, version = (">QQIQ", 1) if ticks > _LARGEST else (">IIII", 0)
    return full_box("mdhd", version << 24, struct.pack(layout, 0, 0, TIMESCALE, ticks) + _packed(language) + b"\0\0")


def _packed(language: str) -> bytes:
    """Three letters in 15 bits."""
    letters = language if len(language) == 3 and language.isascii() and language.islower() and language.isalpha() else "und"
    first, second, third = (ord(letter) - 0x60 for letter in letters)
    return struct.pack(">H", first << 10 | second << 5 | third)


def _hdlr(name: str) -> bytes:
    return full_box("hdlr", 0, struct.pack(">4s4s12x", b"\0" * 4, b"sbtl") + name.encode("utf-8") + b"\0")


def _minf(samples: Sequence[tuple[int, bytes]], samples_at: int) -> bytes:
    dref = full_box("dref", 0, struct.pack(">I", 1) + full_box("url ", 1, b""))
    return _box("minf", full_box("nmhd", 0, b"") + _box("dinf", dref) + _box("stbl", _tables(samples, samples_at)))


def _tables(samples: Sequence[tuple[int, bytes]], samples_at: int) -> bytes:
    """All samples are one chunk."""
    count = len(samples)
    times = b"".join(struct.pack(">II", 1, length) for length, _ in samples)
    sizes = b"".join(struct.pack(">I", len(data)) for _, data in samples)
    is_far = samples_at > _LARGEST
    chunk = struct.pack(">IQ" if is_far else ">II", 1, samples_at)
    return b"".join([
        full_box("stsd", 0, struct.pack(">I", 1) + _entry()),
        full_box("stts", 0, struct.pack(">I", count) + times),
        full_box("stsc", 0, struct.pack(">IIII", 1, 1, count, 1)),
        full_box("stsz", 0, struct.pack(">II", 0, count) + sizes),
        full_box("co64" if is_far else "stco", 0, chunk),
    ])  # fmt: skip


def _entry() -> bytes:
    """White on nothing, centred at the bottom; players use looks of their own."""
    place = struct.pack(">IbbI4h", 0, 1, -1, 0, 0, 0, 0, 0)
    style = struct.pack(">HHHBBI", 0, 0, 1, 0, 16, 0xFFFFFFFF)
    fonts = _box("ftab", struct.pack(">HHB", 1, 1, 5) + b"Arial")
    return _box("tx3g", struct.pack(">6xH", 1) + place + style + fonts)


def _box(kind: str, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind.encode("latin-1")) + body
