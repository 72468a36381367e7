"""Encoded segments as bytes, and where they wait: in the cache, so that the next export finds them, else in a folder.

A segment that cannot be read back counts as not there.
"""

import hashlib
import struct
from pathlib import Path

from engine.cache.store import Cache
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


class SegmentStore:
    """Segments of one export by key. What the cache does not keep (it may be off or full) lies in `folder`."""

    def __init__(self, cache: Cache | None, folder: Path) -> None:
        self._cache, self._folder = cache, folder

    def has(self, key: str) -> bool:
        """Whether an earlier export left this segment."""
        return self._cache is not None and self._cache.get(KIND, key) is not None

    def get(self, key: str) -> EncodedSegment | None:
        data = self._cache.get(KIND, key) if self._cache else None
        if data is None:
            path = self._path(key)
            data = path.read_bytes() if path.is_file() else None
        return from_bytes(data) if data is not None else None

    def put(self, key: str, segment: EncodedSegment) -> None:
        """Keep a segment. Raises OSError where neither place takes it."""
        data = to_bytes(segment)
        if self._cache is not None:
            self._cache.put(KIND, key, data)
            if self._cache.get(KIND, key) == data:
                return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path(key).write_bytes(data)

    def _path(self, key: str) -> Path:
        return self._folder / hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
