"""Draws the cells of the captions' table, and gives them their editors: a field for times, a small page for words."""

from fractions import Fraction

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QLineEdit,
    QPlainTextEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from editor.cue_rows import NO_WORDS, CueRow, time_words
from editor.panels.cue_model import ROW, TIME, AnyIndex
from widgets.icons import pixmap
from widgets.theme import font, theme_of

LINE_PX, PAD_PX, EDITOR_PX, SPEED_PX = 16, 4, 156, 44


class CueDelegate(QStyledItemDelegate):
    """Draws all cells; the editors are a field for times and a small page for words."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self.playhead: Fraction | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme, rect, row = theme_of(self._view), QRect(option.rect), index.data(ROW)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(rect, theme.color("bg4" if is_chosen else "bg2"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        if index.column() == TIME and self.playhead is not None and row.start <= self.playhead < row.end:
            painter.fillRect(rect.left(), rect.top(), theme.px(3), rect.height() - 1, theme.color("sel"))
        (self._paint_time, self._paint_words, self._paint_speed)[index.column()](painter, rect, row)
        painter.restore()

    def _paint_time(self, painter: QPainter, rect: QRect, row: CueRow) -> None:
        theme = theme_of(self._view)
        painter.setFont(font(theme, 11))
        line = theme.px(LINE_PX)
        for number, (time, role) in enumerate(((row.start, "t1"), (row.end, "t3"))):
            painter.setPen(theme.color(role))
            place = QRect(rect.left() + theme.px(10), rect.top() + theme.px(PAD_PX) + number * line, rect.width(), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, time_words(time))

    def _paint_words(self, painter: QPainter, rect: QRect, row: CueRow) -> None:
        theme = theme_of(self._view)
        used = font(theme, 12)
        inner = rect.adjusted(theme.px(10), theme.px(PAD_PX), -theme.px(4), -theme.px(PAD_PX))
        if row.speaker:
            painter.setFont(font(theme, 11))
            painter.setPen(theme.color("t3"))
            painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, row.speaker)
            inner.setTop(inner.top() + theme.px(LINE_PX))
        painter.setFont(used)
        painter.setPen(theme.color("t1" if row.text else "t3"))
        for number, words in enumerate(_wrapped(row.text or NO_WORDS, QFontMetrics(used), inner)):
            place = QRect(inner.left(), inner.top() + number * theme.px(LINE_PX), inner.width(), theme.px(LINE_PX))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_speed(self, painter: QPainter, rect: QRect, row: CueRow) -> None:
        theme = theme_of(self._view)
        is_bad = any(not fault.startswith("Fast") for fault in row.faults) and bool(row.text)
        role = "t3" if not row.faults or not row.text else "rd" if is_bad else "am"
        painter.setFont(font(theme, 11, 600 if role != "t3" else 400))
        painter.setPen(theme.color(role))
        line = QRect(rect.left(), rect.top() + theme.px(PAD_PX), rect.width() - theme.px(10), theme.px(LINE_PX))
        figure = f"{row.speed:.0f}" if row.text else "–"
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figure)
        if role != "t3":
            side = theme.px(12)
            mark = pixmap("doubtful" if is_bad else "warning", theme, role, side, 3.0)
            painter.drawPixmap(line.right() - side + 1, line.bottom() + theme.px(2), mark)

    # Editing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        row: CueRow = index.data(ROW)
        if index.column() == TIME:
            field = QLineEdit(parent)
            field.setAccessibleName("Start and end of the caption")
            return field
        page = QPlainTextEdit(parent)
        page.setAccessibleName(f"Words of the caption at {time_words(row.start)}")
        page.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page.setTabChangesFocus(True)
        return page

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        text = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QPlainTextEdit):
            if editor.toPlainText() != text and not editor.document().isModified():
                editor.setPlainText(text)
                editor.selectAll()
        elif isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        if isinstance(editor, QPlainTextEdit):
            model.setData(index, editor.toPlainText())
        elif isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme, rect = theme_of(self._view), QRect(option.rect)
        if index.column() == TIME:
            editor.setGeometry(rect.left() + theme.px(2), rect.top() + theme.px(4), theme.px(EDITOR_PX), theme.px(28))
        else:
            lines = max(3, rect.height() // theme.px(LINE_PX))
            editor.setGeometry(rect.left(), rect.top() + 1, rect.width() + theme.px(SPEED_PX), theme.px(lines * LINE_PX + 10))

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter keeps, Shift+Enter is a new line in words, Esc gives up. The table must not see Enter, which there edits."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and isinstance(editor, QWidget):
            is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            is_new_line = isinstance(editor, QPlainTextEdit) and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if is_enter and not is_new_line:
                self.commitData.emit(editor)
                self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
                return True
        return super().eventFilter(editor, event)


def _wrapped(text: str, metrics: QFontMetrics, rect: QRect) -> list[str]:
    """Lines that fit a width; what is more than the height holds ends in dots."""
    most = max(1, rect.height() // max(1, metrics.height()))
    found: list[str] = []
    for line in text.split("\n"):
        words = ""
        for word in line.split(" "):
            longer = f"{words} {word}" if words else word
            if words and metrics.horizontalAdvance(longer) > rect.width():
                found.append(words)
                longer = word
            words = longer
        found.append(words)
    if len(found) > most:
        found = [*found[: most - 1], f"{found[most - 1]} …"]
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, rect.width()) for line in found]
