"""What is compared behind the copying: equal ranges are found, others never, and nothing waits or fails for it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.checking import byte_compare, compared_copies, table_compare
from engine.encoding.checking.compared_copies import ComparedCopies, lie_in
from engine.encoding.splice import byte_copy
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench, make_clip

LARGE = 1 << 40


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    data = np.random.default_rng(1).integers(0, 256, 10_000, dtype=np.uint8).tobytes()
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(data)
    target.write_bytes(b"head" + data)
    return source, target


def test_ranges_that_go_on_are_one(files: tuple[Path, Path]) -> None:
    with ComparedCopies(str(files[0]), files[1], LARGE, ThreadCancelToken()) as copies:
        for start in range(0, 9000, 1000):
            copies.follow(start, start + 4, 1000)
        assert copies.equal_ranges().tolist() == [[0, 4, 9000]]


def test_a_range_with_another_byte_is_not_vouched_for(files: tuple[Path, Path]) -> None:
    data = bytearray(files[1].read_bytes())
    data[4 + 2500] ^= 1
    files[1].write_bytes(data)
    with ComparedCopies(str(files[0]), files[1], LARGE, ThreadCancelToken()) as copies:
        for start in range(0, 5000, 1000):
            copies.follow(start, start + 4, 1000)
        assert copies.equal_ranges().tolist() == [[0, 4, 2000], [3000, 3004, 2000]]


def test_a_file_that_cannot_be_read_is_no_failure(tmp_path: Path) -> None:
    with ComparedCopies(str(tmp_path / "gone"), tmp_path / "none", LARGE, ThreadCancelToken()) as copies:
        for _ in range(100):
            copies.follow(0, 0, 10)
        assert not len(copies.equal_ranges())


def test_small_files_are_left_to_the_check_of_the_finished_file(files: tuple[Path, Path]) -> None:
    with ComparedCopies(str(files[0]), files[1], 10_000, ThreadCancelToken()) as copies:
        copies.follow(0, 4, 1000)
        assert not len(copies.equal_ranges())


def test_after_a_failure_nobody_waits_for_the_rest(files: tuple[Path, Path]) -> None:
    def fail() -> None:
        with ComparedCopies(str(files[0]), files[1], LARGE, ThreadCancelToken()) as copies:
            for start in range(5000):
                copies.follow(start, start + 4, 5000)
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail()


_RANGES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30)), max_size=4)


@given(_RANGES, st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40), st.integers(0, 1)), min_size=1, max_size=20))
def test_only_what_lies_in_one_range_in_both_files_is_spared(
    gaps: list[tuple[int, int]], places: list[tuple[int, int, int]]
) -> None:
    rows, start = [], 0
    for number, (gap, size) in enumerate(gaps):
        start += gap + 1
        rows.append((start, start + 7 * number, size))
        start += size
    equal = np.array(rows, np.int64).reshape(-1, 3)
    source = np.array([place for place, _, _ in places], np.int64)
    shift = [next((b - a for a, b, size in rows if a <= place < a + size), 0) + wrong for place, _, wrong in places]
    sizes = np.array([size for _, size, _ in places], np.int64)
    found = lie_in(equal, source, source + np.array(shift), sizes)
    for place, moved, size, is_in in zip(source.tolist(), shift, sizes.tolist(), found.tolist(), strict=True):
        assert is_in == any(a <= place and place + size <= a + n and moved == b - a for a, b, n in rows)


def test_an_export_compares_each_copied_byte_once(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again: list[int] = []
    compare = byte_compare.different_places

    def watched(left, right, a, b, sizes, *, cancel):  # type: ignore[no-untyped-def]
        again.append(int(sizes.sum()))
        return compare(left, right, a, b, sizes, cancel=cancel)

    monkeypatch.setattr(compared_copies, "WORTH_IT_BYTES", 0)
    monkeypatch.setattr(table_compare, "different_places", watched)
    project = bench.project(make_clip(tmp_path / "clip.mp4"), (25, 28))
    result = bench.export(project, "out.mp4")
    assert result.verified and result.encoded_frames < 30
    assert again and sum(again) < result.output.stat().st_size // 10  # samples at the ends of copied ranges only


def test_a_byte_that_is_copied_wrongly_is_found(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    move = byte_copy.ByteCopier._move

    def wrong(self: byte_copy.ByteCopier, source: int, target: int, size: int) -> int:
        moved = move(self, source, target, size)
        if moved > 5000:
            byte_copy.write_at(self._target, target + 4000, b"xx")
        return moved

    monkeypatch.setattr(compared_copies, "WORTH_IT_BYTES", 0)
    monkeypatch.setattr(byte_copy.ByteCopier, "_move", wrong)
    project = bench.project(make_clip(tmp_path / "clip.mp4"), (25, 28))
    result = bench.export(project, "out.mp4")
    assert result.plan.share_copied == 0 and "Copied packets" in result.warnings[0]
