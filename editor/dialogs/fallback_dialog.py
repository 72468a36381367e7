"""Who stands in where a service cannot answer: an order of providers, and what was made before at its end.

Shows plain values and says what was chosen; keeps nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from editor.dialogs.sheet import Sheet, foot
from editor.panels.parts import Mark, Rule, label, row
from widgets.controls import IconButton, PrimaryButton, SecondaryButton
from widgets.theme import theme_of

SIZE_PX = (520, 372)
TITLE = "When a service cannot answer"
SENTENCE = "Asked too often, in trouble, its model gone: the next one is asked."
BEFORE = "Take what was made before, free of charge"
END = "In the end you are asked. What may have been charged is never sent to another service."


@dataclass(frozen=True, slots=True)
class Entry:
    """A provider that may stand in."""

    id: str
    name: str
    is_remote: bool
    hint: str


class _Row(QWidget):
    moved = Signal(int)  # -1 up, 1 down

    def __init__(self, entry: Entry, is_used: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self.entry = entry
        self.used = QCheckBox(entry.name)
        self.used.setChecked(is_used)
        self.used.setAccessibleName(f"{entry.name} stands in")
        self.up = IconButton("chevron-up", "Earlier", accessible=f"{entry.name}: earlier", size=24)
        self.down = IconButton("chevron-down", "Later", accessible=f"{entry.name}: later", size=24)
        self.up.clicked.connect(lambda: self.moved.emit(-1))
        self.down.clicked.connect(lambda: self.moved.emit(1))
        line = row(self.used, None, Mark("cloud" if entry.is_remote else "offline", "t3"), label(entry.hint, "hint"),
                   spacing=theme.px(8))  # fmt: skip
        line.addSpacing(theme.px(8))
        for button in (self.up, self.down):
            line.addWidget(button)
        line.setContentsMargins(theme.px(20), theme.px(6), theme.px(20), theme.px(6))
        self.setLayout(line)


class FallbackDialog(Sheet):
    """`chosen(ids, uses_known)` when it is saved."""

    chosen = Signal(object, bool)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, SIZE_PX)
        self.setWindowTitle(TITLE)
        self.head.show_words(TITLE, SENTENCE)
        self.rows: list[_Row] = []
        self.before = QCheckBox(BEFORE)
        self.save, self.cancel = PrimaryButton("Save"), SecondaryButton("Cancel")
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        self.pages.addWidget(self._page())

    def show_order(self, entries: Sequence[Entry], used: Sequence[str], uses_known: bool) -> None:
        """The used ones first, in their order, the others after them."""
        for one in self.rows:
            self._list.removeWidget(one)
            one.hide()
            one.deleteLater()
        order = sorted(entries, key=lambda one: used.index(one.id) if one.id in used else len(used))
        self.rows = [_Row(entry, entry.id in used) for entry in order]
        for one in self.rows:
            one.moved.connect(lambda by, moving=one: self._move(moving, by))
            self._list.addWidget(one)
        self.before.setChecked(uses_known)
        self._name_ends()

    def _move(self, moving: _Row, by: int) -> None:
        place = self.rows.index(moving)
        target = place + by
        if 0 <= target < len(self.rows):
            self.rows.insert(target, self.rows.pop(place))
            self._list.removeWidget(moving)
            self._list.insertWidget(target, moving)
            self._name_ends()
            pressed, other = (moving.up, moving.down) if by < 0 else (moving.down, moving.up)
            (pressed if pressed.isEnabled() else other).setFocus(Qt.FocusReason.OtherFocusReason)

    def _name_ends(self) -> None:
        for place, one in enumerate(self.rows):
            one.up.setEnabled(place > 0)
            one.down.setEnabled(place < len(self.rows) - 1)
        for one, after in zip(self.rows, self.rows[1:], strict=False):
            QWidget.setTabOrder(one.down, after.used)

    def _save(self) -> None:
        self.chosen.emit(tuple(one.entry.id for one in self.rows if one.used.isChecked()), self.before.isChecked())
        self.accept()

    def _page(self) -> QWidget:
        theme = theme_of(self)
        page, column = QWidget(), QVBoxLayout()
        column.setContentsMargins(0, theme.px(8), 0, 0)
        column.setSpacing(0)
        page.setLayout(column)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column.addLayout(self._list)
        column.addSpacing(theme.px(8))
        column.addWidget(Rule())
        below = QVBoxLayout()
        below.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        below.setSpacing(theme.px(8))
        below.addWidget(self.before)
        below.addWidget(label(END, "hint", wraps=True))
        column.addLayout(below)
        column.addStretch(1)
        made, buttons = foot()
        buttons.addStretch(1)
        for button in (self.cancel, self.save):
            buttons.addWidget(button)
        column.addWidget(made)
        return page
