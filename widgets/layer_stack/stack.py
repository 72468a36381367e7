"""The list of layers, top one first, as the viewer stacks them. Shows rows and reports wishes; changes nothing itself."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.layer_stack.row import RowView
from widgets.layer_stack.values import LayerRow
from widgets.theme import theme_of


class LayerStack(QWidget):
    """Rows stay the same widgets while their ids stay, so focus and open menus survive an update.

    Up and Down choose a row, Space shows or hides it, Alt+Up and Alt+Down move a movable one.
    """

    visible_toggled = Signal(str, bool)  # layer id, shown from now on
    locked_toggled = Signal(str, bool)
    version_chosen = Signal(str, int)
    selected = Signal(str)
    moved = Signal(str, int)  # layer id, its index among the others afterwards
    menu_wished = Signal(str, QPoint)  # layer id, place on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views: list[RowView] = []
        self._selected_id = ""
        self._compact = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addStretch(1)
        self._line = _DropLine(self)
        self.setAccessibleName("Layers")

    def set_rows(self, rows: Sequence[LayerRow]) -> None:
        """Shows these layers, the topmost first."""
        if [row.id for row in rows] != [view.row.id for view in self._views]:
            self._rebuild(rows)
        self._show(rows)

    def rows(self) -> tuple[LayerRow, ...]:
        """What is shown."""
        return tuple(view.row for view in self._views)

    def set_selected(self, layer_id: str) -> None:
        """Lights one row without reporting it; an empty id lights none."""
        self._selected_id = layer_id
        self._show(self.rows())

    def set_compact(self, compact: bool) -> None:
        """The lower rows for small windows: one line, no grip."""
        self._compact = compact
        self._show(self.rows())

    def row_view(self, layer_id: str) -> RowView:
        """The widget of one row; KeyError for an unknown id."""
        return next((view for view in self._views if view.row.id == layer_id), None) or _unknown(layer_id)

    # Inside

    def _rebuild(self, rows: Sequence[LayerRow]) -> None:
        for view in self._views:
            self._layout.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._views = [self._new_view(index) for index in range(len(rows))]

    def _new_view(self, index: int) -> RowView:
        view = RowView(self)
        self._layout.insertWidget(index, view)
        view.visible_clicked.connect(lambda shown: self.visible_toggled.emit(view.row.id, shown))
        view.locked_clicked.connect(lambda locked: self.locked_toggled.emit(view.row.id, locked))
        view.version_chosen.connect(lambda number: self.version_chosen.emit(view.row.id, number))
        view.pressed.connect(lambda: self._select(view))
        view.grip_dragged.connect(self._show_drop)
        view.grip_dropped.connect(lambda y: self._drop(view, y))
        return view

    def _show(self, rows: Sequence[LayerRow]) -> None:
        for view, row in zip(self._views, rows, strict=True):
            view.show_row(row, selected=row.id == self._selected_id, compact=self._compact)

    def _select(self, view: RowView) -> None:
        if view.row.id != self._selected_id:
            self.set_selected(view.row.id)
            self.selected.emit(view.row.id)

    def _gap_at(self, y: int) -> int:
        """The gap between rows nearest to `y`: 0 above the first row."""
        return sum(y > view.geometry().center().y() for view in self._views)

    def _show_drop(self, y: int) -> None:
        gap = self._gap_at(y)
        top = self._views[gap].y() if gap < len(self._views) else self._views[-1].geometry().bottom()
        self._line.setGeometry(0, max(0, top - 1), self.width(), 2)
        self._line.show()
        self._line.raise_()

    def _drop(self, view: RowView, y: int) -> None:
        self._line.hide()
        index, gap = self._views.index(view), self._gap_at(y)
        self._ask_to_move(view, gap - 1 if gap > index else gap)

    def _ask_to_move(self, view: RowView, to_index: int) -> None:
        if view.row.movable and 0 <= to_index < len(self._views) and to_index != self._views.index(view):
            self.moved.emit(view.row.id, to_index)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            for view in self._views:
                view.dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme_of(self).color("bg2"))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        view = next((view for view in self._views if view.hasFocus()), None)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if view is not None and step is not None:
            self._step(view, step, move=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
        elif view is not None and event.key() == Qt.Key.Key_Space:
            self.visible_toggled.emit(view.row.id, not view.row.visible)
        elif view is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._select(view)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        view = next((view for view in self._views if view.geometry().contains(event.pos())), None)
        if view is not None:
            self._select(view)
            self.menu_wished.emit(view.row.id, event.globalPos())

    def event(self, event: QEvent) -> bool:
        keys = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in keys:
            event.accept()
            return True
        return super().event(event)

    def _step(self, view: RowView, step: int, *, move: bool) -> None:
        index = self._views.index(view) + step
        if move:
            self._ask_to_move(view, index)
        elif 0 <= index < len(self._views):
            self._views[index].setFocus(Qt.FocusReason.TabFocusReason)
            self._select(self._views[index])


class _DropLine(QWidget):
    """Where a dragged row would go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme_of(self).color("sel"))
        painter.end()


def _unknown(layer_id: str) -> RowView:
    raise KeyError(layer_id)
