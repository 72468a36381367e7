"""Elements of a Matroska or WebM file before its first cluster: where they lie, and the lengths that they tell.

Lengths are changed in place: an element's bytes stay as many as they were, its checksum is made anew. Never reads a cluster.
Sources: RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.bitstream.boxes import ReadAt
from engine.bitstream.errors import BitstreamError

INFO, TAGS = 0x1549A966, 0x1254C367
_EBML, _SEGMENT, _CLUSTER, _CRC = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xBF
_DURATION, _SCALE = 0x4489, 0x2AD7B1
_TAG, _SIMPLE_TAG, _TAG_NAME, _TAG_STRING = 0x7373, 0x67C8, 0x45A3, 0x4487
_FLOATS: Final = {4: ">f", 8: ">d"}
_USUAL_SCALE_NS = 1_000_000

MAX_BODY_BYTES = 1 << 22
"""An `Info` or `Tags` above it is refused; real ones have a few hundred bytes."""

MAX_ELEMENTS = 4096
"""Elements before the first cluster; a real file has a dozen."""


@dataclass(frozen=True, slots=True)
class Element:
    """Offsets in the file or in the parent's bytes. `end` is None where the size is not known (live recordings)."""

    id: int
    body: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Length:
    """What `Info` says: ticks of `scale_ns` nanoseconds, None where it does not tell how many."""

    duration: float | None
    scale_ns: int


def segment_head(read: ReadAt, size: int) -> tuple[dict[int, Element], bool]:
    """The elements before the first cluster by id, the first of each, and whether the file (of `size` bytes) was to be longer.

    Raises BitstreamError where it is no Matroska file or its head is damaged.
    """
    head = _element(read, 0, size)
    if head.id != _EBML or head.end is None:
        raise BitstreamError("The file does not begin like a Matroska file.")
    segment = _element(read, head.end, size)
    if segment.id != _SEGMENT:
        raise BitstreamError("The file has no segment.")
    found: dict[int, Element] = {}
    place, end = segment.body, size if segment.end is None else min(segment.end, size)
    for _ in range(MAX_ELEMENTS):
        if place >= end:
            break
        element = _element(read, place, size)
        if element.end is None or element.id == _CLUSTER:
            break
        found.setdefault(element.id, element)
        place = element.end
    return found, segment.end is not None and segment.end > size


def read_body(read: ReadAt, element: Element) -> bytes:
    """The bytes of an element without its header. Raises BitstreamError where they are too many or not all there."""
    size = -1 if element.end is None else element.end - element.body
    data = read(element.body, size) if 0 <= size <= MAX_BODY_BYTES else b""
    if len(data) != size:
        raise BitstreamError("An element is cut off or larger than any real one.")
    return data


def length_in(info: bytes) -> Length:
    """Read it from the body of `Info`. Raises BitstreamError."""
    found = {element.id: element for element in _children(info, 0, len(info))}
    scale, stored = (info[e.body : e.end] if e else b"" for e in (found.get(_SCALE), found.get(_DURATION)))
    duration = float(struct.unpack(_FLOATS[len(stored)], stored)[0]) if len(stored) in _FLOATS else None
    return Length(duration, int.from_bytes(scale) or _USUAL_SCALE_NS)


def with_duration(info: bytes, duration: float) -> bytes:
    """The body of `Info` with another duration, in its own ticks. Raises BitstreamError where it has no place for one."""
    place = next((element for element in _children(info, 0, len(info)) if element.id == _DURATION), None)
    if place is None or place.end is None or place.end - place.body not in _FLOATS:
        raise BitstreamError("The segment's 'Info' has no duration.")
    body = bytearray(info)
    body[place.body : place.end] = struct.pack(_FLOATS[place.end - place.body], duration)
    return _sealed(body)


def with_track_durations(tags: bytes, texts: Sequence[str]) -> bytes:
    """The body of `Tags` with the n-th track's DURATION replaced; where a text is empty, or has no room, the old one stays.

    Raises BitstreamError where there are not as many of them as texts.
    """
    places = list(_duration_strings(tags))
    if len(places) != len(texts):
        raise BitstreamError("The tags do not have a duration for every track.")
    body = bytearray(tags)
    for (start, end), text in zip(places, texts, strict=True):
        data = text.encode()
        if data and len(data) <= end - start:
            body[start:end] = data.ljust(end - start, b"\0")
    return _sealed(body)


def _duration_strings(tags: bytes) -> Iterator[tuple[int, int]]:
    for tag in _children(tags, 0, len(tags)):
        for simple in _children(tags, tag.body, tag.end or 0) if tag.id == _TAG else ():
            parts = {e.id: e for e in _children(tags, simple.body, simple.end or 0)} if simple.id == _SIMPLE_TAG else {}
            name, text = parts.get(_TAG_NAME), parts.get(_TAG_STRING)
            if name and text and text.end is not None and tags[name.body : name.end] == b"DURATION":
                yield text.body, text.end


def _sealed(body: bytearray) -> bytes:
    """With a checksum of all that follows it, where there is one."""
    first = next(_children(bytes(body), 0, len(body)), None)
    if first is not None and first.id == _CRC and first.end == first.body + 4:
        body[first.body : first.end] = struct.pack("<I", zlib.crc32(bytes(body[first.end :])))
    return bytes(body)


def _children(data: bytes, start: int, end: int) -> Iterator[Element]:
    place = start
    while place < end:
        element = _element(lambda offset, size: data[offset : offset + size], place, end)
        if element.end is None or element.end > end:
            raise BitstreamError("An element is longer than what it lies in.")
        yield element
        place = element.end


def _element(read: ReadAt, place: int, size: int) -> Element:
    """The element that begins at a place. Raises BitstreamError where none can begin there."""
    head = read(place, min(12, size - place)) if 0 <= place < size else b""
    id_bytes = _length(head[:1], 4)
    size_bytes = _length(head[id_bytes : id_bytes + 1], 8)
    stop = id_bytes + size_bytes
    if len(head) < stop:
        raise BitstreamError("The file ends inside the head of an element.")
    unknown = (1 << 7 * size_bytes) - 1
    value = int.from_bytes(head[id_bytes:stop]) & unknown
    return Element(int.from_bytes(head[:id_bytes]), place + stop, None if value == unknown else place + stop + value)


def _length(first: bytes, most: int) -> int:
    """How many bytes a number of variable length has, by its first one."""
    zeros = 8 - first[0].bit_length() if first else most
    if zeros >= most:
        raise BitstreamError("No element begins there.")
    return zeros + 1
