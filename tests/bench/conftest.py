"""The window of the tests, for figures of it: threads give way as in the program, and how long each event takes is noted."""

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from editor.application import GIL_SWITCH_S
from tests.bench.event_clock import Clocked
from tests.editor.conftest import *  # noqa: F403 - fixtures are used by their names


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return Clocked


@pytest.fixture(autouse=True)
def _as_the_program_runs() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(GIL_SWITCH_S)
    yield
    sys.setswitchinterval(interval)
