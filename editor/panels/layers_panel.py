"""The layers: the stack of the picture, top one first, with what each shows at the playhead."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from widgets.controls import EmptyState, IconButton, Menu, PanelHeader
from widgets.layer_stack import LayerRow, LayerStack, is_sound


class LayersPanel(QFrame):
    """`stack` reports its wishes itself."""

    track_wished = Signal(str)
    """One more track: "overlay" or "music"."""
    remove_wished = Signal(str)  # layer id

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.head = PanelHeader(["Layers"])
        self._time = QLabel()
        self._time.setProperty("role", "hint")
        self._add = IconButton("plus", "Add a layer")
        self._add.clicked.connect(self._show_menu)
        self.stack = LayerStack()
        self.stack.menu_wished.connect(self._show_row_menu)
        self._pages = QStackedWidget()
        self._lay_out()
        self.set_rows((), "")

    def set_rows(self, rows: Sequence[LayerRow], time: str) -> None:
        """The layers and the time at which they are told about; none shows the sentence of the empty panel."""
        if rows and tuple(rows) != self.stack.rows():  # the playhead moves often, what it shows changes seldom
            self.stack.set_rows(rows)
        self._time.setText(f"at {time}" if rows and time else "")
        self._add.setEnabled(bool(rows))
        self._pages.setCurrentIndex(1 if rows else 0)

    def set_compact(self, compact: bool) -> None:
        """Lower rows, no time."""
        self.head.set_height(32 if compact else 36)
        self.stack.set_compact(compact)
        self._time.setVisible(not compact)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head.add_tool(self._time)
        self.head.add_tool(self._add)
        column.addWidget(self.head)
        scroll = QScrollArea()
        scroll.setAccessibleName("Layers")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.stack)
        self._pages.addWidget(EmptyState("", "Layers appear with the first clip."))
        self._pages.addWidget(scroll)
        column.addWidget(self._pages, 1)

    def _show_row_menu(self, layer_id: str, at: QPoint) -> None:
        """What can be done with one layer; what has its eye and padlock on the row has them here in words."""
        row, menu = self.stack.row_view(layer_id).row, Menu(parent=self)
        sound = is_sound(row.kind)
        eye = ("Mute" if sound else "Hide") if row.visible else ("Unmute" if sound else "Show")
        menu.addAction(eye, lambda: self.stack.visible_toggled.emit(layer_id, not row.visible))
        menu.addAction("Unlock" if row.locked else "Lock", lambda: self.stack.locked_toggled.emit(layer_id, not row.locked))
        if row.removable:
            menu.addSeparator()
            menu.addAction("Remove the layer", lambda: self.remove_wished.emit(layer_id))
        menu.exec(at)
        menu.deleteLater()

    def _show_menu(self) -> None:
        menu = Menu(parent=self)
        menu.addAction("Add an overlay layer", lambda: self.track_wished.emit("overlay"))
        menu.addAction("Add a music layer", lambda: self.track_wished.emit("music"))
        menu.exec(self._add.mapToGlobal(self._add.rect().bottomLeft()))
        menu.deleteLater()
