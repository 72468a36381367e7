"""What every field shares: the look of an error, and a wheel that does not change what it only passes over."""

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSlider, QWidget

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


class CalmSlider(QSlider):
    """A slider that takes the wheel only when it has the focus, so that scrolling a panel changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class CalmNumber(QDoubleSpinBox):
    """A number field with the same manners."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
