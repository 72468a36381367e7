"""The table itself: a model over plain rows, one delegate that draws every cell, so that ten thousand rows cost as ten do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from widgets.icons import pixmap
from widgets.palettes import Theme
from widgets.plan_bar.drawing import draw_mode
from widgets.theme import font, theme_of
from widgets.timeline.values import SpanMode

Align = Literal["left", "right"]
AnyIndex = QModelIndex | QPersistentModelIndex
ROW_PX, HEAD_PX, MARK_PX, MARK_GAP_PX = 32, 26, 16, 8
MODES: dict[str, SpanMode] = {"copy": "copy", "cached": "cached", "encode": "encode"}
_CELL = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True, slots=True)
class Column:
    """A head and a width at 100 %; 0 takes what is left. An empty column keeps its neighbours apart."""

    head: str
    width: int
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """`mark` is a mode of the plan or the name of an icon, in the colour of `mark_role`."""

    text: str
    detail: str = ""
    mark: str = ""
    role: str = "t1"
    mark_role: str = "t2"


class _Model(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: Sequence[Sequence[Cell]] = ()

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return len(self._columns)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        cell = self._rows[index.row()][index.column()]
        words = f"{cell.text} {cell.detail}".strip()
        if role == _CELL:
            return cell
        if role == Qt.ItemDataRole.DisplayRole or (role == Qt.ItemDataRole.ToolTipRole and len(words) > 12):
            return words
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        column = self._columns[section] if orientation == Qt.Orientation.Horizontal else None
        if column is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.align == "right" else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return column.head if role == Qt.ItemDataRole.DisplayRole else None


class _Delegate(QStyledItemDelegate):
    def __init__(self, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = columns

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme, rect = theme_of(self), QRect(option.rect)
        cell: Cell = index.data(_CELL)
        column = self._columns[index.column()]
        painter.save()
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        rect.adjust(0, 0, 0, -1)
        if cell.mark:
            self._paint_mark(painter, theme, cell, rect)
            rect.setLeft(rect.left() + theme.px(MARK_PX + MARK_GAP_PX))
        self._paint_text(painter, theme, cell, rect, column.align)
        painter.restore()

    def _paint_mark(self, painter: QPainter, theme: Theme, cell: Cell, rect: QRect) -> None:
        side = theme.px(MARK_PX)
        box = QRectF(rect.left(), rect.top() + (rect.height() - side) // 2, side, side)
        if cell.mark in MODES:
            draw_mode(painter, theme, MODES[cell.mark], box, theme.px(11), theme.px(8))
        else:
            painter.drawPixmap(box.toRect(), pixmap(cell.mark, theme, cell.mark_role, side, 3.0))

    def _paint_text(self, painter: QPainter, theme: Theme, cell: Cell, rect: QRect, align: Align) -> None:
        used = font(theme, 12)
        metrics = QFontMetrics(used)
        side = Qt.AlignmentFlag.AlignRight if align == "right" else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(used)
        painter.setPen(theme.color(cell.role))
        shown = metrics.elidedText(cell.text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, flags, shown)
        rest = rect.adjusted(metrics.horizontalAdvance(f"{shown} "), 0, 0, 0)
        if cell.detail and rest.width() > theme.px(16):
            painter.setPen(theme.color("t3"))
            painter.drawText(rest, flags, metrics.elidedText(cell.detail, Qt.TextElideMode.ElideRight, rest.width()))


class SheetTable(QTableView):
    """Rows of `Cell`s under fixed columns; nothing can be chosen or changed in it."""

    def __init__(self, columns: Sequence[Column], accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "sheet")
        self._columns = tuple(columns)
        self._sheet = _Model(self._columns, self)
        self.setModel(self._sheet)
        self.setItemDelegate(_Delegate(self._columns, self))
        self.setAccessibleName(accessible)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setTabKeyNavigation(False)  # Tab goes on to the buttons, and does not stay in the cells
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().setVisible(any(column.head for column in self._columns))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(1)
        self._dress()

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Other rows; the list begins at its top again."""
        self._sheet.set_rows(rows)
        self.scrollToTop()

    def rows_height(self) -> int:
        """Height in pixels at which nothing needs to scroll."""
        head = self.horizontalHeader().height() if self.horizontalHeader().isVisible() else 0
        return head + self._sheet.rowCount() * self.verticalHeader().defaultSectionSize()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.rows_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_sheet"):
            self._dress()

    def _dress(self) -> None:
        theme = theme_of(self)
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_PX))
        self.horizontalHeader().setFixedHeight(theme.px(HEAD_PX))
        self._spread()

    def _spread(self) -> None:
        theme = theme_of(self)
        widths = [theme.px(column.width) for column in self._columns]
        spare = max(0, self.viewport().width() - sum(widths))
        for number, column in enumerate(self._columns):
            self.setColumnWidth(number, widths[number] if column.width else spare)
