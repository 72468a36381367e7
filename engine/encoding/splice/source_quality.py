"""How finely a source quantised the samples that are to be replaced, read from their slice headers; nothing is decoded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.avc import NalType, nal_type, parse_pps, parse_slice_header
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import iter_length_prefixed, split_annexb
from engine.bitstream.slices import MAX_HEADER_BYTES, SliceCoding, SliceForm, parse_slice_coding, parse_slice_form
from engine.bitstream.sps import Sps, parse_sps
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
    sets, inside, last = _Sets(source), set(index.pts[run.start : run.stop].tolist()), int(index.pts[run.stop - 1])
    container.seek(int(index.dts[run.start]), stream=stream, backward=True)
    left = min(_READ_SAMPLES, len(run))
    for packet in container.demux(stream):
        if packet.size:
            units, is_inside = _units(bytes(packet), source), packet.pts in inside
            coding = sets.first_slice(units if is_inside else takewhile(_is_before_picture, units))
            left -= is_inside
            if coding and coding.slice_type != _B_SLICE:  # to B-frames no or few others refer: theirs says little
                yield coding.qp
        if not left or (packet.dts is not None and packet.dts > last):
            return


def _units(data: bytes, source: SpliceSource) -> Iterable[bytes]:
    return split_annexb(data) if source.is_byte_stream else iter_length_prefixed(data, source.record.length_size)


def _is_before_picture(nal: bytes) -> bool:
    return nal_type(nal) not in _SLICES


class _Sets:
    """The parameter sets in force: a stream may give a number another meaning on its way."""

    def __init__(self, source: SpliceSource) -> None:
        self._sps: dict[int, Sps] = {}
        self._forms: dict[int, tuple[SliceForm, int]] = {}
        # Of the samples only what the record lacks: the others come in the packets. Of several with one number, the first.
        for nal in (*reversed(source.in_samples), *reversed(source.record.sps), *reversed(source.record.pps)):
            self._learn(nal)

    def first_slice(self, units: Iterable[bytes]) -> SliceCoding | None:
        """Take up a sample's sets, and tell the coding of its first slice. Raises BitstreamError."""
        for nal in units:
            if not _is_before_picture(nal):
                form, sps_id = self._forms.get(parse_slice_header(nal).pps_id, (None, -1))
                sps = self._sps.get(sps_id)
                return parse_slice_coding(nal[:MAX_HEADER_BYTES], sps, form) if form and sps else None
            self._learn(nal)
        return None

    def _learn(self, nal: bytes) -> None:
        if nal_type(nal) == NalType.SPS:
            sps = parse_sps(nal)
            self._sps[sps.sps_id] = sps
        elif nal_type(nal) == NalType.PPS:
            form = parse_slice_form(nal)
            self._forms[form.pps_id] = form, parse_pps(nal).sps_id
