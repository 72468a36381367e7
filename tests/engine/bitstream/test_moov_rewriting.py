"""A rewritten `moov` reads back as the rows that were asked for, and every byte that need not change is the source's."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.bitstream.boxes import Box, child_boxes, find_box, read_at
from engine.bitstream.moov_rewriting import Moved, NewSamples, rewrite_moov, surgery_refusal
from engine.bitstream.mp4 import Movie, Track, parse_moov, read_movie
from engine.bitstream.sample_tables import Int64Array, SampleTable
from engine.bitstream.table_boxes import with_values

MakeBox = Callable[..., bytes]

REAL_FILES = [
    "bbb_720p25_aac51.mp4",
    "cars_768x432_12.5fps.mp4",
    "flower_960x540_2997_aac.mp4",
    "friday_640x480_30_speech.mp4",
    "nasa_multistream.mp4",
    "rotate90_derived.mp4",
    "vfr_phone_derived.mp4",
]
ENCODINGS: dict[str, dict[str, object]] = {
    "b-frames": {"bf": "3", "g": "12"},
    "no B": {"bf": "0"},
    "all intra": {"g": "1"},
    "faststart": {"container": {"movflags": "+faststart"}},
    "negative offsets": {"bf": "2", "container": {"movflags": "+negative_cts_offsets"}},
    "own timescale": {"rate": Fraction(30000, 1001), "container": {"video_track_timescale": "600"}},
    "mov": {"suffix": ".mov", "bf": "2"},
}


def _same(offsets: Int64Array) -> Int64Array:
    return offsets


def _shifted(by: int) -> Moved:
    return lambda offsets: offsets + by


def _open(path: Path) -> Movie:
    with path.open("rb") as file:
        return read_movie(*read_at(file))


def _video(movie: Movie) -> Track:
    return next(track for track in movie.tracks if track.entries and track.entries[0].config_kind == "avcC")


def _new(first: int, sizes: Sequence[int], offsets: Sequence[int], sync: Sequence[bool]) -> NewSamples:
    return NewSamples(first, np.array(sizes, np.int64), np.array(offsets, np.int64), np.array(sync, np.bool_))


def _expected(table: SampleTable, samples: Sequence[NewSamples], count: int) -> tuple[list[int], list[int], list[bool]]:
    """Sizes, offsets of composition and sync of every row, one after another."""
    sizes, offsets, sync = table.sizes.tolist(), table.cts_offset.tolist(), table.sync.tolist()
    for new in samples:
        for k in range(len(new.sizes)):
            sizes[new.first + k], offsets[new.first + k] = int(new.sizes[k]), int(new.cts_offsets[k])
            sync[new.first + k] = bool(new.sync[k])
    assert len(sizes) == count
    return sizes, offsets, sync


def _assert_rows(moov: bytes, movie: Movie, track_id: int, samples: Sequence[NewSamples], moved: Moved = _same) -> None:
    """All tracks of the new `moov` against the old one's, with the new rows in one of them."""
    made = parse_moov(moov, file_size=1 << 61)
    assert len(made.tracks) == len(movie.tracks)
    for before, after in zip(movie.tracks, made.tracks, strict=True):
        old, new = before.samples(), after.samples()
        wanted = _expected(old, samples if before.track_id == track_id else [], len(old))
        assert (new.sizes.tolist(), new.cts_offset.tolist(), new.sync.tolist()) == wanted
        assert np.array_equal(new.dts, old.dts)
        assert np.array_equal(new.durations, old.durations)
        assert np.array_equal(_chunks(after), moved(_chunks(before)))
        assert (after.edits, after.matrix, after.duration) == (before.edits, before.matrix, before.duration)


def _chunks(track: Track) -> Int64Array:
    boxes = child_boxes(track.stbl, 0, len(track.stbl))
    box = find_box(boxes, "stco") or find_box(boxes, "co64")
    assert box is not None
    return np.frombuffer(track.stbl[box.body + 8 : box.end], ">u4" if box.kind == "stco" else ">u8").astype(np.int64)


def _without(data: bytes, kinds: set[str]) -> bytes:
    """A movie's boxes in their order, but for those kinds and for the sizes of those around them."""
    containers = {"moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "stsd": 8, "avc1": 78}
    parts: list[bytes] = []

    def walk(start: int, end: int) -> None:
        for box in child_boxes(data, start, end):
            if box.kind in kinds:
                continue
            if box.kind in containers:
                parts.append(data[box.start + 4 : box.body + containers[box.kind]])
                walk(box.body + containers[box.kind], box.end)
            else:
                parts.append(data[box.start : box.end])

    walk(0, len(data))
    return b"".join(parts)


@pytest.mark.integration
@pytest.mark.parametrize("kind", ENCODINGS)
def test_encoded_files_come_back_byte_for_byte(kind: str, encode_clip: Callable[..., Path]) -> None:
    movie = _open(encode_clip(**ENCODINGS[kind]))
    track = _video(movie)
    assert surgery_refusal(movie, track.track_id) == ""
    assert rewrite_moov(movie, track.track_id, [], track.entries[0].config, _same) == movie.moov


@pytest.mark.integration
@pytest.mark.parametrize("name", REAL_FILES)
def test_real_files(name: str, shared_media: Path) -> None:
    """Nothing changed gives the same bytes; changed samples change their own tables and nothing else."""
    movie = _open(shared_media / name)
    track = _video(movie)
    config, count = track.entries[0].config, track.sample_count
    assert surgery_refusal(movie, track.track_id) == ""
    assert rewrite_moov(movie, track.track_id, [], config, _same) == movie.moov
    samples = [_new(1, [5, 6], [1024, -512], [False, True]), _new(count - 1, [77], [0], [False])]
    made = rewrite_moov(movie, track.track_id, samples, b"\x01" + config, _shifted(100))
    _assert_rows(made, movie, track.track_id, samples, _shifted(100))
    written = {"stsz", "ctts", "stss", "stco", "co64", "sdtp", "sbgp", "avcC"}
    assert _without(made, written) == _without(movie.moov, written)
    assert _video(parse_moov(made, file_size=1 << 60)).entries[0].config == b"\x01" + config


@pytest.mark.integration
@pytest.mark.parametrize("kind", ENCODINGS)
def test_a_rewritten_file_is_what_the_demuxer_finds(kind: str, encode_clip: Callable[..., Path], tmp_path: Path) -> None:
    """A file with other composition offsets and sync samples, written with its `moov` at the end, judged by FFmpeg."""
    path = encode_clip(**ENCODINGS[kind])
    movie, data = _open(path), path.read_bytes()
    track = _video(movie)
    table = track.samples()
    rows = slice(6, 12)
    offsets = np.roll(table.cts_offset[rows], 1) + np.array((0, 0, 1, 0, 0, 0))
    samples = [_new(6, [n - 1 for n in table.sizes[rows].tolist()], offsets.tolist(), [True, False] * 3)]
    place = next(box for box in movie.boxes if box.kind == "moov")
    moov = rewrite_moov(movie, track.track_id, samples, track.entries[0].config, _same)
    made = tmp_path / f"made{path.suffix}"
    hidden = bytearray(data)
    hidden[place.start + 4 : place.start + 8] = b"free"
    made.write_bytes(bytes(hidden) + moov)
    new = _open(made).tracks[0].samples()
    with av.open(str(path)) as source, av.open(str(made)) as result:
        before, after = source.streams.video[0].index_entries, result.streams.video[0].index_entries
        assert [entry.timestamp for entry in after] == [entry.timestamp for entry in before]
        assert [(entry.pos, entry.size, entry.is_keyframe) for entry in after] == list(
            zip(new.offsets.tolist(), new.sizes.tolist(), new.sync.tolist(), strict=True)
        )
        packets = [p for p in result.demux(result.streams.video[0]) if p.size]
        shift = _open(made).tracks[0].presentation_offset
        assert shift is not None
        assert [p.pts for p in packets] == [pts + shift * track.timescale for pts in new.pts.tolist()]
        assert [p.size for p in packets] == new.sizes.tolist()


@dataclass(frozen=True)
class _Tables:
    """A random track: what its tables say and what is asked for."""

    sizes: list[int]
    common_size: bool
    runs: list[tuple[int, int]] | None
    version: int
    sync: list[int] | None
    chunks: list[int]
    samples: list[NewSamples]

    def stbl(self, box: MakeBox, stsd: bytes) -> bytes:
        count = len(self.sizes)
        parts = [stsd, box("stts", 0, 1, count, 40)]
        if self.runs is not None:
            parts.append(box("ctts", self.version << 24, len(self.runs), *(field for run in self.runs for field in run)))
        if self.sync is not None:
            parts.append(box("stss", 0, len(self.sync), *self.sync))
        sizes = box("stsz", 0, 9, count) if self.common_size else box("stsz", 0, 0, count, *self.sizes)
        stsc = box("stsc", 0, 1, 1, -(-count // len(self.chunks)), 1)
        return b"".join((*parts, stsc, sizes, box("stco", 0, len(self.chunks), *self.chunks)))


@st.composite
def _tables(draw: st.DrawFn) -> _Tables:
    count = draw(st.integers(1, 24))
    version = draw(st.integers(0, 1))
    values = st.integers(-50 if version else 0, 50)
    has_common_size = draw(st.booleans())
    cuts = sorted(draw(st.sets(st.integers(0, count), max_size=6)))
    samples = []
    for first, stop in zip(cuts[::2], cuts[1::2], strict=False):
        column = st.lists(st.integers(-60, 60), min_size=stop - first, max_size=stop - first)
        sizes, offsets, sync = draw(column), draw(column), draw(column)
        samples.append(_new(first, [abs(n) for n in sizes], offsets, [n > 0 for n in sync]))
    return _Tables(
        sizes=[9] * count if has_common_size else draw(st.lists(st.integers(0, 99), min_size=count, max_size=count)),
        common_size=has_common_size,
        runs=draw(st.none() | st.lists(st.tuples(st.integers(0, 9), values), max_size=8)),
        version=version,
        sync=draw(st.none() | st.sets(st.integers(1, count)).map(sorted)),
        chunks=draw(st.lists(st.integers(0, 1 << 30), min_size=1, max_size=4)),
        samples=samples,
    )


@given(_tables())
def test_random_tables_read_back_as_asked(box: MakeBox, make_moov: Callable[..., bytes], stsd: bytes, drawn: _Tables) -> None:
    movie = parse_moov(make_moov(drawn.stbl(box, stsd), extra=box("udta", b"kept")), file_size=1 << 40)
    made = rewrite_moov(movie, 7, drawn.samples, b"config", _shifted(7))
    _assert_rows(made, movie, 7, drawn.samples, _shifted(7))
    assert _without(made, {"stsz", "ctts", "stss", "stco", "avcC"}) == _without(
        movie.moov, {"stsz", "ctts", "stss", "stco", "avcC"}
    )
    again = parse_moov(made, file_size=1 << 40)
    assert rewrite_moov(again, 7, drawn.samples, b"config", _same) == made


@given(_tables())
def test_no_new_samples_change_nothing(box: MakeBox, make_moov: Callable[..., bytes], stsd: bytes, drawn: _Tables) -> None:
    movie = parse_moov(make_moov(drawn.stbl(box, stsd)), file_size=1 << 40)
    assert rewrite_moov(movie, 7, [], b"old", _same) == movie.moov


@example([(0, 1), (0, 1)], 0, [1])
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-2, 2)), max_size=8), st.integers(0, 40), st.lists(st.integers(-2, 2)))
def test_values_put_into_runs(runs: list[tuple[int, int]], first: int, values: list[int]) -> None:
    """Against lists of single values, of which those behind the last run are 0; never more than two runs and the values' more."""
    table = np.array(runs, np.int64).reshape(-1, 2)
    wanted = [value for count, value in runs for _ in range(count)] + [0] * 200
    wanted[first : first + len(values)] = values
    made = with_values(table, first, np.array(values, np.int64))
    single = [value for count, value in made.tolist() for _ in range(count)]
    assert single == wanted[: len(single)]
    assert not any(wanted[len(single) :])
    assert len(made) <= len(runs) + len(values) + 2
    assert (made[:, 0] >= 0).all()
    if values:
        same = with_values(made, first, np.array(values, np.int64))
        assert same.tolist() == made.tolist()


@pytest.mark.integration
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_every_real_file_comes_back_byte_for_byte(suffix: str, shared_media: Path) -> None:
    """Also those without H.264, whose places alone are written again."""
    for path in sorted(shared_media.glob(f"*{suffix}")):
        movie = _open(path)
        assert rewrite_moov(movie, -1, [], b"", _same) == movie.moov
        _assert_rows(rewrite_moov(movie, -1, [], b"", _shifted(1 << 32)), movie, -1, [], _shifted(1 << 32))


def _with_long_headers(data: bytes, start: int, end: int) -> bytes:
    """The boxes with 64-bit sizes, those that hold the tables included."""
    inner = {"moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "stsd": 8, "avc1": 78}
    parts: list[bytes] = []
    for box in child_boxes(data, start, end):
        fields = inner.get(box.kind)
        body = data[box.body : box.end]
        if fields is not None:
            body = body[:fields] + _with_long_headers(data, box.body + fields, box.end)
        parts.append(struct.pack(">I4sQ", 1, box.kind.encode(), len(body) + 16) + body)
    return b"".join(parts)


@given(_tables())
def test_long_headers_stay(box: MakeBox, make_moov: Callable[..., bytes], stsd: bytes, drawn: _Tables) -> None:
    """The same rewriting, its boxes' headers all long but for those that it adds."""
    short = make_moov(drawn.stbl(box, stsd))
    movie = parse_moov(_with_long_headers(short, 0, len(short)), file_size=1 << 40)
    made = rewrite_moov(movie, 7, drawn.samples, b"config", _same)
    wanted = rewrite_moov(parse_moov(short, file_size=1 << 40), 7, drawn.samples, b"config", _same)
    assert _with_long_headers(made, 0, len(made)) == _with_long_headers(wanted, 0, len(wanted))
    added = {"ctts": drawn.runs is None, "stss": drawn.sync is None}
    for found in _table_boxes(made):
        assert found.body - found.start == (8 if added.get(found.kind) else 16)


def _table_boxes(moov: bytes) -> tuple[Box, ...]:
    start, end = 0, len(moov)
    for kind in ("moov", "trak", "mdia", "minf", "stbl"):
        found = find_box(child_boxes(moov, start, end), kind)
        assert found is not None
        start, end = found.body, found.end
    return child_boxes(moov, start, end)


def test_a_movie_that_ended_with_its_file_gets_a_size(box: MakeBox, make_moov: Callable[..., bytes], stsd: bytes) -> None:
    moov = make_moov(stsd + box("stts", 0, 0) + box("stsc", 0, 0) + box("stsz", 0, 0, 0) + box("stco", 0, 0))
    assert rewrite_moov(parse_moov(bytes(4) + moov[4:], file_size=1), 7, [], b"old", _same) == moov


def test_each_table_of_places_grows_by_itself(box: MakeBox, make_moov: Callable[..., bytes], stsd: bytes) -> None:
    """Two tracks, the second one's chunks behind the border. The length depends on nothing else about the places."""

    def tables(start: int) -> bytes:
        fixed = box("stts", 0, 1, 1, 40) + box("stsc", 0, 1, 1, 1, 1) + box("stsz", 0, 5, 1)
        return stsd + fixed + box("stco", 0, 1, start)

    other = make_moov(tables(5000))
    trak = find_box(child_boxes(other, 8, len(other)), "trak")
    assert trak is not None
    movie = parse_moov(make_moov(tables(1000), extra=other[trak.start : trak.end]), file_size=1 << 40)

    def made(moved: Moved) -> bytes:
        return rewrite_moov(movie, -1, [], b"", moved)

    far = made(lambda places: np.where(places > 2000, places + (1 << 32), places))
    assert (far.count(b"stco"), far.count(b"co64")) == (1, 1)
    assert [track.samples().offsets.tolist() for track in parse_moov(far, file_size=1 << 40).tracks] == [
        [1000],
        [5000 + (1 << 32)],
    ]
    assert len(made(_shifted(3))) == len(made(_shifted(900))) == len(movie.moov)
    assert len(made(_shifted(1 << 40))) == len(made(_shifted(1 << 41))) == len(movie.moov) + 8
