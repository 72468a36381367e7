"""Who generates for the open project is made in the background; one that could not be made keeps nobody waiting for ever."""

from typing import Any, cast

from pytestqt.qtbot import QtBot

from editor.generating import GeneratingNow
from editor.render_thread import RenderThread
from engine.errors import StorageError
from engine.jobs.generation_values import Generating
from tests.editor.conftest import PATIENCE_MS


class _Idle:
    changed: Any = None

    def close(self) -> None:
        """Nothing runs."""


def test_after_one_that_could_not_be_made_the_next_is(qtbot: QtBot) -> None:
    made: list[str] = []

    def make(project: str) -> Generating:
        made.append(project)
        if len(made) == 1:
            raise StorageError("The disk is full.")
        return cast(Generating, _Idle())

    work, asking = RenderThread(), RenderThread()
    generating, came = GeneratingNow(make, "film", work, asking), []
    try:
        with qtbot.waitSignal(generating.refused, timeout=PATIENCE_MS):
            generating.when_ready(lambda: came.append("first"))
        generating.when_ready(lambda: came.append("second"))
        qtbot.waitUntil(lambda: bool(came), timeout=PATIENCE_MS)
        assert came == ["second"] and made == ["film", "film"]
    finally:
        generating.close()
        for thread in (work, asking):
            thread.close()
