"""What the frames that are encoded carry and their new coding cannot: said in one sentence each, before and after an export.

Reads the samples of the runs; decodes nothing. Source of the numbers: ITU-T H.264, table 7-1, and D.1.3 (picture timing).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

import av.error

from engine.bitstream.avc import NalType, iter_sei_messages, nal_type
from engine.bitstream.bits import BitReader
from engine.bitstream.errors import BitstreamError
from engine.bitstream.sps import Vui
from engine.encoding.splice.sets_in_force import units_of
from engine.encoding.splice.source import SpliceSource
from engine.media.container import video_stream
from engine.media.index import FrameIndex
from engine.media.seeking import packets_from

_MOST_SAMPLES = 2000
"""Looked at: a plan must not read a whole file."""

_LAYER = "second layer (SVC or MVC)"
_UNITS = {14: _LAYER, 15: _LAYER, 20: _LAYER, 21: _LAYER, 19: "transparency (auxiliary pictures)", 28: "Dolby Vision data"}
_UNKNOWN = "data of an unknown kind"
_UNKNOWN_UNITS = {*range(16, 19), *range(22, 32)}
_TIME_CODE = "time code in the pictures"
_PIC_TIMING = 1
_CLOCKS = (1, 1, 1, 2, 2, 3, 3, 2, 3)
"""Clock timestamps by `pic_struct`."""


def not_kept(source: SpliceSource, index: FrameIndex, runs: Sequence[range]) -> tuple[str, ...]:
    """Sentences for the user. Raises MediaError where the file cannot be opened."""
    found: Counter[str] = Counter()
    left = _MOST_SAMPLES
    with source.open_packets() as container:
        stream = video_stream(container)
        for run in runs if stream and runs else ():
            assert stream is not None
            try:
                for packet in islice(packets_from(container, stream, index, run.start), min(len(run), left)):
                    found.update(carried_in_vain(_units(bytes(packet), source.length_size), source.sps.vui))
            except (av.error.FFmpegError, OSError):
                continue
            left -= min(len(run), left)
    more = "" if left else " or more"
    return tuple(f"The {what} of {count:,} frame{'s' * (count != 1)}{more} is not kept." for what, count in sorted(found.items()))


def carried_in_vain(units: Iterable[bytes], vui: Vui | None) -> set[str]:
    """Names of what a sample has and its new coding has not."""
    found = set()
    for nal in units:
        kind = nal_type(nal)
        if kind in _UNITS or kind in _UNKNOWN_UNITS:
            found.add(_UNITS.get(kind, _UNKNOWN))
        elif kind == NalType.SEI and vui is not None and vui.has_pic_struct:
            timings = (payload for message, payload in iter_sei_messages(nal) if message == _PIC_TIMING)
            found |= {_TIME_CODE for payload in timings if _has_clock(payload, vui)}
    return found


def _has_clock(payload: bytes, vui: Vui) -> bool:
    """Whether a picture timing message tells a time of day."""
    try:
        bits = BitReader(payload)
        bits.u(vui.hrd.delay_bits if vui.hrd else 0)
        structure = bits.u(4)
        return structure < len(_CLOCKS) and any(bits.flag() for _ in range(_CLOCKS[structure]))
    except BitstreamError:
        return False


def _units(sample: bytes, length_size: int) -> list[bytes]:
    try:
        return [nal for nal in units_of(sample, length_size, is_prefix=True) if nal]
    except BitstreamError:
        return []
