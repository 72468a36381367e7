"""What every field shares: the look of an error, and a wheel that does not change what it only passes over."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSlider, QSpinBox, QWidget

from widgets.icons import icon
from widgets.theme import refresh_style, theme_of

ERROR_ACTION = "error_mark"


def mark_error(field: QWidget, wrong: bool) -> None:
    """Red edge, and in a line edit the warning icon inside. The sentence below is the form's."""
    field.setProperty("error", "true" if wrong else "false")
    refresh_style(field)
    if isinstance(field, QLineEdit):
        _mark_line_edit(field, wrong)


def _mark_line_edit(field: QLineEdit, wrong: bool) -> None:
    marks = [action for action in field.actions() if action.objectName() == ERROR_ACTION]
    for mark in marks:
        field.removeAction(mark)
        mark.deleteLater()
    if wrong:
        made = field.addAction(icon("warning", theme_of(field), "rd"), QLineEdit.ActionPosition.LeadingPosition)
        made.setObjectName(ERROR_ACTION)


class NumberManners(QObject):
    """How a hand meets a number: a double click takes all of it, the wheel does not take the focus on its way over it, and
    Ctrl+Z goes to the window once the number is entered.

    Qt takes the part up to the dot for a word of its own, gives the focus to what the wheel turns over before it asks it, and
    keeps Ctrl+Z for the letters typed before.
    """

    def __init__(self, field: QDoubleSpinBox | QSpinBox) -> None:
        super().__init__(field)
        self._field, self._line = field, field.lineEdit()
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)
        self._line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick and watched is self._line:
            self._field.selectAll()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_entered:
            steps = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
            if any(event.matches(step) for step in steps):
                event.ignore()
                return True
        return False

    @property
    def _is_entered(self) -> bool:
        field = self._field
        words = field.textFromValue(field.value())  # type: ignore[arg-type]  # each its own kind of number
        return field.text() == f"{field.prefix()}{words}{field.suffix()}"


class CalmSlider(QSlider):
    """A slider that takes the wheel only when it has the focus, so that scrolling a panel changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberField(QDoubleSpinBox):
    """A number field with the same manners, without step buttons, its text right-aligned and 6 px off the edge.

    A style sheet cannot indent the text of a spin box (Qt 6.11 ignores the padding), so the margins are set here.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setDecimals(0)
        self.setKeyboardTracking(False)
        NumberManners(self)
        self._indent()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._indent()
        super().changeEvent(event)

    def _indent(self) -> None:
        margin = theme_of(self).px(5)
        self.lineEdit().setTextMargins(margin, 0, margin, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
