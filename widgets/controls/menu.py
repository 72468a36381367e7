"""A menu with round corners and quiet keys: the style sheet draws it, but only a see-through window shows its corners.

    | New patch, box          R |
    | New patch, lasso  Shift+R |
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QStyleOptionMenuItem, QWidget

from widgets.theme import font, theme_of

KEY_PADDING_PX = 14


class Menu(QMenu):
    """A QMenu whose keys stand at the right edge, smaller and quieter than the words; also where it is a context menu.

    A style sheet knows one colour for a whole row and puts the keys at the left of their column, so they are drawn here.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.aboutToShow.connect(self._show_keys)

    def initStyleOption(self, option: QStyleOptionMenuItem, action: QAction) -> None:
        """A row without its key; the room for it stays, because Qt measures the column of keys elsewhere."""
        super().initStyleOption(option, action)
        option.text = option.text.partition("\t")[0]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setFont(font(theme, 11))
        for action in self.actions():
            if key := action.shortcut().toString(action.shortcut().SequenceFormat.NativeText):
                painter.setPen(theme.color("t3" if action.isEnabled() else "td"))
                place = self.actionGeometry(action).adjusted(0, 0, -theme.px(KEY_PADDING_PX), 0)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, key)
        painter.end()

    def _show_keys(self) -> None:
        for action in self.actions():
            action.setShortcutVisibleInContextMenu(True)
