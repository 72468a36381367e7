"""The page of a finished export: the file, the time it took beside what all of it would have taken, and every check."""

from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from editor.dialogs.export_choices import PADDING_PX, WIDTH_PX
from editor.dialogs.export_words import CheckRow, about, check_rows, form_words, size_words, took
from editor.dialogs.poster import Poster
from editor.dialogs.sheet import Notice, foot
from editor.panels.parts import label
from editor.view_models import plan_spans
from engine.encoding.result import ExportResult
from engine.jobs.forecast import OutputForm
from engine.rational_time import timecode
from widgets.controls import PrimaryButton, SecondaryButton
from widgets.plan_bar import PlanBar
from widgets.sheet_table import Cell, Column, SheetTable
from widgets.theme import font, theme_of

COLUMNS = (Column("", 28), Column("", 252), Column("", 104, "right"), Column("", 12), Column("", 0))
BAR_PX, ROW_PX, MOST_PX = 8, 20, 150
MOST_NOTICES = 2


class TimeBars(QWidget):
    """How long it took over how long encoding every frame would have taken, as two bars with their words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._taken, self._full = 0.0, 0.0

    def show_times(self, taken: float, full: float) -> None:
        """Seconds; `full` 0 where every frame was encoded anyway."""
        self._taken, self._full = taken, full
        words = f"{took(taken)}, instead of {about(full).lower()}" if full else took(taken)
        self.setAccessibleName(f"Time taken: {words}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(200), theme.px(ROW_PX * (2 if self._full else 1)))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max(self._taken, self._full, 0.001)
        rows = [("ac", self._taken, took(self._taken), "t1", 600)]
        if self._full:
            rows.append(("chk", self._full, f"{about(self._full).lower()}, full encode", "t2", 400))
        room = self._room(rows[-1][2])
        for number, (role, seconds, words, text, weight) in enumerate(rows):
            top, width = number * theme.px(ROW_PX), max(theme.px(4), seconds / longest * room)
            bar = QRectF(0, top + (theme.px(ROW_PX) - theme.px(BAR_PX)) / 2, width, theme.px(BAR_PX))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(role))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(theme.color(text))
            painter.setFont(font(theme, 12, weight))
            place = QRectF(width + theme.px(8), top, self.width(), theme.px(ROW_PX))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()

    def _room(self, words: str) -> float:
        theme = theme_of(self)
        text = QFontMetrics(font(theme, 12, 600)).horizontalAdvance(words) + theme.px(8)
        return max(theme.px(24), min(theme.px(MOST_PX), self.width() - text))


class ResultPage(QWidget):
    """Emits what the user wants next."""

    report_wanted = Signal()
    folder_wanted = Signal()
    done = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.poster, self.times, self.bar = Poster(), TimeBars(), PlanBar()
        self.name, self.facts = label("", "name"), label("", "text", wraps=True)
        self.table = SheetTable(COLUMNS, "Checks of the written file")
        self.notices = tuple(Notice() for _ in range(MOST_NOTICES))
        self.report, self.folder = SecondaryButton("Open report", "file"), SecondaryButton("Show in folder")
        self.done_button = PrimaryButton("Done")
        self._lay_out()
        self.report.clicked.connect(self.report_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        self.done_button.clicked.connect(self.done)

    def show_result(self, result: ExportResult, form: OutputForm, size_bytes: int, full_seconds: float, rate: Fraction,
                    warnings: tuple[str, ...]) -> None:  # fmt: skip
        """A verified file. `full_seconds` 0 where every frame was encoded."""
        file = result.output
        self.name.setText(self._cut(file.name))
        self.name.setToolTip(str(file))
        self.facts.setText(f"{size_words(size_bytes)}, {form_words(form, '').rstrip(', ')}")
        self.poster.show_file(file, timecode(result.duration, rate))
        self.times.show_times(result.seconds, full_seconds)
        self.bar.set_plan(plan_spans(result.plan), result.plan.duration, rate)
        self.table.set_rows([_cells(row) for row in check_rows(result.checks)])
        self._show_warnings(warnings)

    def show_poster(self, file: Path, image: QImage | None, tag: str) -> None:
        """The frame came."""
        self.poster.show_file(file, tag, image)

    def _show_warnings(self, warnings: tuple[str, ...]) -> None:
        """The first ones in full, the others counted and in the tool tip."""
        more = len(warnings) - MOST_NOTICES
        for number, notice in enumerate(self.notices):
            notice.setVisible(number < len(warnings))
            if number < len(warnings):
                is_last = number == MOST_NOTICES - 1
                notice.say(f"{warnings[number]} And {more} more." if is_last and more > 0 else warnings[number])
                notice.setToolTip("\n".join(warnings[number:]) if is_last else "")

    def _cut(self, name: str) -> str:
        theme = theme_of(self)
        room = theme.px(WIDTH_PX - 2 * PADDING_PX)
        return QFontMetrics(font(theme, 13, 600)).elidedText(name, Qt.TextElideMode.ElideMiddle, room)

    def _lay_out(self) -> None:
        body = QHBoxLayout()
        body.setSpacing(0)
        left = QWidget()
        left.setFixedWidth(theme_of(self).px(WIDTH_PX))
        left.setLayout(self._left())
        line = QWidget()
        line.setProperty("surface", "rule")
        line.setFixedWidth(1)
        body.addWidget(left)
        body.addWidget(line)
        body.addLayout(self._right(), 1)
        bottom, row = foot(self.report, self.folder)
        row.addStretch(1)
        row.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(bottom)

    def _left(self) -> QVBoxLayout:
        theme = theme_of(self)
        left = QVBoxLayout()
        padding = theme.px(PADDING_PX)
        left.setContentsMargins(padding, theme.px(16), padding, theme.px(16))
        left.setSpacing(theme.px(2))
        left.addWidget(self.poster)
        left.addSpacing(theme.px(12))
        left.addWidget(self.name)
        left.addWidget(self.facts)
        left.addSpacing(theme.px(8))
        left.addWidget(label("Drag the picture to another program to use the file.", "hint", wraps=True))
        left.addSpacing(theme.px(14))
        left.addWidget(label("Time taken", "text"))
        left.addSpacing(theme.px(2))
        left.addWidget(self.times)
        left.addStretch(1)
        return left

    def _right(self) -> QVBoxLayout:
        theme = theme_of(self)
        right = QVBoxLayout()
        padding = theme.px(PADDING_PX)
        right.setContentsMargins(padding, theme.px(16), padding, theme.px(16))
        right.setSpacing(theme.px(8))
        right.addWidget(label("Checks", "section"))
        right.addWidget(self.bar)
        right.addWidget(self.table, 1)
        for notice in self.notices:
            notice.hide()
            right.addWidget(notice)
        return right


def _cells(row: CheckRow) -> tuple[Cell, ...]:
    mark = Cell("", mark="check" if row.is_ok else "warning", mark_role="gr" if row.is_ok else "rd")
    return (mark, Cell(row.name), Cell(row.figure), Cell(""), Cell(row.detail, role="t2"))
