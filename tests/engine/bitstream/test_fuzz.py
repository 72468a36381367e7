"""Damaged files through every parser: BitstreamError or a value, soon, in little memory.

A part of what `tests/bench/fuzz.py` does with 20,000 of them.
"""

import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.fuzz import run, sound_files
from tests.bench.fuzz_files import small_files
from tests.bench.fuzz_mutations import mutated, parse
from tests.bench.fuzz_readers import Reader

pytestmark = pytest.mark.security

SECONDS_FOR_ONE = 1.0
BYTES_FOR_ALL = 8 << 20
NAMES = (
    "progressive", "faststart", "fragmented", "fragmented, tables too", "mov, timecode, chapters", "interlaced, slices",
    "all tables", "10 bit, 4:2:2", "other brand, 4:4:4",
)  # fmt: skip
SELDOM_REFUSES = {"boxes", "units", "sample's beginning"}
"""A damaged end of a file, or of a sample that may be a beginning, is told by a flag or by fewer units."""

TAKEN = {"boxes", "movie", "tables", "avcC", "rewriting"}
"""What a sound file must not be refused by."""

KINDS = (
    b"moov", b"mvhd", b"trak", b"tkhd", b"edts", b"elst", b"mdia", b"mdhd", b"hdlr", b"minf", b"stbl", b"stsd", b"avc1", b"avcC",
    b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"stps", b"sdtp",
    b"sbgp", b"subs", b"cslg", b"stsh", b"saio", b"mvex", b"moof", b"mdat", b"free", b"uuid",
)  # fmt: skip


@pytest.fixture(scope="module")
def small() -> dict[str, bytes]:
    return small_files()


@pytest.fixture(scope="module")
def reader(small: dict[str, bytes]) -> Reader:
    return Reader(small.values())


def test_the_files_are_sound_and_of_every_kind(small: dict[str, bytes]) -> None:
    assert tuple(small) == NAMES
    reader = Reader(small.values())
    for data in small.values():
        reader.file(data)
        assert b"".join(child.to_bytes() for child in parse(data).children) == data
    assert {name for name, is_read in reader.counts if is_read} >= {*TAKEN, "sample", "parse_slice_coding"}
    assert not [name for name in TAKEN if reader.counts[name, False]]
    kinds = {node.kind for data in small.values() for family in parse(data).families() for node in family}
    assert kinds >= {b"moof", b"mvex", b"tmcd", b"text", b"edts", b"ctts", b"stss", b"avcC", b"udta"}


def test_damage_is_the_same_for_the_same_seed_and_is_damage(small: dict[str, bytes]) -> None:
    files = list(small.values())
    made = [mutated(files, seed) for seed in range(200)]
    assert made == [mutated(files, seed) for seed in range(200)]
    assert sum(data in files for data in made) < 10
    assert len(set(made)) > 190


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files(small: dict[str, bytes], name: str) -> None:
    reader, _ = run([small[name]], 1, range(200), SECONDS_FOR_ONE)
    assert min(reader.counts["movie", True], reader.counts["movie", False]) > 50


def test_damage_reaches_every_parser(small: dict[str, bytes]) -> None:
    reader, _ = run(list(small.values()), 2, range(400), SECONDS_FOR_ONE)
    kinds = {kind for kind, _ in reader.counts}
    assert len(kinds) > 12
    assert not [kind for kind in kinds if not reader.counts[kind, True]]
    assert not [kind for kind in kinds - SELDOM_REFUSES if not reader.counts[kind, False]]


def test_damaged_files_take_little_memory(small: dict[str, bytes], reader: Reader) -> None:
    tracemalloc.start()
    try:
        for seed in range(60):
            reader.file(mutated(list(small.values()), seed))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES_FOR_ALL


def test_damaged_real_files(shared_media: Path) -> None:
    files = sound_files(shared_media)[len(NAMES) :]
    assert len(files) > 3
    reader, _ = run(files, 3, range(200), SECONDS_FOR_ONE)
    assert min(reader.counts["movie", True], reader.counts["movie", False]) > 50


def _box(kind: bytes, body: bytes, lie: int) -> bytes:
    return struct.pack(">I4s", (len(body) + 8 + lie) & 0xFFFFFFFF, kind) + body


def _boxes() -> st.SearchStrategy[bytes]:
    """Boxes within boxes of the names that parsers look for; now and then one lies about its size."""
    lies = st.sampled_from((0, 0, 0, 0, 0, 0, 0, 1, -1, -8, 8, 1 << 31))
    fields = st.lists(st.sampled_from((0, 1, 2, 8, 600, 1 << 31, (1 << 32) - 1)), max_size=12)
    bodies = st.one_of(st.binary(max_size=40), fields.map(lambda numbers: struct.pack(f">{len(numbers)}I", *numbers)))
    leaves = st.builds(_box, st.sampled_from(KINDS), bodies, lies)
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda kind, prefix, children, lie: _box(kind, bytes(prefix) + b"".join(children), lie),
            st.sampled_from(KINDS), st.sampled_from((0, 0, 0, 8, 78)), st.lists(inner, max_size=6), lies,
        ),
        max_leaves=8,
    )  # fmt: skip


@given(st.lists(_boxes(), max_size=4).map(b"".join))
@settings(max_examples=80)
def test_boxes_of_any_kind(reader: Reader, data: bytes) -> None:
    reader.file(data)
    reader.file(struct.pack(">I4s", len(data) + 8, b"moov") + data)


@given(st.data())
@settings(max_examples=50)
def test_boxes_of_any_kind_in_the_place_of_a_real_one(small: dict[str, bytes], reader: Reader, data: st.DataObject) -> None:
    root = parse(small[data.draw(st.sampled_from(NAMES))])
    families = [family for family in root.families() if family]
    family = families[data.draw(st.integers(0, len(families) - 1))]
    place = data.draw(st.integers(0, len(family) - 1))
    family[place].kind, family[place].prefix, family[place].children = data.draw(st.sampled_from(KINDS)), data.draw(_boxes()), []
    reader.file(b"".join(child.to_bytes() for child in root.children))


@given(st.binary(max_size=200), st.integers(0, 31))
@settings(max_examples=100)
def test_units_of_any_bytes(reader: Reader, body: bytes, kind: int) -> None:
    reader.unit(bytes((0x60 | kind,)) + body)


@given(st.binary(max_size=200), st.sampled_from((1, 2, 4)))
@settings(max_examples=100)
def test_samples_of_any_bytes(reader: Reader, data: bytes, length_size: int) -> None:
    reader.sample(data, length_size)
    reader.sample((len(data) & 0xFF).to_bytes(length_size, "big") + data, length_size)


@given(st.binary(max_size=120), st.integers(0, 255), st.integers(0, 3), st.integers(0, 5))
@settings(max_examples=100)
def test_decoder_configurations_of_any_bytes(reader: Reader, body: bytes, profile: int, length: int, sets: int) -> None:
    reader.record(body)
    reader.record(bytes((1, profile, 0, 30, 0xFC | length, 0xE0 | sets)) + body)
    reader.record(bytes((1, profile, 0, 30, 0xFC | length, 0xE1, 0, len(body))) + body + b"\1\0\4h\xef\x8f\xcb")
