"""A menu with round corners: the style sheet draws them, but only a see-through window shows them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget


class Menu(QMenu):
    """A QMenu that also shows the keys of its actions where it is a context menu."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.aboutToShow.connect(self._show_keys)

    def _show_keys(self) -> None:
        for action in self.actions():
            action.setShortcutVisibleInContextMenu(True)
