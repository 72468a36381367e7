"""SEI messages that belong to the picture and must go over to its new coding: captions, HDR description, a camera's own data.

Messages about the coding itself (timing, buffering, recovery) stay behind. Source: ITU-T H.264, Annex D.
"""

from collections.abc import Iterator, Sequence

from engine.bitstream.avc import NalType, iter_sei_messages, nal_type
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import insert_emulation_prevention, iter_length_prefixed, join_length_prefixed, split_annexb
from engine.encoding.splice.source import SpliceSource
from engine.media.container import video_stream
from engine.media.index import FrameIndex
from engine.media.seeking import packets_from

_CARRIED = frozenset({4, 45, 47, 137, 144, 147})
"""Registered user data (A53 captions, HDR10+), frame packing, display orientation, mastering display, content light,
alternative transfer."""

_USER_DATA = 5
_X264 = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")
"""The mark of x264's note about its own settings, which are not those of the new coding. Other user data is carried."""

_PICTURES = range(1, 6)


def carried_messages(source: SpliceSource, index: FrameIndex, runs: Sequence[range]) -> dict[int, bytes]:
    """Length-prefixed SEI units by pts, for the frames of the runs that have such messages."""
    found: dict[int, bytes] = {}
    with source.open_packets() as container:
        video = video_stream(container)
        for run in runs if video else ():
            assert video is not None
            has_lengths = (video.codec_context.extradata or b"\0")[0] == 1
            wanted = {int(pts) for pts in index.pts[run.start : run.stop]}
            for packet in packets_from(container, video, index, run.start):
                if packet.pts is not None and packet.pts in wanted:
                    wanted.discard(packet.pts)
                    if unit := carried_unit(bytes(packet), source.record.length_size, has_lengths=has_lengths):
                        found[packet.pts] = unit
                if not wanted:
                    break
    return found


def carried_unit(sample: bytes, length_size: int, *, has_lengths: bool = True) -> bytes:
    """One unit with all messages of a sample that go over, empty where there are none. A damaged sample has none."""
    try:
        messages = [m for nal in _before_picture(sample, length_size if has_lengths else 0) for m in _messages(nal)]
    except BitstreamError:
        return b""
    if not messages:
        return b""
    body = b"".join(_number(kind) + _number(len(payload)) + payload for kind, payload in messages) + b"\x80"
    return join_length_prefixed([bytes([NalType.SEI]) + insert_emulation_prevention(body)], length_size)


def _before_picture(sample: bytes, length_size: int) -> Iterator[bytes]:
    """The units before the first slice, after which no SEI may come."""
    for nal in iter_length_prefixed(sample, length_size) if length_size else split_annexb(sample):
        if nal_type(nal) in _PICTURES:
            return
        yield nal


def _messages(nal: bytes) -> Iterator[tuple[int, bytes]]:
    if nal_type(nal) == NalType.SEI:
        for kind, payload in iter_sei_messages(nal):
            if kind in _CARRIED or (kind == _USER_DATA and not payload.startswith(_X264)):
                yield kind, payload


def _number(value: int) -> bytes:
    return b"\xff" * (value // 255) + bytes([value % 255])
