"""Differing places are found, all of them, whatever lies between the places and however they are joined."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.encoding.checking import byte_compare
from engine.encoding.checking.byte_compare import different_places
from engine.errors import Cancelled
from engine.running import ThreadCancelToken


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def compared(left: Path, right: Path, rows: list[tuple[int, int, int]]) -> list[int]:
    a, b, sizes = np.array(rows, np.int64).reshape(-1, 3).T
    with left.open("rb", buffering=0) as x, right.open("rb", buffering=0) as y:
        return [int(row) for row in different_places(x, y, a, b, sizes, cancel=ThreadCancelToken())]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_all_differences_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject) -> None:
    monkeypatch.setattr(byte_compare, "_BUFFER_BYTES", 16)
    sizes = data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=8))
    gaps = data.draw(st.lists(st.integers(0, 2), min_size=len(sizes), max_size=len(sizes)))
    content = bytes(range(1, 251)) * 3
    left, right, rows = bytearray(), bytearray(), []
    for size, gap in zip(sizes, gaps, strict=True):
        right += bytes(gap)
        rows.append((len(left), len(right), size))
        left += content[len(left) : len(left) + size]
        right += left[-size:] if size else b""
    broken = data.draw(st.sets(st.sampled_from([n for n, size in enumerate(sizes) if size] or [-1])))
    for number in broken - {-1}:
        right[rows[number][1] + data.draw(st.integers(0, sizes[number] - 1))] ^= 0xFF
    order = data.draw(st.permutations(range(len(rows))))
    found = compared(write(tmp_path / "a", bytes(left)), write(tmp_path / "b", bytes(right)), [rows[n] for n in order])
    assert sorted(order[n] for n in found) == sorted(broken - {-1})


def test_what_lies_past_the_end_of_a_file_differs(tmp_path: Path) -> None:
    left, right = write(tmp_path / "a", bytes(100)), write(tmp_path / "b", bytes(70))
    assert compared(left, right, [(0, 0, 40), (40, 40, 30), (70, 70, 30), (0, 60, 20)]) == [2, 3]


def test_a_cancelled_comparison_stops(tmp_path: Path) -> None:
    token = ThreadCancelToken()
    token.cancel()
    path = write(tmp_path / "a", bytes(10))
    with path.open("rb", buffering=0) as file, pytest.raises(Cancelled):
        different_places(file, file, np.array([0]), np.array([0]), np.array([10]), cancel=token)
