"""The gallery before anything was generated: what will be here, the way to begin, and prompts to begin with."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from widgets.controls import EmptyState, QuietButton
from widgets.theme import theme_of

OR_THESE = "Or begin with one of these"


class EmptyGallery(EmptyState):
    """`activated`: its button; `example_chosen` carries the words of a prompt."""

    example_chosen = Signal(str)

    def __init__(self, sentence: str, button: str, examples: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__("spark", sentence, button, parent=parent)
        self.examples: tuple[QPushButton, ...] = tuple(self._made(words) for words in examples)
        if examples:
            self._lay_out_examples()

    def _made(self, words: str) -> QPushButton:
        made = QuietButton(words)
        made.setAccessibleName(f"Example: {words}")
        made.clicked.connect(partial(self._choose, words))
        return made

    def _choose(self, words: str, _checked: bool = False) -> None:
        self.example_chosen.emit(words)

    def _lay_out_examples(self) -> None:
        column, theme = self.layout(), theme_of(self)
        assert isinstance(column, QVBoxLayout)
        hint = QLabel(OR_THESE, alignment=Qt.AlignmentFlag.AlignCenter)
        hint.setProperty("role", "hint")
        below = QVBoxLayout()
        below.setSpacing(theme.px(4))
        below.setContentsMargins(0, theme.px(12), 0, 0)
        below.addWidget(hint)
        for example in self.examples:
            below.addWidget(example, 0, Qt.AlignmentFlag.AlignHCenter)
        column.insertLayout(column.count() - 1, below)
