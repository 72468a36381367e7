"""Damaged tables end in a BitstreamError or in a `moov` that can be read, in bounded time and memory."""

import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest

from engine.bitstream.avc import MAX_SEI_MESSAGES, iter_sei_messages
from engine.bitstream.boxes import read_at
from engine.bitstream.errors import BitstreamError
from engine.bitstream.moov_rewriting import NewSamples, rewrite_moov, surgery_refusal
from engine.bitstream.mp4 import parse_moov, read_movie
from engine.bitstream.nal import MAX_UNITS, split_length_prefixed

pytestmark = pytest.mark.security

MakeBox = Callable[..., bytes]

TELLING_NUMBERS = (0, 1, 2, 9, 0x7F, 0x80, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
COUNT = 10
SECONDS_FOR_ONE = 1.0
BYTES_FOR_ONE = 8 << 20


@pytest.fixture(scope="module")
def tables(box: MakeBox, stsd: bytes) -> bytes:
    """Every table that is written again, of ten samples."""
    part = struct.pack(">IH", 3, 1) + bytes(8)
    return b"".join((
        stsd,
        box("stts", 0, 2, 4, 40, 6, 20),
        box("ctts", 1 << 24, 3, 2, 80, 5, -40, 3, 0),
        box("cslg", 0, 40, -40, 80, 0, 400),
        box("stss", 0, 3, 1, 5, 9),
        box("stps", 0, 2, 3, 6),
        box("stsh", 0, 2, 2, 1, 6, 5),
        box("sdtp", 0, bytes(range(COUNT))),
        box("stsc", 0, 1, 1, 5, 1),
        box("stsz", 0, 0, COUNT, *range(10, 20)),
        box("stco", 0, 2, 100, 300),
        box("sbgp", 0, b"roll", 3, 2, 1, 5, 0, 3, 2),
        box("sbgp", 1 << 24, b"rap ", 0, 2, 4, 1, 6, 0),
        box("subs", 0, 3, part, part, part),
        box("saio", 1, b"abcd", 0, 1, 50),
    ))  # fmt: skip


def _mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """`data` with one to three 32-bit numbers, bytes or halves of it exchanged; its length stays, so that boxes go on fitting."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(int(random.integers(1, 4))):
            at = int(random.integers(len(data) - 8))
            match int(random.integers(3)):
                case 0:
                    changed[at] = int(random.integers(256))
                case 1:
                    struct.pack_into(">I", changed, at // 4 * 4, int(random.choice(TELLING_NUMBERS)))
                case _:
                    struct.pack_into(">I", changed, at, int(random.choice(TELLING_NUMBERS)))
        yield bytes(changed)


def _new_samples() -> list[NewSamples]:
    sync = np.array((True, False, False))
    return [NewSamples(first, np.array((1, 2, 3)), np.array((0, -7, 1 << 20)), sync if first else ~sync) for first in (0, 6)]


def _rewritten_all(inputs: Iterator[bytes], make_moov: Callable[..., bytes]) -> tuple[int, int]:
    """How many bodies of `stbl` could be rewritten, and how many were refused."""
    done = refused = 0
    for stbl in inputs:
        started = time.process_time()
        try:
            movie = parse_moov(make_moov(stbl), file_size=5000)
            made = rewrite_moov(movie, 7, _new_samples(), b"config", lambda places: places + (1 << 33))
            rows = parse_moov(made, file_size=1 << 40).tracks[0].samples()
            assert rows.sizes[:3].tolist() == [1, 2, 3][: len(rows)]
            done += 1
        except BitstreamError as error:
            refused += 1
            assert str(error).endswith(".")
        assert time.process_time() - started < SECONDS_FOR_ONE
    return done, refused


def test_mutated_tables(tables: bytes, make_moov: Callable[..., bytes]) -> None:
    assert min(_rewritten_all(_mutations(tables, 1200, seed=1), make_moov)) > 200


def test_mutated_tables_take_little_memory(tables: bytes, make_moov: Callable[..., bytes]) -> None:
    tracemalloc.start()
    try:
        _rewritten_all(_mutations(tables, 200, seed=3), make_moov)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES_FOR_ONE


def test_refusals_of_mutated_files(tables: bytes, box: MakeBox, make_moov: Callable[..., bytes]) -> None:
    """A reason, never an error."""
    item = struct.pack(">HHHIH", 1, 1, 0, 0, 1) + bytes(8)
    iloc = box("iloc", 1 << 24, struct.pack(">HH", 0x4440, 2), item * 2)
    meta = box("meta", 0, box("hdlr", 0, 0, b"pict", bytes(13)), iloc)
    data = box("ftyp", b"isom") + meta + box("mdat", bytes(500)) + make_moov(tables, extra=meta)
    sound = refused = 0
    for changed in _mutations(data, 2000, seed=2):
        try:
            movie = read_movie(*read_at(BytesIO(changed)))
        except BitstreamError:
            continue
        reason = surgery_refusal(movie, 7)
        sound, refused = sound + (not reason), refused + bool(reason)
        assert not reason.endswith(".")
    assert min(sound, refused) > 150


def test_a_file_that_shrinks_while_it_is_read(box: MakeBox, make_moov: Callable[..., bytes], tables: bytes) -> None:
    moov = make_moov(tables)
    data = moov + box("meta", bytes(50))
    movie = read_movie(lambda offset, size: b"" if size > 32 and offset else data[offset : offset + size], len(data))
    assert isinstance(surgery_refusal(movie, 7), str)


def test_bounds_that_cannot_be(box: MakeBox, make_moov: Callable[..., bytes], tables: bytes) -> None:
    for fields in ((0, -(1 << 63), 0, 0, 0), ((1 << 63) - 1, 0, 0, 0, 5)):
        bad = tables.replace(box("cslg", 0, 40, -40, 80, 0, 400), box("cslg", 1 << 24, struct.pack(">5q", *fields)))
        with pytest.raises(BitstreamError, match="cslg"):
            rewrite_moov(parse_moov(make_moov(bad), file_size=5000), 7, _new_samples(), b"", lambda places: places)


def test_endless_units_and_messages_end() -> None:
    assert split_length_prefixed(bytes(MAX_UNITS), 1) == []
    with pytest.raises(BitstreamError, match="NAL units"):
        split_length_prefixed(bytes(MAX_UNITS + 1), 1)
    assert len(list(iter_sei_messages(b"\x06" + b"\x01\x00" * (MAX_SEI_MESSAGES + 9)))) == MAX_SEI_MESSAGES
