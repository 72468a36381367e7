"""Compares two files packet by packet, side by side, holding only what one file is ahead of the other."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from av.container import InputContainer

from engine.encoding.av_types import AnyPacket
from engine.encoding.checking.report import Comparison, PacketReport
from engine.encoding.checking.ticks import converted
from engine.media.container import open_container, video_stream
from engine.running import CancelToken

_CHECK_EVERY = 256
_NO_TIME = -1
_BLOCK_HEADER_BYTES = 4
"""Track number, time and flags of an MKV's block, where the number is below 127 and there is no lacing."""


def compare_packets(job: Comparison, *, cancel: CancelToken) -> PacketReport:
    """Every packet of one file with its counterpart in the other. Raises MediaError, Cancelled and FFmpeg's errors."""
    with open_container(job.source) as left, open_container(job.output) as right, Path(job.output).open("rb") as raw:
        counting = _Counting(job, left, right, raw)
        for number, (a, b) in enumerate(_paired(left, right, job.with_audio)):
            if number % _CHECK_EVERY == 0:
                cancel.check()
            counting.add(a, b)
        return counting.finished()


class _Counting:
    def __init__(self, job: Comparison, left: InputContainer, right: InputContainer, output: BinaryIO) -> None:
        self._output = output
        self._index = job.index
        self._replaced = frozenset((*job.index.pts[job.is_replaced()].tolist(), *job.hidden_replaced().tolist()))
        first = video_stream(left)
        self._video = first.index if first else -1
        self._tells_places = all("mp4" in container.format.name for container in (left, right))
        self._has_blocks = "matroska" in right.format.name
        self._stores_dts = "matroska" not in left.format.name  # there the demuxer guesses, by the first frames of the file
        self._report = PacketReport()
        self._pts: list[int] = []
        self._seen: set[int | None] = set()
        self._time_base = self._index.time_base
        self._proven: list[tuple[int, int]] = []
        self._replaced_places: list[tuple[int, int]] = []

    def add(self, a: AnyPacket | None, b: AnyPacket | None) -> None:
        """Count one pair; one of the two is None where only one of the files has such a packet."""
        if a is None or b is None:
            self._report.unpaired[(a or b).stream.type] += 1  # type: ignore[union-attr]
            return
        is_same = _same(a, b, with_dts=self._stores_dts)
        if a.stream.index == self._video:
            self._count_video(a, b, is_same)
        else:
            counts = self._report.others_equal if is_same else self._report.others_different
            counts[a.stream.type] += 1
            self._remember_kept(b, is_same)

    def finished(self) -> PacketReport:
        """The report; nothing may be added after it."""
        self._report.output_pts = converted(np.array(self._pts, np.int64), self._time_base, self._index.time_base)
        self._report.proven = np.array(sorted(self._proven), np.int64).reshape(-1, 2)
        self._report.replaced_places = np.array(self._replaced_places, np.int64).reshape(-1, 2)
        return self._report

    def _count_video(self, a: AnyPacket, b: AnyPacket, is_same: bool) -> None:
        is_torn = a.is_corrupt and bool(self._index.torn)
        is_shown = not (a.is_discard or is_torn or a.pts in self._seen)  # of several with one time the index has the first
        is_replaced = a.pts in self._replaced
        if is_shown:
            self._seen.add(a.pts)
        if not b.is_discard if is_replaced else is_shown:  # new packets are decoded in an order of their own
            self._pts.append(b.pts if b.pts is not None else _NO_TIME)
            self._time_base = b.time_base
        if is_replaced:
            self._report.replaced += 1
            same_slot = not self._stores_dts or _ticks(a.dts, a) == _ticks(b.dts, b)
            same_slot &= _ticks(a.duration, a) == _ticks(b.duration, b)
            self._report.bad_slots += not same_slot
            self._remember(self._replaced_places, a, True)
        elif is_same:
            self._report.copied += is_shown
            self._remember_kept(b, True)
        else:
            self._report.strays += 1

    def _remember_kept(self, packet: AnyPacket, is_it: bool) -> None:
        """Of an MKV the demuxer says where the block begins; whether the packet lies behind its header is looked at."""
        if is_it and self._has_blocks and packet.pos is not None and packet.pos >= 0:
            place = packet.pos + _BLOCK_HEADER_BYTES
            self._output.seek(place)
            if self._output.read(packet.size) == bytes(packet):
                self._proven.append((place, packet.size))
        self._remember(self._proven, packet, is_it)

    def _remember(self, places: list[tuple[int, int]], packet: AnyPacket, is_it: bool) -> None:
        if is_it and self._tells_places and packet.pos is not None and packet.pos >= 0:
            places.append((packet.pos, packet.size))


def _same(a: AnyPacket, b: AnyPacket, *, with_dts: bool) -> bool:
    if a.size != b.size or a.is_keyframe != b.is_keyframe or a.is_discard != b.is_discard:
        return False
    if a.time_base == b.time_base:
        same_times = (a.pts, a.duration) == (b.pts, b.duration) and (a.dts == b.dts or not with_dts)
    else:
        times = ((a.pts, b.pts), (a.duration, b.duration), *(((a.dts, b.dts),) if with_dts else ()))
        same_times = all(_ticks(x, a) == _ticks(y, b) for x, y in times)
    return same_times and bytes(a) == bytes(b)


def _ticks(value: int | None, packet: AnyPacket) -> Any:
    return None if value is None else value * packet.time_base


def _paired(left: InputContainer, right: InputContainer, with_audio: bool) -> Iterator[tuple[AnyPacket | None, AnyPacket | None]]:
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
