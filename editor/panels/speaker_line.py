"""Who says the chosen captions: a field that names them, and a button that gives the name to all the same speaker says."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from editor.panels.parts import label, row
from widgets.controls import QuietButton
from widgets.theme import theme_of

NOBODY, SEVERAL = "Not named", "Several"
NAME_MAX = 100


class SpeakerLine(QWidget):
    """`named(name)` is for the chosen captions, `renamed(old, new)` for all of that speaker."""

    named = Signal(str)
    renamed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self._speaker = ""
        self._shown: object = None
        self.field = QLineEdit()
        self.field.setProperty("density", "small")
        self.field.setMaxLength(NAME_MAX)
        self.field.setAccessibleName("Speaker of the chosen captions")
        self.everywhere = QuietButton("Everywhere", size="small")
        self.everywhere.setToolTip("Give this name to all captions of the same speaker")
        self.everywhere.setAccessibleName("Give this name to all captions of the same speaker")
        line = row(label("Speaker"), spacing=theme.px(8))
        line.addWidget(self.field, 1)
        line.addWidget(self.everywhere)
        line.setContentsMargins(theme.px(12), theme.px(6), theme.px(4), theme.px(6))
        self.setLayout(line)
        self.field.editingFinished.connect(self._keep)
        self.field.textEdited.connect(lambda _text: self._show_everywhere())
        self.everywhere.clicked.connect(self._rename)

    def show_speakers(self, chosen: Sequence[str], known: Sequence[str], *, locked: bool) -> None:
        """The speakers of the chosen captions ("" for one that is not named), and all that are known. None chosen: it goes."""
        shown = (tuple(chosen), frozenset(known), locked)
        if shown == self._shown:
            return
        self._shown = shown
        self.setVisible(bool(chosen))
        speaker = chosen[0] if len(set(chosen)) == 1 else ""
        if speaker != self._speaker or not self.field.isModified():
            self.field.setText(speaker)
        self._speaker = speaker
        self.field.setPlaceholderText(SEVERAL if len(set(chosen)) > 1 else NOBODY)
        completer = QCompleter(sorted(known), self.field)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field.setCompleter(completer)
        self.field.setEnabled(not locked)
        self._show_everywhere()

    def _show_everywhere(self) -> None:
        name = self.field.text().strip()
        self.everywhere.setEnabled(self.field.isEnabled() and bool(self._speaker) and bool(name) and name != self._speaker)

    def _keep(self) -> None:
        """Enter, or the field is left for anything but the button beside it, which means more."""
        if self.field.isModified() and not (self.everywhere.isEnabled() and self.everywhere.hasFocus()):
            self.field.setModified(False)
            self.named.emit(self.field.text().strip())

    def _rename(self) -> None:
        self.field.setModified(False)
        self.renamed.emit(self._speaker, self.field.text().strip())
