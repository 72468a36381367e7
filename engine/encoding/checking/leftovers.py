"""Looks for what is left of replaced packets in a finished file: no 64 bytes of one may be there in a row.

A run of 64 bytes, wherever it begins, holds one whole block of 32 of those into which its packet is divided. The blocks of all
replaced packets are put into a table; the file is scanned at every byte for a block, and each find is confirmed byte by byte.
Places that are known to hold kept packets are left out of the scan.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from engine.bitstream.sample_tables import Int64Array
from engine.running import CancelToken

RUN_BYTES = 64
_BLOCK = 32
_BLOCKS_AT_ONCE = 1 << 20
"""32 MiB of replaced packets in one pass over the file, with some 40 MB of tables."""

_WINDOW_BYTES = 1 << 18
_FILTER_BITS = 22
_COPIES = 16
"""Equal blocks of the source that are looked at where one is found."""

_LONGEST_PERIOD = 32
"""A run that mostly repeats itself after at most so many bytes is filler: stuffing, black, digital silence."""

_MIX = tuple(np.uint64(value) for value in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93))
Uint64Array = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Blocks by hash, ascending, with their places in the source; `is_there` is a filter over hashes of their first 8 bytes."""

    hashes: Uint64Array
    places: Int64Array
    is_there: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Leftover:
    """64 bytes or a few more of a replaced packet: where they lie in the output, and the bytes."""

    place: int
    run: bytes


def find_leftovers(
    source: BinaryIO, output: BinaryIO, replaced: Int64Array, proven: Int64Array, output_size: int, *, cancel: CancelToken
) -> Iterator[Leftover]:  # fmt: skip
    """Every find, one for each block; fillers are none.

    `replaced` (N, 2) offsets and sizes in the source, `proven` (M, 2) in the output, ascending. Raises Cancelled, OSError.
    """
    unproven = gaps(proven, output_size)
    pieces = [(max(start - RUN_BYTES + 1, 0), min(stop + RUN_BYTES - 1, output_size)) for start, stop in unproven]
    for blocks in _tables(source, replaced, cancel):
        for window in _windows(output, pieces, cancel):
            for place, block in _matches(window, blocks):
                run = _common_run(source, output, replaced, place, block)
                if run is not None and _touches(run, unproven) and not _is_filler(run.run):
                    yield run


def gaps(places: Int64Array, size: int) -> list[tuple[int, int]]:
    """Stretches (start, stop) of a file outside these places (ascending)."""
    starts, stops = places[:, 0], np.maximum.accumulate(places.sum(axis=1))
    gap_starts, gap_stops = np.concatenate(([0], stops)), np.append(starts, size)
    is_gap = gap_stops > gap_starts
    return list(zip(gap_starts[is_gap].tolist(), gap_stops[is_gap].tolist(), strict=True))


def _tables(source: BinaryIO, replaced: Int64Array, cancel: CancelToken) -> Iterator[_Blocks]:
    waiting: list[tuple[Uint64Array, Int64Array]] = []
    count = 0
    for offset, size in replaced.tolist():
        cancel.check()
        for start in range(0, size - _BLOCK + 1, _WINDOW_BYTES):
            data = _bytes_at(source, offset + start, min(_WINDOW_BYTES, size - start))
            words = np.frombuffer(data, "<u8", len(data) // _BLOCK * 4).reshape(-1, 4).astype(np.uint64)
            waiting.append((words, offset + start + np.arange(len(words), dtype=np.int64) * _BLOCK))
            count += len(words)
            if count >= _BLOCKS_AT_ONCE:
                yield _table(waiting)
                waiting, count = [], 0
    if count:
        yield _table(waiting)


def _table(parts: list[tuple[Uint64Array, Int64Array]]) -> _Blocks:
    words, places = np.concatenate([w for w, _ in parts]), np.concatenate([p for _, p in parts])
    is_plain = (words[:, 0] == words[:, 1]) & (words[:, 1] == words[:, 2]) & (words[:, 2] == words[:, 3])
    words, places = words[~is_plain], places[~is_plain]  # stuffing: thousands of them, and each says nothing
    is_there = np.zeros(1 << _FILTER_BITS, np.bool_)
    is_there[_short_hash(words[:, 0])] = True
    hashes = _hash(*words.T)
    order = np.argsort(hashes, kind="stable")
    return _Blocks(hashes[order], places[order], is_there)


def _short_hash(words: Uint64Array) -> Uint64Array:
    hashed: Uint64Array = (words * _MIX[0]) >> np.uint64(64 - _FILTER_BITS)
    return hashed


def _hash(*words: Uint64Array) -> Uint64Array:
    mixed = np.zeros(len(words[0]), np.uint64)
    for word, factor in zip(words, _MIX, strict=True):
        mixed = (mixed ^ word) * factor
        mixed ^= mixed >> np.uint64(29)
    return mixed


@dataclass(frozen=True, slots=True)
class _Window:
    """Some pieces of the output, one after another: `starts` say where each begins in `data`, `places` where in the file."""

    data: bytes
    starts: Int64Array
    places: Int64Array


def _windows(output: BinaryIO, pieces: list[tuple[int, int]], cancel: CancelToken) -> Iterator[_Window]:
    """Small pieces together, large ones in parts that overlap."""
    parts: list[tuple[int, bytes]] = []
    size = 0
    for start, stop in pieces:
        for place in range(start, max(start + 1, stop - RUN_BYTES), _WINDOW_BYTES):
            cancel.check()
            data = _bytes_at(output, place, min(_WINDOW_BYTES + RUN_BYTES, stop - place))
            parts.append((place, data))
            size += len(data)
            if size >= _WINDOW_BYTES:
                yield _window(parts)
                parts, size = [], 0
    if parts:
        yield _window(parts)


def _window(parts: list[tuple[int, bytes]]) -> _Window:
    sizes = np.array([len(data) for _, data in parts], np.int64)
    return _Window(b"".join(data for _, data in parts), np.cumsum(sizes) - sizes, np.array([p for p, _ in parts], np.int64))


def _matches(window: _Window, blocks: _Blocks) -> Iterator[tuple[int, int]]:
    """(place in the output, place in the source) wherever a block may begin, by hash."""
    count = len(window.data) - _BLOCK + 1
    if count < 1 or not len(blocks.hashes):
        return
    words: Uint64Array = np.ndarray((len(window.data) - 7,), "<u8", window.data, strides=(1,))  # eight bytes from every byte on
    at = np.flatnonzero(blocks.is_there[_short_hash(words[:count])])
    hashes = _hash(*(words[at + 8 * part] for part in range(4)))
    first = np.searchsorted(blocks.hashes, hashes)
    equal = np.searchsorted(blocks.hashes, hashes, side="right") - first
    for position, number, copies in zip(*(column[equal > 0].tolist() for column in (at, first, equal)), strict=True):
        piece = int(np.searchsorted(window.starts, position, side="right")) - 1
        place = int(window.places[piece]) + position - int(window.starts[piece])
        yield from ((place, block) for block in blocks.places[number : number + min(copies, _COPIES)].tolist())


def _common_run(source: BinaryIO, output: BinaryIO, replaced: Int64Array, place: int, block: int) -> Leftover | None:
    """The run of equal bytes round a block, within its packet; None where it is shorter than 64 bytes."""
    row = int(np.flatnonzero((replaced[:, 0] <= block) & (block < replaced.sum(axis=1)))[0])
    first, size = replaced[row].tolist()
    before = min(_BLOCK, block - first, place)
    length = min(before + 2 * _BLOCK, first + size - block + before)
    old = np.frombuffer(_bytes_at(source, block - before, length), np.uint8)
    new = np.frombuffer(_bytes_at(output, place - before, length), np.uint8)
    length = min(len(old), len(new))
    unequal = np.flatnonzero(old[:length] != new[:length])
    start = int(unequal[unequal < before].max() + 1) if (unequal < before).any() else 0
    after = unequal[unequal >= before]
    stop = int(after[0]) if len(after) else length
    if stop - start < RUN_BYTES:
        return None
    return Leftover(place - before + start, old[start:stop].tobytes())


def _touches(run: Leftover, unproven: list[tuple[int, int]]) -> bool:
    """Whether any of its bytes lies outside the proven places."""
    after = bisect_right(unproven, run.place, key=lambda piece: piece[1])
    return after < len(unproven) and unproven[after][0] < run.place + len(run.run)


def _is_filler(run: bytes) -> bool:
    """Whether three quarters of it repeat what stood a few bytes before."""
    data = np.frombuffer(run, np.uint8)
    return any(4 * np.count_nonzero(data[period:] != data[:-period]) < len(data) for period in range(1, _LONGEST_PERIOD + 1))


def _bytes_at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)
