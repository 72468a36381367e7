"""The H.264 sequence parameter set: picture size, bit depth, reordering, colour, timing.

Must not know samples, slices or files. Source: ITU-T H.264, 7.3.2.1.1 and Annex E.
"""

from dataclasses import dataclass
from fractions import Fraction

from engine.bitstream.bits import BitReader
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import remove_emulation_prevention

MAX_SPS_BYTES = 4096
"""A set with all scaling lists and HRDs stays under 2 KiB."""

MAX_PICTURE_MBS = 1 << 12
"""Macroblocks along one side (65,536 pixels): level 6.2 allows 1,055."""

_CHROMA_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
_EXTENDED_SAR = 255
_SAMPLE_ASPECT_RATIOS = (
    (0, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11),
    (80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hrd:
    """The loosest of the decoder buffers that a stream promises to fit: bits per second, and bits of the buffer."""

    bit_rate: int
    buffer_bits: int
    delay_bits: int = 0
    """Of the two delays that begin a picture's timing message."""


@dataclass(frozen=True, slots=True)
class Vui:
    """Video usability information; the code points are those of ITU-T H.273, 2 meaning unspecified.

    `sample_aspect_ratio` is width by height of a pixel, None where unspecified. `tick` is `num_units_in_tick /
    time_scale` in seconds (half a frame), None without timing. `max_num_reorder_frames` and `max_dec_frame_buffering`
    are None without `bitstream_restriction`.
    """

    sample_aspect_ratio: Fraction | None = None
    is_full_range: bool = False
    colour_primaries: int = 2
    transfer_characteristics: int = 2
    matrix_coefficients: int = 2
    chroma_sample_location: int | None = None
    tick: Fraction | None = None
    is_fixed_frame_rate: bool = False
    has_nal_hrd: bool = False
    has_vcl_hrd: bool = False
    has_pic_struct: bool = False
    hrd: Hrd | None = None
    """Of the NAL units, else of the coded slices alone."""
    max_num_reorder_frames: int | None = None
    max_dec_frame_buffering: int | None = None


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set. `width` and `height` are in pixels after cropping; bit depths are 8 to 14.

    `compat` is the byte of constraint flags, `level` is ten times the level. `vui` is None where the set has none.
    `order_type` is `pic_order_cnt_type`; `order_lsb_bits` is 0 but for type 0, `has_order_deltas` is False but for type 1.
    `has_adaptive_fields`: macroblock pairs of a frame may be coded as fields (MBAFF).
    """

    profile: int
    compat: int
    level: int
    sps_id: int
    chroma_format_idc: int
    bit_depth_luma: int
    bit_depth_chroma: int
    max_frame_num_bits: int
    num_ref_frames: int
    is_frame_mbs_only: bool
    width: int
    height: int
    vui: Vui | None
    has_separate_planes: bool = False
    has_adaptive_fields: bool = False
    order_type: int = 0
    order_lsb_bits: int = 0
    has_order_deltas: bool = False


@dataclass(frozen=True, slots=True)
class _Format:
    chroma_format_idc: int = 1
    has_separate_planes: bool = False
    bit_depth_luma: int = 8
    bit_depth_chroma: int = 8


def parse_sps(nal: bytes) -> Sps:
    """Parse a NAL unit of type 7, header byte included. Raises BitstreamError on anything that the standard forbids."""
    bits, profile, compat, level, sps_id = _open_sps(nal)
    picture_format = _parse_format(bits) if profile in _CHROMA_PROFILES else _Format()
    max_frame_num_bits = bits.ue(12) + 4
    order = _parse_picture_order(bits)
    num_ref_frames = bits.ue(16)
    bits.flag()  # gaps_in_frame_num_allowed
    size_in_mbs = bits.ue(MAX_PICTURE_MBS - 1) + 1, bits.ue(MAX_PICTURE_MBS - 1) + 1
    is_frame_mbs_only = bits.flag()
    has_adaptive_fields = not is_frame_mbs_only and bits.flag()
    bits.flag()  # direct_8x8_inference
    width, height = _cropped_size(bits, size_in_mbs, is_frame_mbs_only, picture_format)
    return Sps(
        profile=profile,
        compat=compat,
        level=level,
        sps_id=sps_id,
        chroma_format_idc=picture_format.chroma_format_idc,
        bit_depth_luma=picture_format.bit_depth_luma,
        bit_depth_chroma=picture_format.bit_depth_chroma,
        max_frame_num_bits=max_frame_num_bits,
        num_ref_frames=num_ref_frames,
        is_frame_mbs_only=is_frame_mbs_only,
        width=width,
        height=height,
        vui=_parse_vui(bits) if bits.flag() else None,
        has_separate_planes=picture_format.has_separate_planes,
        has_adaptive_fields=has_adaptive_fields,
        order_type=order[0],
        order_lsb_bits=order[1],
        has_order_deltas=order[2],
    )


def parse_sps_id(nal: bytes) -> int:
    """The id of a sequence parameter set, 0 to 31, and nothing else of it."""
    return _open_sps(nal)[4]


def _open_sps(nal: bytes) -> tuple[BitReader, int, int, int, int]:
    """A reader after the id, and profile, compat, level, id."""
    if not 5 <= len(nal) <= MAX_SPS_BYTES or nal[0] & 0x9F != 7:
        raise BitstreamError("The bytes are no sequence parameter set.")
    bits = BitReader(remove_emulation_prevention(nal)[1:])
    return bits, bits.u(8), bits.u(8), bits.u(8), bits.ue(31)


def _parse_format(bits: BitReader) -> _Format:
    chroma_format_idc = bits.ue(3)
    has_separate_planes = chroma_format_idc == 3 and bits.flag()
    depths = bits.ue(6) + 8, bits.ue(6) + 8
    bits.flag()  # qpprime_y_zero_transform_bypass
    if bits.flag():
        for index in range(12 if chroma_format_idc == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return _Format(chroma_format_idc, has_separate_planes, *depths)


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _parse_picture_order(bits: BitReader) -> tuple[int, int, bool]:
    """The type, the bits of the least significant part (type 0), whether slices hold differences (type 1)."""
    kind = bits.ue(2)
    if kind == 0:
        return kind, bits.ue(12) + 4, False
    has_deltas = False
    if kind == 1:
        has_deltas = not bits.flag()
        bits.se()
        bits.se()
        for _ in range(bits.ue(255)):
            bits.se()
    return kind, 0, has_deltas


def _cropped_size(
    bits: BitReader, size_in_mbs: tuple[int, int], is_frame_mbs_only: bool, picture_format: _Format
) -> tuple[int, int]:
    """Reads the cropping fields; their unit is a chroma sample, and a line of each field when fields may occur."""
    field_lines = 1 if is_frame_mbs_only else 2
    width, height = size_in_mbs[0] * 16, size_in_mbs[1] * 16 * field_lines
    if not bits.flag():
        return width, height
    has_chroma_units = not picture_format.has_separate_planes
    step_x = 2 if has_chroma_units and picture_format.chroma_format_idc in {1, 2} else 1
    step_y = field_lines * (2 if has_chroma_units and picture_format.chroma_format_idc == 1 else 1)
    left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
    width -= (left + right) * step_x
    height -= (top + bottom) * step_y
    if width <= 0 or height <= 0:
        raise BitstreamError("A sequence parameter set crops its whole picture away.")
    return width, height


def _parse_vui(bits: BitReader) -> Vui:
    aspect = _parse_aspect(bits) if bits.flag() else None
    if bits.flag():
        bits.flag()  # overscan_appropriate
    is_full_range, colour = _parse_signal(bits) if bits.flag() else (False, (2, 2, 2))
    location = None
    if bits.flag():
        location = bits.ue(5)
        bits.ue(5)  # bottom field
    tick, is_fixed = _parse_timing(bits) if bits.flag() else (None, False)
    nal_hrd = _parse_hrd(bits)
    vcl_hrd = _parse_hrd(bits)
    if nal_hrd or vcl_hrd:
        bits.flag()  # low_delay_hrd
    has_pic_struct = bits.flag()
    reorder, buffering = _parse_restriction(bits) if bits.flag() else (None, None)
    return Vui(
        sample_aspect_ratio=aspect,
        is_full_range=is_full_range,
        colour_primaries=colour[0],
        transfer_characteristics=colour[1],
        matrix_coefficients=colour[2],
        chroma_sample_location=location,
        tick=tick,
        is_fixed_frame_rate=is_fixed,
        has_nal_hrd=nal_hrd is not None,
        has_vcl_hrd=vcl_hrd is not None,
        has_pic_struct=has_pic_struct,
        hrd=nal_hrd or vcl_hrd,
        max_num_reorder_frames=reorder,
        max_dec_frame_buffering=buffering,
    )


def _parse_aspect(bits: BitReader) -> Fraction | None:
    code = bits.u(8)
    if code == _EXTENDED_SAR:
        width, height = bits.u(16), bits.u(16)
    elif code < len(_SAMPLE_ASPECT_RATIOS):
        width, height = _SAMPLE_ASPECT_RATIOS[code]
    else:
        return None
    return Fraction(width, height) if width and height else None


def _parse_signal(bits: BitReader) -> tuple[bool, tuple[int, int, int]]:
    bits.u(3)  # video_format
    is_full_range = bits.flag()
    return is_full_range, (bits.u(8), bits.u(8), bits.u(8)) if bits.flag() else (2, 2, 2)


def _parse_timing(bits: BitReader) -> tuple[Fraction | None, bool]:
    units, scale, is_fixed = bits.u(32), bits.u(32), bits.flag()
    return Fraction(units, scale) if units and scale else None, is_fixed


def _parse_hrd(bits: BitReader) -> Hrd | None:
    """Hypothetical reference decoder parameters (E.1.2), where they are there; the last of its buffers is the largest."""
    if not bits.flag():
        return None
    count = bits.ue(31) + 1
    rate_scale, size_scale = bits.u(4), bits.u(4)
    rate = size = 0
    for _ in range(count):
        rate, size = (bits.ue() + 1) << (6 + rate_scale), (bits.ue() + 1) << (4 + size_scale)
        bits.flag()
    bits.u(5)  # length of the first delay, which other messages have
    delays = bits.u(5) + 1 + bits.u(5) + 1
    bits.u(5)  # length of time_offset
    return Hrd(rate, size, delays)


def _parse_restriction(bits: BitReader) -> tuple[int, int]:
    bits.flag()  # motion_vectors_over_pic_boundaries
    for _ in range(4):  # bytes per picture, bits per macroblock, two motion vector ranges
        bits.ue()
    return bits.ue(16), bits.ue(16)
