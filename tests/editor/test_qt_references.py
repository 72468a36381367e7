"""Qt calls into Python and back without losing references.

PySide6 6.12.0 on Python 3.11 lost one reference to True at every emit and one to None at every void override, until the process
aborted after some 560 of them. Here are more calls than any such fault survives, of every kind that the program makes.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from PySide6.QtGui import QPaintEvent, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from editor.document import Document
from tests.engine.project.samples import with_clips

pytestmark = pytest.mark.performance

TOLERANCE = 150
"""References that caches, lists of the test and pytest itself may take or give back; a fault costs one per call."""
WATCHED = (True, None, False)


@contextmanager
def steady_references() -> Iterator[None]:
    """Fails where references to True, None or False were lost or kept."""
    gc.collect()  # garbage of earlier tests must not be counted as ours
    before = [sys.getrefcount(value) for value in WATCHED]
    yield
    gc.collect()
    after = [sys.getrefcount(value) for value in WATCHED]
    changes = {str(value): new - old for value, new, old in zip(WATCHED, after, before, strict=True)}
    assert all(abs(change) < TOLERANCE for change in changes.values()), changes


class Emitter(QObject):
    sent = Signal(int, object)
    said = Signal(bool)


class Listener(QObject):
    heard = 0

    @Slot(int, object)
    def hear(self, _number: int, _value: object) -> None:
        self.heard += 1

    @Slot(bool)
    def hear_claim(self, _claim: bool) -> None:
        self.heard += 1


def test_signals(qapp: object) -> None:
    emitter, listener = Emitter(), Listener()
    emitter.sent.connect(listener.hear)
    emitter.said.connect(listener.hear_claim)
    with steady_references():
        for number in range(10_000):
            emitter.sent.emit(number, None)
            emitter.said.emit(number % 2 == 0)
    assert listener.heard == 20_000


class Sheet(QWidget):
    paints = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1


def test_paint_events_that_a_shown_widget_really_gets(qtbot: QtBot) -> None:
    sheet = Sheet()
    qtbot.addWidget(sheet)
    sheet.resize(16, 16)
    with qtbot.waitExposed(sheet):
        sheet.show()
    sheet.paints = 0
    with steady_references():
        for _ in range(10_000):
            sheet.update()
            QApplication.processEvents()
    assert sheet.paints >= 10_000


class Step(QUndoCommand):
    done = undone = 0

    def redo(self) -> None:
        Step.done += 1

    def undo(self) -> None:
        Step.undone += 1

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        return False


def test_undo_commands(qapp: object) -> None:
    stack = QUndoStack()
    stack.setUndoLimit(10)
    with steady_references():
        for _ in range(2_000):
            stack.push(Step())
        for _ in range(2_000):
            stack.undo()
            stack.redo()
    assert (Step.done, Step.undone) == (4_000, 2_000)


def test_a_document(qapp: object) -> None:
    document = Document(journal_interval_ms=3_600_000)
    document.note(lambda _: with_clips())
    listener, told = Listener(), list[object]()
    document.modified_changed.connect(listener.hear_claim)
    document.project_changed.connect(lambda before, _after: told.append(before))
    document.apply("Empty", lambda project: type(project)())
    with steady_references():
        for _ in range(2_000):
            document.undo_stack.undo()
            document.undo_stack.redo()
        told.clear()
    document.close()


class Errand(QThread):
    """Overrides a void virtual that another thread calls."""

    runs = 0

    def run(self) -> None:
        Errand.runs += 1


def test_threads(qapp: object) -> None:
    errand = Errand()
    with steady_references():
        for _ in range(1_000):
            errand.start()
            errand.wait()
    assert Errand.runs == 1_000


def test_references_that_are_kept_are_seen() -> None:
    kept: list[object] = []
    with pytest.raises(AssertionError, match="None"), steady_references():
        kept.extend([None] * (2 * TOLERANCE))
