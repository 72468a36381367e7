"""Damaged and hostile bytes end in a BitstreamError or a value, in bounded time and memory, and in nothing else."""

import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.bitstream.avc import (
    find_recovery_point,
    is_idr,
    iter_sei_messages,
    nal_types,
    parse_pps,
    parse_slice_header,
)
from engine.bitstream.avcc import AvcC, annexb_to_length_prefixed, build_avcc, merge, parse_avcc
from engine.bitstream.boxes import MAX_TOP_LEVEL_BOXES, top_level_boxes
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import read_movie
from engine.bitstream.sample_tables import build_sample_table
from engine.bitstream.sps import parse_sps

pytestmark = pytest.mark.security

TELLING_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
SECONDS_FOR_ONE = 1.0
BYTES_FOR_ONE = 4 << 20


def _mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """`data` with a few bytes changed, a telling 32-bit number written in, a piece cut out, doubled, or its end cut off."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(int(random.integers(1, 4))):
            if not changed:
                break
            at, length = int(random.integers(len(changed))), int(random.integers(1, 33))
            match int(random.integers(5)):
                case 0:
                    changed[at] = int(random.integers(256))
                case 1:
                    changed[at : at + 4] = struct.pack(">I", int(random.choice(TELLING_NUMBERS)))
                case 2:
                    del changed[at : at + length]
                case 3:
                    changed[at:at] = changed[at : at + length]
                case _:
                    del changed[len(changed) - length :]
        yield bytes(changed)


def _try_all(parse: Callable[[bytes], object], inputs: Iterator[bytes]) -> tuple[int, int]:
    """Runs `parse` on each; anything but BitstreamError comes through. Returns how many were read and refused."""
    read = refused = 0
    for data in inputs:
        started = time.process_time()
        try:
            parse(data)
            read += 1
        except BitstreamError as error:
            refused += 1
            assert str(error).endswith(".")
        assert time.process_time() - started < SECONDS_FOR_ONE
    return read, refused


@pytest.fixture(scope="module")
def movie_bytes(encode_clip: Callable[..., Path]) -> bytes:
    """A whole small file, its moov in front."""
    return encode_clip(g="6", container={"movflags": "+faststart"}).read_bytes()


@pytest.fixture(scope="module")
def record_bytes(encode_clip: Callable[..., Path], extradata: Callable[[Path], bytes]) -> bytes:
    """A decoder configuration whose parameter set has an HRD, colour and fields."""
    params = "nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:colorprim=bt709:tff=1"
    return extradata(encode_clip(frames=2, **{"x264-params": params}))


def _read_everything(data: bytes) -> None:
    movie = read_movie(lambda offset, size: data[offset : offset + size], len(data))
    for track in movie.tracks:
        assert track.rotation_degrees in {0, 90, 180, 270}
        _ = track.is_mirrored, track.presentation_offset
        table = track.samples()
        assert len({len(column) for column in (table.dts, table.pts, table.sizes, table.offsets, table.sync)}) == 1


def _read_messages(nal: bytes) -> None:
    assert sum(len(payload) for _, payload in iter_sei_messages(nal)) < len(nal)


def test_mutated_files(movie_bytes: bytes) -> None:
    moov_end = movie_bytes.index(b"mdat") + 12
    inputs = (data + movie_bytes[moov_end:] for data in _mutations(movie_bytes[:moov_end], 4000, seed=1))
    tracemalloc.start()
    try:
        read, refused = _try_all(_read_everything, inputs)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert min(read, refused) > 300
    assert peak < BYTES_FOR_ONE


def test_files_cut_at_every_byte(movie_bytes: bytes) -> None:
    movie = read_movie(lambda offset, size: movie_bytes[offset : offset + size], len(movie_bytes))
    moov_end = next(found.end for found in movie.boxes if found.kind == "moov")
    assert _try_all(_read_everything, (movie_bytes[:end] for end in range(moov_end))) == (0, moov_end)
    assert _try_all(_read_everything, (movie_bytes[:end] for end in range(moov_end, moov_end + 30))) == (30, 0)


def test_mutated_sample_tables(movie_bytes: bytes) -> None:
    """The tables alone, so that changes reach their fields and not only the boxes around them."""
    track = read_movie(lambda offset, size: movie_bytes[offset : offset + size], len(movie_bytes)).tracks[0]
    inputs = _mutations(track.stbl, 4000, seed=2)
    assert min(_try_all(lambda data: build_sample_table(data, len(movie_bytes)), inputs)) > 300


def test_mutated_decoder_configurations(record_bytes: bytes) -> None:
    def read(data: bytes) -> None:
        record = parse_avcc(data)
        assert parse_avcc(build_avcc(record)) == record
        for sps in record.sps:
            parsed = parse_sps(sps)
            assert 0 < parsed.width <= 1 << 16
            assert 0 < parsed.height <= 1 << 17
        for pps in record.pps:
            parse_pps(pps)

    assert min(_try_all(read, _mutations(record_bytes, 4000, seed=3))) > 300


def test_mutated_sets_do_not_merge_into_a_broken_record(record_bytes: bytes) -> None:
    source = parse_avcc(record_bytes)

    def read(sps: bytes) -> None:
        merged = merge(source, sps, source.pps[0])
        assert parse_avcc(build_avcc(merged)) == merged

    _, refused = _try_all(read, _mutations(source.sps[0], 1000, seed=4))
    assert refused > 100


def test_mutated_samples(encode_clip: Callable[..., Path], demuxed: Callable[..., list[tuple[bytes, int, int, bool]]]) -> None:
    def read(data: bytes) -> None:
        assert isinstance(is_idr(data, 4), bool)
        find_recovery_point(data, 4)
        annexb_to_length_prefixed(data, 2)
        nal_types(data, 4)

    sample = demuxed(encode_clip(**{"x264-params": "intra-refresh=1:slices=3"}))[0][0]
    assert min(_try_all(read, _mutations(sample, 2000, seed=5))) > 100
    for kind in (1, 5):
        _try_all(parse_slice_header, (bytes((kind,)) + data for data in _mutations(sample[:60], 500, seed=6)))
    _try_all(_read_messages, _mutations(sample, 1000, seed=7))


def test_a_few_bytes_cannot_claim_much_memory(box: Callable[..., bytes], make_moov: Callable[..., bytes]) -> None:
    """Counts of four billion in every table of a file of 60 GB that holds one kilobyte of moov."""
    huge = 0xFFFFFFFF
    tables: dict[str, list[tuple[int, ...]]] = {
        "stsz": [(0, 0, huge), (0, 1, huge), (0, 1, (1 << 22) + 1)],
        "stts": [(0, huge, 1, 1), (0, 1, huge, huge)],
        "ctts": [(0, huge, 1, 1), (0, 1, huge, huge)],
        "stsc": [(0, huge, 1, 1, 1), (0, 1, 1, huge, 1)],
        "stco": [(0, huge, 1)],
        "stss": [(0, huge, 1), (0, 1, huge)],
    }
    plain: dict[str, tuple[int, ...]] = {
        "stsd": (0, 0),
        "stts": (0, 1, 2, 1),
        "stsz": (0, 5, 2),
        "stsc": (0, 1, 1, 2, 1),
        "stco": (0, 1, 9),
    }
    variants = [{**plain, kind: fields} for kind, choices in tables.items() for fields in choices]
    files = [make_moov(b"".join(box(kind, *fields) for kind, fields in variant.items())) for variant in variants]

    def unfold(data: bytes) -> None:
        movie = read_movie(lambda offset, size: data[offset : offset + size].ljust(size, b"\0"), 60 << 30)
        assert len(movie.tracks[0].samples()) <= 2

    tracemalloc.start()
    try:
        assert _try_all(unfold, iter(files)) == (4, 8)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES_FOR_ONE


def test_endless_boxes_end(box: Callable[..., bytes]) -> None:
    tiny = struct.pack(">I4s", 8, b"free")
    with pytest.raises(BitstreamError, match="top level"):
        top_level_boxes(lambda offset, size: (tiny * 5)[:size], (MAX_TOP_LEVEL_BOXES + 1) * 8)
    crowded = box("moov", tiny * 100_000)
    with pytest.raises(BitstreamError, match="holds more than"):
        read_movie(lambda offset, size: crowded[offset : offset + size], len(crowded))


def test_a_reader_that_gives_nothing_ends() -> None:
    with pytest.raises(BitstreamError):
        read_movie(lambda offset, size: b"", 1 << 40)


def test_records_that_cannot_be_written_are_refused() -> None:
    for record in (
        AvcC(66, 0, 30, 3, (), ()),
        AvcC(66, 0, 30, 4, (b"g",) * 32, ()),
        AvcC(66, 0, 30, 4, (), (b"h",) * 256),
        AvcC(66, 0, 30, 4, (bytes(1 << 16),), ()),
    ):
        with pytest.raises(BitstreamError):
            build_avcc(record)
