"""What a search for replaced pictures needs where a container does not say where its packets lie: MKV and MPEG-TS.

Replaced pictures are read through the demuxer into a scratch file. A transport stream cuts packets into pieces of 184 bytes, so
what of it is no kept packet is put together first. Must not know what is looked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from engine.bitstream.avc import nal_type
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import split_annexb, split_length_prefixed
from engine.bitstream.sample_tables import Int64Array
from engine.encoding.av_types import AnyPacket
from engine.encoding.checking.report import Comparison
from engine.media.container import open_container, video_stream
from engine.media.seeking import packets_from
from engine.running import CancelToken

_CODED_PICTURE = range(1, 6)
_TS_PACKET, _BLU_RAY_PACKET = 188, 192
_SYNC = 0x47
_PACKETS_AT_ONCE = 8192


def write_pictures(job: Comparison, old: BinaryIO, *, cancel: CancelToken) -> Int64Array | None:
    """Append the coded pictures of the replaced packets of the source; (N, 2) offset and size of each.

    None where not all of these packets can be read. Raises MediaError, Cancelled, OSError.
    """
    found: list[tuple[int, int]] = []
    with open_container(job.source) as container:
        stream = video_stream(container)
        extradata = (stream.codec_context.extradata if stream else None) or b"\0"
        length_size = extradata[4] % 4 + 1 if extradata[0] == 1 and len(extradata) > 4 else 0
        count = 0
        for packet in _replaced(job, job.source):
            cancel.check()
            count += 1
            for picture in _pictures(bytes(packet), length_size):
                found.append((old.tell(), old.write(picture)))
    is_whole = count == int(job.is_replaced().sum())
    return np.array(found, np.int64).reshape(-1, 2) if is_whole else None


def _pictures(data: bytes, length_size: int) -> list[bytes]:
    """The units 1 to 5 of a packet; all of it where it is not made of units."""
    try:
        units = split_length_prefixed(data, length_size) if length_size else split_annexb(data)
    except BitstreamError:
        return [data]
    return [unit for unit in units if nal_type(unit) in _CODED_PICTURE]


def _replaced(job: Comparison, path: str) -> Iterator[AnyPacket]:
    """The packets of a file that have the times of the replaced frames."""
    with open_container(path) as container:
        stream = video_stream(container)
        for run in job.runs if stream else ():
            assert stream is not None
            wanted = set(job.index.pts[run.start : run.stop].tolist())
            for packet in packets_from(container, stream, job.index, run.start):
                if packet.size and packet.pts in wanted:
                    wanted.discard(packet.pts)
                    yield packet
                if not wanted:
                    break


def runs_kept_nowhere(job: Comparison, runs: set[bytes], *, cancel: CancelToken) -> set[bytes]:
    """Those that no packet of the source holds which is kept."""
    replaced, left = frozenset(job.index.pts[job.is_replaced()].tolist()), set(runs)
    with open_container(job.source) as container:
        video = video_stream(container)
        for packet in container.demux() if left else ():
            cancel.check()
            if packet.size and not (packet.stream is video and packet.pts in replaced):
                data = bytes(packet)
                left = {run for run in left if run not in data}
    return left


@contextmanager
def searched_file(job: Comparison, *, cancel: CancelToken) -> Iterator[tuple[BinaryIO, bool]]:
    """The output, or of a transport stream what is in no kept packet; and whether it is the output. Raises OSError, Cancelled."""
    with open_container(job.output) as container:
        is_ts = container.format.name == "mpegts"
        kept = [stream.id for stream in container.streams if job.with_audio or stream.type != "audio"]
    with Path(job.output).open("rb", buffering=0) as file:
        if not is_ts:
            yield file, True
            return
        with TemporaryFile() as scratch:
            for packet in _replaced(job, job.output):
                scratch.write(bytes(packet))
            _write_outside(file, np.array(kept, np.int64), scratch, cancel)
            yield scratch, False


def _write_outside(file: BinaryIO, kept: Int64Array, scratch: BinaryIO, cancel: CancelToken) -> None:
    """Everything but what lies in the packets of these streams: headers, fields, tables, other streams."""
    size = _TS_PACKET if file.read(_TS_PACKET + 1)[-1:] == bytes([_SYNC]) else _BLU_RAY_PACKET
    file.seek(0)
    while block := file.read(size * _PACKETS_AT_ONCE):
        cancel.check()
        whole = len(block) // size * size
        rows = np.frombuffer(block, np.uint8, whole).reshape(-1, size)
        scratch.write(rows[:, size - _TS_PACKET :][_is_outside(rows[:, size - _TS_PACKET :], kept)].tobytes() + block[whole:])


def _is_outside(rows: npt.NDArray[np.uint8], kept: Int64Array) -> npt.NDArray[np.bool_]:
    """(N, 188) for TS packets. Source of the layout: ISO/IEC 13818-1, 2.4.3.2, 2.4.3.4 and 2.4.3.6."""
    wide = rows.astype(np.int64)
    is_kept = np.isin((wide[:, 1] & 0x1F) << 8 | wide[:, 2], kept) & (wide[:, 0] == _SYNC)
    has_field, has_payload = wide[:, 3] & 0x20 > 0, wide[:, 3] & 0x10 > 0
    begins = np.where(has_field, 5 + wide[:, 4], 4)
    header_length = wide[np.arange(len(wide)), np.minimum(begins + 8, _TS_PACKET - 1)]
    begins += np.where(wide[:, 1] & 0x40 > 0, 9 + header_length, 0)
    begins[~has_payload | ~is_kept] = _TS_PACKET
    outside: npt.NDArray[np.bool_] = np.arange(_TS_PACKET) < begins[:, None]
    return outside
