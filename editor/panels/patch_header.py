"""Who the patch is: its name, to be changed by typing, where it lies, its state, and what can be done with it as a whole."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QSizePolicy, QVBoxLayout, QWidget

from editor.panels.parts import Mark, label, row
from editor.patch_facts import STATE_NAMES
from engine.project.model import PatchState
from engine.project.patch_edits import NAME_MAX_CHARACTERS
from widgets.controls import Chip, IconButton
from widgets.controls.chips import ChipKind
from widgets.theme import theme_of

KINDS: dict[PatchState, ChipKind] = {PatchState.PUBLISHED: "verified", PatchState.REJECTED: "doubtful"}


class NameField(QLineEdit):
    """A name that looks like a title until it is pointed at; Enter keeps, Esc takes back."""

    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self.setProperty("kind", "title")
        self.setMaxLength(NAME_MAX_CHARACTERS)
        self.setAccessibleName("Name of the patch")
        self.setToolTip("Click to rename")
        self.setTextMargins(-2, 0, 0, 0)
        self.returnPressed.connect(self.clearFocus)
        self.editingFinished.connect(self._keep)

    def show_name(self, name: str) -> None:
        """Another name, unless it is being typed."""
        self._name = name
        if not self.hasFocus():
            self.setText(name)
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._name)
            self.clearFocus()
            return
        super().keyPressEvent(event)

    def _keep(self) -> None:
        name = self.text().strip()
        if not name:
            self.setText(self._name)
        elif name != self._name:
            self.renamed.emit(name)


class PatchHeader(QWidget):
    """Icon, name, extent, state chip and a menu."""

    renamed = Signal(str)
    menu_chosen = Signal(str)  # "anchor", "only here", "hide", "lock", "delete"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self.name = NameField()
        self._extent, self._words, self._compact = label("", "hint"), ("", ""), False
        self.state = Chip(STATE_NAMES[PatchState.QUEUED], "plain")
        self.more = IconButton("more", "More for this patch")
        self.menu = QMenu(self)
        self._extent.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self._extent)
        line = row(Mark("patch", "ac"), spacing=theme.px(8))
        line.addLayout(words, 1)
        line.addWidget(self.state)
        line.addWidget(self.more)
        line.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        self.setLayout(line)
        self.name.renamed.connect(self.renamed)
        self.more.clicked.connect(self._open_menu)
        self._items = {key: self._item(key, text) for key, text in (
            ("anchor", "Go to the anchor frame"), ("only here", "Only in this clip"), ("hide", "Hidden"), ("lock", "Locked"),
            ("delete", "Delete patch"),
        )}  # fmt: skip
        for key in ("only here", "hide", "lock"):
            self._items[key].setCheckable(True)
        self.menu.insertSeparator(self._items["only here"])
        self.menu.insertSeparator(self._items["delete"])

    def show_patch(self, name: str, extent: str, short: str, state: PatchState) -> None:
        """Another patch, or the same one changed; `short` is the extent in a small window."""
        self.name.show_name(name)
        self._words = (extent, short)
        self.state.show_state(STATE_NAMES[state], KINDS.get(state, "plain"))
        self.set_compact(self._compact)

    def show_switches(self, *, only_here: bool, hidden: bool, locked: bool) -> None:
        """What is checked in the menu."""
        for key, on in (("only here", only_here), ("hide", hidden), ("lock", locked)):
            self._items[key].setChecked(on)

    def set_compact(self, compact: bool) -> None:
        """In a small window the anchor goes from the second line; it stands in the window section."""
        self._compact = compact
        self._extent.setToolTip(self._words[0])
        self._fit_extent()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_extent()

    def _fit_extent(self) -> None:
        """The short words also where the state beside them leaves too little room."""
        line = self.layout()
        if line is not None:
            line.activate()
        full, short = self._words
        fits = self._extent.fontMetrics().horizontalAdvance(full) <= self._extent.width()
        self._extent.setText(full if fits and not self._compact else short)

    def extent(self) -> str:
        return self._extent.text()

    def _item(self, key: str, text: str) -> QAction:
        item = self.menu.addAction(text)
        item.triggered.connect(lambda: self.menu_chosen.emit(key))
        return item

    def _open_menu(self) -> None:
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
