"""What a sequence parameter set, a slice or a sample says is what the encoder was told."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from engine.bitstream.avc import (
    NalType,
    RecoveryPoint,
    find_recovery_point,
    first_picture_type,
    is_idr,
    iter_sei_messages,
    nal_types,
    parse_pps,
    parse_slice_header,
)
from engine.bitstream.avcc import parse_avcc
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import insert_emulation_prevention, split_length_prefixed
from engine.bitstream.sps import Sps, Vui, parse_sps, parse_sps_id

Packets = list[tuple[bytes, int, int, bool]]
Encode = Callable[..., Path]
Extradata = Callable[[Path], bytes]


@pytest.fixture
def sps_of(encode_clip: Encode, extradata: Extradata) -> Callable[..., Sps]:
    """The parameter set that x264 writes for these options."""
    return lambda **options: parse_sps(parse_avcc(extradata(encode_clip(frames=2, **options))).sps[0])


def _vui(sps: Sps) -> Vui:
    assert sps.vui is not None
    return sps.vui


@pytest.mark.parametrize("size", [(64, 48), (62, 46), (320, 180), (1920, 1080), (98, 34)])
def test_size_after_cropping(size: tuple[int, int], sps_of: Callable[..., Sps]) -> None:
    sps = sps_of(size=size)
    assert (sps.width, sps.height) == size
    assert sps.is_frame_mbs_only


@pytest.mark.parametrize(
    ("pix_fmt", "profile", "chroma", "depth"),
    [
        ("yuv420p", 100, 1, 8),
        ("yuv420p10le", 110, 1, 10),
        ("yuv422p", 122, 2, 8),
        ("yuv422p10le", 122, 2, 10),
        ("yuv444p", 244, 3, 8),
        ("gray", 100, 0, 8),
    ],
)
def test_formats(pix_fmt: str, profile: int, chroma: int, depth: int, sps_of: Callable[..., Sps]) -> None:
    sps = sps_of(pix_fmt=pix_fmt, size=(50, 38))
    assert (sps.profile, sps.chroma_format_idc, sps.bit_depth_luma, sps.bit_depth_chroma) == (profile, chroma, depth, depth)
    assert (sps.width, sps.height) == (50, 38)


def test_baseline_and_level(sps_of: Callable[..., Sps]) -> None:
    sps = sps_of(profile="baseline", level="3.1")
    assert (sps.profile, sps.level, sps.chroma_format_idc, sps.bit_depth_luma) == (66, 31, 1, 8)
    assert sps.compat & 0x40  # constrained baseline


@pytest.mark.parametrize(
    ("params", "reorder"), [("bframes=0", 0), ("bframes=3:b-pyramid=none", 1), ("bframes=8:b-pyramid=normal:ref=6", 2)]
)
def test_reordering(params: str, reorder: int, sps_of: Callable[..., Sps]) -> None:
    sps = sps_of(**{"x264-params": params})
    assert _vui(sps).max_num_reorder_frames == reorder
    assert _vui(sps).max_dec_frame_buffering is not None
    assert sps.num_ref_frames <= (_vui(sps).max_dec_frame_buffering or 0)


def test_references_and_id(sps_of: Callable[..., Sps]) -> None:
    assert sps_of(**{"x264-params": "ref=5:bframes=0:sps-id=7"}).num_ref_frames == 5
    assert sps_of(**{"x264-params": "sps-id=7"}).sps_id == 7


def test_colour_aspect_and_timing(sps_of: Callable[..., Sps]) -> None:
    params = "colorprim=bt709:transfer=bt470bg:colormatrix=smpte170m:fullrange=on:sar=16/11:chromaloc=1"
    vui = _vui(sps_of(rate=Fraction(30000, 1001), **{"x264-params": params}))
    assert vui.is_full_range
    assert (vui.colour_primaries, vui.transfer_characteristics, vui.matrix_coefficients) == (1, 5, 6)
    assert vui.sample_aspect_ratio == Fraction(16, 11)
    assert vui.chroma_sample_location == 1
    assert vui.tick == Fraction(1001, 60000)


def test_unusual_aspect_and_unspecified_colour(sps_of: Callable[..., Sps]) -> None:
    vui = _vui(sps_of(**{"x264-params": "sar=7/5"}))
    assert vui.sample_aspect_ratio == Fraction(7, 5)
    assert not vui.is_full_range
    assert (vui.colour_primaries, vui.transfer_characteristics, vui.matrix_coefficients) == (2, 2, 2)


def test_interlaced_and_hrd(sps_of: Callable[..., Sps]) -> None:
    sps = sps_of(size=(64, 36), **{"x264-params": "tff=1:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500"})
    assert not sps.is_frame_mbs_only
    assert (sps.width, sps.height) == (64, 36)
    assert _vui(sps).has_nal_hrd
    assert not _vui(sps).has_vcl_hrd
    assert _vui(sps).has_pic_struct
    assert not _vui(sps_of()).has_nal_hrd


def _sps_with(vui: str, high: str = "") -> bytes:
    """A set of 16x16 pixels by hand: id 0, the bits of High, frame_num 4 bits, order type 2, one reference; then VUI."""
    bits = "1" + high + "1" + "011" + "010" + "0" + "1" + "1" + "1" + "1" + "0" + "1" + vui + "1"
    bits += "0" * (-len(bits) % 8)
    payload = bytes((100 if high else 66, 0, 30)) + bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return b"\x67" + insert_emulation_prevention(payload)


def test_scaling_lists_are_stepped_over() -> None:
    """x264 puts them into the picture parameter set, cameras into this one."""
    small = "1" + "010" * 16  # 16 deltas of +1
    stopped = "1" + "000010001"  # a delta of -8 makes the next scale 0, which ends the list
    large = "1" + "011" * 7 + "010" * 57  # 64 deltas of -1 and +1
    lists = small + stopped + "0000" + large + "0"
    sps = parse_sps(_sps_with("1" + format(14, "08b") + "0" * 8, high="010" + "1" + "1" + "0" + "1" + lists))
    assert (sps.profile, sps.width, sps.height, sps.num_ref_frames) == (100, 16, 16, 1)
    assert _vui(sps).sample_aspect_ratio == Fraction(4, 3)


@pytest.mark.parametrize(
    ("code", "aspect"), [(0, None), (1, Fraction(1)), (14, Fraction(4, 3)), (16, Fraction(2)), (17, None), (254, None)]
)
def test_aspect_codes(code: int, aspect: Fraction | None) -> None:
    vui = _vui(parse_sps(_sps_with("1" + format(code, "08b") + "0" * 8)))
    assert vui.sample_aspect_ratio == aspect
    assert (vui.tick, vui.max_num_reorder_frames, vui.max_dec_frame_buffering) == (None, None, None)


@pytest.mark.integration
@pytest.mark.parametrize("name", ["flower_960x540_2997_aac.mp4", "friday_640x480_30_speech.mp4", "bbb_720p25_aac51.mp4"])
def test_real_parameter_sets(name: str, shared_media: Path, extradata: Extradata) -> None:
    record = parse_avcc(extradata(shared_media / name))
    sps = parse_sps(record.sps[0])
    with av.open(str(shared_media / name)) as source:
        context = source.streams.video[0].codec_context
        assert (sps.width, sps.height) == (context.width, context.height)
    assert (sps.profile, sps.level) == (record.profile, record.level)
    assert parse_sps_id(record.sps[0]) == parse_pps(record.pps[0]).sps_id == sps.sps_id


def test_picture_parameter_sets(encode_clip: Encode, extradata: Extradata) -> None:
    cabac = parse_avcc(extradata(encode_clip(frames=2, **{"x264-params": "sps-id=3"}))).pps[0]
    assert (parse_pps(cabac).pps_id, parse_pps(cabac).sps_id, parse_pps(cabac).is_cabac) == (3, 3, True)
    baseline = parse_avcc(extradata(encode_clip(frames=2, profile="baseline"))).pps[0]
    assert (parse_pps(baseline).pps_id, parse_pps(baseline).is_cabac) == (0, False)


def _key_samples(packets: Packets) -> list[bytes]:
    return [data for data, _, _, is_keyframe in packets if is_keyframe]


def test_every_keyframe_of_closed_gops_is_an_idr(encode_clip: Encode, demuxed: Callable[..., Packets]) -> None:
    packets = demuxed(encode_clip(g="6"))
    assert [is_idr(data, 4) for data, *_ in packets] == [is_keyframe for *_, is_keyframe in packets]
    assert len(_key_samples(packets)) == 4
    assert {first_picture_type(data[:8], 4) for data, *_ in packets[1:]} == {NalType.SLICE, NalType.IDR}
    assert all(find_recovery_point(data, 4) is None for data, *_ in packets)
    assert nal_types(packets[0][0], 4) == [NalType.SEI, NalType.IDR]


def test_open_gops_have_keyframes_that_are_recovery_points(encode_clip: Encode, demuxed: Callable[..., Packets]) -> None:
    packets = demuxed(encode_clip(g="6", bf="3", **{"x264-params": "open-gop=1:keyint=6:min-keyint=6"}))
    first, *others = [data for data, *_ in packets if find_recovery_point(data, 4) or is_idr(data, 4)]
    assert is_idr(first, 4)
    assert others
    assert not any(is_idr(data, 4) for data in others)
    assert find_recovery_point(others[0], 4) == RecoveryPoint(0, is_exact=True, is_broken_link=False)


def test_intra_refresh_has_recovery_points_with_a_count(encode_clip: Encode, demuxed: Callable[..., Packets]) -> None:
    packets = demuxed(encode_clip(frames=40, g="12", **{"x264-params": "intra-refresh=1:bframes=0"}))
    points = [point for data, *_ in packets[1:] if (point := find_recovery_point(data, 4))]
    assert points
    assert all(point.frame_count > 0 for point in points)


def test_slice_headers(encode_clip: Encode, demuxed: Callable[..., Packets]) -> None:
    packets = demuxed(encode_clip(bf="2", **{"x264-params": "sps-id=5:slices=3:b-adapt=0:scenecut=0"}))
    headers = [
        [parse_slice_header(nal) for nal in split_length_prefixed(data, 4) if nal[0] & 31 in {1, 5}] for data, *_ in packets
    ]
    assert [header.first_mb for header in headers[0]] == [0, 4, 8]
    assert all(header.is_idr and header.is_reference and header.slice_type == 2 for header in headers[0])
    assert {header.slice_type for picture in headers for header in picture} == {0, 1, 2}
    assert {header.pps_id for picture in headers for header in picture} == {5}
    assert any(not header.is_reference for picture in headers for header in picture if header.slice_type == 1)


def test_sei_messages_of_x264(encode_clip: Encode, demuxed: Callable[..., Packets]) -> None:
    sei = split_length_prefixed(demuxed(encode_clip())[0][0], 4)[0]
    ((kind, payload),) = iter_sei_messages(sei)
    assert kind == 5  # user data, unregistered
    assert b"x264 - core" in payload
    assert list(iter_sei_messages(sei[:40])) == []


@pytest.mark.security
@pytest.mark.parametrize("nal", [b"", b"\x67", b"\x68\xff\xff\xff\xff\xff", b"\x67" + bytes(40), b"\x67" * 5000])
def test_bytes_that_are_no_parameter_set_are_refused(nal: bytes) -> None:
    with pytest.raises(BitstreamError):
        parse_sps(nal)


@pytest.mark.security
def test_other_units_are_refused() -> None:
    for parse in (parse_pps, parse_slice_header):
        for nal in (b"", b"\x09\xf0", b"\x68", b"\x65", b"\x65\0\0"):
            with pytest.raises(BitstreamError):
                parse(nal)
