"""What stands in the middle of an empty window: the sample, a new project, a project to open, the theme. Reports choices only."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from editor.start_cards import Card, SampleCard, label
from widgets.controls import PrimaryButton
from widgets.theme import THEMES, theme_of

COLUMN_PX, NARROW_PX = 1040, 860

@dataclass(frozen=True, slots=True)
class CanvasChoice:
    """A new project of this size and rate."""

    name: str
    width: int
    height: int
    rate: Fraction


CHOICES = (
    CanvasChoice("1080p", 1920, 1080, Fraction(25)),
    CanvasChoice("4K", 3840, 2160, Fraction(25)),
    CanvasChoice("Vertical", 1080, 1920, Fraction(30)),
)


class StartPage(QScrollArea):
    """Emits what was chosen; `recent` projects become the open card's second line and its menu."""

    sample_chosen = Signal()
    canvas_chosen = Signal(object)  # CanvasChoice
    open_chosen = Signal()
    theme_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Start")
        self.setWidgetResizable(True)
        self.setProperty("surface", "stage")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._column = QWidget()
        self._sample = SampleCard()
        self._sample.button.clicked.connect(self.sample_chosen)
        self._open = Card("Open a project", "No recent projects yet", QSize(0, 0))
        self._open.clicked.connect(self.open_chosen)
        self._themes = QComboBox()
        self._themes.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._made: list[Card] = []
        self._card_columns = 0
        self._lay_out()

    def set_recent(self, newest: Path | None) -> None:
        """The name of the newest project on the open card."""
        self._open.set_detail(f"Last: {newest.name}" if newest else "No recent projects yet")

    def set_theme(self, name: str) -> None:
        """Show a theme as chosen without reporting it."""
        self._themes.blockSignals(True)
        self._themes.setCurrentIndex(self._themes.findData(name))
        self._themes.blockSignals(False)

    @property
    def sample_button(self) -> PrimaryButton:
        return self._sample.button

    def _lay_out(self) -> None:
        theme = theme_of(self)
        outer = QWidget()
        outer.setProperty("surface", "stage")
        centred = QHBoxLayout(outer)
        centred.setContentsMargins(theme.px(24), theme.px(24), theme.px(24), theme.px(24))
        centred.addStretch(1)
        centred.addWidget(self._column, 100)
        centred.addStretch(1)
        self._column.setMaximumWidth(theme.px(COLUMN_PX))
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, theme.px(8), 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(label("Change a part of the picture, for a while.", "page"))
        column.addWidget(label("Drop a video anywhere in this window, or start with one of these.", "text"))
        column.addSpacing(theme.px(16))
        column.addWidget(self._sample)
        column.addSpacing(theme.px(20))
        column.addWidget(label("New project", "section"))
        column.addLayout(self._cards())
        column.addSpacing(theme.px(16))
        column.addLayout(self._choices())
        column.addStretch(1)
        self.setWidget(outer)

    def _cards(self) -> QGridLayout:
        self._grid = QGridLayout()
        self._grid.setSpacing(theme_of(self).px(12))
        for choice in CHOICES:
            detail = f"{choice.width} × {choice.height}, {choice.rate} fps"
            card = Card(choice.name, detail, QSize(choice.width, choice.height))
            card.clicked.connect(lambda chosen=choice: self.canvas_chosen.emit(chosen))
            self._made.append(card)
        self._made.append(self._open)
        self._arrange_cards(len(self._made))
        return self._grid

    def _arrange_cards(self, columns: int) -> None:
        """Four in a row, or two where the window is narrow."""
        if columns == self._card_columns:
            return
        self._card_columns = columns
        for card in self._made:
            self._grid.removeWidget(card)
        for place, card in enumerate(self._made):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(len(self._made)):
            self._grid.setColumnStretch(column, int(column < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.viewport().width() < theme_of(self).px(NARROW_PX)
        self._arrange_cards(2 if narrow else len(self._made))
        self._sample.set_compact(narrow)

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        field = QVBoxLayout()
        field.setSpacing(theme_of(self).px(4))
        field.addWidget(label("Theme", "text"))
        for name in THEMES:
            self._themes.addItem(name.capitalize(), name)
        self._themes.setFixedWidth(theme_of(self).px(240))
        self._themes.setAccessibleName("Theme")
        self._themes.currentIndexChanged.connect(lambda _index: self.theme_chosen.emit(str(self._themes.currentData())))
        field.addWidget(self._themes)
        row.addLayout(field)
        row.addStretch(1)
        return row
