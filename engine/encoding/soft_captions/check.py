"""What captions a finished file holds, by the file alone."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.stream import Stream

from engine.encoding.result import Check
from engine.encoding.soft_captions.spans import TRACK_NAME, SoftCaptions
from engine.media.container import open_container, video_stream
from engine.rational_time import TimeRange

_TOLERANCE = Fraction(1, 1000)
"""Containers round to the millisecond."""


@dataclass(frozen=True, slots=True)
class HeldCaptions:
    """The texts of our track, in seconds from the first frame, and how many packets it has (with empty ones)."""

    spans: tuple[tuple[TimeRange, str], ...]
    packets: int


def held_captions(path: Path) -> HeldCaptions | None:
    """None where the file has no track of ours. Raises: MediaError."""
    with open_container(path) as container:
        stream = next((s for s in container.streams.subtitles if _is_ours(s)), None)
        video = video_stream(container)
        if stream is None or video is None:
            return None
        first = Fraction(video.start_time or 0) * Fraction(video.time_base or 1)
        found, count = [], 0
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None:
                continue
            count += 1
            base = Fraction(stream.time_base or 1)
            text = _text(bytes(packet), stream.codec_context.name)
            if text:
                found.append((TimeRange(packet.pts * base - first, (packet.duration or 0) * base), text))
    return HeldCaptions(tuple(found), count)


def _is_ours(stream: Stream) -> bool:
    return TRACK_NAME in {stream.metadata.get("handler_name"), stream.metadata.get("title")}


def _text(data: bytes, codec: str) -> str:
    if codec == "mov_text":
        data = data[2 : 2 + int.from_bytes(data[:2], "big")]
    return data.decode("utf-8", "replace")


def captions_check(path: Path, wanted: SoftCaptions) -> Check:
    """Whether each text is there at its time."""
    held = held_captions(path)
    spans = held.spans if held is not None else ()
    pairs = zip(wanted.spans, spans, strict=False)
    equal = sum(text == other and _is_near(span, place) for (span, text), (place, other) in pairs)
    is_whole = equal == len(wanted.spans) == len(spans)
    return Check("Captions", is_whole, f"{equal:,} of {len(wanted.spans):,} at their times")


def _is_near(span: TimeRange, place: TimeRange) -> bool:
    return abs(span.start - place.start) <= _TOLERANCE and abs(span.end - place.end) <= _TOLERANCE
