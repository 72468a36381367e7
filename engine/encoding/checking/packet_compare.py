"""Compares two files packet by packet, side by side, holding only what one file is ahead of the other."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from av.container import InputContainer

from engine.encoding.av_types import AnyPacket
from engine.media.container import open_container, video_stream
from engine.running import CancelToken

_CHECK_EVERY = 256


@dataclass(slots=True)
class PacketReport:
    """Counts of one comparison. Video counts are of the first real video stream; the other streams are counted by kind."""

    copied: int = 0
    """Video packets equal in bytes, times, duration and flag, outside the replaced frames."""
    replaced: int = 0
    strays: int = 0
    """Video packets outside the replaced frames that differ."""
    bad_slots: int = 0
    """Replaced packets whose decode time or duration is not that of the packet before."""
    others_equal: Counter[str] = field(default_factory=Counter)
    others_different: Counter[str] = field(default_factory=Counter)
    output_pts: list[int] = field(default_factory=list)
    unpaired: Counter[str] = field(default_factory=Counter)
    """Packets that only one of the files has, by kind of stream."""


def compare_packets(
    source: str, output: str, replaced: frozenset[int], *, with_audio: bool, cancel: CancelToken
) -> PacketReport:
    """`replaced` are the pts (source's ticks) whose packets may differ. Without `with_audio` sound is left out."""
    report = PacketReport()
    with open_container(source) as left, open_container(output) as right:
        pairs = _paired(left, right, with_audio)
        first = video_stream(left)
        video = first.index if first else -1
        for number, (a, b) in enumerate(pairs):
            if number % _CHECK_EVERY == 0:
                cancel.check()
            if a is None or b is None:
                report.unpaired[(a or b).stream.type] += 1  # type: ignore[union-attr]
                continue
            if a.stream.index == video:
                _count_video(report, a, b, replaced)
            else:
                counts = report.others_equal if _same(a, b) else report.others_different
                counts[a.stream.type] += 1
    return report


def _count_video(report: PacketReport, a: AnyPacket, b: AnyPacket, replaced: frozenset[int]) -> None:
    scale = b.time_base / a.time_base
    if not a.is_discard:
        report.output_pts.append(int(b.pts * scale) if b.pts is not None else -1)
    if a.pts in replaced:
        report.replaced += 1
        same_slot = _ticks(a.dts, a) == _ticks(b.dts, b) and _ticks(a.duration, a) == _ticks(b.duration, b)
        report.bad_slots += not same_slot
    elif _same(a, b):
        report.copied += not a.is_discard
    else:
        report.strays += 1


def _same(a: AnyPacket, b: AnyPacket) -> bool:
    if a.size != b.size or a.is_keyframe != b.is_keyframe:
        return False
    if a.time_base == b.time_base:
        same_times = (a.pts, a.dts, a.duration) == (b.pts, b.dts, b.duration)
    else:
        same_times = all(_ticks(x, a) == _ticks(y, b) for x, y in ((a.pts, b.pts), (a.dts, b.dts), (a.duration, b.duration)))
    return same_times and memoryview(a) == memoryview(b)


def _ticks(value: int | None, packet: AnyPacket) -> Any:
    return None if value is None else value * packet.time_base


def _paired(
    left: InputContainer, right: InputContainer, with_audio: bool
) -> Iterator[tuple[AnyPacket | None, AnyPacket | None]]:
    """The n-th packet of each stream of one file with the n-th of the same stream (by kind and place) of the other."""
    waiting: tuple[dict[Any, deque[AnyPacket]], dict[Any, deque[AnyPacket]]] = ({}, {})
    feeds = [_keyed(left, with_audio), _keyed(right, with_audio)]
    alive = [True, True]
    while any(alive):
        for side, feed in enumerate(feeds):
            item = next(feed, None)
            if item is None:
                alive[side] = False
                continue
            key, packet = item
            if waiting[1 - side].get(key):
                other = waiting[1 - side][key].popleft()
                yield (packet, other) if side == 0 else (other, packet)
            else:
                waiting[side].setdefault(key, deque()).append(packet)
    for side in (0, 1):
        for queue in waiting[side].values():
            yield from ((packet, None) if side == 0 else (None, packet) for packet in queue)


def _keyed(container: InputContainer, with_audio: bool) -> Iterator[tuple[Any, AnyPacket]]:
    places: dict[int, tuple[str, int]] = {}
    for stream in container.streams:
        places[stream.index] = (stream.type, sum(kind == stream.type for kind, _ in places.values()))
    for packet in container.demux():
        if packet.size and (with_audio or packet.stream.type != "audio"):
            yield places[packet.stream.index], packet
