"""What a slice header says beyond its first fields: whether the picture is one field of two, and its quantiser.

Reads headers only; must not know files, nor how pictures are decoded. Every count is bounded by the standard, and a header that
needs more than `MAX_HEADER_BYTES` is refused. Source: ITU-T H.264, 7.3.2.2, 7.3.3 to 7.3.3.3.
"""

from dataclasses import dataclass

from engine.bitstream.avc import NalType, nal_type
from engine.bitstream.bits import BitReader
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import remove_emulation_prevention
from engine.bitstream.sps import Sps

MAX_HEADER_BYTES = 1024
"""Weights for 32 references in two lists are the longest part of a header and stay under 800 bytes."""

_MAX_REFERENCES = 32
_P, _B, _I, _SP, _SI = range(5)
_RESTART = 5
"""The operation of reference marking that forgets all pictures (`memory_management_control_operation`)."""
_SLICES = {NalType.SLICE, NalType.PARTITION_A, NalType.IDR}


@dataclass(frozen=True, slots=True)
class SliceForm:
    """Fields of a picture parameter set that decide how slice headers read. `first_qp` is `26 + pic_init_qp_minus26`."""

    pps_id: int
    is_cabac: bool
    has_field_order: bool
    references: tuple[int, int]
    is_weighted: bool
    is_weighted_b: bool
    first_qp: int
    has_redundant_pictures: bool


@dataclass(frozen=True, slots=True)
class SliceCoding:
    """`slice_type` is 0 P, 1 B, 2 I, 3 SP, 4 SI. `qp` counts like the standard: for 10 bit it goes down to -12.

    `order_lsb` are the last bits of the picture's place in the order of showing; 0 where the stream counts otherwise.
    `restarts_order`: what follows counts anew, as after an IDR.
    """

    slice_type: int
    is_field: bool
    qp: int
    order_lsb: int = 0
    restarts_order: bool = False


def parse_slice_form(nal: bytes) -> SliceForm:
    """Parse a NAL unit of type 8. Raises BitstreamError, also for slice groups, which no profile with splices has."""
    if nal_type(nal) != NalType.PPS:
        raise BitstreamError("The bytes are no picture parameter set.")
    bits = BitReader(remove_emulation_prevention(nal[:MAX_HEADER_BYTES])[1:])
    pps_id = bits.ue(255)
    bits.ue(31)
    is_cabac, has_field_order = bits.flag(), bits.flag()
    if bits.ue(7):
        raise BitstreamError("The video has slice groups.")
    references = bits.ue(31) + 1, bits.ue(31) + 1
    is_weighted, weighted_b = bits.flag(), bits.u(2)
    first_qp = 26 + bits.se()
    bits.se()  # quantiser of SP pictures
    bits.se()  # chroma offset
    bits.u(2)  # deblocking control, constrained intra prediction
    return SliceForm(pps_id, is_cabac, has_field_order, references, is_weighted, weighted_b == 1, first_qp, bits.flag())


def parse_slice_coding(nal: bytes, sps: Sps, form: SliceForm) -> SliceCoding:
    """The coding of a slice (NAL types 1, 2, 5; its beginning is enough) under its parameter sets. Raises BitstreamError."""
    bits, slice_type = _open_slice(nal)
    is_field = _read_field(bits, sps)
    order_lsb = _read_order(bits, nal, sps, form, is_field)
    references = _read_references(bits, slice_type, form)
    _skip_list_changes(bits, slice_type)
    if (form.is_weighted and slice_type in {_P, _SP}) or (form.is_weighted_b and slice_type == _B):
        has_chroma = sps.chroma_format_idc != 0 and not sps.has_separate_planes
        _skip_weights(bits, references[: 2 if slice_type == _B else 1], has_chroma)
    restarts = bool(nal[0] & 0x60) and _read_marking(bits, nal_type(nal) == NalType.IDR)
    if form.is_cabac and slice_type not in {_I, _SI}:
        bits.ue(2)
    return SliceCoding(slice_type, is_field, form.first_qp + bits.se(), order_lsb, restarts)


def has_field_pictures(nal: bytes, sps: Sps) -> bool:
    """Whether a slice belongs to one field of a frame (PAFF); 64 bytes of it are enough. Raises BitstreamError."""
    return _read_field(_open_slice(nal)[0], sps)


def _open_slice(nal: bytes) -> tuple[BitReader, int]:
    if nal_type(nal) not in _SLICES:
        raise BitstreamError(f"A NAL unit of type {nal_type(nal)} has no slice header.")
    bits = BitReader(remove_emulation_prevention(nal[:MAX_HEADER_BYTES])[1:])
    bits.ue()
    slice_type = bits.ue(9) % 5
    bits.ue(255)
    return bits, slice_type


def _read_field(bits: BitReader, sps: Sps) -> bool:
    bits.u(sps.max_frame_num_bits + (2 if sps.has_separate_planes else 0))
    is_field = not sps.is_frame_mbs_only and bits.flag()
    if is_field:
        bits.flag()  # bottom
    return is_field


def _read_order(bits: BitReader, nal: bytes, sps: Sps, form: SliceForm, is_field: bool) -> int:
    if nal_type(nal) == NalType.IDR:
        bits.ue(65535)
    has_bottom = form.has_field_order and not is_field
    lsb = bits.u(sps.order_lsb_bits) if sps.order_type == 0 else 0
    if (sps.order_type == 0 and has_bottom) or sps.has_order_deltas:
        bits.se()
    if sps.has_order_deltas and has_bottom:
        bits.se()
    if form.has_redundant_pictures:
        bits.ue(127)
    return lsb


def _read_references(bits: BitReader, slice_type: int, form: SliceForm) -> tuple[int, int]:
    if slice_type == _B:
        bits.flag()  # direct_spatial_mv_pred
    if slice_type in {_I, _SI} or not bits.flag():
        return form.references
    first = bits.ue(_MAX_REFERENCES - 1) + 1
    return first, (bits.ue(_MAX_REFERENCES - 1) + 1 if slice_type == _B else form.references[1])


def _skip_list_changes(bits: BitReader, slice_type: int) -> None:
    for _ in range({_I: 0, _SI: 0, _B: 2}.get(slice_type, 1)):
        if bits.flag():
            while bits.ue(3) != 3:
                bits.ue()


def _skip_weights(bits: BitReader, lists: tuple[int, ...], has_chroma: bool) -> None:
    bits.ue(7)
    if has_chroma:
        bits.ue(7)
    for references in lists:
        for _ in range(references):
            for count in (2, 4) if has_chroma else (2,):
                if bits.flag():
                    for _ in range(count):
                        bits.se()


def _read_marking(bits: BitReader, is_idr: bool) -> bool:
    """Whether the counting of places restarts."""
    if is_idr:
        bits.u(2)
        return True
    restarts = False
    if bits.flag():
        while (operation := bits.ue(6)) != 0:
            restarts |= operation == _RESTART
            for _ in range({3: 2, 5: 0}.get(operation, 1)):
                bits.ue()
    return restarts
