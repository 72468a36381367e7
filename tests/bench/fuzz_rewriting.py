"""Takes a file whose `moov` may be rewritten through the rewriting, with made-up new samples, and reads the result back.

Only BitstreamError may come out, and what comes out must be a `moov` in which nothing changed but what was asked for.
"""

import random
from collections.abc import Iterator

import numpy as np

from engine.bitstream.avcc import build_avcc, parse_avcc
from engine.bitstream.boxes import Box, child_boxes
from engine.bitstream.errors import BitstreamError
from engine.bitstream.moov_rewriting import NewSamples, rewrite_moov, surgery_refusal
from engine.bitstream.mp4 import Movie, Track, parse_moov
from engine.bitstream.sample_tables import Int64Array, SampleTable

_LONGEST_RUN = 9
_SHIFTS = (0, 8, 1000, 1 << 33)


def rewritable(movie: Movie) -> Iterator[Track]:
    """The tracks that the rewriting says it can take, with samples."""
    for track in movie.tracks:
        if track.handler == "vide" and track.sample_count and not surgery_refusal(movie, track.track_id):
            yield track


def rewrite(movie: Movie, track: Track, seed: int) -> None:
    """Raises BitstreamError where a table is damaged, AssertionError where the result is wrong."""
    chance = random.Random(seed)
    table, shift = track.samples(), chance.choice(_SHIFTS)
    if not len(table):
        return
    samples = [_new_samples(table, chance)]
    config = build_avcc(parse_avcc(track.entries[0].config)) + bytes(chance.randrange(40))
    made = rewrite_moov(movie, track.track_id, samples, config, lambda places: places + shift)
    again = parse_moov(made, file_size=1 << 62)
    assert len(again.tracks) == len(movie.tracks)
    for old, new in zip(movie.tracks, again.tracks, strict=True):
        assert (old.edits, old.timescale, old.duration, old.handler) == (new.edits, new.timescale, new.duration, new.handler)
        if old.track_id != track.track_id:
            _check_moved(old, new, shift)
    if [other.track_id for other in movie.tracks].count(track.track_id) == 1:
        found = next(new for new in again.tracks if new.track_id == track.track_id)
        assert found.entries[0].config == config
        _check_changed(table, found.samples(), samples[0])
    assert _kinds(made) >= _kinds(movie.moov) - {"stz2", "stco"}


def _new_samples(table: SampleTable, chance: random.Random) -> NewSamples:
    first = chance.randrange(len(table))
    count = chance.randint(1, min(_LONGEST_RUN, len(table) - first))
    sizes = [chance.choice((1, 70, 5000, (1 << 24) - 1)) for _ in range(count)]
    offsets = [chance.choice((0, 0, 512, 1024, -512)) for _ in range(count)]
    sync = [chance.random() < 0.3 for _ in range(count)]
    return NewSamples(first, np.array(sizes, np.int64), np.array(offsets, np.int64), np.array(sync, np.bool_))


def _check_moved(old: Track, new: Track, shift: int) -> None:
    """Another track: as it was, its offsets moved. Where its tables are damaged they stay as damaged."""
    try:
        before = old.samples()
    except BitstreamError:
        return
    after = new.samples()
    assert _equal(before.dts, after.dts)
    assert _equal(before.sizes, after.sizes)
    assert _equal(before.offsets + shift, after.offsets)


def _check_changed(before: SampleTable, after: SampleTable, new: NewSamples) -> None:
    inside = np.zeros(len(before), np.bool_)
    inside[new.first : new.stop] = True
    assert _equal(before.dts, after.dts)
    assert _equal(after.sizes, np.where(inside, _spread(new, new.sizes, len(before)), before.sizes))
    assert _equal(after.cts_offset, np.where(inside, _spread(new, new.cts_offsets, len(before)), before.cts_offset))
    assert np.array_equal(after.sync, np.where(inside, _spread(new, new.sync.astype(np.int64), len(before)) != 0, before.sync))


def _spread(new: NewSamples, values: Int64Array, count: int) -> Int64Array:
    whole = np.zeros(count, np.int64)
    whole[new.first : new.stop] = values
    return whole


def _equal(one: Int64Array, other: Int64Array) -> bool:
    return np.array_equal(one, other)


def _kinds(moov: bytes) -> set[str]:
    return {box.kind for box in _all_boxes(moov, child_boxes(moov, 0, len(moov)))}


def _all_boxes(data: bytes, boxes: tuple[Box, ...]) -> Iterator[Box]:
    for box in boxes:
        yield box
        if box.kind in {"moov", "trak", "mdia", "minf", "stbl"}:
            yield from _all_boxes(data, child_boxes(data, box.body, box.end))
