"""The gallery: a head with filters, search and what the project has cost, and the cards below."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from widgets.controls import EmptyState, IconButton, SegmentedControl
from widgets.gallery.card import CardWidget
from widgets.gallery.empty import EmptyGallery
from widgets.gallery.flow import CardFlow, PictureOf
from widgets.gallery.values import Card, Group, Section, View
from widgets.icons import icon
from widgets.theme import theme_of

HEAD_PX, SMALL_HEAD_PX, SEARCH_PX, ROOMY_FROM_PX = 36, 32, 220, 640
LABELS = {
    Group.ALL: "All", Group.RUNNING: "Running", Group.FINISHED: "Finished", Group.NEEDS_YOU: "Needs you",
    Group.DELETED: "Deleted",
}  # fmt: skip


class Gallery(QFrame):
    """`show_cards` and `show_cost` in, wishes out. `empty` is the sentence and the button where nothing was generated yet,
    `examples` are prompts that can be begun with there.
    """

    wished = Signal(str, str)  # card's id, action's key
    play_wished = Signal(str)
    seek_wished = Signal(str, float)
    judged = Signal(str, int)
    section_wished = Signal(str)
    begin_wished = Signal()
    """The button of the empty gallery."""
    example_wished = Signal(str)
    """The words of a prompt to begin with."""
    view_changed = Signal(object)  # View

    def __init__(
        self, picture_of: PictureOf, empty: tuple[str, str], now: Callable[[], float] = time.time,
        parent: QWidget | None = None, *, examples: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self.setProperty("surface", "window")
        self._cards: tuple[Card, ...] = ()
        self._sections: tuple[Section, ...] = ()
        self._view = View()
        self.filter = SegmentedControl([(group.value, label) for group, label in LABELS.items()])
        self.search = _Search()
        self.cost = QLabel()
        self.grid_button = IconButton("grid", "Show as cards", checkable=True)
        self.list_button = IconButton("list", "Show as a list", checkable=True)
        self.find_button = IconButton("search", "Search", checkable=True)
        self.flow = CardFlow(picture_of, now)
        self.empty = EmptyGallery(*empty, examples)
        self._nothing = EmptyState("", "No card matches.", "Show all")
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.set_view(View())
        self.show_cards((), ())

    @property
    def view(self) -> View:
        return self._view

    @property
    def cards(self) -> tuple[Card, ...]:
        """All of them, whatever the filter shows."""
        return self._cards

    def show_cards(self, sections: Sequence[Section], cards: Sequence[Card]) -> None:
        """Everything there is; the filter and the search choose of it."""
        self._sections, self._cards = tuple(sections), tuple(cards)
        for group, label in LABELS.items():
            number = sum(card.matches(group, ()) for card in self._cards)
            self.filter.button(group.value).setText(f"{label} {number}")
            if group is Group.DELETED:
                self.filter.button(group.value).setVisible(bool(number))
        self.filter.widen()
        if self._view.group is Group.DELETED and not self.filter.button(Group.DELETED.value).isVisibleTo(self.filter):
            self.set_view(replace(self._view, group=Group.ALL))
        self._show()

    def show_cost(self, words: str) -> None:
        """What the project has cost: “This project: $2.27”."""
        self.cost.setText(words)

    def set_view(self, view: View) -> None:
        """Look at it so, without a signal."""
        self._view = view
        self.filter.set_current(view.group.value)
        self.grid_button.setChecked(view.is_grid)
        self.list_button.setChecked(not view.is_grid)
        if self.search.text() != view.search:
            self.search.setText(view.search)
        self._show_search(bool(view.search) or self.find_button.isChecked())
        self.flow.set_grid(view.is_grid)
        self._show()

    def reach(self, card_id: str) -> CardWidget | None:
        """Scroll to a card; where the filter hides it everything is shown."""
        if not any(card.id == card_id and self._is_shown(card) for card in self._cards):
            self._look(replace(self._view, group=Group.ALL, search=""))
        return self.flow.reach(card_id)

    def set_compact(self, compact: bool) -> None:
        """The lower head of a small window."""
        self._head.setFixedHeight(theme_of(self).px(SMALL_HEAD_PX if compact else HEAD_PX))

    # Inside

    def _is_shown(self, card: Card) -> bool:
        return card.matches(self._view.group, self._view.words)

    def _show(self) -> None:
        shown = [card for card in self._cards if self._is_shown(card)]
        filtered = self._view.group is not Group.ALL or bool(self._view.words)
        sections = [replace(one, empty="") if filtered else one for one in self._sections]
        self.flow.show_cards(sections, shown)
        page: QWidget = self.flow
        if not shown:
            page = self._nothing if filtered else self.empty
        self._pages.setCurrentWidget(page)
        for tool in (self.filter, self.find_button, self.grid_button, self.list_button):
            tool.setVisible(bool(self._cards))
        self.search.setVisible(bool(self._cards) and self.find_button.isChecked())

    def _look(self, view: View) -> None:
        self.set_view(view)
        self.view_changed.emit(view)

    def _show_search(self, shown: bool) -> None:
        self.find_button.setChecked(shown)
        self.search.setVisible(shown and bool(self._cards))

    def _toggle_search(self) -> None:
        self._show_search(self.find_button.isChecked())
        if self.find_button.isChecked():
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._view.search:
            self._look(replace(self._view, search=""))

    def _close_search(self) -> None:
        self.find_button.setChecked(False)
        self._toggle_search()
        self.find_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _connect(self) -> None:
        self.filter.chosen.connect(lambda key: self._look(replace(self._view, group=Group(key))))
        self.grid_button.clicked.connect(lambda: self._look(replace(self._view, is_grid=True)))
        self.list_button.clicked.connect(lambda: self._look(replace(self._view, is_grid=False)))
        self.find_button.clicked.connect(self._toggle_search)
        self.search.textEdited.connect(lambda text: self._look(replace(self._view, search=text)))
        self.search.left.connect(self._close_search)
        self._nothing.activated.connect(lambda: self._look(replace(self._view, group=Group.ALL, search="")))
        self.empty.activated.connect(self.begin_wished)
        self.empty.example_chosen.connect(self.example_wished)
        for name in ("wished", "play_wished", "seek_wished", "judged", "section_wished"):
            getattr(self.flow, name).connect(getattr(self, name))

    def _lay_out(self) -> None:
        theme = theme_of(self)
        self._head = _Head()
        row = QHBoxLayout(self._head)
        row.setContentsMargins(theme.px(12), 0, theme.px(8), 0)
        row.setSpacing(theme.px(8))
        title = QLabel("Gallery")
        title.setProperty("role", "section")
        self.cost.setProperty("role", "text")
        self.search.setFixedWidth(theme.px(SEARCH_PX))
        row.addWidget(title)
        row.addSpacing(theme.px(8))
        row.addWidget(self.filter, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for widget in (self.cost, self.search, self.find_button, self.grid_button, self.list_button):
            row.addWidget(widget)
        for page in (self.empty, self.flow, self._nothing):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._pages, 1)
        self.set_compact(False)
        self.search.dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "search"):
            self.search.dress()


class _Head(QFrame):
    """A panel's head with a hairline below."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "panel")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme_of(self).color("line"))
        painter.end()


class _Search(QLineEdit):
    """Esc empties and leaves it."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search prompts")
        self.setAccessibleName("Search the gallery")
        self.setProperty("density", "small")
        self._mark = self.addAction(icon("search", theme_of(self), "t2"), QLineEdit.ActionPosition.LeadingPosition)

    def dress(self) -> None:
        """The mark in the colour of the theme."""
        self._mark.setIcon(icon("search", theme_of(self), "t2"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
