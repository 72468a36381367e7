"""The board tells of every job once at its beginning and once at its end; the panel shows a row for each."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from editor.jobs_board import MOST_FINISHED, JobsBoard, JobState, left_words
from editor.panels.jobs_panel import JobsPanel
from engine.running import Progress


def test_running_is_counted(qtbot: QtBot) -> None:
    board = JobsBoard()
    counts: list[int] = []
    board.running_changed.connect(counts.append)
    first, second = (board.add("export", name, lambda: None) for name in ("Export a", "Export b"))
    board.finish(first, JobState.DONE, "Verified, 5.3 s")
    board.finish(second, JobState.FAILED, "Not made")
    assert counts == [1, 2, 1, 0]


def test_an_ended_job_stays_as_it_ended(qtbot: QtBot) -> None:
    board = JobsBoard()
    job = board.add("export", "Export", lambda: None)
    board.finish(job, JobState.CANCELLED, "Cancelled")
    board.report(job, Progress(0.9, "late"))
    board.finish(job, JobState.DONE, "Verified")
    entry = board.entry(job)
    assert entry is not None
    assert (entry.state, entry.sentence, entry.progress.fraction) == (JobState.CANCELLED, "Cancelled", 0.0)


def test_the_list_does_not_grow_for_ever(qtbot: QtBot) -> None:
    board = JobsBoard()
    for number in range(MOST_FINISHED + 20):
        board.finish(board.add("patch", f"{number}", lambda: None), JobState.DONE, "")
    assert len(board.entries) == MOST_FINISHED
    assert board.entries[-1].name == f"{MOST_FINISHED + 19}"


def test_the_newest_row_is_first_and_its_cross_cancels(qtbot: QtBot) -> None:
    window, board = QWidget(), JobsBoard()
    stopped: list[str] = []
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    panel = JobsPanel(board, window)
    board.add("import", "Reading a.mp4", lambda: None)
    newest = board.add("export", "Export b.mp4", lambda: stopped.append("b"))
    panel.toggle()
    board.report(newest, Progress(0.42, "Encoding"))
    panel.rows[0].cancel_requested.emit()
    assert stopped == ["b"]
    assert window.rect().contains(panel.geometry())
    board.finish(newest, JobState.DONE, "Verified, 5.3 s", {"Show the checks": lambda: stopped.append("shown")})
    entry = board.entry(newest)
    assert entry is not None
    menu = panel.menu_of(entry)
    menu.actions()[0].trigger()
    assert stopped == ["b", "shown"]
    board.clear_finished()
    assert len(panel.rows) == 1


def test_remaining_time_is_said_only_when_there_is_something_to_judge_by() -> None:
    assert left_words(0.2, 0.5) == ""
    assert left_words(10, 0.01) == ""
    assert left_words(10, 0.5) == "about 10 s left"
    assert left_words(300, 0.5) == "about 5 min left"
