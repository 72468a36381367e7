"""What a source is, read from its packets alone: which frames can be copied, and how many an export truly has to encode.

Independent of the program on purpose: nothing of `engine` is imported here.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Disposition

_IDR, _SEI = 5, 6
_CODED = range(1, 6)
_MEANINGFUL = {4, 137, 144}
"""SEI that belongs to the picture and not to its coding: captions and other registered data, HDR."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One packet of video in decode order; `time` in seconds. `messages` is its SEI that carries meaning."""

    time: Fraction | None
    is_hidden: bool
    is_idr: bool
    data: bytes
    digest: str
    messages: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """The samples of the first real video stream, and the same in the order they are shown."""

    samples: list[Sample]

    @property
    def shown(self) -> list[int]:
        """Decode positions in presentation order; those without a time come last."""
        last = Fraction(1 << 60)
        keys = [last if sample.time is None else sample.time for sample in self.samples]
        return sorted(range(len(keys)), key=lambda position: keys[position])

    @property
    def visible(self) -> list[int]:
        """Presentation numbers of the frames that are shown: no edit list hides them, and they are there."""
        return [number for number, position in enumerate(self.shown) if not self.samples[position].is_hidden]

    def time_of(self, number: int) -> Fraction:
        time = self.samples[self.shown[number]].time
        if time is None:
            raise ValueError(f"frame {number} has no time")
        return time


def read_stream(path: Path) -> Stream:
    """Read all packets of the first video stream that is no cover picture. Raises FFmpegError."""
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams.video if not s.disposition & Disposition.attached_pic)
        extradata = stream.codec_context.extradata or b""
        length_size = (extradata[4] & 3) + 1 if extradata[:1] == b"\1" else 0
        samples = []
        for packet in container.demux(stream):
            if packet.size:
                time = None if packet.pts is None or packet.time_base is None else packet.pts * packet.time_base
                is_torn = packet.is_corrupt and length_size > 0  # a file that was cut off: no player shows a part of it
                samples.append(_sample(bytes(packet), time, packet.is_discard or is_torn, length_size))
    return Stream(samples)


def _sample(data: bytes, time: Fraction | None, is_hidden: bool, length_size: int) -> Sample:
    units = list(_annexb(data) if length_size == 0 else _prefixed(data, length_size))
    coded = {unit[0] & 31 for unit in units} & set(_CODED)
    messages = tuple(body for unit in units if unit[0] & 31 == _SEI for body in _messages(unit))
    return Sample(time, is_hidden, coded == {_IDR}, data, hashlib.md5(data).hexdigest(), messages)


def _prefixed(data: bytes, length_size: int) -> Iterator[bytes]:
    position = 0
    while position + length_size < len(data):
        start = position + length_size
        position = start + int.from_bytes(data[position:start], "big")
        if data[start:position]:
            yield data[start:position]


def _annexb(data: bytes) -> Iterator[bytes]:
    return (unit.rstrip(b"\0") for unit in data.split(b"\0\0\1")[1:] if unit.rstrip(b"\0"))


def _messages(unit: bytes) -> Iterator[bytes]:
    """Payloads of a SEI unit that carry meaning, each with its type before it."""
    body, position = unit[1:].replace(b"\0\0\3", b"\0\0"), 0
    while position + 2 < len(body):
        kind, position = _number(body, position)
        size, position = _number(body, position)
        if kind in _MEANINGFUL:
            yield bytes([kind]) + body[position : position + size]
        position += size


def _number(body: bytes, position: int) -> tuple[int, int]:
    value = 0
    while position < len(body) and body[position] == 255:
        value, position = value + 255, position + 1
    return value + (body[position] if position < len(body) else 0), position + 1


def idr_frames(stream: Stream) -> list[int]:
    """Frames at which a decoder can start with nothing known, and before which everything is shown."""
    return [number for number in closed_cuts(stream) if stream.samples[number].is_idr and stream.shown[number] == number]


def closed_cuts(stream: Stream) -> list[int]:
    """Numbers k such that the first k samples are exactly the first k frames shown."""
    rank = {position: number for number, position in enumerate(stream.shown)}
    cuts, highest = [], -1
    for position in range(len(stream.samples)):
        if highest == position - 1:
            cuts.append(position)
        highest = max(highest, rank[position])
    return cuts


def needed(stream: Stream, windows: list[range]) -> int:
    """Frames that must be encoded again: from the last closed cut before each window to the first IDR after it, joined."""
    cuts, borders = closed_cuts(stream), [*idr_frames(stream), len(stream.samples)]
    frames: set[int] = set()
    for window in windows:
        start = max(cut for cut in cuts if cut <= window.start)
        frames |= set(range(start, min(border for border in borders if border >= window.stop)))
    return len(frames)


def replaced(source: Stream, output: Stream) -> list[Sample]:
    """Samples of the source that are not in the output with the same bytes at the same time."""
    there = {(sample.time, sample.digest) for sample in output.samples}
    return [sample for sample in source.samples if (sample.time, sample.digest) not in there]


def lost_messages(source: Stream, output: Stream) -> int:
    """How many captions and HDR messages of the source are not at their frame in the output."""
    there = {sample.time: sample.messages for sample in output.samples}
    return sum(message not in there.get(sample.time, ()) for sample in source.samples for message in sample.messages)
