"""How finely a source quantised the samples that are to be replaced, read from their slice headers; nothing is decoded."""

from collections.abc import Iterator
from dataclasses import dataclass

import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.errors import BitstreamError
from engine.bitstream.slices import SliceCoding
from engine.encoding.splice.sets_in_force import SetsInForce, units_of
from engine.encoding.splice.source import SpliceSource
from engine.media.container import video_stream
from engine.media.index import FrameIndex

_READ_SAMPLES = 24
_B_SLICE, _I_SLICE = 1, 2


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """Mean quantiser of I- and P-frames, coded bits per pixel, and the quantisers of I-frames.

    The standard counts quantisers so that 24 means the same share of the peak at every depth; deeper ones go below 0.
    """

    qp: float
    bits_per_pixel: float
    intra: frozenset[int] = frozenset()


def source_qualities(source: SpliceSource, index: FrameIndex, runs: list[range]) -> dict[range, SourceQuality]:
    """The quality of the samples of each run, from its first ones; runs whose headers cannot be read are left out.

    Raises MediaError where the file cannot be opened.
    """
    found: dict[range, SourceQuality] = {}
    with source.open_packets() as container:
        stream = video_stream(container)
        for run in runs if stream else ():
            assert stream is not None
            try:
                codings = list(_codings(container, stream, source, index, run))
            except (BitstreamError, av.error.FFmpegError):
                continue
            if codings:
                bits = 8 * int(index.sizes[run.start : run.stop].sum()) / (len(run) * source.sps.width * source.sps.height)
                intra = frozenset(coding.qp for coding in codings if coding.slice_type == _I_SLICE)
                found[run] = SourceQuality(sum(coding.qp for coding in codings) / len(codings), bits, intra)
    return found


def _codings(
    container: InputContainer, stream: VideoStream, source: SpliceSource, index: FrameIndex, run: range
) -> Iterator[SliceCoding]:
    sets = SetsInForce((*source.record.sps, *source.record.pps, *source.in_samples))
    inside, last = set(index.pts[run.start : run.stop].tolist()), int(index.pts[run.stop - 1])
    container.seek(int(index.dts[run.start]), stream=stream, backward=True)
    left = min(_READ_SAMPLES, len(run))
    for packet in container.demux(stream):
        if packet.size:
            units = units_of(bytes(packet), source.length_size)
            if packet.pts not in inside:
                sets.pass_by(units)
            else:
                left -= 1
                found = sets.first_slice(units)
                if found and found.coding.slice_type != _B_SLICE:  # to B-frames no or few others refer: theirs says little
                    yield found.coding
        if not left or (packet.dts is not None and packet.dts > last):
            return
