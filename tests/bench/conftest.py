"""The window of the tests, for figures of it; its application notes how long each event takes."""

import pytest
from PySide6.QtWidgets import QApplication

from tests.bench.event_clock import Clocked
from tests.editor.conftest import *  # noqa: F403 - fixtures are used by their names


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return Clocked
