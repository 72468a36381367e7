"""Tells of long jobs that end while the window is not in front: the task bar draws attention, the system says it where it can.

What ends in the window's sight is said by the window itself, in a toast or in its list of jobs.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from editor.jobs_board import JobEntry, JobsBoard, JobState
from widgets.icons import app_icon

LONG_S = 30.0
ENDS = {JobState.DONE: "Finished", JobState.FAILED: "Did not work"}
Tell = Callable[[str, str], None]


class Away(QObject):
    """`tell(title, text)` is the system's notification where it is left out; a click on that brings the window to the front."""

    def __init__(self, board: JobsBoard, window: QWidget, parent: QObject | None = None, *, tell: Tell | None = None) -> None:
        super().__init__(parent)
        self._board, self._window, self._tell = board, window, tell or self._tell_system
        self._running: set[int] = set()
        self._tray: QSystemTrayIcon | None = None
        board.changed.connect(self._changed)
        board.added.connect(self._running.add)
        board.removed.connect(self._running.discard)

    @Slot(int)
    def _changed(self, entry_id: int) -> None:
        entry = self._board.entry(entry_id)
        if entry is None or entry.state is JobState.RUNNING or entry_id not in self._running:
            return
        self._running.discard(entry_id)
        if entry.state in ENDS and entry.elapsed >= LONG_S and not self._window.isActiveWindow():
            self._say(entry)

    def _say(self, entry: JobEntry) -> None:
        QApplication.alert(self._window)
        self._tell(f"{ENDS[entry.state]}: {entry.name}", entry.sentence)

    def _tell_system(self, title: str, text: str) -> None:
        """The icon in the tray stands there only from the first message on, since most systems show none without it."""
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip("Patchreel")
            self._tray.messageClicked.connect(self._to_front)
            self._tray.activated.connect(self._to_front)
        self._tray.show()
        self._tray.showMessage(title, text, app_icon())

    @Slot()
    def _to_front(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
        if self._tray is not None:
            self._tray.hide()
