"""Compares bytes behind the back of who copies them, while both files still lie in the system's memory.

A file of many gigabytes is then read once and not twice more for its check; a smaller one is compared when it is finished, which
would also show what happened to it after it was copied. Must not know what the bytes are.
"""

import queue
import threading
from pathlib import Path
from types import TracebackType

import numpy as np

from engine.bitstream.sample_tables import BoolArray, Int64Array
from engine.encoding.checking.byte_compare import different_places
from engine.errors import Cancelled
from engine.running import CancelToken

WORTH_IT_BYTES = 1 << 30
"""Files from this size on are compared behind the copying: they may not stay in memory until they are finished."""


class ComparedCopies:
    """A thread that compares ranges which were copied. Leave its context to stop it; belongs to one copy of one file.

    Does nothing for a source of fewer than `WORTH_IT_BYTES`.
    """

    def __init__(self, source: str, target: Path, size_bytes: int, cancel: CancelToken) -> None:
        self._source, self._target, self._cancel = source, target, cancel
        self._copied: queue.SimpleQueue[tuple[int, int, int] | None] = queue.SimpleQueue()
        self._equal: list[tuple[int, int, int]] = []
        self._thread: threading.Thread | None = None
        self._is_wanted = size_bytes >= WORTH_IT_BYTES

    def __enter__(self) -> "ComparedCopies":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._is_wanted = error is None
        self.equal_ranges()

    def follow(self, source_offset: int, target_offset: int, size: int) -> None:
        """A range that was just copied; waits for nothing."""
        if not self._is_wanted:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="compared copies", daemon=True)
            self._thread.start()
        self._copied.put((source_offset, target_offset, size))

    def equal_ranges(self) -> Int64Array:
        """(N, 3) offset in the source, offset in the target, bytes: ranges found equal; waits for the last. Ascending, merged."""
        if self._thread is not None:
            self._copied.put(None)
            self._thread.join()
            self._thread = None
        return _merged(self._equal)

    def _run(self) -> None:
        """Whatever goes wrong here is no failure: what was not found equal is compared again, by who asks for the ranges."""
        try:
            with Path(self._source).open("rb", buffering=0) as source, self._target.open("rb", buffering=0) as target:
                while (item := self._copied.get()) is not None and self._is_wanted:
                    a, b, size = (np.array([value], np.int64) for value in item)
                    if not len(different_places(source, target, a, b, size, cancel=self._cancel)):
                        self._equal.append(item)
        except (OSError, Cancelled):
            self._is_wanted = False


def _merged(ranges: list[tuple[int, int, int]]) -> Int64Array:
    merged: list[tuple[int, int, int]] = []
    for a, b, size in sorted(ranges):
        last = merged[-1] if merged else None
        if last and (last[0] + last[2], last[1] + last[2]) == (a, b):
            merged[-1] = (last[0], last[1], last[2] + size)
        else:
            merged.append((a, b, size))
    return np.array(merged, np.int64).reshape(-1, 3)


def lie_in(equal: Int64Array, source: Int64Array, target: Int64Array, sizes: Int64Array) -> BoolArray:
    """(N,) bool: which places lie wholly in one of the ranges (`ComparedCopies.equal_ranges`), in both files alike."""
    if not len(equal):
        return np.zeros(len(source), np.bool_)
    at = np.maximum(np.searchsorted(equal[:, 0], source, side="right") - 1, 0)
    start, moved, length = equal[at, 0], equal[at, 1] - equal[at, 0], equal[at, 2]
    found: BoolArray = (source >= start) & (source + sizes <= start + length) & (target - source == moved)
    return found
