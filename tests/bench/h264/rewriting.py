"""Makes what no option of the ffmpeg program makes: other NAL lengths, captions, broken packets, odd sample tables, huge files.

Works on files that ffmpeg wrote with `moov` at the end, so that a table may grow without any offset moving.
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import av

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_GIANT = 4_300_000_000
_CORRUPT = range(100, 101)

Payload = bytes
TableEdit = Callable[[bytes, Payload], tuple[bytes, Payload]]
"""Kind and payload of a box in, the same out."""


def with_samples(source: Path, target: Path, change: Callable[[int, bytes], bytes], record: Callable[[bytes], bytes]) -> None:
    """Copy an MP4 with every video sample and its `avcC` changed; times, flags and sound stay."""
    with av.open(str(source)) as inside, av.open(str(target), "w") as out:
        streams = {s.index: out.add_stream_from_template(s, opaque=True) for s in inside.streams}
        video = inside.streams.video[0]
        streams[video.index].codec_context.extradata = record(video.codec_context.extradata or b"")
        number = -1
        for packet in inside.demux():
            if not packet.size:
                continue
            if packet.stream.index == video.index:
                number += 1
                changed = av.Packet(change(number, bytes(packet)))
                changed.pts, changed.dts, changed.duration = packet.pts, packet.dts, packet.duration
                changed.time_base, changed.is_keyframe = packet.time_base, packet.is_keyframe
            else:
                changed = packet
            changed.stream = streams[packet.stream.index]
            out.mux_one(changed)


def two_byte_lengths(source: Path, target: Path) -> None:
    """NAL units with lengths of two bytes instead of four."""
    with_samples(source, target, lambda _, data: b"".join(struct.pack(">H", len(unit)) + unit for unit in units(data)),
                 lambda record: record[:4] + bytes([record[4] & 0xFC | 1]) + record[5:])  # fmt: skip


def captions(source: Path, target: Path) -> None:
    """A closed caption (CEA-608 in ATSC A/53 user data) in every frame, each another one."""
    with_samples(source, target, lambda number, data: _captioned(number, data), lambda record: record)


def _captioned(number: int, data: bytes) -> bytes:
    pairs = bytes([0xFC, 0x20 + number % 90, 0x41 + number // 90, 0xFC, 0x94, 0x2C])
    body = b"\xb5\x00\x31GA94\x03\x42\xff" + pairs + b"\xff"
    sei = b"\x06\x04" + bytes([len(body)]) + body + b"\x80"
    parts = list(units(data))
    first = next(at for at, unit in enumerate(parts) if unit[0] & 31 in range(1, 6))
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in (*parts[:first], sei, *parts[first:]))


def corrupt_packet(source: Path, target: Path) -> None:
    """The middle of one packet is noise; lengths stay right."""
    def change(number: int, data: bytes) -> bytes:
        if number not in _CORRUPT:
            return data
        middle = len(data) // 2
        return data[:middle] + bytes((byte * 31 + at) % 251 + 1 for at, byte in enumerate(data[middle:]))

    with_samples(source, target, change, lambda record: record)


def units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a sample with four-byte lengths."""
    position = 0
    while position + 4 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        yield data[position + 4 : position + 4 + size]
        position += 4 + size


def without_ctts(source: Path, target: Path) -> None:
    """The table of presentation times is gone, although the stream has B-frames."""
    with_tables(source, target, lambda kind, payload: (b"free" if kind == b"ctts" else kind, payload))


def duplicate_dts(source: Path, target: Path) -> None:
    """One video frame takes no time and the next takes twice as long: two frames with one decode time."""
    def edit(kind: bytes, payload: bytes) -> tuple[bytes, bytes]:
        if kind != b"stts" or struct.unpack(">I", payload[4:8])[0] != 1:
            return kind, payload
        count, delta = struct.unpack(">II", payload[8:16])
        entries = [(count - 102, delta), (1, 0), (1, 2 * delta), (100, delta)]
        return kind, payload[:4] + struct.pack(">I", len(entries)) + b"".join(struct.pack(">II", *entry) for entry in entries)

    with_tables(source, target, edit, tracks=1)


def giant(source: Path, target: Path) -> None:
    """More than 4 GiB: a `free` box that is a hole lies before the samples, so chunk offsets need 64 bits (`co64`)."""
    data = source.read_bytes()
    boxes = {kind: (at, size) for kind, at, size in _boxes(data, 0, len(data))}
    begin, moov = boxes[b"mdat"][0], boxes[b"moov"]

    def edit(kind: bytes, payload: bytes) -> tuple[bytes, bytes]:
        if kind != b"stco":
            return kind, payload
        count = struct.unpack(">I", payload[4:8])[0]
        offsets = struct.unpack(f">{count}I", payload[8 : 8 + 4 * count])
        return b"co64", payload[:8] + struct.pack(f">{count}Q", *(offset + _GIANT for offset in offsets))

    with target.open("wb") as out:
        out.write(data[:begin] + struct.pack(">I4sQ", 1, b"free", _GIANT))
        out.truncate(begin + _GIANT)
        out.seek(begin + _GIANT)
        out.write(data[begin : moov[0]] + _edited(data[moov[0] : sum(moov)], edit, [1 << 30]))


def with_tables(source: Path, target: Path, edit: TableEdit, tracks: int = 1 << 30) -> None:
    """Copy a file with the boxes inside `moov` of its first tracks edited."""
    data = source.read_bytes()
    at, size = next((at, size) for kind, at, size in _boxes(data, 0, len(data)) if kind == b"moov")
    if at + size != len(data):
        raise ValueError("moov must lie at the end")
    target.write_bytes(data[:at] + _edited(data[at:], edit, [tracks]))


def _edited(box: bytes, edit: TableEdit, tracks: list[int]) -> bytes:
    """A box with everything in it edited; `tracks` holds how many tracks are still to be."""
    kind, body = box[4:8], box[8:]
    if kind == b"trak":
        tracks[0] -= 1
    if tracks[0] < 0:
        return box
    if kind in _CONTAINERS:
        body = b"".join(_edited(body[at : at + size], edit, tracks) for _, at, size in _boxes(body, 0, len(body)))
    else:
        kind, body = edit(kind, body)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _boxes(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and size of each box."""
    while begin + 8 <= end:
        size = int.from_bytes(data[begin : begin + 4], "big")
        size = int.from_bytes(data[begin + 8 : begin + 16], "big") if size == 1 else size or end - begin
        yield data[begin + 4 : begin + 8], begin, size
        begin += size
