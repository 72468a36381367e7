"""How far the pictures of a project may go, in the bar at the top: a word with its icon, and a menu of the three levels."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from engine.store.projects import Privacy
from widgets.controls import Menu, QuietButton

WORDS = {
    Privacy.OFFLINE: ("Offline only", "offline", "Nothing leaves this computer"),
    Privacy.ASK: ("Ask before sending", "shield", "Nothing is sent before you have seen it and said yes"),
    Privacy.ALLOW: ("Allow sending", "cloud", "What you start is sent without asking, within the budget"),
}
SHORT = {Privacy.OFFLINE: "Offline", Privacy.ASK: "Ask first", Privacy.ALLOW: "Allowed"}


class PrivacyButton(QuietButton):
    """`chosen` carries the level the user wants."""

    chosen = Signal(object)
    costs_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(SHORT[Privacy.OFFLINE], "offline", parent=parent)
        self._level, self._is_short = Privacy.OFFLINE, False
        self.menu_of_levels = Menu(parent=self)
        group = QActionGroup(self)
        self._actions: dict[Privacy, QAction] = {}
        for level, (words, _icon, hint) in WORDS.items():
            action = self.menu_of_levels.addAction(words)
            action.setCheckable(True)
            action.setToolTip(hint)
            action.triggered.connect(lambda _=False, one=level: self.chosen.emit(one))
            group.addAction(action)
            self._actions[level] = action
        self.menu_of_levels.addSeparator()
        self.menu_of_levels.addAction("Costs and budget…", self.costs_wanted.emit)
        self.clicked.connect(self._open)
        self.show_level(Privacy.OFFLINE)

    def show_level(self, level: Privacy) -> None:
        """The level that holds now."""
        self._level = level
        words, icon_name, hint = WORDS[level]
        self._actions[level].setChecked(True)
        self.setText(SHORT[level] if self._is_short else words)
        self.set_icon_name(icon_name)
        self.setToolTip(hint)
        self.setAccessibleName(f"Privacy: {words}")

    def set_short(self, is_short: bool) -> None:
        """Fewer words in a narrow window."""
        if is_short is not self._is_short:
            self._is_short = is_short
            self.show_level(self._level)

    def _open(self) -> None:
        menu = self.menu_of_levels
        menu.popup(self.mapToGlobal(self.rect().bottomRight()) - QPoint(menu.sizeHint().width(), 0))
