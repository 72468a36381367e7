"""The cache keeps what was put, never more than it may, and never harms its caller."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cache.keys import key
from engine.cache.store import Cache

REPOSITORY = Path(__file__).resolve().parents[3]
PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.binary()
    | st.fractions(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


def disk_bytes(root: Path) -> int:
    return sum(file.stat().st_size for file in root.glob("*/*/*"))




def test_what_was_put_comes_back_also_in_another_process(tmp_path: Path) -> None:
    Cache(tmp_path, 1 << 20).put("index", key("a"), b"some bytes")
    assert Cache(tmp_path, 1 << 20).get("index", key("a")) == b"some bytes"
    script = "import sys; from pathlib import Path; from engine.cache.store import Cache, make_key; " \
        "sys.stdout.buffer.write(Cache(Path(sys.argv[1]), 1 << 20).get('index', make_key('a')))"
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, cwd=REPOSITORY, check=True)
    assert run.stdout == b"some bytes"


def test_kinds_and_keys_are_apart(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1 << 20)
    cache.put("index", key(1), b"one")
    assert cache.get("peaks", key(1)) is None
    assert cache.get("index", key(2)) is None


def test_a_look_knows_what_is_there_without_reading_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1 << 20)
    cache.put("index", key("a"), b"some bytes")
    other, path = Cache(tmp_path, 1 << 20), tmp_path / "index" / key("a")[:2] / key("a")
    assert cache.has("index", key("a"))
    assert other.has("index", key("a"))
    assert not other.has("peaks", key("a"))
    assert not other.has("index", key("b"))
    os.utime(path, (1, 1))
    assert other.has("index", key("a"))
    assert path.stat().st_mtime > 1, "an entry that a plan counts on was used"
    path.write_bytes(b"")
    assert not other.has("index", key("a")), "what a crash left empty is no entry"


def test_the_folder_stays_within_its_size_and_the_least_used_go_first(tmp_path: Path) -> None:
    limit, size = 1 << 20, 30_000
    cache = Cache(tmp_path, limit)
    for number in range(100):
        cache.put("segment", key(number), bytes([number]) * size)
        path = tmp_path / "segment" / key(number)[:2] / key(number)
        if path.exists():
            os.utime(path, (number + 1, number + 1))
    assert disk_bytes(tmp_path) <= limit * 17 // 16 + size
    other = Cache(tmp_path, limit)
    assert other.get("segment", key(0)) is None
    assert other.get("segment", key(98)) == bytes([98]) * size


def test_the_folder_is_not_walked_for_every_put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path, 64 << 20)
    walks: list[int] = []
    scan = Cache._scan

    def noted(self: Cache) -> list[tuple[float, int, str]]:
        walks.append(1)
        return scan(self)

    monkeypatch.setattr(Cache, "_scan", noted)
    for number in range(200):
        cache.put("index", key(number), b"x" * 1000)
    assert len(walks) <= 4


def test_a_damaged_entry_is_no_entry(tmp_path: Path) -> None:
    Cache(tmp_path, 1 << 20).put("index", key("a"), b"some bytes")
    path = next(tmp_path.glob("index/*/*"))
    for damaged in (b"", path.read_bytes()[:-1], path.read_bytes()[:-1] + b"!"):
        path.write_bytes(damaged)
        assert Cache(tmp_path, 1 << 20).get("index", key("a")) is None
        assert not path.exists()


def test_a_failed_write_does_not_fail_the_caller(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"a file where the folder should be")
    cache = Cache(blocked, 1 << 20)
    cache.put("index", key("a"), b"some bytes")
    assert cache.get("index", key("a")) == b"some bytes"  # from memory
    assert Cache(blocked, 1 << 20).get("index", key("a")) is None


def test_what_crashed_writers_left_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1 << 20)
    cache.put("index", key("a"), b"some bytes")
    left = next(tmp_path.glob("index/*/*")).with_suffix(".0123.part")
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    cache.evict()
    assert not left.exists()
    assert Cache(tmp_path, 1 << 20).get("index", key("a")) == b"some bytes"


@pytest.mark.parametrize("name", ["../x", "", "A", "a/b"])
def test_names_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cache entry"):
        Cache(tmp_path, 1).put(name, key("a"), b"")
    with pytest.raises(ValueError, match="cache entry"):
        Cache(tmp_path, 1).get("index", name + "/..")


@given(PARTS, PARTS)
def test_keys_tell_values_apart(one: object, other: object) -> None:
    assert key(one) == key(one)
    if repr(one) != repr(other):
        assert key(one) != key(other)


def test_keys_do_not_depend_on_how_a_number_was_made() -> None:
    assert key(Fraction(2, 4)) == key(Fraction(1, 2))
    assert len({key(1), key(1.0), key(True), key("1"), key(b"1"), key(Fraction(1)), key((1,))}) == 7
    assert key("a", "b") != key("ab")
    assert key((1, 2)) == key([1, 2])


def test_keys_refuse_what_has_no_fixed_form() -> None:
    for part in ({1, 2}, object(), {"a": 1}):
        with pytest.raises(TypeError):
            key(part)
    with pytest.raises(ValueError, match=r"[Nn]a[Nn]|JSON"):
        key(float("nan"))
