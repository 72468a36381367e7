"""The table of captions: when, what, how fast. Times and words are edited in place; Enter keeps, Esc gives up.

Shows rows and reports wishes; a cell changes when the project does.
"""

from fractions import Fraction
from math import ceil

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QLineEdit, QPlainTextEdit, QTableView, QWidget

from editor.cue_rows import CueRow
from editor.panels.cue_delegate import LINE_PX, PAD_PX, SPEED_PX, CueDelegate
from editor.panels.cue_model import SPEED, TIME, WORDS, CueModel
from widgets.theme import theme_of

TIME_PX, CHARACTER_PX = 66, 6.3


class CueTable(QTableView):
    """Emits `chosen` (rows) when the user chooses, `edited(row, column, text)`, `activated_row` for a click or Enter on one."""

    chosen = Signal(object)
    edited = Signal(int, int, str)
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cues = CueModel(self)
        self.setModel(self.cues)
        self.setProperty("kind", "cues")
        self._delegate = CueDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Captions")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            header.setAccessibleName("Columns of the captions")
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        self.cues.edited.connect(self.edited)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self._dress()

    def set_rows(self, rows: tuple[CueRow, ...], locked: bool) -> None:
        """Other rows; what is chosen and being typed stays where the captions are the same ones."""
        self.cues.is_locked = locked
        chosen, typed = {(row.id, row.number) for row in self.chosen_rows()}, self._typed()
        if self.cues.set_rows(rows):
            self.select_keys(chosen)
            if typed is not None and not locked:
                self._type_on(*typed)
        self._fit_rows()

    def set_playhead(self, time: Fraction) -> None:
        """Mark what shows now."""
        self._delegate.playhead = time
        self.viewport().update()

    def chosen_rows(self) -> list[CueRow]:
        """In the order of the timeline."""
        return [self.cues.rows[place] for place in sorted(index.row() for index in self.selectionModel().selectedRows())]

    def select_keys(self, keys: set[tuple[str, int]]) -> None:
        """Choose from outside; reports nothing."""
        model = self.selectionModel()
        model.blockSignals(True)
        model.clear()
        found = [place for place, row in enumerate(self.cues.rows) if (row.id, row.number) in keys]
        for place in found:
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            model.select(self.cues.index(place, 0), flags)
        if found:
            model.setCurrentIndex(self.cues.index(found[0], WORDS), QItemSelectionModel.SelectionFlag.NoUpdate)
        model.blockSignals(False)
        if found:
            self.scrollTo(self.cues.index(found[0], WORDS))
        self.viewport().update()

    def edit_words(self, cue_id: str) -> None:
        """Begin to type the words of a caption."""
        place = next((place for place, row in enumerate(self.cues.rows) if row.id == cue_id), None)
        if place is not None:
            index = self.cues.index(place, WORDS)
            self.setCurrentIndex(index)
            self.edit(index)

    # Inside

    def _typed(self) -> tuple[tuple[str, int], int, str] | None:
        """What is being typed, and where: captions that come in meanwhile must not take it away."""
        index = self.currentIndex()
        inside = self.viewport()
        pages = [page for page in inside.findChildren(QPlainTextEdit) if page.isVisible() and page.document().isModified()]
        fields = [field for field in inside.findChildren(QLineEdit) if field.isVisible() and field.isModified()]
        if self.state() is not QAbstractItemView.State.EditingState or not index.isValid() or not (pages or fields):
            return None
        row = self.cues.rows[index.row()]
        return (row.id, row.number), index.column(), pages[0].toPlainText() if pages else fields[0].text()

    def _type_on(self, key: tuple[str, int], column: int, text: str) -> None:
        place = next((place for place, row in enumerate(self.cues.rows) if (row.id, row.number) == key), None)
        if place is None:
            return
        index = self.cues.index(place, column)
        self.setCurrentIndex(index)
        self.edit(index)
        editor = self.indexWidget(index) or QApplication.focusWidget()
        if isinstance(editor, QPlainTextEdit):
            editor.setPlainText(text)
            editor.document().setModified(True)
            editor.moveCursor(QTextCursor.MoveOperation.End)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.setModified(True)

    @Slot(QItemSelection, QItemSelection)
    def _selection_changed(self, _new: QItemSelection, _old: QItemSelection) -> None:
        self.chosen.emit(self.chosen_rows())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter edits the words, Delete asks for the chosen rows to go."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.edit(self.cues.index(self.currentIndex().row(), WORDS))
        elif event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()
        self._fit_rows()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_delegate"):
            self._dress()

    def _dress(self) -> None:
        theme = theme_of(self)
        self.horizontalHeader().setFixedHeight(theme.px(24))
        self.verticalHeader().setDefaultSectionSize(theme.px(2 * (LINE_PX + PAD_PX)))
        self._spread()

    def _spread(self) -> None:
        theme = theme_of(self)
        for column, width in ((TIME, TIME_PX), (SPEED, SPEED_PX)):
            self.setColumnWidth(column, theme.px(width))
        self.setColumnWidth(WORDS, max(60, self.viewport().width() - theme.px(TIME_PX + SPEED_PX)))

    def _fit_rows(self) -> None:
        """Two lines are the rule; rows of more are higher."""
        theme = theme_of(self)
        per_line = max(10, int(self.columnWidth(WORDS) / theme.scale / CHARACTER_PX))
        usual = self.verticalHeader().defaultSectionSize()
        for place, row in enumerate(self.cues.rows):
            lines = sum(max(1, ceil(len(line) / per_line)) for line in row.text.split("\n")) + bool(row.speaker)
            height = usual if lines <= 2 else theme.px(min(lines, 6) * LINE_PX + 2 * PAD_PX)
            if self.rowHeight(place) != height:
                self.setRowHeight(place, height)
