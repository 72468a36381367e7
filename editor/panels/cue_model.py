"""Captions as the model of a table: time, words, speed. A cell that is edited only says so; the project changes it."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from editor.cue_rows import NO_WORDS, CueRow, range_words

AnyIndex = QModelIndex | QPersistentModelIndex
TIME, WORDS, SPEED = range(3)
HEADS = ("Time", "Caption", "c/s")
ROW = int(Qt.ItemDataRole.UserRole)
"""The role under which a cell gives its whole row."""


class CueModel(QAbstractTableModel):
    """`edited(row, column, text)` is what the user wants a cell to say."""

    edited = Signal(int, int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[CueRow, ...] = ()
        self.is_locked = False

    def set_rows(self, rows: tuple[CueRow, ...]) -> bool:
        """Other rows; False where they are the same captions as before, so that choice and place stay."""
        is_other = [(row.id, row.number) for row in rows] != [(row.id, row.number) for row in self.rows]
        if is_other:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return True
        changed = [place for place, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old != new]
        self.rows = rows
        for place in changed:
            self.dataChanged.emit(self.index(place, 0), self.index(place, SPEED))
        return False

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return len(HEADS)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if self.is_locked or index.column() == SPEED else flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole}:
            return (range_words(row), row.text, f"{row.speed:.0f}")[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            speaker = f"{row.speaker}\n" if row.speaker else ""
            return "\n".join([f"{speaker}{row.text or NO_WORDS}", *row.faults])
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:
        if role != Qt.ItemDataRole.EditRole or str(value) == self.data(index, role):
            return False
        self.edited.emit(index.row(), index.column(), str(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section == SPEED:
            return "Characters a second; 17 are easy to read, 20 the most"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == SPEED else Qt.AlignmentFlag.AlignLeft
            return int(Qt.AlignmentFlag.AlignVCenter | side)
        return HEADS[section] if role == Qt.ItemDataRole.DisplayRole else None
