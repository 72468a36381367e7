"""Takes a file through every parser of `engine.bitstream`, as the program would, and counts what they made of it.

Only BitstreamError may come out of them; anything else goes through to the caller.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from engine.bitstream.avc import (
    NalType,
    find_recovery_point,
    is_idr,
    iter_sei_messages,
    nal_type,
    nal_types,
    parse_pps,
    parse_slice_header,
)
from engine.bitstream.avcc import AvcC, build_avcc, free_parameter_set_id, merge, parse_avcc
from engine.bitstream.boxes import top_level_boxes
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import Movie, Track, parse_moov, read_movie
from engine.bitstream.nal import (
    insert_emulation_prevention,
    iter_length_prefixed,
    join_annexb,
    join_length_prefixed,
    remove_emulation_prevention,
    split_annexb,
    split_length_prefixed,
)
from engine.bitstream.sample_tables import chunk_starts
from engine.bitstream.slices import has_field_pictures, parse_slice_coding, parse_slice_form
from engine.bitstream.sps import parse_sps, parse_sps_id
from tests.bench.fuzz_rewriting import rewritable, rewrite

_SAMPLES = 6
_SAMPLE_BYTES = 8192
_SETS = 4
_KNOWN = 6
_UNITS = 24
"""What is looked at of each file: first samples, their first bytes, first units and parameter sets."""


class Reader:
    """`counts[(parser, took)]`: how often each parser took what it was given (True) and refused it (False)."""

    def __init__(self, sound: Iterable[bytes]) -> None:
        """`sound` are whole files; under their parameter sets slices are read."""
        self.counts: Counter[tuple[str, bool]] = Counter()
        records = [parse_avcc(config) for data in sound for config in _configs(data)]
        self._sets = list(dict.fromkeys((record.sps[0], record.pps[0]) for record in records))[:_KNOWN]
        self._forms = [(parse_sps(sps), parse_slice_form(pps)) for sps, pps in self._sets]

    def file(self, data: bytes) -> None:
        """All of a file, from its boxes down to its slices."""

        def read(offset: int, size: int) -> bytes:
            return data[offset : offset + size]

        with self._trying("boxes"):
            top_level_boxes(read, len(data))
        with self._trying("movie"):
            movie = read_movie(read, len(data))
            assert parse_moov(movie.moov, file_size=len(data)).tracks == movie.tracks
            self._movie(movie, data)

    def sample(self, data: bytes, length_size: int) -> None:
        """Bytes as a sample of length-prefixed units, and as a stream with start codes."""
        with self._trying("sample"):
            units = split_length_prefixed(data, length_size)
            assert split_length_prefixed(join_length_prefixed(units, length_size), length_size) == units
        with self._trying("sample's beginning"):
            is_idr(data, length_size)
            find_recovery_point(data, length_size)
        with self._trying("types"):
            nal_types(data, length_size)
        with self._trying("units"):
            for nal in islice(iter_length_prefixed(data, length_size, is_prefix=True), _UNITS):
                self.unit(nal)
        stream = split_annexb(data)
        assert split_annexb(join_annexb(stream)) == stream
        for nal in stream[:_SETS]:
            self.unit(nal)

    def record(self, data: bytes) -> None:
        """Bytes as a decoder configuration, and its parameter sets."""
        with self._trying("avcC"):
            record = parse_avcc(data)
            assert parse_avcc(build_avcc(record)) == record
            for nal in (*record.sps[:_SETS], *record.pps[:_SETS]):
                self.unit(nal)
            self._join(record)

    def unit(self, nal: bytes) -> None:
        """Bytes, not empty, as each kind of unit."""
        payload = remove_emulation_prevention(nal)
        assert remove_emulation_prevention(insert_emulation_prevention(payload)) == payload or b"\0\0\3" in payload
        if nal_type(nal) == NalType.SEI:
            assert sum(len(message) for _, message in iter_sei_messages(nal)) <= len(nal)
        for parse in (parse_sps, parse_pps, parse_slice_form, parse_slice_header):
            with self._trying(parse.__name__):
                parse(nal)
        for sps, form in self._forms:
            with self._trying("has_field_pictures"):
                has_field_pictures(nal, sps)
            with self._trying("parse_slice_coding"):
                parse_slice_coding(nal, sps, form)

    def _join(self, record: AvcC) -> None:
        for sps, pps in self._sets:
            with self._trying("another encoder's sets"):
                merged = merge(record, sps, pps)
                assert parse_avcc(build_avcc(merged)) == merged
        with self._trying("free number"):
            free_parameter_set_id({parse_sps_id(nal) for nal in record.sps}, {parse_pps(nal).pps_id for nal in record.pps})

    def _movie(self, movie: Movie, data: bytes) -> None:
        for track in movie.tracks:
            assert track.rotation_degrees in {0, 90, 180, 270}
            _ = track.is_mirrored, track.presentation_offset
            for entry in track.entries:
                if entry.config_kind == "avcC":
                    self.record(entry.config)
            self._tables(track, data)
        for track in rewritable(movie):
            with self._trying("rewriting"):
                rewrite(movie, track, len(data))

    def _tables(self, track: Track, data: bytes) -> None:
        with self._trying("chunks"):
            chunk_starts(track.stbl)
        with self._trying("tables"):
            table = track.samples()
            columns = (table.dts, table.pts, table.cts_offset, table.sizes, table.offsets, table.durations, table.sync)
            assert {len(column) for column in columns} == {len(table)}
            for offset, size in zip(table.offsets[:_SAMPLES].tolist(), table.sizes[:_SAMPLES].tolist(), strict=True):
                if track.handler == "vide" and 0 <= offset < len(data):
                    self.sample(data[offset : offset + min(size, _SAMPLE_BYTES)], 4)

    @contextmanager
    def _trying(self, name: str) -> Iterator[None]:
        try:
            yield
        except BitstreamError as error:
            assert str(error).endswith(".")
            self.counts[name, False] += 1
        else:
            self.counts[name, True] += 1


def _configs(data: bytes) -> list[bytes]:
    movie = read_movie(lambda offset, size: data[offset : offset + size], len(data))
    return [entry.config for track in movie.tracks for entry in track.entries if entry.config_kind == "avcC"]
