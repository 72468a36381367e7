"""The list of jobs, opened from the top bar: what runs, how far it is, how it ended. Shows a board; runs nothing."""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from editor.jobs_board import JobEntry, JobsBoard, JobState
from widgets.controls import EmptyState, IconButton, JobRow, Menu, PanelHeader, QuietButton
from widgets.theme import theme_of

WIDTH_PX, MOST_PX, EMPTY_PX, TOP_PX, AWAY_PX = 420, 396, 132, 40, 8
ENDS: dict[JobState, tuple[str, str]] = {
    JobState.DONE: ("check", "gr"), JobState.FAILED: ("warning", "rd"), JobState.CANCELLED: ("blocked", "t3"),
}  # fmt: skip


class JobsPanel(QFrame):
    """Lies over the upper right of a window while it is open; the newest job is the first row."""

    def __init__(self, board: JobsBoard, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("surface", "popup")
        self._board, self._window = board, window
        self._rows: dict[int, JobRow] = {}
        self.clear = QuietButton("Clear finished", size="small")
        self._head = PanelHeader(["Jobs"])
        self._close = IconButton("close", "Close", "Esc")
        self._empty = EmptyState("clock", "Nothing runs. Imports, patches and exports are listed here.")
        self._lay_out()
        self.clear.clicked.connect(board.clear_finished)
        self._close.clicked.connect(self.hide)
        board.added.connect(self._added)
        board.changed.connect(self._changed)
        board.removed.connect(self._removed)
        window.installEventFilter(self)
        self.hide()
        for entry in board.entries:
            self._added(entry.id)
        self._fit()

    @property
    def rows(self) -> tuple[JobRow, ...]:
        """From the newest to the oldest."""
        return tuple(reversed(self._rows.values()))

    def toggle(self) -> None:
        """Open it, or close it."""
        self.setVisible(not self.isVisible())
        if self.isVisible():
            self._fit()
            self.raise_()
            self._close.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Esc is this panel's while the focus is in it, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    # Following the board

    @Slot(int)
    def _added(self, entry_id: int) -> None:
        entry = self._board.entry(entry_id)
        if entry is None:
            return
        row = JobRow(entry.icon_name, entry.name)
        row.cancel_requested.connect(entry.cancel)
        row.menu_requested.connect(lambda: self._show_menu(entry_id))
        self._rows[entry_id] = row
        self._list.insertWidget(0, row)
        self._changed(entry_id)
        self._fit()

    @Slot(int)
    def _changed(self, entry_id: int) -> None:
        entry, row = self._board.entry(entry_id), self._rows.get(entry_id)
        if entry is None or row is None:
            return
        row.set_name(entry.name)
        if entry.state is JobState.RUNNING:
            row.set_progress(entry.progress.fraction, entry.rest)
        else:
            row.set_finished(entry.sentence, *ENDS[entry.state])
            self._show_clear()

    @Slot(int)
    def _removed(self, entry_id: int) -> None:
        row = self._rows.pop(entry_id, None)
        if row is not None:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
            self._fit()

    def _show_menu(self, entry_id: int) -> None:
        entry = self._board.entry(entry_id)
        if entry is not None:
            menu = self.menu_of(entry)
            menu.popup(self._rows[entry_id].mapToGlobal(self._rows[entry_id].rect().bottomRight()) - menu.rect().topRight())

    def menu_of(self, entry: JobEntry) -> QMenu:
        """What can be done with an ended job."""
        menu = Menu(parent=self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, act in entry.wishes.items():
            menu.addAction(words, act)
        if entry.wishes:
            menu.addSeparator()
        menu.addAction("Remove from the list", lambda: self._board.remove(entry.id))
        return menu

    def _show_clear(self) -> None:
        self.clear.setVisible(len(self._rows) > self._board.running)
        self._empty.setVisible(not self._rows)

    def _fit(self) -> None:
        """Under the top bar, at the right; as high as its rows, within bounds."""
        theme = theme_of(self)
        self._show_clear()
        rows = sum(row.height() for row in self._rows.values())
        height = self._head.height() + min(theme.px(MOST_PX), rows or theme.px(EMPTY_PX)) + theme.px(4)  # two edges, twice
        away, top = theme.px(AWAY_PX), theme.px(TOP_PX)
        self.resize(min(theme.px(WIDTH_PX), self._window.width() - 2 * away), min(height, self._window.height() - 2 * top))
        self.move(self._window.width() - self.width() - away, top)

    def _lay_out(self) -> None:
        self._head.add_tool(self.clear)
        self._head.add_tool(self._close)
        inner = QWidget()
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.addWidget(self._empty)
        self._list.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName("Jobs")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)  # its own 2 px would push the last row under a scroll bar
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(area, 1)
