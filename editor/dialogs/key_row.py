"""One service in the key dialog: how it stands with its key, the fields to paste one into, and what can be done with it.

Shows what it is told and says what the user wants. What is typed leaves the fields as soon as it was kept.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from editor.key_work import Said
from editor.panels.parts import Mark, label, row
from engine.vault import Credential, Field, KeyState, Source
from widgets.controls import IconButton, QuietButton, SecondaryButton
from widgets.controls.fields import mark_error
from widgets.theme import refresh_style, theme_of

HIDDEN = "••••"
LABEL_PX = 128
_LOOKS = {"good": ("check", "gr", "good"), "check": ("warning", "am", "check"), "bad": ("warning", "rd", "bad")}
"""kind: (icon, its colour, role of the sentence)"""


class KeyRow(QWidget):
    """Emits the service's id, with the fields as they are typed where they matter."""

    save_wanted = Signal(str, object)
    remove_wanted = Signal(str)
    test_wanted = Signal(str, object)

    def __init__(self, known: Credential, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known, self._state = known, KeyState(known.provider, known.name)
        self._is_busy, self._is_testable = False, False
        self.fields: dict[str, QLineEdit] = {}
        self._mark, self._how = Mark("key", "t3"), label("", "text")
        self._said_mark, self._said = Mark("check", "gr"), label("", "text", wraps=True)
        self.save = SecondaryButton("Save", size="small")
        self.remove, self.test = QuietButton("Remove", size="small"), QuietButton("Test", size="small")
        self._name_controls()
        self._lay_out()
        self.save.clicked.connect(lambda: self.save_wanted.emit(known.provider, self.values()))
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(known.provider))
        self.test.clicked.connect(lambda: self.test_wanted.emit(known.provider, self.values()))
        self._update()

    def values(self) -> dict[str, str]:
        """The fields that hold anything."""
        return {name: field.text() for name, field in self.fields.items() if field.text().strip()}

    def show_state(self, state: KeyState, is_testable: bool) -> None:
        """How it stands now."""
        self._state, self._is_testable = state, is_testable
        icon, role, words = _look(state)
        self._mark.set_icon(icon, role)
        self._how.setText(words)
        self._how.setToolTip(state.problem)
        self.setAccessibleName(f"{self._known.name}: {words}")
        self._update()

    def say(self, said: Said | None) -> None:
        """A sentence below the fields; None takes it away. A refusal marks the fields that were typed."""
        for widget in (self._said, self._said_mark):
            widget.setVisible(said is not None)
        for field in self.fields.values():
            mark_error(field, said is not None and said.kind == "bad" and bool(field.text()))
        if said is not None:
            icon, colour, role = _LOOKS[said.kind]
            self._said_mark.set_icon(icon, colour)
            self._said.setText(said.text)
            self._said.setAccessibleName(f"{self._known.name}: {said.text}")
            self._said.setProperty("role", role)
            refresh_style(self._said)

    def set_busy(self, is_busy: bool) -> None:
        """While something is done, nothing else can be asked for."""
        self._is_busy = is_busy
        self._update()

    def clear(self) -> None:
        """Forget what was typed."""
        for field in self.fields.values():
            field.clear()

    def _name_controls(self) -> None:
        name = self._known.name
        self.save.setAccessibleName(f"Save the key of {name}")
        self.remove.setAccessibleName(f"Remove the key of {name}")
        self.test.setAccessibleName(f"Test the key of {name}")

    def _lay_out(self) -> None:
        theme = theme_of(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        outer.setSpacing(theme.px(8))
        name = label(self._known.name, "name")
        outer.addLayout(row(self._mark, name, self._how, None, self.test, self.remove, spacing=theme.px(8)))
        outer.addLayout(self._field_grid())
        said = row(self._said_mark, self._said, spacing=theme.px(8))
        said.setStretch(1, 1)
        said.setAlignment(self._said_mark, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(said)
        self.say(None)

    def _field_grid(self) -> QGridLayout:
        theme = theme_of(self)
        grid = QGridLayout()
        grid.setContentsMargins(theme.px(24), 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(1, 1)
        for place, field in enumerate(self._known.fields):
            words, edit = QLabel(field.label), self._edit(field)
            words.setProperty("role", "label")
            words.setFixedWidth(theme.px(LABEL_PX))
            words.setBuddy(edit)
            grid.addWidget(words, place, 0)
            grid.addWidget(edit, place, 1)
            grid.addWidget(self._paste_button(field, edit), place, 2)
        grid.addWidget(self.save, len(self._known.fields) - 1, 3)
        return grid

    def _edit(self, field: Field) -> QLineEdit:
        edit = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        edit.setAccessibleName(f"{self._known.name}: {field.label}")
        edit.setProperty("density", "small")
        edit.setPlaceholderText("Paste it here")
        edit.textChanged.connect(self._update)
        edit.returnPressed.connect(self.save.click)
        self.fields[field.name] = edit
        return edit

    def _paste_button(self, field: Field, edit: QLineEdit) -> IconButton:
        button = IconButton("copy", "Paste", accessible=f"Paste the {field.label} of {self._known.name}", size=24)
        button.clicked.connect(lambda: edit.setText(QGuiApplication.clipboard().text().strip()))
        return button

    def _update(self) -> None:
        typed, state = self.values(), self._state
        self.save.setEnabled(not self._is_busy and bool(typed))
        self.remove.setEnabled(not self._is_busy and state.saved_in is not None)
        is_there = bool(typed) or (state.source is not None and not state.is_locked)
        self.test.setEnabled(not self._is_busy and self._is_testable and is_there)
        self.test.setToolTip("" if self._is_testable else f"{self._known.name} has no call that costs nothing")
        self.remove.setToolTip(_why_not_removable(state))


def _why_not_removable(state: KeyState) -> str:
    if state.saved_in is None and state.source is Source.ENVIRONMENT:
        return "It stands in the environment, and is removed there"
    return ""


def _look(state: KeyState) -> tuple[str, str, str]:
    """(icon, its colour, words)"""
    end = f" · {HIDDEN}{state.last4}" if state.last4 else ""
    if state.is_locked:
        return "lock", "am", "set · locked"
    if state.source is Source.ENVIRONMENT:
        return "check", "gr", f"from environment{end}"
    if state.source is not None:
        return "check", "gr", f"set{end}"
    if state.problem:
        return "warning", "rd", "cannot be read"
    return "key", "t3", "not set"
