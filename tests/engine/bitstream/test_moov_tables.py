"""Each table of a rewritten track by hand: what it says of the new samples, and that it still says the same of the rest."""

import struct
from collections.abc import Callable

import numpy as np
import pytest

from engine.bitstream.boxes import Box, child_boxes, find_box
from engine.bitstream.errors import BitstreamError
from engine.bitstream.moov_rewriting import Moved, NewSamples, rewrite_moov
from engine.bitstream.mp4 import parse_moov
from engine.bitstream.sample_tables import Int64Array

MakeBox = Callable[..., bytes]
Rewrite = Callable[..., bytes]

COUNT = 10
NEW = (4, 7)
"""The rows that get other bytes, half-open: samples 5, 6 and 7."""


def _same(offsets: Int64Array) -> Int64Array:
    return offsets


@pytest.fixture
def plain(box: MakeBox, stsd: bytes) -> dict[str, bytes]:
    """Ten samples of ten bytes in two chunks, each a place to start at."""
    return {
        "stsd": stsd,
        "stts": box("stts", 0, 1, COUNT, 40),
        "stsc": box("stsc", 0, 1, 1, 5, 1),
        "stsz": box("stsz", 0, 0, COUNT, *range(10, 10 + COUNT)),
        "stco": box("stco", 0, 2, 1000, 2000),
    }


@pytest.fixture
def rewrite(make_moov: Callable[..., bytes], plain: dict[str, bytes]) -> Rewrite:
    """`rewrite(tables…, cts=…, sync=…, moved=…, **replaced)`: the new body of `stbl` for three new samples."""

    def make(
        *tables: bytes,
        sizes: tuple[int, ...] = (51, 52, 53),
        cts: tuple[int, ...] = (0, 0, 0),
        sync: tuple[bool, ...] = (True, True, True),
        moved: Moved = _same,
        **replaced: bytes,
    ) -> bytes:
        stbl = b"".join((*(plain | replaced).values(), *tables))
        movie = parse_moov(make_moov(stbl), file_size=1 << 61)
        new = NewSamples(NEW[0], np.array(sizes, np.int64), np.array(cts, np.int64), np.array(sync, np.bool_))
        return parse_moov(rewrite_moov(movie, 7, [new], b"new", moved), file_size=1 << 61).tracks[0].stbl

    return make


def _boxes(stbl: bytes) -> list[Box]:
    return list(child_boxes(stbl, 0, len(stbl)))


def _whole(stbl: bytes, kind: str) -> bytes:
    box = find_box(tuple(_boxes(stbl)), kind)
    assert box is not None
    return stbl[box.start : box.end]


def test_sizes_of_a_table(rewrite: Rewrite, box: MakeBox) -> None:
    stbl = rewrite()
    assert _whole(stbl, "stsz") == box("stsz", 0, 0, COUNT, 10, 11, 12, 13, 51, 52, 53, 17, 18, 19)
    for kind in ("stts", "stsc", "stco"):
        assert _whole(rewrite(box("stss", 0, 1, 1)), kind) == _whole(stbl, kind)


def test_one_size_for_all_becomes_a_table(rewrite: Rewrite, box: MakeBox) -> None:
    stbl = rewrite(stsz=box("stsz", 0, 9, COUNT))
    assert _whole(stbl, "stsz") == box("stsz", 0, 0, COUNT, 9, 9, 9, 9, 51, 52, 53, 9, 9, 9)


@pytest.mark.parametrize(
    ("bits", "rows"), [(4, bytes.fromhex("123456789a")), (8, bytes(range(1, 11))), (16, struct.pack(">10H", *range(1, 11)))]
)
def test_compact_sizes_become_a_table(bits: int, rows: bytes, rewrite: Rewrite, box: MakeBox) -> None:
    stbl = rewrite(stsz=box("stz2", 0, bits, COUNT, rows))
    assert _whole(stbl, "stsz") == box("stsz", 0, 0, COUNT, 1, 2, 3, 4, 51, 52, 53, 8, 9, 10)
    assert [found.kind for found in _boxes(stbl)] == ["stsd", "stts", "stsc", "stsz", "stco"]


def test_composition_offsets_are_made_where_they_are_needed(rewrite: Rewrite, box: MakeBox) -> None:
    assert [found.kind for found in _boxes(rewrite())] == ["stsd", "stts", "stsc", "stsz", "stco"]
    stbl = rewrite(cts=(0, 80, 0))
    assert [found.kind for found in _boxes(stbl)] == ["stsd", "stts", "ctts", "stsc", "stsz", "stco"]
    assert _whole(stbl, "ctts") == box("ctts", 0, 2, 5, 0, 1, 80)
    assert _whole(rewrite(cts=(0, -1, 0)), "ctts") == box("ctts", 1 << 24, 2, 5, 0, 1, -1)


@pytest.mark.parametrize(
    ("version", "runs", "cts", "wanted_version", "wanted"),
    [
        (0, (2, 5, 8, 6), (7, 7, 6), 0, (2, 5, 2, 6, 2, 7, 4, 6)),
        (0, (2, 5, 8, 6), (7, -7, 6), 1, (2, 5, 2, 6, 1, 7, 1, -7, 4, 6)),
        (1, (10, -3), (1, 1, 1), 1, (4, -3, 3, 1, 3, -3)),
        (0, (10, -3), (1, 1, 1), 0, (4, -3, 3, 1, 3, -3)),
        (0, (2, 5, 3, 5, 5, 6), (5, 6, 6), 0, (2, 5, 3, 5, 5, 6)),
        (0, (5, 5), (5, 0, 0), 0, (5, 5)),
        (0, (2, 5), (0, 8, 0), 0, (2, 5, 3, 0, 1, 8)),
        (0, (20, 5), (0, 0, 0), 0, (4, 5, 3, 0, 13, 5)),
        (0, (0, 9, 10, 5, 0, 9), (5, 5, 4), 0, (0, 9, 6, 5, 1, 4, 3, 5, 0, 9)),
    ],
)
def test_composition_offsets(
    version: int,
    runs: tuple[int, ...],
    cts: tuple[int, ...],
    wanted_version: int,
    wanted: tuple[int, ...],
    rewrite: Rewrite,
    box: MakeBox,
) -> None:
    """Runs that no new sample lies in stay as they were written, also where they could be fewer, cover too little or too much."""
    stbl = rewrite(cts=cts, ctts=box("ctts", version << 24, len(runs) // 2, *runs))
    assert _whole(stbl, "ctts") == box("ctts", wanted_version << 24, len(wanted) // 2, *wanted)


def test_places_to_start_at(rewrite: Rewrite, box: MakeBox) -> None:
    assert find_box(tuple(_boxes(rewrite())), "stss") is None
    made = rewrite(sync=(True, False, False))
    assert _whole(made, "stss") == box("stss", 0, 8, 1, 2, 3, 4, 5, 8, 9, 10)
    assert [found.kind for found in _boxes(made)] == ["stsd", "stts", "stss", "stsc", "stsz", "stco"]
    stbl = rewrite(box("stss", 0, 4, 1, 6, 7, 9), sync=(True, False, False))
    assert _whole(stbl, "stss") == box("stss", 0, 3, 1, 5, 9)
    assert _whole(rewrite(box("stss", 0, 0), sync=(False, False, False)), "stss") == box("stss", 0, 0)
    stbl = rewrite(box("stss", 0, 1, 1), box("stps", 0, 3, 4, 6, 8), sync=(False, True, False))
    assert (_whole(stbl, "stss"), _whole(stbl, "stps")) == (box("stss", 0, 2, 1, 6), box("stps", 0, 2, 4, 8))


def test_both_missing_tables_are_made(rewrite: Rewrite) -> None:
    stbl = rewrite(cts=(1, 1, 1), sync=(False, False, False))
    assert [found.kind for found in _boxes(stbl)] == ["stsd", "stts", "ctts", "stss", "stsc", "stsz", "stco"]


def test_dependencies(rewrite: Rewrite, box: MakeBox) -> None:
    flags = bytes((0xA4, 0x18, 0x14, 0x18, 0xA4, 0x18, 0x14, 0x18, 0xA4, 0x18))
    stbl = rewrite(box("sdtp", 0, flags), sync=(True, False, False))
    assert _whole(stbl, "sdtp") == box("sdtp", 0, flags[:4] + bytes((0x20, 0x10, 0x10)) + flags[7:])
    for length in (0, 2, 4, 5, 6):
        short = rewrite(box("sdtp", 0, flags[:length]), sync=(True, False, False))
        assert _whole(short, "sdtp") == box("sdtp", 0, (flags[:4] + bytes((0x20, 0x10)))[:length])


def test_groups_of_samples(rewrite: Rewrite, box: MakeBox) -> None:
    first = box("sbgp", 0, b"roll", 2, 5, 1, 5, 2)
    second = box("sbgp", 1 << 24, b"rap ", b"para", 3, 4, 1, 3, 0, 1, 65537)
    short = box("sbgp", 0, b"tele", 1, 3, 1)
    stbl = rewrite(first, second, short, box("sgpd", 1 << 24, b"roll", 2, 0))
    found = [stbl[b.start : b.end] for b in _boxes(stbl) if b.kind == "sbgp"]
    assert found == [box("sbgp", 0, b"roll", 3, 4, 1, 3, 0, 3, 2), second, short]
    assert _whole(stbl, "sgpd") == box("sgpd", 1 << 24, b"roll", 2, 0)


@pytest.mark.parametrize("version", [0, 1])
def test_sub_samples(version: int, rewrite: Rewrite, box: MakeBox) -> None:
    part = bytes(range(8 if version == 0 else 10))

    def entry(delta: int, parts: int) -> bytes:
        return struct.pack(">IH", delta, parts) + part * parts

    table = box("subs", version << 24 | 5, 5, entry(2, 1), entry(3, 2), entry(2, 0), entry(1, 3), entry(2, 1))
    other = box("subs", version << 24 | 6, 1, entry(6, 1))
    stbl = rewrite(table, other)
    found = [stbl[b.start : b.end] for b in _boxes(stbl) if b.kind == "subs"]
    assert found == [
        box("subs", version << 24 | 5, 3, entry(2, 1), entry(6, 3), entry(2, 1)),
        box("subs", version << 24 | 6, 0),
    ]


def test_sub_samples_that_are_cut_off(rewrite: Rewrite, box: MakeBox) -> None:
    for table in (box("subs", 0, 2, 1, b"\0\0"), box("subs", 0, 1, 1, b"\0\1"), box("subs", 0, 9)):
        with pytest.raises(BitstreamError):
            rewrite(table)


def test_shadow_sync(rewrite: Rewrite, box: MakeBox) -> None:
    stbl = rewrite(box("stsh", 0, 4, 4, 8, 5, 9, 8, 7, 9, 10))
    assert _whole(stbl, "stsh") == box("stsh", 0, 2, 4, 8, 9, 10)


def test_tables_that_stay(rewrite: Rewrite, box: MakeBox) -> None:
    kept = [box("stdp", 0, bytes(20)), box("padb", 0, COUNT, bytes(5)), box("saiz", 0, 1, COUNT), box("what", b"ever")]
    stbl = rewrite(*kept)
    assert stbl.endswith(b"".join(kept))


def test_bounds_of_composition(rewrite: Rewrite, box: MakeBox) -> None:
    """Samples 5, 6, 7 are decoded at 160, 200, 240 and last 40."""
    tables = {"ctts": box("ctts", 1 << 24, 1, 10, 0)}
    wide = box("cslg", 0, 100, -100, 900, -50, 5000)
    assert _whole(rewrite(wide, cts=(1, -2, 3), **tables), "cslg") == wide
    narrow = box("cslg", 0, 0, 0, 0, 0, 400)
    assert _whole(rewrite(narrow, cts=(-170, 0, 300), **tables), "cslg") == box("cslg", 0, 170, -170, 300, -10, 580)
    assert _whole(rewrite(box("cslg", 0, 0, 0, 0, 0, 0), cts=(0, 0, 300), **tables), "cslg") == box("cslg", 0, 0, 0, 300, 0, 0)
    longer = box("cslg", 1 << 24, struct.pack(">5q", 0, 0, 0, 0, 400))
    wanted = box("cslg", 1 << 24, struct.pack(">5q", 170, -170, 300, -10, 580))
    assert _whole(rewrite(longer, cts=(-170, 0, 300), **tables), "cslg") == wanted


def test_offsets_beyond_32_bits(rewrite: Rewrite, box: MakeBox) -> None:
    far = (1 << 32) - 1 - 2000
    assert _whole(rewrite(moved=lambda offsets: offsets + far), "stco") == box("stco", 0, 2, 1000 + far, 2000 + far)
    stbl = rewrite(moved=lambda offsets: offsets + far + 1)
    assert _whole(stbl, "co64") == box("co64", 0, 2, struct.pack(">QQ", 1001 + far, 2001 + far))
    assert [found.kind for found in _boxes(stbl)] == ["stsd", "stts", "stsc", "stsz", "co64"]
    long = box("co64", 0, 2, struct.pack(">QQ", 1000, 2000))
    assert _whole(rewrite(stco=long), "co64") == long


@pytest.mark.parametrize("with_kind", [False, True])
def test_places_of_auxiliary_information(with_kind: bool, rewrite: Rewrite, box: MakeBox) -> None:
    kind = (b"cenc", 0) if with_kind else ()
    flags = int(with_kind)
    short, long = box("saio", flags, *kind, 1, 77), box("saio", 1 << 24 | flags, *kind, 1, 0, 77)
    assert _whole(rewrite(short, moved=lambda offsets: offsets + 1), "saio") == box("saio", flags, *kind, 1, 78)
    assert _whole(rewrite(long, moved=lambda offsets: offsets + 1), "saio") == box("saio", 1 << 24 | flags, *kind, 1, 0, 78)
    far = _whole(rewrite(short, moved=lambda offsets: offsets + (1 << 32)), "saio")
    assert far == box("saio", 1 << 24 | flags, *kind, 1, 1, 77)


def test_the_configuration(make_moov: Callable[..., bytes], plain: dict[str, bytes], box: MakeBox, stsd: bytes) -> None:
    """Longer or shorter, in its place before the other boxes of the entry; a track that has none is refused."""
    movie = parse_moov(make_moov(b"".join(plain.values())), file_size=1 << 40)
    fields = stsd[24 : 24 + 78]
    for config in (b"", b"a longer one"):
        wanted = box("stsd", 0, 1, box("avc1", fields, box("avcC", config), box("pasp", 8, 9)))
        made = rewrite_moov(movie, 7, [], config, _same)
        assert made == make_moov(b"".join((plain | {"stsd": wanted}).values()))
    for missing in (box("stsd", 0, 1, box("avc1", fields)), box("stsd", 0, 0)):
        other = parse_moov(make_moov(b"".join((plain | {"stsd": missing}).values())), file_size=1 << 40)
        with pytest.raises(BitstreamError):
            rewrite_moov(other, 7, [], b"", _same)


def test_long_headers_and_bytes_behind_tables_stay(rewrite: Rewrite, box: MakeBox) -> None:
    def long(kind: str, *fields: int | bytes) -> bytes:
        body = box(kind, *fields)[8:]
        return struct.pack(">I4sQ", 1, kind.encode(), len(body) + 16) + body

    stbl = rewrite(
        stsz=long("stsz", 0, 0, COUNT, *range(10, 20), b"behind"),
        stco=long("stco", 0, 2, 1000, 2000, b"behind"),
        stss=long("stss", 0, 1, 1, b"behind"),
    )
    assert _whole(stbl, "stsz") == long("stsz", 0, 0, COUNT, 10, 11, 12, 13, 51, 52, 53, 17, 18, 19, b"behind")
    assert _whole(stbl, "stco") == long("stco", 0, 2, 1000, 2000, b"behind")
    assert _whole(stbl, "stss") == long("stss", 0, 4, 1, 5, 6, 7, b"behind")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sizes": (1 << 32, 1, 1)},
        {"sizes": (-1, 1, 1)},
        {"cts": (1 << 31, 0, 0)},
        {"cts": (0, -(1 << 31) - 1, 0)},
        {"sizes": (1, 1)},
        {"sizes": (1,) * 7, "cts": (0,) * 7, "sync": (True,) * 7},
        {"moved": lambda offsets: offsets - 5000},
    ],
)
def test_what_no_table_can_hold_is_refused(wrong: dict[str, object], rewrite: Rewrite) -> None:
    with pytest.raises(BitstreamError):
        rewrite(**wrong)
