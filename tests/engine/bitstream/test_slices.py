"""Slice headers to the quantiser, and whether a picture is one field of two, against what x264 was asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bitstream.avc import NalType, nal_type, parse_slice_header
from engine.bitstream.avcc import parse_avcc
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import insert_emulation_prevention, split_length_prefixed
from engine.bitstream.slices import (
    MAX_HEADER_BYTES,
    SliceCoding,
    SliceForm,
    has_field_pictures,
    parse_slice_coding,
    parse_slice_form,
)
from engine.bitstream.sps import Hrd, Sps, parse_sps

Packets = list[tuple[bytes, int, int, bool]]


@pytest.fixture
def codings(
    encode_clip: Callable[..., Path], extradata: Callable[[Path], bytes], demuxed: Callable[..., Packets]
) -> Callable[..., list[SliceCoding]]:
    """What the headers of all slices of a clip say."""

    def read(**options: object) -> list[SliceCoding]:
        path = encode_clip(**options)
        record = parse_avcc(extradata(path))
        sps, form = parse_sps(record.sps[0]), parse_slice_form(record.pps[0])
        nals = [nal for data, *_ in demuxed(path) for nal in split_length_prefixed(data, 4)]
        return [parse_slice_coding(nal[:MAX_HEADER_BYTES], sps, form) for nal in nals if nal_type(nal) in {1, 5}]

    return read


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"profile": "baseline"},
        {"x264-params": "b-pyramid=normal:bframes=8:ref=6"},
        {"x264-params": "weightp=2:ref=4:slices=3"},
        {"x264-params": "tff=1:ref=3"},
        {"x264-params": "fake-interlaced=1"},
        {"x264-params": "no-cabac=1:nal-hrd=vbr:vbv-maxrate=9000:vbv-bufsize=9000"},
        {"pix_fmt": "yuv444p"},
    ],
    ids=["plain", "baseline", "pyramid", "weights", "MBAFF", "frames of fields", "CAVLC, HRD", "4:4:4"],
)
def test_a_constant_quantiser_is_read_back(codings: Callable[..., list[SliceCoding]], options: dict[str, object]) -> None:
    """Without adaptive quantisation x264 codes P at the quantiser that it was given, I by 3 finer, B by 2 coarser."""
    params = f"{options.get('x264-params', 'ref=2')}:aq-mode=0:ipratio=1.4142:pbratio=1.26:scenecut=0"
    found = codings(**{**options, "qp": "25", "x264-params": params})
    assert {coding.qp for coding in found if coding.slice_type == 0} == {25}
    assert {coding.qp for coding in found if coding.slice_type == 2} == {22}
    assert {coding.qp for coding in found if coding.slice_type == 1} <= {25, 26, 27}  # one that others refer to lies between
    assert len(found) >= 24
    assert not any(coding.is_field for coding in found)


def test_faded_weights_are_stepped_over(codings: Callable[..., list[SliceCoding]]) -> None:
    found = codings(qp="30", preset="slower", **{"x264-params": "weightp=2:weightb=1:aq-mode=0:ref=8"})
    assert {coding.qp for coding in found if coding.slice_type == 0} == {30}


def test_ten_bit_quantisers_go_below_zero(codings: Callable[..., list[SliceCoding]]) -> None:
    found = codings(pix_fmt="yuv420p10le", qp="4", **{"x264-params": "aq-mode=0"})
    assert {coding.qp for coding in found if coding.slice_type == 0} == {4 - 12}


def _sps(*, lsb_bits: int = 4, frames_only: bool = False) -> Sps:
    return Sps(100, 0, 30, 0, 1, 8, 8, 4, 2, frames_only, 64, 64, None, order_type=0, order_lsb_bits=lsb_bits)


def _slice(bits: str, kind: int = 0x65) -> bytes:
    bits += "0" * (-len(bits) % 8)
    return bytes((kind,)) + insert_emulation_prevention(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)))


_FORM = SliceForm(0, is_cabac=True, has_field_order=True, references=(1, 1), is_weighted=False, is_weighted_b=False,
                  first_qp=26, has_redundant_pictures=False)  # fmt: skip
_I_SLICE = "1" + "0001000" + "1" + "0000"
"""first_mb 0, slice_type 7, parameter set 0, frame_num 0 in four bits."""


def test_fields() -> None:
    """An I slice of a bottom field: no order difference of a bottom field follows, then marking, then a difference of -2."""
    bottom = _I_SLICE + "11" + "1" + "0101" + "00" + "00101" + "1"
    assert parse_slice_coding(_slice(bottom), _sps(), _FORM) == SliceCoding(2, True, 24, order_lsb=5, restarts_order=True)
    assert has_field_pictures(_slice(bottom), _sps())
    frame = _I_SLICE + "0" + "1" + "0101" + "1" + "00" + "00101" + "1"
    assert not has_field_pictures(_slice(frame), _sps())
    assert not has_field_pictures(_slice(bottom), _sps(frames_only=True))


def test_what_has_no_header_is_refused() -> None:
    for nal in (b"\x67\x64\0\x1f\xac", b"\x65"):
        with pytest.raises(BitstreamError):
            has_field_pictures(nal, _sps())
    with pytest.raises(BitstreamError, match="no picture parameter set"):
        parse_slice_form(b"\x67\x64\0\x1f")
    with pytest.raises(BitstreamError, match="slice groups"):
        parse_slice_form(_slice("1" + "1" + "0" + "0" + "010" + "1" * 20, 0x68))


@pytest.mark.security
@given(st.binary(max_size=80), st.booleans(), st.booleans(), st.booleans())
def test_any_bytes_end_soon(data: bytes, weighted: bool, frames_only: bool, redundant: bool) -> None:
    form = SliceForm(0, True, True, (32, 32), weighted, weighted, 26, redundant)
    for kind in (NalType.SLICE, NalType.IDR, NalType.PPS):
        nal = bytes((0x60 | kind,)) + data
        try:
            parse_slice_form(nal) if kind == NalType.PPS else parse_slice_coding(nal, _sps(frames_only=frames_only), form)
        except BitstreamError as error:
            assert str(error).endswith(".")


def test_decoder_buffers(encode_clip: Callable[..., Path], extradata: Callable[[Path], bytes]) -> None:
    params = "nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=800"
    vui = parse_sps(parse_avcc(extradata(encode_clip(frames=2, **{"x264-params": params}))).sps[0]).vui
    assert vui is not None and vui.hrd is not None
    assert abs(vui.hrd.bit_rate - 500_000) < 1000
    assert abs(vui.hrd.buffer_bits - 800_000) < 1000
    assert isinstance(vui.hrd, Hrd)
    plain = parse_sps(parse_avcc(extradata(encode_clip(frames=2))).sps[0])
    assert plain.vui is not None
    assert plain.vui.hrd is None


def test_first_fields_agree(encode_clip: Callable[..., Path], demuxed: Callable[..., Packets]) -> None:
    for data, *_ in demuxed(encode_clip(frames=3)):
        for nal in split_length_prefixed(data, 4):
            if nal_type(nal) in {1, 5}:
                assert parse_slice_header(nal).pps_id == 0
