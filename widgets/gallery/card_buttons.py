"""The buttons of a card: made from its actions, put in their places, and its menu. Knows nothing of what a card shows."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from widgets.controls import IconButton, Menu, QuietButton, SecondaryButton
from widgets.gallery import painting
from widgets.gallery.values import Action, Card, Place
from widgets.theme import theme_of

PADDING_PX, ROOMY_CARD_PX, SIDE_PX, FOOT_PX = 12, 300, 28, 10
THUMBS = {1: "Good", -1: "Not good"}


class CardButtons:
    """Those of one card widget. `wish` gets an action's key, `judge` a thumb."""

    def __init__(self, owner: QWidget, wish: Callable[[str], None], judge: Callable[[int], None]) -> None:
        self._owner, self._wish, self._judge = owner, wish, judge
        self._card: Card | None = None
        self._placed: list[tuple[Place, QAbstractButton]] = []
        self._thumbs: dict[int, IconButton] = {}

    @property
    def all(self) -> tuple[QAbstractButton, ...]:
        return tuple(button for _, button in self._placed)

    def make(self, card: Card) -> None:
        """Those of a card's actions, in place of the last ones."""
        self._card = card
        for old in self.all:
            old.hide()
            old.setParent(None)
            old.deleteLater()
        self._placed, self._thumbs = [], {}
        for action in card.actions:
            if action.place != "menu":
                self._add(action.place, _button_of(action), partial(self._wish, action.key), action.key)
        if card.thumb is not None:
            for thumb, name in ((1, "up"), (-1, "down")):
                made = IconButton(f"thumb-{name}", THUMBS[thumb], checkable=True)
                self._thumbs[thumb] = made
                self._add("icon", made, partial(self._judge, thumb), name)
        if any(action.place == "menu" for action in card.actions):
            self._add("icon", IconButton("more", "More"), self._open_menu, "more")

    def show_card(self, card: Card) -> None:
        """Other facts of the same card; the buttons stay where they are the same."""
        before, self._card = self._card, card
        if before is None or (before.actions, before.thumb is None) != (card.actions, card.thumb is None):
            self.make(card)

    def dress(self) -> None:
        """Light the thumb that was given."""
        for thumb, button in self._thumbs.items():
            button.setChecked(self._card is not None and self._card.thumb == thumb)

    def place(self, is_grid: bool) -> int:
        """Put them where they belong; the x at which words beside them must end."""
        owner, theme = self._owner, theme_of(self._owner)
        padding, side = theme.px(PADDING_PX), theme.px(SIDE_PX)
        for thumb in self._thumbs.values():
            thumb.setVisible(not is_grid or owner.width() >= theme.px(ROOMY_CARD_PX))  # else they stand in the menu only
        top = owner.height() - theme.px(FOOT_PX) - side if is_grid else (owner.height() - side) // 2
        right = owner.width() - padding
        for place, button in reversed(self._placed):
            if not button.isHidden() and (place in {"far", "end", "icon"} or not is_grid):
                button.resize(button.sizeHint())
                right -= button.width()
                button.move(right, top)
                right -= theme.px(0 if place == "icon" else 4)
        left = padding
        for place, button in self._placed:
            if place in {"main", "quiet"} and is_grid:
                button.resize(min(button.sizeHint().width(), max(side, right - left)), side)
                button.move(left, top)
                left += button.width() + theme.px(4)
        return right - theme.px(8)

    def pop_up(self, at: QPoint) -> None:
        """All that can be done, as a menu."""
        card = self._card
        if card is None or not card.actions:
            return
        menu = Menu("", self._owner)
        for action in card.actions:
            menu.addAction(action.text).triggered.connect(partial(self._wish, action.key))
        for thumb, words in THUMBS.items() if card.thumb is not None else ():
            judge = menu.addAction(words)
            judge.setCheckable(True)
            judge.setChecked(card.thumb == thumb)
            judge.triggered.connect(lambda _checked=False, given=thumb: self._judge(given))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _add(self, place: Place, button: QAbstractButton, slot: Callable[[], object], name: str) -> None:
        button.setParent(self._owner)
        button.setObjectName(name)
        button.clicked.connect(lambda _checked=False: slot())
        button.show()
        self._placed.append((place, button))

    def _open_menu(self) -> None:
        more = next(button for button in self.all if button.objectName() == "more")
        self.pop_up(more.mapToGlobal(more.rect().bottomLeft()))


class OnPicture(IconButton):
    """A button on a picture: its plate is dark and its mark white in every theme."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painting.paint_plate_button(painter, self.rect(), self._name, theme_of(self))
        painter.end()


def _button_of(action: Action) -> QAbstractButton:
    if action.place == "icon":
        return IconButton(action.icon, action.tip or action.text, accessible=action.text)
    made = (SecondaryButton if action.place in {"main", "far"} else QuietButton)(action.text, action.icon)
    if action.tip:
        made.setToolTip(action.tip)
    return made
