"""Whether bytes of replaced samples still lie anywhere in an exported file, boxes that nobody reads included.

A common run of 64 bytes holds a whole 32-byte block of the sample, wherever it begins. So the blocks are looked up at every
offset of the file, and what is found is stretched to its full length and judged.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

RUN = 64
_BLOCK, _WORD = 32, 8
_PIECE = 16 << 20


@dataclass(frozen=True, slots=True)
class Leftover:
    """A run of a replaced sample that is still there."""

    offset: int
    data: bytes


def leftovers(path: Path, replaced: list[bytes], kept: list[bytes]) -> list[Leftover]:
    """Runs of 64 bytes and more of replaced samples in a file; not those that kept samples hold too, nor one byte repeated."""
    secret, known = b"".join(replaced), b"".join(kept)
    words, places = _blocks(replaced)
    found: list[Leftover] = []
    for base, piece in _pieces(path):
        end = -1
        for offset in _hits(piece, words):
            if offset >= end:
                size = _longest(piece, offset, secret, places)
                begin = offset - size[0]
                end = offset + size[1]
                run = piece[begin:end]
                if len(run) >= RUN and len(set(run)) > 2 and not _is_known(run, known, replaced):
                    found.append(Leftover(base + begin, run))
    return found


def _blocks(replaced: list[bytes]) -> tuple[npt.NDArray[np.uint64], dict[bytes, list[int]]]:
    """The first words of all aligned blocks, sorted, and where in the joined samples each block lies."""
    places: dict[bytes, list[int]] = {}
    base = 0
    for sample in replaced:
        for offset in range(0, len(sample) - _BLOCK + 1, _BLOCK):
            places.setdefault(sample[offset : offset + _BLOCK], []).append(base + offset)
        base += len(sample)
    return np.unique(np.array([int.from_bytes(block[:_WORD], "little") for block in places], np.uint64)), places


def _pieces(path: Path) -> Iterator[tuple[int, bytes]]:
    """The file in overlapping pieces; holes of a sparse file hold nothing and are stepped over."""
    with path.open("rb") as file:
        size, position = os.fstat(file.fileno()).st_size, 0
        while position < size:
            try:
                position = os.lseek(file.fileno(), position, os.SEEK_DATA)
            except OSError:
                return
            yield position, os.pread(file.fileno(), _PIECE + RUN * 4, position)
            position += _PIECE


def _hits(piece: bytes, words: npt.NDArray[np.uint64]) -> list[int]:
    """Offsets at which a block may begin, ascending."""
    if not len(words):
        return []
    found: list[int] = []
    for phase in range(_WORD):
        here = np.frombuffer(piece, np.uint64, (len(piece) - phase) // _WORD, phase) if len(piece) >= phase + _WORD else words[:0]
        place = np.minimum(np.searchsorted(words, here), len(words) - 1)
        found += (np.flatnonzero(words[place] == here) * _WORD + phase).tolist()
    return sorted(found)


def _longest(piece: bytes, offset: int, secret: bytes, places: dict[bytes, list[int]]) -> tuple[int, int]:
    """How far the longest common run through a block reaches before and after an offset of the piece."""
    best = (0, 0)
    for place in places.get(piece[offset : offset + _BLOCK], [])[:16]:
        before, after = 0, _BLOCK
        while before < min(offset, place) and piece[offset - before - 1] == secret[place - before - 1]:
            before += 1
        while offset + after < len(piece) and place + after < len(secret) and piece[offset + after] == secret[place + after]:
            after += 1
        best = max(best, (before, after), key=sum)
    return best


def _is_known(run: bytes, known: bytes, replaced: list[bytes]) -> bool:
    """Whether every 64 bytes of a run lie in kept samples too, or in no replaced one, but over the seam between two."""
    windows = (run[at : at + RUN] for at in range(len(run) - RUN + 1))
    return all(window in known or not any(window in sample for sample in replaced) for window in windows)
