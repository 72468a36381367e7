"""The check that nothing of the replaced pictures is left in a spliced file: what was patched out must not be shipped.

Only coded pictures are looked for: messages like captions go over to the new packets on purpose.
"""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np

from engine.bitstream.avc import nal_type
from engine.bitstream.avcc import AvcC, parse_avcc
from engine.bitstream.boxes import read_at
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import read_movie
from engine.bitstream.sample_tables import Int64Array
from engine.encoding.checking.leftovers import RUN_BYTES, Leftover, find_leftovers, gaps
from engine.encoding.checking.replaced_packets import runs_kept_nowhere, searched_file, write_pictures
from engine.encoding.checking.report import Comparison, PacketReport
from engine.encoding.result import Check
from engine.running import CancelToken

NAME = "Replaced bytes"
_CODED_PICTURE = range(1, 6)
_AT_ONCE = 64
_WINDOW_BYTES = 1 << 20


def check_replaced_bytes(job: Comparison, packets: PacketReport, *, cancel: CancelToken) -> Check:
    """Scan all but proven packets. A run that kept packets have too is none. Raises MediaError, OSError, Cancelled."""
    if len(packets.replaced_places) < packets.replaced:
        return _check_through_demuxer(job, packets, cancel)
    with Path(job.source).open("rb", buffering=0) as old, Path(job.output).open("rb", buffering=0) as new:
        pictures = _picture_places(old, packets.replaced_places, _record(old))
        found = find_leftovers(old, new, pictures, packets.proven, os.fstat(new.fileno()).st_size, cancel=cancel)
        while some := list(islice(found, _AT_ONCE)):
            left = _not_kept(old, packets.replaced_places, some, cancel)
            if left:
                return _found_at(left[0].place)
    return _none_found(pictures)


def _found_at(place: int) -> Check:
    return Check(NAME, False, f"{RUN_BYTES} bytes of a replaced packet at byte {place:,}")


def _found_somewhere() -> Check:
    return Check(NAME, False, f"{RUN_BYTES} bytes of a replaced packet")


def _none_found(pictures: Int64Array) -> Check:
    return Check(NAME, True, f"none of {int(pictures[:, 1].sum()):,} found")


def _check_through_demuxer(job: Comparison, packets: PacketReport, cancel: CancelToken) -> Check:
    """The same where the container does not say where packets lie."""
    with TemporaryFile() as old, searched_file(job, cancel=cancel) as (new, is_output):
        pictures = write_pictures(job, old, cancel=cancel)
        if pictures is None:
            return Check(NAME, False, "not all replaced packets could be read again")
        proven = packets.proven if is_output else np.empty((0, 2), np.int64)
        found = find_leftovers(old, new, pictures, proven, new.seek(0, os.SEEK_END), cancel=cancel)
        while some := list(islice(found, _AT_ONCE)):
            left = runs_kept_nowhere(job, {leftover.run for leftover in some}, cancel=cancel)
            for leftover in some:
                if leftover.run in left:
                    return _found_at(leftover.place) if is_output else _found_somewhere()
    return _none_found(pictures)


def _record(file: BinaryIO) -> AvcC | None:
    """How the video is coded; None where it is not said or not H.264."""
    try:
        tracks = read_movie(*read_at(file)).tracks
        entry = next(e for track in tracks for e in track.entries if e.config_kind == "avcC")
        return parse_avcc(entry.config)
    except (BitstreamError, StopIteration):
        return None


def _picture_places(file: BinaryIO, places: Int64Array, record: AvcC | None) -> Int64Array:
    """Of each packet the coded pictures (NAL units 1 to 5); the whole packet where it is not made of units."""
    if record is None:
        return places
    found: list[tuple[int, int]] = []
    for offset, size in places.tolist():
        file.seek(offset)
        data = file.read(size)
        units = list(_units(data, record.length_size))
        if sum(record.length_size + count for _, _, count in units) != size:
            found.append((offset, size))
            continue
        found += ((offset + start, count) for kind, start, count in units if kind in _CODED_PICTURE)
    return np.array(found, np.int64).reshape(-1, 2)


def _units(data: bytes, length_size: int) -> Iterator[tuple[int, int, int]]:
    """(type, start, bytes) of the units of a sample, as far as they are whole."""
    position = 0
    while position + length_size < len(data):
        count = int.from_bytes(data[position : position + length_size], "big")
        position += length_size
        if not 0 < count <= len(data) - position:
            return
        yield nal_type(data[position : position + 1]), position, count
        position += count


def _not_kept(source: BinaryIO, replaced: Int64Array, found: list[Leftover], cancel: CancelToken) -> list[Leftover]:
    """Those whose bytes the source has nowhere but in replaced packets."""
    left = list({leftover.run: leftover for leftover in found}.values())
    order = np.argsort(replaced[:, 0], kind="stable")
    for start, stop in gaps(replaced[order], os.fstat(source.fileno()).st_size):
        for place in range(start, stop, _WINDOW_BYTES):
            cancel.check()
            source.seek(place)
            data = source.read(min(_WINDOW_BYTES + RUN_BYTES, stop - place))
            left = [leftover for leftover in left if leftover.run not in data]
            if not left:
                return []
    return left
