"""Small parts that several sections of a panel share: titles, hairlines, a number beside what it says, a calm choice."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from widgets.icons import pixmap
from widgets.theme import theme_of

PADDING_PX = 12


def label(text: str, role: str = "text", *, wraps: bool = False) -> QLabel:
    """A label with a role of the style sheet: section, text, hint, label, name."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wraps)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def column(spacing: int = 8) -> QVBoxLayout:
    """A column with the panel's padding at the sides."""
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    return made


def row(*widgets: QWidget | None, spacing: int = 8) -> QHBoxLayout:
    """Widgets side by side; None is the room that is left."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            made.addStretch(1)
        else:
            made.addWidget(widget)
    return made


def scrolled(accessible: str, parent: QWidget) -> tuple[QScrollArea, QVBoxLayout]:
    """A column that scrolls up and down, and the layout to fill it with.

    It has its place in the window before it is filled: whatever is moved under another parent is dressed anew with all it holds.
    """
    area, body = QScrollArea(parent), QWidget()
    area.setAccessibleName(accessible)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(body)
    inside = column(0)
    body.setLayout(inside)
    return area, inside


class Rule(QFrame):
    """A hairline across the panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "rule")
        self.setFixedHeight(1)


class Section(QWidget):
    """A part of a panel with its padding and a hairline above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self.outer = column(0)
        """For what reaches from edge to edge, below the body."""
        self.setLayout(self.outer)
        self.outer.addWidget(Rule())
        self.body = column(theme.px(8))
        padding = theme.px(PADDING_PX)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.outer.addLayout(self.body)


class Mark(QWidget):
    """One icon in the colour of a role; follows the theme."""

    def __init__(self, icon_name: str, role: str = "t2", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name, self._role, self._size = icon_name, role, size
        self.setFixedSize(self.sizeHint())

    def set_icon(self, icon_name: str, role: str) -> None:
        """Another icon or colour."""
        self._icon_name, self._role = icon_name, role
        self.update()

    def sizeHint(self) -> QSize:
        side = theme_of(self).px(self._size)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        drawing = pixmap(self._icon_name, theme, self._role, theme.px(self._size), self.devicePixelRatioF())
        painter.drawPixmap(0, 0, drawing)
        painter.end()


class Figure(QWidget):
    """A line with words at the left and a number at the right."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = label("", "value")
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words = words
        self.setLayout(row(label(words), None, self._value))

    def show_value(self, text: str) -> None:
        """Another number, ready to read."""
        self._value.setText(text)
        self.setAccessibleName(f"{self._words}: {text}")

    def value(self) -> str:
        return self._value.text()


class CalmChoice(QComboBox):
    """A choice that takes the wheel only when it has the focus, so that scrolling a panel changes nothing."""

    def __init__(self, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
