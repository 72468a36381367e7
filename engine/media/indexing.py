"""Makes the frame index of a video file, once per content, from its tables where it has them and from its packets where not."""

from dataclasses import replace
from fractions import Fraction

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from engine.cache.store import Cache
from engine.errors import MediaError
from engine.media.animated import is_animation
from engine.media.container import SourcePath, display_name, must_count, open_container, video_stream
from engine.media.cut_off import matroska_ends_early, nothing_there
from engine.media.idr import IdrTest
from engine.media.index import FrameIndex
from engine.media.index_building import (
    PacketTable,
    build_index,
    hidden_between,
    index_from_bytes,
    index_to_bytes,
    without_open_gops,
)
from engine.media.mp4_index import mp4_packets

_KIND = "index"


def frame_index(path: SourcePath, fingerprint: str, cache: Cache) -> FrameIndex:
    """The index of the first video stream, cached by fingerprint. Raises MediaError where there is no video or no times."""
    key = cache.key("frame index", fingerprint)
    stored = cache.get(_KIND, key)
    index = index_from_bytes(stored) if stored else None
    if index is None:
        index = build_frame_index(path)
        cache.put(_KIND, key, index_to_bytes(index))
    return index


def build_frame_index(path: SourcePath) -> FrameIndex:
    """The same without a cache."""
    if is_animation(path):
        from engine.media.animation import animation_index  # brings Pillow

        return animation_index(path)
    try:
        with open_container(path) as container:
            stream = video_stream(container)
            if stream is None:
                raise MediaError(f"“{display_name(path)}” has no video.")
            table = _table(path, container, stream)
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(f"“{display_name(path)}” cannot be read: its data is damaged.", "Copy or record it again.") from error
    if not len(table.pts):
        raise MediaError(f"“{display_name(path)}” has a video stream without frames.", "Copy or record it again.")
    return build_index(table)


def _table(path: SourcePath, container: InputContainer, stream: VideoStream) -> PacketTable:
    if container.format.name.startswith("mov,mp4"):
        table = mp4_packets(path, container, stream)
        if table is not None:
            return table
        with open_container(path) as fresh:
            again = video_stream(fresh)
            assert again is not None  # the same file had one a moment ago
            return _packet_table(path, fresh, again)
    return _packet_table(path, container, stream)


def _packet_table(path: SourcePath, container: InputContainer, stream: VideoStream) -> PacketTable:
    """By reading every packet of the stream (the whole file)."""
    # A flush packet has no size. Its dts is no sign: Matroska stores none, and the first IDR would be dropped.
    found = [_row(packet, test) for test in [_test(stream)] for packet in container.demux(stream) if packet.size]
    torn = int(container.format.name.startswith("mov,mp4") and bool(found) and found[-1][7])
    found = found[: len(found) - torn]
    if torn and not found:
        raise nothing_there(path)
    shown = [row for row in found if not row[6]]
    if must_count(container, stream):
        return _counted_table(path, shown)
    if any(row[0] is None for row in shown):
        raise MediaError(
            f"“{display_name(path)}” stores no times for its frames.", "Put the stream into an MP4 or MKV file first.",
        )
    columns = list(zip(*shown, strict=True)) or [()] * 8
    dts = None if any(t is None for t in columns[1]) else np.array(columns[1], np.int64)
    is_keyframe = np.array(columns[4], np.bool_)
    if container.format.name in {"gif", "apng"} and len(is_keyframe):
        is_keyframe[1:] = False  # the demuxer flags all, but a frame is a change of the one before
    table = PacketTable(
        Fraction(stream.time_base or 1), np.array(columns[0], np.int64), dts, np.array(columns[2], np.int64),
        np.array(columns[3], np.int64), is_keyframe, np.array(columns[5], np.bool_) & is_keyframe,
        hidden_between(np.array([*(row[6] for row in found), *[True] * torn], np.bool_)), missing=torn, torn=torn,
        ends_early=container.format.name.startswith("matroska") and matroska_ends_early(path),
    )  # fmt: skip
    return table if _test(stream).applies else _with_idr(table)


def _with_idr(table: PacketTable) -> PacketTable:
    idr = without_open_gops(table)
    return replace(table, is_idr=idr)


def _test(stream: VideoStream) -> IdrTest:
    return IdrTest(stream.codec_context.name, stream.codec_context.extradata)


_Row = tuple[int | None, int | None, int, int, bool, bool, bool, bool]


def _row(packet: "Packet[VideoStream]", test: IdrTest) -> _Row:
    is_idr = bool(packet.is_keyframe and test.applies and test(lambda limit: bytes(memoryview(packet)[:limit])))
    times = packet.pts, packet.dts, packet.duration or 0
    return *times, packet.size, packet.is_keyframe, is_idr, packet.is_discard, packet.is_corrupt


def _counted_table(path: SourcePath, packets: list[_Row]) -> PacketTable:
    """By decoding the whole stream and counting, see `must_count`. Only the first frame is a place to start at."""
    with open_container(path) as container:
        stream = video_stream(container)
        assert stream is not None
        stream.thread_type = "AUTO"
        count = min(sum(1 for _ in container.decode(stream)), len(packets))
        time_base = Fraction(stream.time_base or 1)
    times = np.array(sorted(row[1] if row[1] is not None else n for n, row in enumerate(packets))[:count], np.int64)
    durations, sizes = (np.array([row[column] for row in packets[:count]], np.int64) for column in (2, 3))
    first = np.arange(count) == 0
    return PacketTable(time_base, times, times, durations, sizes, first, first, np.zeros(count + 1, np.int64))
