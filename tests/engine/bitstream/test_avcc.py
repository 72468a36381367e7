"""Decoder configurations: read, written, and merged so that a decoder plays two encoders' pictures in one track."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bitstream.avcc import (
    AvcC,
    Chroma,
    annexb_to_length_prefixed,
    build_avcc,
    free_parameter_set_id,
    merge,
    parse_avcc,
)
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import join_annexb, join_length_prefixed, split_length_prefixed

Packets = list[tuple[bytes, int, int, bool]]
bytes_8 = st.integers(0, 255)
sets = st.lists(st.binary(max_size=30), max_size=4).map(tuple)
chromas = st.builds(Chroma, st.integers(0, 3), st.integers(8, 15), st.integers(8, 15), sets)


@st.composite
def records(draw: st.DrawFn) -> AvcC:
    """Any record that can be written."""
    profile = draw(st.sampled_from([66, 77, 88, 100, 110, 122, 244]))
    chroma = None if profile in {66, 77, 88} else draw(st.none() | chromas)
    return AvcC(profile, draw(bytes_8), draw(bytes_8), draw(st.sampled_from([1, 2, 4])), draw(sets), draw(sets), chroma)


@given(records())
def test_what_is_written_is_read_back(record: AvcC) -> None:
    assert parse_avcc(build_avcc(record)) == record


@given(records(), st.data())
def test_a_record_that_is_cut_off_is_refused_or_lacks_only_its_chroma(record: AvcC, data: st.DataObject) -> None:
    whole = build_avcc(record)
    cut = data.draw(st.integers(0, len(whole) - 1))
    try:
        parsed = parse_avcc(whole[:cut])
    except BitstreamError:
        return
    assert record.chroma is not None
    assert parsed.chroma is None
    assert (parsed.sps, parsed.pps) == (record.sps, record.pps)


@pytest.mark.parametrize(
    ("options", "chroma"),
    [
        ({"profile": "baseline"}, None),
        ({}, Chroma(1, 8, 8)),
        ({"pix_fmt": "yuv422p10le"}, Chroma(2, 10, 10)),
    ],
)
def test_records_of_the_encoder_come_back_byte_for_byte(
    options: dict[str, str],
    chroma: Chroma | None,
    encode_clip: Callable[..., Path],
    extradata: Callable[[Path], bytes],
) -> None:
    data = extradata(encode_clip(frames=2, **options))
    record = parse_avcc(data)
    assert record.chroma == chroma
    assert (record.length_size, len(record.sps), len(record.pps)) == (4, 1, 1)
    assert (record.profile, record.compat, record.level) == tuple(record.sps[0][1:4])
    assert build_avcc(record) == data


@pytest.mark.integration
def test_real_records_come_back_byte_for_byte(shared_media: Path, extradata: Callable[[Path], bytes]) -> None:
    for name in ("flower_960x540_2997_aac.mp4", "friday_640x480_30_speech.mp4", "nasa_multistream.mp4"):
        data = extradata(shared_media / name)
        assert build_avcc(parse_avcc(data)) == data


@pytest.fixture
def make_record(encode_clip: Callable[..., Path], extradata: Callable[[Path], bytes]) -> Callable[..., AvcC]:
    """The record of a clip encoded with these options."""
    return lambda **options: parse_avcc(extradata(encode_clip(frames=2, **options)))


def test_merging_keeps_the_profile_and_widens_the_rest(make_record: Callable[..., AvcC]) -> None:
    source = make_record(profile="baseline", level="3.1")
    added = make_record(profile="main", **{"x264-params": "sps-id=1:level=4.2"})
    merged = merge(source, added.sps[0], added.pps[0])
    assert merged.profile == 66
    assert merged.compat == source.compat & added.compat
    assert merged.level == 42
    assert merged.sps == (*source.sps, *added.sps)
    assert merged.pps == (*source.pps, *added.pps)
    assert merged.length_size == source.length_size
    lower = make_record(profile="main", **{"x264-params": "sps-id=1:level=2.1"})
    assert merge(source, lower.sps[0], lower.pps[0]).level == 31


def test_merging_the_same_sets_changes_nothing(make_record: Callable[..., AvcC]) -> None:
    source = make_record()
    added = make_record(**{"x264-params": "sps-id=1"})
    merged = merge(source, added.sps[0], added.pps[0])
    assert merge(source, source.sps[0], source.pps[0]) == source
    assert merge(merged, added.sps[0], added.pps[0]) == merged


def test_merging_other_sets_under_a_used_id_is_refused(make_record: Callable[..., AvcC]) -> None:
    source = make_record()
    added = make_record(size=(128, 96), **{"x264-params": "cabac=0"})
    with pytest.raises(BitstreamError, match="sequence parameter set"):
        merge(source, added.sps[0], source.pps[0])
    with pytest.raises(BitstreamError, match="picture parameter set"):
        merge(source, source.sps[0], added.pps[0])


def test_a_full_record_takes_no_more(make_record: Callable[..., AvcC]) -> None:
    crowded = make_record()
    for number in range(1, 31):
        added = make_record(**{"x264-params": f"sps-id={number}"})
        crowded = merge(crowded, added.sps[0], added.pps[0])
    last = make_record(**{"x264-params": "sps-id=31"})
    with pytest.raises(BitstreamError, match="room"):
        merge(crowded, last.sps[0], last.pps[0])


@given(st.sets(st.integers(0, 31)), st.sets(st.integers(0, 255)))
def test_the_free_id_is_the_lowest_in_neither(sps_ids: set[int], pps_ids: set[int]) -> None:
    free = free_parameter_set_id(sps_ids, pps_ids)
    taken = sps_ids | pps_ids
    if free is None:
        assert taken >= set(range(32))
    else:
        assert free not in taken
        assert taken >= set(range(free))


def test_no_id_is_free_when_all_are_used() -> None:
    assert free_parameter_set_id(range(16), range(16, 40)) is None
    assert free_parameter_set_id([], []) == 0


@given(st.lists(st.integers(1, 31), max_size=8), st.sampled_from([1, 2, 4]))
def test_a_byte_stream_becomes_a_sample_without_the_dropped_types(types: list[int], length_size: int) -> None:
    nals = [bytes((0x60 | kind, 7, 0x80)) for kind in types]
    sample = annexb_to_length_prefixed(join_annexb(nals), length_size)
    assert sample == join_length_prefixed([nal for nal in nals if nal[0] & 31 not in {6, 7, 8, 9, 13}], length_size)
    assert split_length_prefixed(annexb_to_length_prefixed(join_annexb(nals), 4, drop=frozenset()), 4) == nals


@pytest.mark.integration
def test_one_track_of_two_encoders_decodes_to_both_their_pictures(
    encode_clip: Callable[..., Path], demuxed: Callable[..., Packets], extradata: Callable[[Path], bytes]
) -> None:
    """The splice that the export rests on: copied samples, then an encoder's own under another id, then copied ones."""
    source_path = encode_clip(frames=18, g="6", crf="23")
    source = parse_avcc(extradata(source_path))
    used = free_parameter_set_id([0], [0])
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuv420p"
    encoder.time_base = Fraction(1, 12800)
    encoder.options = {"x264-params": f"sps-id={used}:annexb=1:repeat-headers=1:bframes=0:keyint=6", "crf": "12"}
    with av.open(str(source_path)) as opened:
        pictures = list(opened.decode(video=0))
    made = [packet for picture in pictures[6:12] for packet in encoder.encode(picture)] + encoder.encode(None)
    streams = [bytes(packet) for packet in made]
    sets = {nal[0] & 31: nal for nal in split_length_prefixed(annexb_to_length_prefixed(streams[0], 4, frozenset()), 4)}

    samples = [data for data, *_ in demuxed(source_path)]
    samples[6:12] = [annexb_to_length_prefixed(stream, 4) for stream in streams]
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata = build_avcc(merge(source, sets[7], sets[8]))
    shown = [frame for sample in samples for frame in decoder.decode(av.Packet(sample))] + decoder.decode(None)

    assert len(shown) == 18
    for index, (before, after) in enumerate(zip(pictures, shown, strict=True)):
        difference = abs(before.to_ndarray().astype(int) - after.to_ndarray().astype(int))
        assert difference.max() == 0 if not 6 <= index < 12 else 0 < difference.mean() < 3
