"""Killed while it edits, generates, looks and fetches: nothing that came is missing and nothing is paid twice. One kill here; a
hundred by `python -m tests.bench.kills`.
"""

from pathlib import Path

import pytest

from tests.bench.kills import Arena


@pytest.mark.integration
@pytest.mark.timeout(300)
def test_after_a_kill_everything_is_there_and_the_ledger_bounds_the_bill(tmp_path: Path) -> None:
    arena = Arena(tmp_path, seed=7)
    try:
        arena.kill_once()
        assert arena.tally.kills == 1
    finally:
        arena.close()
