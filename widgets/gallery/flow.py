"""The cards under their headings, in as many columns as fit. Widgets are made when their place comes into view, not before:
a hundred cards cost no more than a screenful.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QScrollArea, QWidget

from widgets.controls import EmptyState
from widgets.gallery.card import ASPECT, BODY_PX, ROW_PX, CardWidget
from widgets.gallery.values import Card, Section
from widgets.theme import theme_of

LEAST_CARD_PX, SMALL_CARD_PX, GAP_PX, HEADING_PX, EMPTY_PX = 340, 280, 16, 32, 148
ROOMY_FROM_PX = 1100
"""Wider ones have larger cards."""
SPARE_PX = 200
"""Cards so far outside the view are made too, so that the Tab key finds them."""
WORK_AT_ONCE, MAKING = 6, 2
"""So much is done before other events get their turn: a card that is made counts for two that only change their size."""
TICK_MS = 500

PictureOf = Callable[[str], QImage | None]
"""Card's id -> its still picture, None while there is none."""


class CardFlow(QScrollArea):
    """Shows what it is given; the signals are the cards' own."""

    wished = Signal(str, str)
    play_wished = Signal(str)
    seek_wished = Signal(str, float)
    judged = Signal(str, int)
    section_wished = Signal(str)
    """The button of an empty section."""

    def __init__(self, picture_of: PictureOf, now: Callable[[], float] = time.time, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._picture_of, self._now, self._is_grid = picture_of, now, True
        self._sections: tuple[Section, ...] = ()
        self._cards: dict[str, Card] = {}
        self._places: dict[str, QRect] = {}
        self._made: dict[str, CardWidget] = {}
        self._headings: dict[str, QLabel] = {}
        self._empties: dict[str, _EmptySection] = {}
        self._body = QWidget()
        self.setWidget(self._body)
        self.verticalScrollBar().valueChanged.connect(self._make_visible)
        self.is_complete = True
        """Whether everything in view has its widget."""
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._make_some)
        self._clock = QTimer(self, interval=TICK_MS)
        self._clock.timeout.connect(self._tick)

    def show_cards(self, sections: Sequence[Section], cards: Sequence[Card]) -> None:
        """All cards of these sections, in order; what is shown already stays where it is."""
        self._sections = tuple(sections)
        self._cards = {card.id: card for card in cards}
        self._places.clear()  # a card that goes hands the focus on, and the next must not be looked for in the old places
        for card_id in [one for one in self._made if one not in self._cards]:
            self._drop(card_id)
        for card_id, widget in self._made.items():
            if widget.card != self._cards[card_id]:
                widget.show_card(self._cards[card_id])
        self._arrange()
        self._run_clock()

    def set_grid(self, grid: bool) -> None:
        """Cards, or lines."""
        is_other, self._is_grid = grid is not self._is_grid, grid
        for widget in self._made.values() if is_other else ():
            widget.hide()  # until its turn comes: in the old place it would be in the way
            widget.set_grid(grid)
        self._arrange()

    def card(self, card_id: str) -> CardWidget | None:
        """The widget of a card, where it is made."""
        return self._made.get(card_id)

    def reach(self, card_id: str) -> CardWidget | None:
        """Scroll to a card and return its widget; None where it is not shown."""
        if card_id not in self._places:
            return None
        place = self._places[card_id]
        self.ensureVisible(place.center().x(), place.center().y(), 0, place.height() // 2 + theme_of(self).px(8))
        if card_id not in self._made:
            self._make(card_id, place)
        self._put(self._made[card_id], place, is_near=True)
        return self._made[card_id]

    def refresh_pictures(self) -> None:
        """Pictures have come."""
        for card_id, widget in self._made.items():
            widget.show_picture(self._picture_of(card_id))

    def empty_section(self, key: str) -> EmptyState:
        """What a section shows that has no cards. Raises: KeyError."""
        return self._empties[key]

    @property
    def made(self) -> Mapping[str, CardWidget]:
        """The cards that have widgets."""
        return self._made

    # Inside

    def _arrange(self) -> None:
        """Places for everything at this width."""
        theme = theme_of(self)
        gap, top = theme.px(GAP_PX), theme.px(12)
        width = max(theme.px(200), self.viewport().width() - 2 * gap)
        least = theme.px(LEAST_CARD_PX if width >= theme.px(ROOMY_FROM_PX) else SMALL_CARD_PX)
        columns = max(1, (width + gap) // (least + gap)) if self._is_grid else 1
        card_width = (width - (columns - 1) * gap) // columns
        height = round((card_width - 2) / ASPECT) + theme.px(BODY_PX) if self._is_grid else theme.px(ROW_PX)
        step = height + (gap if self._is_grid else theme.px(8))
        self._places.clear()
        shown = [section for section in self._sections if section.empty or self._ids(section)]
        self._hide_others(shown)
        for section in shown:
            top = self._place_heading(section, gap, top, width)
            ids = self._ids(section)
            for number, card_id in enumerate(ids):
                row, column = divmod(number, columns)
                self._places[card_id] = QRect(gap + column * (card_width + gap), top + row * step, card_width, height)
            top += -(-len(ids) // columns) * step if ids else self._place_empty(section, gap, top, width)
            top += theme.px(4)
        self._body.resize(self.viewport().width(), top + theme.px(8))
        self._make_visible()

    def _ids(self, section: Section) -> list[str]:
        return [card.id for card in self._cards.values() if card.section == section.key]

    def _place_heading(self, section: Section, left: int, top: int, width: int) -> int:
        heading = self._headings.get(section.key)
        if heading is None:
            heading = self._headings[section.key] = QLabel(section.title, self._body)
            heading.setProperty("role", "section")
        heading.setGeometry(left, top, width, theme_of(self).px(HEADING_PX - 12))
        heading.show()
        return top + theme_of(self).px(HEADING_PX)

    def _place_empty(self, section: Section, left: int, top: int, width: int) -> int:
        empty = self._empties.get(section.key)
        if empty is None:
            empty = self._empties[section.key] = _EmptySection(section, self._body)
            empty.activated.connect(lambda: self.section_wished.emit(section.key))
        empty.setGeometry(left, top, width, theme_of(self).px(EMPTY_PX))
        empty.show()
        return empty.height()

    def _hide_others(self, shown: Sequence[Section]) -> None:
        keys = {section.key for section in shown}
        empty = {section.key for section in shown if not self._ids(section)}
        for key, heading in self._headings.items():
            heading.setVisible(key in keys)
        for key, widget in self._empties.items():
            widget.setVisible(key in empty)

    def _make_visible(self) -> None:
        """Widgets for what is in view, a few at a time."""
        if not self._more.isActive():
            self._make_some()

    def _make_some(self) -> None:
        spare = theme_of(self).px(SPARE_PX)
        top = self.verticalScrollBar().value() - spare
        bottom = top + self.viewport().height() + 2 * spare
        left, self.is_complete = WORK_AT_ONCE, True
        for card_id, place in self._places.items():
            is_near = place.bottom() >= top and place.top() <= bottom
            widget = self._made.get(card_id)
            cost = (MAKING if widget is None else int(widget.size() != place.size())) if is_near else 0
            if cost > left:
                self.is_complete = False  # its turn comes
                continue
            left -= cost
            if widget is not None:
                self._put(widget, place, is_near=is_near)
            elif is_near:
                self._make(card_id, place)
        if not self.is_complete:
            self._more.start()
        self._run_clock()

    def _put(self, widget: CardWidget, place: QRect, *, is_near: bool) -> None:
        """What is out of sight costs nothing; the card with the focus stays."""
        if is_near:
            if widget.geometry() != place:
                widget.setGeometry(place)
            widget.show()
        elif widget.isVisible():
            focused = QApplication.focusWidget()
            if focused is None or not (widget is focused or widget.isAncestorOf(focused)):
                widget.hide()

    def _make(self, card_id: str, place: QRect) -> None:
        widget = CardWidget(self._cards[card_id], self._now, self._body)
        widget.set_grid(self._is_grid)
        widget.show_picture(self._picture_of(card_id))
        widget.wished.connect(self.wished)
        widget.play_wished.connect(self.play_wished)
        widget.seek_wished.connect(self.seek_wished)
        widget.judged.connect(self.judged)
        widget.reached.connect(self._show_reached)
        widget.setGeometry(place)
        widget.show()
        self._made[card_id] = widget

    def _show_reached(self, card_id: str) -> None:
        self.reach(card_id)

    def _drop(self, card_id: str) -> None:
        widget = self._made.pop(card_id)
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()

    def _tick(self) -> None:
        for widget in self._made.values():
            widget.tick()

    def _run_clock(self) -> None:
        """It runs while it is seen and something counts."""
        counts = self.isVisible() and any(
            card.began is not None or card.retry_at is not None for card in self._cards.values()
        )
        if counts != self._clock.isActive():
            (self._clock.start if counts else self._clock.stop)()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Show, QEvent.Type.Hide} and hasattr(self, "_clock"):
            QTimer.singleShot(0, self._clock, self._run_clock)
        return super().event(event)


class _EmptySection(EmptyState):
    """One sentence and one button inside a dashed edge."""

    def __init__(self, section: Section, parent: QWidget) -> None:
        super().__init__("", section.empty, section.button)
        self.setParent(parent)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line2"), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), theme.px(6), theme.px(6))
        painter.end()
