"""Buttons: one filled primary per screen, secondary, quiet, and the square icon button with its tool tip."""

from typing import Literal

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QToolButton, QWidget

from widgets.controls.key_cap import cap_width, paint_cap
from widgets.icons import icon, pixmap
from widgets.palettes import Theme
from widgets.theme import font, theme_of

Size = Literal["small", "normal", "foot"]
HEIGHT: dict[str, int] = {"small": 24, "normal": 28, "foot": 32}
PADDING, GAP, ICON_PX = 12, 8, 16


class Button(QPushButton):
    """A button with optional icon and key cap. `key` is shown only; the shortcut itself is an action's business."""

    kind = "secondary"

    def __init__(self, text: str, icon_name: str = "", key: str = "", size: Size = "normal",
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(text, parent)
        self._icon_name, self._key, self._size = icon_name, key, size
        self.setProperty("kind", self.kind)
        self.setProperty("density", size)
        if key:
            self.setToolTip(f"{text} ({key})")

    def set_icon_name(self, name: str) -> None:
        """Another icon, or "" for none."""
        self._icon_name = name
        self.updateGeometry()
        self.update()

    def set_key(self, key: str) -> None:
        """Another key cap, or "" for none."""
        if key != self._key:
            self._key = key
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        padding = theme.px(8 if self._size == "small" else PADDING)
        return QSize(2 * padding + self._content_width(theme), theme.px(HEIGHT[self._size]))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's bevel, then icon, text and key cap centred as one group."""
        theme = theme_of(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text, option.icon = "", QIcon()
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        self._paint_content(painter, theme, self._role())
        painter.end()

    def _paint_content(self, painter: QPainter, theme: Theme, role: str) -> None:
        width = self._content_width(theme)
        x = max(theme.px(6), (self.width() - width) // 2)
        if self._icon_name:
            side = theme.px(ICON_PX)
            mark = pixmap(self._icon_name, theme, role, side, self.devicePixelRatioF())
            painter.drawPixmap(x, (self.height() - side) // 2, mark)
            x += side + (theme.px(GAP) if self.text() else 0)
        used = font(theme, 12, self._weight())
        painter.setFont(used)
        painter.setPen(theme.color(role))
        text_width = QFontMetrics(used).horizontalAdvance(self.text())
        room = self.width() - x - theme.px(4)
        cut = QFontMetrics(used).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        shown = self.text() if text_width <= room else cut
        painter.drawText(QRect(x, 0, text_width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if self._key:
            paint_cap(painter, theme, self._key, x + text_width + theme.px(GAP + 2), self.height(), role)

    def _content_width(self, theme: Theme) -> int:
        width = QFontMetrics(font(theme, 12, self._weight())).horizontalAdvance(self.text())
        if self._icon_name:
            width += theme.px(ICON_PX) + (theme.px(GAP) if self.text() else 0)
        return width + (theme.px(GAP + 2) + cap_width(theme, self._key) if self._key else 0)

    def _weight(self) -> int:
        return 500

    def _role(self) -> str:
        return "t1" if self.isEnabled() else "td"


class PrimaryButton(Button):
    """The one next step of a screen or dialog, filled with the accent. Never two on one screen."""

    kind = "primary"

    def _weight(self) -> int:
        return 600

    def _role(self) -> str:
        return "ink" if self.isEnabled() else "td"


class SecondaryButton(Button):
    """Any other action that deserves an edge."""


class QuietButton(Button):
    """An action that is only text until the pointer is over it."""

    kind = "quiet"

    def _role(self) -> str:
        lit = self.underMouse() or self.isDown() or self.isChecked()
        return "td" if not self.isEnabled() else "t1" if lit else "t2"


class IconButton(QToolButton):
    """A square button with an icon; its tool tip names it with its key, and so does its accessible name."""

    def __init__(self, name: str, tooltip: str, key: str = "", accessible: str = "", checkable: bool = False,
                 size: int = 28, parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self._name, self._role, self._side = name, "t2", size
        self._key = key
        self.setCheckable(checkable)
        self.setAccessibleName(accessible or tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_tooltip(tooltip)
        self._dress()

    def set_tooltip(self, text: str) -> None:
        """Another tool tip; the key stays beside it."""
        shown = f"{text} ({self._key})" if self._key else text
        if shown != self.toolTip():
            self.setToolTip(shown)

    def set_icon_name(self, name: str, role: str = "t2") -> None:
        """Another icon, in the colour of a role."""
        if (name, role) != (self._name, self._role):
            self._name, self._role = name, role
            self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        theme = theme_of(self)
        self.setIcon(icon(self._name, theme, self._role))
        self.setIconSize(QSize(theme.px(ICON_PX), theme.px(ICON_PX)))
        self.setFixedSize(theme.px(self._side), theme.px(self._side))
