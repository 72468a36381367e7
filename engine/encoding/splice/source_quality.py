"""How finely a source quantised the samples that are to be replaced, read from their slice headers; nothing is decoded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.avc import NalType, nal_type, parse_slice_header
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import iter_length_prefixed, split_annexb
from engine.bitstream.slices import MAX_HEADER_BYTES, SliceForm, parse_slice_coding, parse_slice_form
from engine.bitstream.sps import Sps
from engine.encoding.splice.source import SpliceSource
from engine.media.container import open_container, video_stream
from engine.media.index import FrameIndex

_READ_SAMPLES = 24
_SLICES = {NalType.SLICE, NalType.IDR}
_B_SLICE = 1


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """Mean quantiser of I- and P-frames and coded bits per pixel.

    The standard counts quantisers so that 24 means the same share of the peak at every depth; deeper ones go below 0.
    """

    qp: float
    bits_per_pixel: float


def source_qualities(source: SpliceSource, index: FrameIndex, runs: list[range]) -> dict[range, SourceQuality]:
    """The quality of the samples of each run, from its first ones; runs whose headers cannot be read are left out.

    Raises MediaError where the file cannot be opened.
    """
    found: dict[range, SourceQuality] = {}
    with open_container(source.path) as container:
        stream = video_stream(container)
        for run in runs if stream else ():
            assert stream is not None
            try:
                values = list(_quantisers(container, stream, source, index, run))
            except (BitstreamError, av.error.FFmpegError):
                continue
            if values:
                bits = 8 * int(index.sizes[run.start : run.stop].sum()) / (len(run) * source.sps.width * source.sps.height)
                found[run] = SourceQuality(sum(values) / len(values), bits)
    return found


def _quantisers(
    container: InputContainer, stream: VideoStream, source: SpliceSource, index: FrameIndex, run: range
) -> Iterator[int]:
    sets = (*source.record.pps, *(nal for nal in source.in_samples if nal_type(nal) == NalType.PPS))
    forms = {form.pps_id: form for form in map(parse_slice_form, sets)}
    first = int(index.dts[run.start])
    container.seek(first, stream=stream, backward=True)
    inside = (packet for packet in container.demux(stream) if packet.size and packet.dts is not None and packet.dts >= first)
    for packet in islice(inside, min(_READ_SAMPLES, len(run))):
        data = bytes(packet)
        units = split_annexb(data) if source.is_byte_stream else iter_length_prefixed(data, source.record.length_size)
        found = _quantiser(units, source.sps, forms)
        if found is not None:
            yield found


def _quantiser(units: Iterable[bytes], sps: Sps, forms: dict[int, SliceForm]) -> int | None:
    """Of a sample's first slice; None for B-frames, to which no or few others refer: theirs says little."""
    for nal in units:
        if nal_type(nal) in _SLICES:
            form = forms.get(parse_slice_header(nal).pps_id)
            coding = parse_slice_coding(nal[:MAX_HEADER_BYTES], sps, form) if form else None
            return coding.qp if coding and coding.slice_type != _B_SLICE else None
    return None
