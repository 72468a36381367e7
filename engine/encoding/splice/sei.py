"""SEI messages that belong to the picture and must go over to its new coding: captions, HDR description.

Messages about the coding itself (timing, buffering, recovery) stay behind. Source: ITU-T H.264, Annex D.
"""

from engine.bitstream.avc import NalType, iter_sei_messages, nal_type
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import insert_emulation_prevention, iter_length_prefixed, join_length_prefixed
from engine.media.container import open_container, video_stream
from engine.media.index import FrameIndex

_CARRIED = frozenset({4, 45, 47, 137, 144, 147})
"""Registered user data (A53 captions, HDR10+), frame packing, display orientation, mastering display, content light,
alternative transfer."""


def carried_messages(path: str, index: FrameIndex, runs: list[range], length_size: int) -> dict[int, bytes]:
    """Length-prefixed SEI units by pts, for the frames of the runs that have such messages."""
    found: dict[int, bytes] = {}
    with open_container(path) as container:
        video = video_stream(container)
        for run in runs if video else ():
            assert video is not None
            wanted = {int(pts) for pts in index.pts[run.start : run.stop]}
            container.seek(int(index.dts[run.start]), stream=video, backward=True)
            for packet in container.demux(video):
                if packet.pts in wanted:
                    wanted.discard(packet.pts)
                    if unit := _carried_unit(bytes(packet), length_size):
                        found[packet.pts] = unit
                if not wanted:
                    break
    return found


def _carried_unit(sample: bytes, length_size: int) -> bytes:
    messages: list[tuple[int, bytes]] = []
    try:
        for nal in iter_length_prefixed(sample, length_size):
            if nal_type(nal) == NalType.SEI:
                messages += (message for message in iter_sei_messages(nal) if message[0] in _CARRIED)
    except BitstreamError:
        return b""
    if not messages:
        return b""
    body = b"".join(_number(kind) + _number(len(payload)) + payload for kind, payload in messages) + b"\x80"
    return join_length_prefixed([bytes([NalType.SEI]) + insert_emulation_prevention(body)], length_size)


def _number(value: int) -> bytes:
    return b"\xff" * (value // 255) + bytes([value % 255])
