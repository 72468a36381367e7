"""Any 64 bytes of a replaced packet are found wherever they lie outside the kept packets; nothing else is."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.encoding.checking import leftovers
from engine.encoding.checking.leftovers import find_leftovers
from engine.running import ThreadCancelToken

RANDOM = np.random.default_rng(7)
SOURCE = RANDOM.integers(0, 256, 3000, np.uint8).tobytes()
REPLACED = [(100, 900), (1500, 70), (1600, 1000)]


def found(folder: Path, output: bytes, source: bytes = SOURCE, proven: list[tuple[int, int]] | None = None) -> list[int]:
    (folder / "source").write_bytes(source)
    (folder / "output").write_bytes(output)
    places = np.array(proven or [], np.int64).reshape(-1, 2)
    with (folder / "source").open("rb", buffering=0) as old, (folder / "output").open("rb", buffering=0) as new:
        token = ThreadCancelToken()
        return [x.place for x in find_leftovers(old, new, np.array(REPLACED), places, len(output), cancel=token)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    packet=st.sampled_from(REPLACED), at=st.floats(0, 1), place=st.integers(0, 1500), length=st.integers(64, 70),
    window=st.sampled_from([64, 96, 1 << 18]), at_once=st.sampled_from([3, 1 << 20]),
)  # fmt: skip
def test_a_run_at_any_place_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packet: tuple[int, int], at: float, place: int, length: int, window: int,
    at_once: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(leftovers, "_WINDOW_BYTES", window)
    monkeypatch.setattr(leftovers, "_BLOCKS_AT_ONCE", at_once)
    start = packet[0] + int(at * (packet[1] - length))
    other = bytearray(np.random.default_rng(3).integers(0, 256, 1600, np.uint8).tobytes())
    other[place : place + length] = SOURCE[start : start + length]
    other[place + length] = SOURCE[start + length] ^ 0xFF  # no byte more is equal by chance
    if place:
        other[place - 1] = SOURCE[start - 1] ^ 0xFF
    places = found(tmp_path, bytes(other))
    assert places
    assert all(place <= at <= place + length - 64 for at in places)


def test_63_bytes_are_not_enough_and_kept_bytes_are_none(tmp_path: Path) -> None:
    other = np.random.default_rng(3).integers(0, 256, 500, np.uint8).tobytes()
    assert found(tmp_path, other + SOURCE[200:263] + other) == []
    assert found(tmp_path, other + SOURCE[1000:1500] + other) == []


def test_a_proven_place_is_not_looked_at_but_its_edges_are(tmp_path: Path) -> None:
    output = bytes(range(200)) + SOURCE[200:400] + bytes(range(200))
    assert found(tmp_path, output, proven=[(200, 200)]) == []
    assert found(tmp_path, output, proven=[(0, 200), (203, 397)]) != []


def test_filler_is_none(tmp_path: Path) -> None:
    source = bytearray(SOURCE)
    source[200:400] = b"\xff" * 200
    source[400:600] = (b"abcdefghijk" * 20)[:200]
    assert found(tmp_path, b"\xff" * 500 + bytes(range(90)) + b"abcdefghijk" * 30, bytes(source)) == []


def test_of_equal_blocks_the_right_one_is_found(tmp_path: Path) -> None:
    source = bytearray(SOURCE)
    for place in (132, 260, 1632):  # the same aligned block in three places
        source[place : place + 32] = SOURCE[900:932]
    assert found(tmp_path, bytes(300) + bytes(source[1616:1680]) + bytes(300), bytes(source)) != []
