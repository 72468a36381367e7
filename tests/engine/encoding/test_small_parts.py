"""Segments as bytes, SEI that goes over, frames there and back."""

import shutil
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bitstream.avc import iter_sei_messages
from engine.bitstream.nal import join_length_prefixed, split_length_prefixed
from engine.cache.store import Cache
from engine.encoding.av_frames import IDENTICAL_DB, luma_of, psnr_db, to_frame
from engine.encoding.splice.encoder import EncodedPacket, EncodedSegment
from engine.encoding.splice.segment_cache import KIND, SegmentStore, from_bytes, to_bytes
from engine.encoding.splice.sei import carried_unit
from engine.encoding.splice.source import SpliceSource, splice_source
from engine.media.picture import Colour, Picture, PixelFormat, Plane
from tests.engine.encoding.makers import make_clip

PACKETS = (EncodedPacket(0, True, b"one"), EncodedPacket(2, False, b""), EncodedPacket(1, False, b"x" * 999))
SEGMENT = EncodedSegment(b"sps", b"pps", PACKETS)


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans(), st.binary(max_size=50)), max_size=5))
def test_segments_survive_as_bytes(rows: list[tuple[int, bool, bytes]]) -> None:
    segment = EncodedSegment(b"a", b"bc", tuple(EncodedPacket(*row) for row in rows))
    data = to_bytes(segment)
    assert from_bytes(data) == segment
    assert from_bytes(data[:-1]) is None
    assert from_bytes(data + b"\0") is None


def test_a_segment_is_kept_with_and_without_a_cache(tmp_path: Path) -> None:
    for cache in (Cache(tmp_path / "cache", 1 << 20), None):
        with SegmentStore(cache, tmp_path) as store:
            assert not store.has("k" * 8)
            store.put("k" * 8, to_bytes(SEGMENT))
            store.put("l" * 8, to_bytes(EncodedSegment(b"", b"", ())))
            assert store.get("k" * 8) == SEGMENT
            assert store.has("k" * 8) == (cache is not None)
        assert {path.name for path in tmp_path.iterdir()} <= {"cache"}


def test_a_segment_stays_when_the_cache_is_emptied(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1 << 20)
    cache.put(KIND, "k" * 8, to_bytes(SEGMENT))
    with SegmentStore(cache, tmp_path) as store:
        assert store.fetch("k" * 8) == to_bytes(SEGMENT)
        shutil.rmtree(tmp_path / "cache")
        assert store.get("k" * 8) == SEGMENT


def test_a_segment_that_was_damaged_is_not_there(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1 << 20)
    cache.put(KIND, "k" * 8, to_bytes(SEGMENT)[:-1])
    with SegmentStore(cache, tmp_path) as store:
        assert not store.has("k" * 8) and store.fetch("k" * 8) is None


def test_captions_go_over_and_timing_does_not() -> None:
    captions = b"\xb5\x00\x31GA94\x03\x00\x00\x01"
    timing = bytes([6, 1, 3, 1, 2, 3, 0x80])
    both = bytes([6, 4, len(captions)]) + captions.replace(b"\x00\x00\x01", b"\x00\x00\x03\x01") + bytes([0x80])
    sample = join_length_prefixed([timing, both, b"\x65slice"], 4)
    (unit,) = split_length_prefixed(carried_unit(sample, 4), 4)
    assert list(iter_sei_messages(unit)) == [(4, captions)]
    assert carried_unit(join_length_prefixed([timing, b"\x65slice"], 4), 4) == b""


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "gbrp", "yuva444p"])
def test_frames_keep_every_byte(name: str) -> None:
    described = av.VideoFormat(name)
    bits = described.components[0].bits
    dtype = np.uint8 if bits == 8 else np.uint16
    halves = described.chroma_width(16) < 16, described.chroma_height(16) < 16
    shift_x, shift_y = (0, 0) if described.is_rgb else (int(halves[0]), int(halves[1]))
    sizes = [(35, 51), *[(-(-35 >> shift_y), -(-51 >> shift_x))] * 2, *[(35, 51)] * (len(described.components) == 4)]
    rng = np.random.default_rng(1)
    planes = tuple(cast(Plane, rng.integers(0, 1 << bits, size).astype(dtype)) for size in sizes)
    form = PixelFormat(name, bits, shift_x, shift_y, described.is_rgb, len(planes) == 4)
    frame = to_frame(Picture(planes, form, Colour()), 7, Fraction(1, 25))
    assert frame.pts == 7
    assert np.array_equal(luma_of(frame), planes[0])
    assert psnr_db(luma_of(frame), planes[0], form.peak) == IDENTICAL_DB


def test_psnr_is_the_usual_one() -> None:
    flat = np.full((10, 10), 100, np.uint8)
    assert psnr_db(flat, flat + np.uint8(1), 255) == pytest.approx(48.13, abs=0.01)
    assert psnr_db(flat, flat[:5], 255) == 0


def test_a_parameter_set_number_is_chosen_that_the_samples_do_not_use(tmp_path: Path) -> None:
    plain = splice_source(str(make_clip(tmp_path / "a.mp4", frames=5)))
    assert isinstance(plain, SpliceSource)
    assert plain.parameter_set_id == 1
    inside = splice_source(str(make_clip(tmp_path / "b.mp4", frames=5, x264="keyint=2:sps-id=1:repeat-headers=1")))
    assert isinstance(inside, SpliceSource)
    assert inside.parameter_set_id == 0


def test_files_that_cannot_be_spliced_say_why(tmp_path: Path) -> None:
    found = splice_source(str(make_clip(tmp_path / "a.avi", frames=5)))
    assert isinstance(found, str)
    assert "MP4, MOV" in found
