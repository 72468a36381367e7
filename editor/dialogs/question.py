"""A question that has to be answered before the window goes on: one sentence on what is at stake, and the answers as buttons."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from editor.dialogs.sheet import Sheet, foot
from widgets.controls import Button, PrimaryButton, SecondaryButton

SIZE_PX = (480, 128)


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands on a button and what `ask` returns for it."""

    key: str
    words: str


class Question(Sheet):
    """The safe answer is filled, has the focus and is taken by Enter; Esc and the cross give "" back."""

    def __init__(self, window: QWidget, title: str, sentence: str, safe: Answer, *others: Answer) -> None:
        super().__init__(window, SIZE_PX)
        self.setWindowTitle(title)
        self.head.show_words(title, sentence)
        self._given = ""
        self.buttons: dict[str, Button] = {}
        low, row = foot()
        row.addStretch(1)
        for answer in (*others, safe):
            button = PrimaryButton(answer.words) if answer is safe else SecondaryButton(answer.words)
            button.clicked.connect(lambda _checked=False, key=answer.key: self._give(key))
            button.setAutoDefault(answer is safe)
            button.setDefault(answer is safe)
            self.buttons[answer.key] = button
            row.addWidget(button)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(low, 0, Qt.AlignmentFlag.AlignBottom)
        self.pages.addWidget(page)
        self.buttons[safe.key].setFocus(Qt.FocusReason.OtherFocusReason)

    def ask(self) -> str:
        """The key of the answer; "" where none was given. The dialog goes with it."""
        self.exec()
        self.deleteLater()
        return self._given

    def _give(self, key: str) -> None:
        self._given = key
        self.accept()
