"""Encoded segments as bytes, and where they wait until they are written; the cache keeps them for the next export.

One in the cache that cannot be read counts as not there.
"""

import errno
import os
import struct
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from engine.cache.store import Cache
from engine.encoding.splice.byte_copy import write_all
from engine.encoding.splice.encoder import EncodedPacket, EncodedSegment

KIND = "segments"

_HEAD = struct.Struct("<4sHHI")
_PACKET = struct.Struct("<IBI")
_MAGIC = b"SEG1"


def to_bytes(segment: EncodedSegment) -> bytes:
    """One value: head, parameter sets, packets."""
    parts = [_HEAD.pack(_MAGIC, len(segment.sps), len(segment.pps), len(segment.packets)), segment.sps, segment.pps]
    for packet in segment.packets:
        parts += (_PACKET.pack(packet.frame, packet.is_keyframe, len(packet.data)), packet.data)
    return b"".join(parts)


def from_bytes(data: bytes) -> EncodedSegment | None:
    """The reverse; None where the bytes are no segment."""
    try:
        magic, sps_size, pps_size, count = _HEAD.unpack_from(data)
        place = _HEAD.size + sps_size + pps_size
        sets = data[_HEAD.size : place]
        packets: list[EncodedPacket] = []
        for _ in range(count):
            frame, is_keyframe, size = _PACKET.unpack_from(data, place)
            place += _PACKET.size + size
            packets.append(EncodedPacket(frame, bool(is_keyframe), data[place - size : place]))
    except struct.error:
        return None
    is_whole = magic == _MAGIC and place == len(data)
    return EncodedSegment(sets[:sps_size], sets[sps_size:], tuple(packets)) if is_whole else None


def parameter_sets_of(data: bytes) -> tuple[bytes, bytes]:
    """SPS and PPS of a segment's bytes, without its packets."""
    _, sps_size, pps_size, _ = _HEAD.unpack_from(data)
    sets = data[_HEAD.size : _HEAD.size + sps_size + pps_size]
    return sets[:sps_size], sets[sps_size:]


class SegmentStore:
    """Segments of one export by key, as bytes. All it was given or asked for lie in one file without a name in `folder` until
    it is closed, because the cache may be off, full or emptied at any time; the cache is for the next export.
    """

    def __init__(self, cache: Cache | None, folder: Path) -> None:
        self._cache, self._folder = cache, folder
        self._file: BinaryIO | None = None
        self._places: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> "SegmentStore":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def has(self, key: str) -> bool:
        """Whether an earlier export left this segment."""
        return self._cached(key) is not None

    def fetch(self, key: str) -> bytes | None:
        """A segment that an earlier export left, kept from now on; None where there is none. Raises OSError."""
        data = self._cached(key)
        if data is not None:
            self._keep(key, data)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep a segment's bytes, for this export and the next one. Raises OSError where the folder does not take it."""
        self._keep(key, data)
        if self._cache is not None:
            self._cache.put(KIND, key, data)

    def get(self, key: str) -> EncodedSegment:
        """A segment that was fetched or put. Raises KeyError: it was not; OSError."""
        assert self._file is not None
        place, size = self._places[key]
        self._file.seek(place)
        found = from_bytes(self._file.read(size))
        if found is None:
            raise OSError(errno.EIO, "what was written a moment ago cannot be read back")
        return found

    def _cached(self, key: str) -> bytes | None:
        data = self._cache.get(KIND, key) if self._cache is not None else None
        return data if data is not None and from_bytes(data) is not None else None

    def _keep(self, key: str, data: bytes) -> None:
        if self._file is None:
            self._file = cast(BinaryIO, tempfile.TemporaryFile(dir=self._folder, buffering=0))  # noqa: SIM115 - see __exit__
        place = self._file.seek(0, os.SEEK_END)
        write_all(self._file.fileno(), data)
        self._places[key] = (place, len(data))
