"""The samples that take the place of a run's packets: encoded pictures with the messages that belong to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.bitstream.avc import NalType, nal_type
from engine.bitstream.avcc import AvcC, merge
from engine.encoding.splice.run_pictures import run_pictures
from engine.encoding.splice.segments import Run
from engine.encoding.splice.set_reuse import stored_sps
from engine.encoding.splice.source import SpliceSource
from engine.media.index import FrameIndex


@dataclass(frozen=True, slots=True)
class NewSample:
    """One sample, length-prefixed, with the time at which it is shown (demuxer's clock, ticks of the index)."""

    pts: int
    is_keyframe: bool
    data: bytes = field(repr=False)


def new_samples(run: Run, index: FrameIndex, carried: dict[int, bytes], length_size: int) -> Iterator[NewSample]:
    """The run's samples in decode order. `carried` are length-prefixed SEI units by pts."""
    # A demuxer would drop what an edit list hides before a sync sample, so the file's first frame is none there.
    unmarked = 0 if run.frames.start == 0 and index.hidden[:1].any() else -1
    times = run_pictures(index, run.frames).pts
    for packet in run.load().packets:
        pts = int(times[packet.frame])
        data = _with_messages(carried.get(pts, b""), packet.data, length_size)
        yield NewSample(pts, packet.is_keyframe and packet.frame != unmarked, data)


def _with_messages(messages: bytes, data: bytes, length_size: int) -> bytes:
    """A delimiter, where there is one, stays the first unit of its picture."""
    if not messages:
        return data
    first = length_size + int.from_bytes(data[:length_size], "big")
    if nal_type(data[length_size:first]) != NalType.AUD:
        first = 0
    return data[:first] + messages + data[first:]


def merged_record(source: SpliceSource, runs: Sequence[Run]) -> AvcC:
    """The source's decoder configuration with the parameter sets of all runs. Raises BitstreamError."""
    record = source.record
    for sps, pps in dict.fromkeys(stored_sets(source, run) for run in runs):
        record = merge(record, sps, pps)
    return record


def stored_sets(source: SpliceSource, run: Run) -> tuple[bytes, bytes]:
    """The run's SPS and PPS as they stand in a file of the source's kind."""
    return stored_sps(source, run.sps), run.pps
