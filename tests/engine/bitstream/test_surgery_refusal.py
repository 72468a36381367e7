"""Files whose tables cannot be kept are refused for the right reason, and no others."""

import struct
from collections.abc import Callable

import pytest

from engine.bitstream.boxes import child_boxes, find_box
from engine.bitstream.moov_rewriting import surgery_refusal
from engine.bitstream.mp4 import MAX_META_BYTES, Movie, read_movie

MakeBox = Callable[..., bytes]
MakeFile = Callable[..., Movie]

TRACK = 7
MDAT_BYTES = 4096


@pytest.fixture
def stbl(box: MakeBox, stsd: bytes) -> Callable[..., bytes]:
    """`stbl(*more, kind=replaced…)`: ten samples of ten bytes behind byte 40 of the file."""

    def make(*more: bytes, **replaced: bytes) -> bytes:
        tables = {
            "stsd": stsd,
            "stts": box("stts", 0, 1, 10, 40),
            "stsc": box("stsc", 0, 1, 1, 10, 1),
            "stsz": box("stsz", 0, 0, 10, *[10] * 10),
            "stco": box("stco", 0, 1, 40),
        }
        return b"".join((*(tables | replaced).values(), *more))

    return make


@pytest.fixture
def make_file(box: MakeBox, make_moov: Callable[..., bytes], stbl: Callable[..., bytes]) -> MakeFile:
    """`make_file(stbl_body, in_moov=…, in_trak=…, in_minf=…, before=…, behind=…)`: a movie read from a whole file."""

    def make(
        tables: bytes = b"",
        *,
        in_moov: bytes = b"",
        in_trak: bytes = b"",
        in_minf: bytes = b"",
        before: bytes = b"",
        behind: bytes = b"",
    ) -> Movie:
        moov = make_moov(tables or stbl(), in_trak, extra=in_moov)
        if in_minf:
            moov = _put_into_minf(moov, in_minf)
        data = box("ftyp", b"isom", 0) + before + box("mdat", bytes(MDAT_BYTES)) + moov + behind
        return read_movie(lambda offset, size: data[offset : offset + size], len(data))

    return make


def _put_into_minf(moov: bytes, more: bytes) -> bytes:
    """More bytes at the end of the (first) `minf`, the sizes around it put right."""
    start, end, places = 0, len(moov), []
    for kind in ("moov", "trak", "mdia", "minf"):
        found = find_box(child_boxes(moov, start, end), kind)
        assert found is not None
        places.append(found.start)
        start, end = found.body, found.end
    made = bytearray(moov[:end] + more + moov[end:])
    for place in places:
        (size,) = struct.unpack_from(">I", made, place)
        struct.pack_into(">I", made, place, size + len(more))
    return bytes(made)


def _second_track(box: MakeBox, make_moov: Callable[..., bytes], tables: bytes, number: int) -> bytes:
    moov = make_moov(tables)
    trak = find_box(child_boxes(moov, 8, len(moov)), "trak")
    assert trak is not None
    data = bytearray(moov[trak.start : trak.end])
    struct.pack_into(">I", data, 8 + 8 + 12, number)
    return bytes(data)


def _dref(box: MakeBox, flags: int) -> bytes:
    return box("dinf", box("dref", 0, 1, box("url ", flags)))


def _iloc(box: MakeBox, version: int, method: int = 0, extents: int = 2, items: int = 2) -> bytes:
    number, count = (">I", ">I") if version == 2 else (">H", ">H")
    item = struct.pack(number, 1) + (struct.pack(">H", method) if version else b"")
    item += struct.pack(">HIH", 0, 0, extents) + bytes(8 * extents)
    return box("iloc", version << 24, struct.pack(">H", 0x4440), struct.pack(count, items), item * items)


def _meta(box: MakeBox, *children: bytes) -> bytes:
    return box("meta", 0, box("hdlr", 0, 0, b"pict", bytes(13)), *children)


def test_an_ordinary_file_is_not_refused(make_file: MakeFile) -> None:
    assert surgery_refusal(make_file(), TRACK) == ""


def test_tracks(box: MakeBox, make_moov: Callable[..., bytes], make_file: MakeFile, stbl: Callable[..., bytes]) -> None:
    assert "no such track" in surgery_refusal(make_file(), TRACK + 1)
    twin = _second_track(box, make_moov, stbl(), TRACK)
    assert "one number" in surgery_refusal(make_file(in_moov=twin), TRACK)
    other = _second_track(box, make_moov, stbl(), TRACK + 1)
    assert surgery_refusal(make_file(in_moov=other), TRACK) == ""


def test_fragments(box: MakeBox, make_file: MakeFile) -> None:
    assert surgery_refusal(make_file(in_moov=box("mvex")), TRACK) == "the file is fragmented"
    assert surgery_refusal(make_file(behind=box("moof")), TRACK) == "the file is fragmented"


def test_a_file_cut_off(box: MakeBox, make_file: MakeFile) -> None:
    for behind in (box("free", bytes(9))[:-1], b"\0\0\0"):
        assert surgery_refusal(make_file(behind=behind), TRACK) == "the file is cut off"


def test_two_headers(make_moov: Callable[..., bytes], make_file: MakeFile, stbl: Callable[..., bytes]) -> None:
    assert "header" in surgery_refusal(make_file(behind=make_moov(stbl())), TRACK)


def test_sample_entries(box: MakeBox, make_file: MakeFile, stbl: Callable[..., bytes]) -> None:
    record = box("avcC", b"old")

    def refusal(*entries: bytes) -> str:
        return surgery_refusal(make_file(stbl(stsd=box("stsd", 0, len(entries), *entries))), TRACK)

    plain = box("avc1", bytes(78), record)
    assert refusal(plain) == ""
    assert refusal(plain, plain) == "the video has several sample entries"
    assert refusal() == "the video has several sample entries"
    assert refusal(box("encv", bytes(78), record)) == "the video is encrypted"
    assert refusal(box("avc1", bytes(78), record, box("sinf"))) == "the video is encrypted"
    assert refusal(box("hvc1", bytes(78), box("hvcC", b"x"))) == "the video is not H.264"
    assert refusal(box("mp4v", bytes(78))) == "the video is not H.264"


def test_data_in_other_files(
    box: MakeBox, make_moov: Callable[..., bytes], make_file: MakeFile, stbl: Callable[..., bytes]
) -> None:
    assert surgery_refusal(make_file(in_minf=_dref(box, 1)), TRACK) == ""
    assert surgery_refusal(make_file(in_minf=_dref(box, 0)), TRACK) == "samples of a track lie in another file"
    other = _second_track(box, make_moov, stbl(), TRACK + 1)
    external = make_file(in_minf=_dref(box, 0), in_moov=other)
    assert surgery_refusal(external, TRACK + 1) == "samples of a track lie in another file"


@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.parametrize("where", ["in_moov", "in_trak", "before", "behind"])
def test_items_at_places_in_the_file(version: int, where: str, box: MakeBox, make_file: MakeFile) -> None:
    dangling = _meta(box, _iloc(box, version))
    assert surgery_refusal(make_file(**{where: dangling}), TRACK) == "the file names the places of metadata items"
    for harmless in (
        _meta(box, box("ilst", b"words about an iloc")),
        _meta(box, _iloc(box, version, items=0)),
        box("meta", box("hdlr", 0, 0, b"mdta", bytes(13)), box("keys", 0, 0)),
    ):
        assert surgery_refusal(make_file(**{where: harmless}), TRACK) == ""
    if version:
        inside = _meta(box, _iloc(box, version, method=1))
        assert surgery_refusal(make_file(**{where: inside}), TRACK) == ""


def test_metadata_that_cannot_be_read(box: MakeBox, make_file: MakeFile) -> None:
    for damaged in (
        box("meta", 0, 5, b"what"),
        _meta(box, box("iloc", 0)),
        _meta(box, _iloc(box, 1, method=1)[:-1]),
        _meta(box, box("iloc", 1 << 24, b"\x44\x40\xff\xff")),
        _meta(box, box("free", bytes(MAX_META_BYTES))),
    ):
        assert "damaged" in surgery_refusal(make_file(before=damaged), TRACK)
    assert "items" in surgery_refusal(make_file(before=_meta(box), behind=_meta(box)), TRACK)


def test_samples_beyond_the_end(
    box: MakeBox, make_moov: Callable[..., bytes], make_file: MakeFile, stbl: Callable[..., bytes]
) -> None:
    whole = make_file()
    size = whole.tracks[0].file_size

    def refusal(start: int) -> str:
        return surgery_refusal(make_file(stbl(stco=box("stco", 0, 1, start))), TRACK)

    assert refusal(size - 100) == ""
    assert refusal(size - 99) == "samples are missing at the end of the file"
    grown = size + len(_second_track(box, make_moov, stbl(), 9))
    for start, wanted in ((grown - 100, ""), (grown - 99, "samples are missing at the end of the file")):
        other = _second_track(box, make_moov, stbl(stco=box("stco", 0, 1, start)), 9)
        assert surgery_refusal(make_file(in_moov=other), TRACK) == wanted


def test_uncompressed_sound_of_many_samples(
    box: MakeBox, make_moov: Callable[..., bytes], make_file: MakeFile, stbl: Callable[..., bytes]
) -> None:
    """Two minutes of it have more samples than are unfolded, and its size for all samples is not always in bytes."""
    count = 120 * 48_000
    tables = stbl(stsz=box("stsz", 0, 1, count), stsc=box("stsc", 0, 1, 1, count, 1), stts=box("stts", 0, 1, count, 1))
    assert surgery_refusal(make_file(in_moov=_second_track(box, make_moov, tables, 9)), TRACK) == ""


def test_tables(box: MakeBox, make_file: MakeFile, stbl: Callable[..., bytes]) -> None:
    assert surgery_refusal(make_file(stbl(box("csgp", 0))), TRACK) == "its sample groups are compressed"
    for damaged in ({"stsc": box("stsc", 0, 1, 2, 10, 1)}, {"stsz": box("stsz", 0, 0, 11, *[1] * 10)}, {"stco": b""}):
        assert "damaged" in surgery_refusal(make_file(stbl(**damaged)), TRACK)
