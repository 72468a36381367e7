"""The page of a running export: how far, how long still, and the two ways on. Shows what it is told."""

from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from editor.dialogs.sheet import foot
from editor.panels.parts import label
from editor.view_models import plan_spans
from engine.planning.plan import RenderPlan
from widgets.controls import SecondaryButton
from widgets.plan_bar import PlanBar
from widgets.theme import theme_of

STEPS, COLUMN_PX = 1000, 652


class ProgressPage(QWidget):
    """Emits what the user wants next."""

    cancel_wanted = Signal()
    background_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.percent, self.text = label("0 %", "page"), label("", "text")
        self.elapsed, self.remaining = label("", "plain"), label("", "plain")
        self.progress = QProgressBar()
        self.progress.setRange(0, STEPS)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Export")
        self.bar = PlanBar()
        self.cancel, self.background = SecondaryButton("Cancel"), SecondaryButton("Continue in background")
        self.cancel.setToolTip("Nothing is written; a file of that name stays as it is")
        self.background.setToolTip("The export goes on and is listed under Jobs (Esc)")
        self._lay_out()
        self.cancel.clicked.connect(self.cancel_wanted)
        self.background.clicked.connect(self.background_wanted)

    def show_plan(self, plan: RenderPlan, rate: Fraction) -> None:
        """What is being written."""
        self.bar.set_plan(plan_spans(plan), plan.duration, rate)

    def show_progress(self, share: float, text: str, elapsed: str, remaining: str) -> None:
        """`share` is 0..1; the rest ready to read."""
        self.progress.setValue(round(share * STEPS))
        self.percent.setText(f"{min(99, int(share * 100))} %")
        self.text.setText(text)
        self.elapsed.setText(elapsed)
        self.remaining.setText(remaining)
        self.cancel.setEnabled(True)
        self.cancel.setText("Cancel")

    def show_cancelling(self) -> None:
        """The wish was heard."""
        self.cancel.setEnabled(False)
        self.cancel.setText("Cancelling…")

    def _lay_out(self) -> None:
        theme = theme_of(self)
        middle = QWidget()
        middle.setFixedWidth(theme.px(COLUMN_PX))
        inner = QVBoxLayout(middle)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.px(8))
        inner.addStretch(2)
        for widget in (self.percent, self.text):
            inner.addWidget(widget)
        inner.addSpacing(theme.px(4))
        inner.addWidget(self.progress)
        inner.addSpacing(theme.px(4))
        inner.addLayout(self._times())
        inner.addSpacing(theme.px(28))
        inner.addWidget(self.bar)
        inner.addStretch(3)
        bottom, row = foot(label("You can go on editing: what is written is the project as it was when you began.", "text"))
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.background)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(middle, 1, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(bottom)

    def _times(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme_of(self).px(24))
        grid.setVerticalSpacing(0)
        shown: tuple[tuple[str, QLabel], ...] = (("Elapsed", self.elapsed), ("Remaining", self.remaining))
        for column, (words, value) in enumerate(shown):
            grid.addWidget(label(words, "text"), 0, column)
            grid.addWidget(value, 1, column)
        grid.setColumnStretch(len(shown), 1)
        return grid
