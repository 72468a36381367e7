"""Long jobs that end while the window is not in front are told of; short ones, and those in sight, are not."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from editor.application import make_application
from editor.away import LONG_S, Away
from editor.jobs_board import JobsBoard, JobState
from tests.editor.conftest import PATIENCE_MS


@pytest.mark.parametrize(
    ("is_away", "lasted_s", "end", "told"),
    [
        (True, LONG_S, JobState.DONE, ["Finished: Export film", "Verified"]), (True, LONG_S, JobState.FAILED,
        ["Did not work: Export film", "Verified"]), (True, LONG_S, JobState.CANCELLED, []), (True, LONG_S / 2, JobState.DONE, []),
        (False, LONG_S, JobState.DONE, []),
    ],
)  # fmt: skip
def test_what_is_told(qtbot: QtBot, is_away: bool, lasted_s: float, end: JobState, told: list[str]) -> None:
    make_application()
    window, other, board, said = QWidget(), QWidget(), JobsBoard(), list[str]()
    for one in (window, other):
        qtbot.addWidget(one)
        with qtbot.waitExposed(one):
            one.show()
    (other if is_away else window).activateWindow()
    qtbot.waitUntil(lambda: window.isActiveWindow() is not is_away, timeout=PATIENCE_MS)
    away = Away(board, window, window, tell=lambda *words: said.extend(words))
    job = board.add("export", "Export film", lambda: None)
    entry = board.entry(job)
    assert entry is not None and away is not None
    entry.began -= lasted_s
    board.finish(job, end, "Verified")
    board.finish(job, end, "Verified")
    assert said == told
