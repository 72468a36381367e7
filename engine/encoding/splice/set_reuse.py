"""Takes up the parameter sets of an earlier export, so that a file that is exported again and again does not run out of ids.

A set is taken up only where the encoder would write the very same bytes.
"""

from dataclasses import replace

from engine.bitstream.avc import NalType, nal_type, parse_pps
from engine.bitstream.sps import parse_sps_id
from engine.bitstream.sps_buffering import with_buffering
from engine.encoding.result import Seam
from engine.encoding.splice.containers import Kind
from engine.encoding.splice.encoder import open_encoder, parameter_sets
from engine.encoding.splice.encoder_settings import settings_for
from engine.encoding.splice.source import SpliceSource
from engine.media.index import FrameIndex

_ANY_QUANTISER = 20
"""It does not stand in the sets: x264 writes them for any (`stitchable`)."""


def with_known_sets(source: SpliceSource, index: FrameIndex, seam: Seam) -> SpliceSource:
    """The source with the id of sets that are in its record already, where the encoder's are equal; else unchanged."""
    for number in _candidates(source):
        trial = replace(source, parameter_set_id=number)
        sps, pps = parameter_sets(open_encoder(settings_for(trial, index, seam), _ANY_QUANTISER).extradata or b"")
        if stored_sps(source, sps) in source.record.sps and pps in source.record.pps:
            return trial
    return source


def _candidates(source: SpliceSource) -> list[int]:
    """Ids of pairs of sets behind the source's own, which no sample redefines."""
    in_samples = {parse_sps_id(nal) for nal in source.in_samples if nal_type(nal) == NalType.SPS}
    in_samples |= {parse_pps(nal).pps_id for nal in source.in_samples if nal_type(nal) == NalType.PPS}
    pairs = {parse_pps(nal).pps_id for nal in source.record.pps}
    numbers = [parse_sps_id(nal) for nal in source.record.sps[1:]]
    return [number for number in numbers if number in pairs and number not in in_samples]


def stored_sps(source: SpliceSource, sps: bytes) -> bytes:
    """An encoder's set as the file gets it. Where no decode times are stored, a demuxer guesses them, and durations, by the
    depth that the first set declares: it must be the source's."""
    vui = source.sps.vui
    if source.kind is not Kind.MATROSKA or vui is None:
        return sps
    if vui.max_num_reorder_frames is None or vui.max_dec_frame_buffering is None:
        return sps
    return with_buffering(sps, vui.max_num_reorder_frames, vui.max_dec_frame_buffering)
