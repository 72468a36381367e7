"""A store of its own for each test, and a clock that only tests move."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.database import Store
from tests.engine.store.clock import StoppedClock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "data" / "patchreel.sqlite")
    yield made
    made.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()
