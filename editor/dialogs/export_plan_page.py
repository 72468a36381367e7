"""The first page of the export window: choices at the left, what they lead to at the right. Shows what it is told."""

from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from editor.dialogs.export_choices import ChoicesForm
from editor.dialogs.export_words import Figure, PlanRow, choice_words, figures, form_words, plan_rows
from editor.dialogs.sheet import PADDING_PX, Notice, foot
from editor.panels.parts import label
from editor.plan_words import long_runs
from editor.view_models import plan_spans
from engine.errors import PatchreelError
from engine.jobs.forecast import Forecast
from widgets.controls import PrimaryButton, SecondaryButton
from widgets.plan_bar import PlanBar
from widgets.sheet_table import Cell, Column, SheetTable
from widgets.theme import refresh_style, theme_of

COLUMNS = (
    Column("Range", 184), Column("Frames", 54, "right"), Column("", 16), Column("What happens", 96), Column("Why", 0),
)  # fmt: skip
MOST_NOTICES = 3
REASON_FITS = 48
"""Characters of a reason that the table has room for; a longer one is said below it too."""
KEEPS = "The old file stays until the new one is checked."


class FigureLabel(QWidget):
    """A big number over the words for what it counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value, self.words = label("–", "page"), label(" ", "text")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.value)
        column.addWidget(self.words)

    def show_figure(self, figure: Figure) -> None:
        """Another number."""
        self.value.setText(figure.value)
        role = "page accent" if figure.is_accent else "page"
        if self.value.property("role") != role:
            self.value.setProperty("role", role)
            refresh_style(self.value)
        self.words.setText(figure.words)
        self.setAccessibleName(f"{figure.value} {figure.words}")


class PlanPage(QWidget):
    """`choices` is the form; the rest shows a forecast. Emits what the user wants next."""

    export_wanted = Signal()
    cancelled = Signal()
    loss_accepted = Signal()
    look_wanted = Signal()

    def __init__(self, form: ChoicesForm | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = form or ChoicesForm()
        self.bar = PlanBar()
        self.table = SheetTable(COLUMNS, "What happens to each range, and why")
        self._figures = tuple(FigureLabel() for _ in range(4))
        self._notices = tuple(Notice() for _ in range(MOST_NOTICES))
        self.accept_loss = SecondaryButton("Accept the loss", size="small", parent=self)
        self.show_first = SecondaryButton("Show the first", size="small", parent=self)
        self.hint = label(KEEPS, "text")
        self.cancel, self.keep = SecondaryButton("Cancel"), SecondaryButton("Keep the old file")
        self.export, self.replace = PrimaryButton("Export", "export"), PrimaryButton("Replace it", "export")
        self._forecast: Forecast | None = None
        self._lay_out()
        self.cancel.clicked.connect(self.cancelled)
        self.export.clicked.connect(self._export_clicked)
        self.replace.clicked.connect(self.export_wanted)
        self.keep.clicked.connect(self._keep_old)
        self.accept_loss.clicked.connect(self.loss_accepted)
        self.show_first.clicked.connect(self.look_wanted)
        self.ask_to_replace(False)

    @property
    def forecast(self) -> Forecast | None:
        """What is shown; None while the choices that are set were not looked at yet."""
        return self._forecast

    # What it shows

    def show_waiting(self) -> None:
        """The choices changed: what is shown may be wrong, so nothing can be started; it stays until the new plan is here."""
        self._forecast = None
        self.export.setEnabled(False)
        self.export.setToolTip("The plan is being made")
        self.ask_to_replace(False)

    def show_forecast(self, found: Forecast, look: str, rate: Fraction, accepted_loss: str = "") -> None:
        """The plan as it is now. `look` says which frames need a look; `rate` is for timecodes."""
        self._forecast = found
        self.hint.setText(KEEPS)
        for shown, figure in zip(self._figures, figures(found), strict=True):
            shown.show_figure(figure)
        measured = "" if found.estimate.is_measured else "A first guess: no export of this kind was timed on this computer yet"
        for shown in self._figures[2:]:
            shown.setToolTip(measured)
        self.bar.set_plan(plan_spans(found.plan), found.plan.duration, rate)
        self.table.set_rows([_cells(row) for row in plan_rows(found.plan, rate)])
        self.form.form_words.setText(form_words(found.form, self.form.choices().output.suffix))
        self.form.seam_words.setText(choice_words(self.form.choices().seam, found))
        self._show_refusal(found)
        self._show_notices(found, look, accepted_loss)

    def show_problem(self, error: PatchreelError) -> None:
        """Nothing can be planned, or the name is none."""
        self._forecast = None
        self._empty()
        self.hint.setText(KEEPS)
        self._say([(str(error), "bad", None)])
        self.export.setEnabled(False)
        self.export.setToolTip(error.text)

    def show_wrong_name(self, sentence: str) -> None:
        """The name cannot be used; the rest of the plan stays."""
        self.show_waiting()
        self.form.show_wrong(sentence)
        self.export.setToolTip(sentence)

    def say(self, sentence: str) -> None:
        """Something that happened, instead of the usual line at the foot."""
        self.hint.setText(sentence)

    def show_drawing(self, sentence: str) -> None:
        """How far the plan is, where it takes long because captions are drawn for it. Cancel ends that too."""
        if self._forecast is None:
            self.hint.setText(sentence)

    def ask_to_replace(self, asks: bool) -> None:
        """The question before a file is replaced; the safe answer has the focus."""
        for widget, visible in ((self.cancel, not asks), (self.export, not asks), (self.keep, asks), (self.replace, asks)):
            widget.setVisible(visible)
        if asks:
            self.hint.setText(f"“{self.form.choices().name}” is there already. Replace it?")
            self.keep.setDefault(True)
            self.keep.setFocus(Qt.FocusReason.TabFocusReason)  # as if reached by key: Enter keeps, and the ring says so
        else:
            self.hint.setText(KEEPS)
            if self.keep.isDefault():
                self.export.setDefault(True)

    # Inside

    def _export_clicked(self) -> None:
        if self._forecast is None or not self.export.isEnabled():
            return
        if self._forecast.exists:
            self.ask_to_replace(True)
        else:
            self.export_wanted.emit()

    def _keep_old(self) -> None:
        self.ask_to_replace(False)
        self.form.take_focus()

    def _show_refusal(self, found: Forecast) -> None:
        self.form.show_wrong(str(found.refusal) if found.refusal is not None else "")
        blocked = found.refusal.text if found.refusal is not None else found.loss
        self.export.setEnabled(not blocked)
        self.export.setToolTip(blocked or "Write the file and check it")

    def _show_notices(self, found: Forecast, look: str, accepted_loss: str) -> None:
        said: list[tuple[str, str, SecondaryButton | None]] = []
        if found.loss:
            said.append((found.loss, "check", self.accept_loss))
        elif accepted_loss:
            said.append((f"Accepted: {accepted_loss}", "info", None))
        if look:
            said.append((look, "check", self.show_first))
        said += [(warning, "check", None) for warning in found.plan.warnings]
        said += [(why, "info", None) for why in long_runs(found.plan)]
        if len(found.plan.reason) > REASON_FITS:
            said.append((found.plan.reason, "info", None))
        if len(said) > MOST_NOTICES:
            rest = len(said) - MOST_NOTICES + 1
            said = [*said[: MOST_NOTICES - 1], (f"And {rest} more: {said[MOST_NOTICES - 1][0]}", "check", None)]
        self._say(said)

    def _say(self, said: list[tuple[str, str, SecondaryButton | None]]) -> None:
        self.accept_loss.hide()
        self.show_first.hide()
        for number, notice in enumerate(self._notices):
            notice.setVisible(number < len(said))
            if number < len(said):
                text, kind, button = said[number]
                notice.say(text, kind)
                if button is not None:
                    notice.add_button(button)
                    button.show()

    def _empty(self) -> None:
        for shown in self._figures:
            shown.show_figure(Figure("–", shown.words.text()))
        self.bar.set_plan((), Fraction(0), Fraction(25))
        self.table.set_rows(())

    def _lay_out(self) -> None:
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.form)
        line = QWidget()
        line.setProperty("surface", "rule")
        line.setFixedWidth(1)
        body.addWidget(line)
        body.addLayout(self._right(), 1)
        bottom, row = foot(self.hint)
        row.addStretch(1)
        for button in (self.cancel, self.keep, self.export, self.replace):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(bottom)
        for notice in self._notices:
            notice.hide()

    def _right(self) -> QVBoxLayout:
        theme = theme_of(self)
        right = QVBoxLayout()
        padding = theme.px(PADDING_PX)
        right.setContentsMargins(padding, theme.px(16), padding, theme.px(16))
        right.setSpacing(theme.px(8))
        right.addWidget(label("Plan", "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        for number, shown in enumerate(self._figures):
            grid.addWidget(shown, 0, number)
            grid.setColumnStretch(number, 1)
        right.addLayout(grid)
        right.addSpacing(theme.px(4))
        right.addWidget(self.bar)
        right.addWidget(self.table, 1)
        for notice in self._notices:
            right.addWidget(notice)
        return right


def _cells(row: PlanRow) -> tuple[Cell, ...]:
    happens = Cell(row.happens, mark=row.mode or "")
    return (Cell(row.range), Cell(row.frames), Cell(""), happens, Cell(row.why, row.detail))
