"""A folder with a clip, shared by the tests that only read it."""

from pathlib import Path

import pytest

from tests.engine.encoding.makers import Bench, make_clip


@pytest.fixture(scope="session")
def plain_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames in three closed GOPs of 20, with B-frames and sound."""
    return make_clip(tmp_path_factory.mktemp("clip") / "plain.mp4")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.at(tmp_path)
