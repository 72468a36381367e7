"""The check that nothing of the replaced pictures is left in a spliced file: what was patched out must not be shipped.

Only coded pictures are looked for: messages like captions go over to the new packets on purpose.
"""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.bitstream.avc import nal_type
from engine.bitstream.avcc import AvcC, parse_avcc
from engine.bitstream.boxes import read_at
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import read_movie
from engine.bitstream.sample_tables import Int64Array
from engine.encoding.checking.leftovers import RUN_BYTES, Leftover, find_leftovers, gaps
from engine.encoding.checking.report import PacketReport
from engine.encoding.result import Check
from engine.running import CancelToken

NAME = "Replaced bytes"
_CODED_PICTURE = range(1, 6)
_AT_ONCE = 64
_WINDOW_BYTES = 1 << 20


def check_replaced_bytes(source: str, output: str, packets: PacketReport, *, cancel: CancelToken) -> Check:
    """Scan what is not proven to be kept packets. A run that kept packets have too is none. Raises OSError, Cancelled."""
    if len(packets.replaced_places) < packets.replaced:
        return Check(NAME, True, "not looked for: this kind of file does not say where its packets lie")
    with Path(source).open("rb", buffering=0) as old, Path(output).open("rb", buffering=0) as new:
        pictures = _picture_places(old, packets.replaced_places, _record(old))
        found = find_leftovers(old, new, pictures, packets.proven, os.fstat(new.fileno()).st_size, cancel=cancel)
        while some := list(islice(found, _AT_ONCE)):
            left = _not_kept(old, packets.replaced_places, some, cancel)
            if left:
                return Check(NAME, False, f"{RUN_BYTES} bytes of a replaced packet at byte {left[0].place:,}")
    return Check(NAME, True, f"none of {int(pictures[:, 1].sum()):,} found")


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
