"""Costs: what the services have cost, over time and per service, what was lost, and the project's budget.

Shows what it is told and says what the user wants; reads no store.
"""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from editor.cost_words import (
    LOST_COLUMNS,
    PROJECT_COLUMNS,
    PROVIDER_COLUMNS,
    bars,
    figures,
    lost_rows,
    month_words,
    project_rows,
    provider_rows,
)
from editor.dialogs.sheet import Sheet, foot
from editor.panels.budget_bar import Budget, BudgetBar
from editor.panels.parts import CalmChoice, Rule, label, row, scrolled
from engine.jobs.costs import MOST_CAP_USD, Costs
from engine.store.account import Account
from widgets.controls import NumberField, SecondaryButton, SegmentedControl
from widgets.cost_chart import CostChart
from widgets.sheet_table import SheetTable
from widgets.theme import refresh_style, theme_of

SIZE_PX = (940, 660)
CHART_PX = 168
TITLE, SENTENCE = "Costs", "US dollars, as the services' answers say, or by their price lists. Times are this computer's."
USUAL_CAP_USD = 10.0
LOST = "Nothing was lost: every request that was charged has a result."


class CostsDialog(Sheet):
    """`asked(is_all, month)`: other costs are wanted; `cap_chosen(usd or None)`; `csv_wanted()`."""

    asked = Signal(bool, str)
    cap_chosen = Signal(object)
    csv_wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, SIZE_PX)
        self.setWindowTitle(TITLE)
        self.head.show_words(TITLE, SENTENCE)
        self.scope = SegmentedControl((("project", "This project"), ("all", "All projects")))
        self.month = CalmChoice("Month")
        self.csv = SecondaryButton("Save as CSV…", "download")
        self.chart = CostChart()
        self.providers, self.lost = SheetTable(PROVIDER_COLUMNS, "Services"), SheetTable(LOST_COLUMNS, "Lost")
        self.projects = SheetTable(PROJECT_COLUMNS, "Projects")
        self.projects.hide()
        self.has_cap, self.cap = QCheckBox("Stop sending at"), NumberField()
        self.bar, self._used = BudgetBar(self), label("", "text")
        self._figures = [(label("", "page"), label("", "hint")) for _ in range(5)]
        self._none_lost = label(LOST, "hint")
        self.cap.setDecimals(2)
        self.cap.setRange(0.0, MOST_CAP_USD)
        self.cap.setPrefix("$")
        self.cap.setAccessibleName("Budget of this project in US dollars")
        self._connect()
        self._fill()

    def show_costs(self, costs: Costs, names: dict[str, str]) -> None:
        """Other costs."""
        self.scope.set_current("all" if costs.project is None else "project")
        self._show_months(costs.months, costs.month or "")
        for (amount, what), (number, words, role) in zip(self._figures, figures(costs), strict=True):
            amount.setText(number)
            amount.setProperty("role", "page")
            what.setText(words)
            what.setProperty("role", role or "hint")
            refresh_style(what)
        self.chart.set_bars(bars(costs))
        self.providers.set_rows(provider_rows(costs, names))
        lost = lost_rows(costs, names)
        self.lost.set_rows(lost)
        self.lost.setVisible(bool(lost))
        self._none_lost.setVisible(not lost)
        self.projects.set_rows(project_rows(costs))
        self.projects.setVisible(costs.project is None and bool(costs.projects))
        for table in (self.providers, self.projects, self.lost):
            table.setFixedHeight(table.rows_height())

    def show_account(self, account: Account) -> None:
        """The open project's budget; what is being typed stays."""
        if not self.cap.hasFocus():
            for widget in (self.has_cap, self.cap):
                widget.blockSignals(True)
            self.has_cap.setChecked(account.cap_usd is not None)
            self.cap.setValue(account.cap_usd if account.cap_usd is not None else USUAL_CAP_USD)
            for widget in (self.has_cap, self.cap):
                widget.blockSignals(False)
        self.cap.setEnabled(self.has_cap.isChecked())
        budget = Budget(account.committed_usd, account.cap_usd)
        self._used.setText(f"This project: {budget.words}")
        self.bar.show_budget(budget)

    def words(self) -> str:
        """The sums, for tests."""
        return "\n".join(f"{amount.text()} {what.text()}" for amount, what in self._figures)

    def _connect(self) -> None:
        self.scope.chosen.connect(lambda _key: self._ask())
        self.month.activated.connect(lambda _place: self._ask())
        self.csv.clicked.connect(lambda: self.csv_wanted.emit())
        self.has_cap.toggled.connect(lambda _on: self._choose_cap())
        self.cap.valueChanged.connect(lambda _value: self._choose_cap())

    def _ask(self) -> None:
        self.asked.emit(self.scope.current == "all", str(self.month.currentData() or ""))

    def _choose_cap(self) -> None:
        self.cap.setEnabled(self.has_cap.isChecked())
        self.cap_chosen.emit(self.cap.value() if self.has_cap.isChecked() else None)

    def _show_months(self, months: Sequence[str], current: str) -> None:
        self.month.clear()
        self.month.addItem("All months", "")
        for month in reversed(months):
            self.month.addItem(month_words(month), month)
        self.month.setCurrentIndex(max(0, self.month.findData(current)))

    def _fill(self) -> None:
        theme, page = theme_of(self), QWidget()
        self.pages.addWidget(page)
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        scroll, column = scrolled("Costs in detail", page)
        whole.addWidget(scroll, 1)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(12))
        column.setSpacing(theme.px(12))
        self.month.setMinimumWidth(theme.px(150))
        column.addLayout(row(self.scope, self.month, None, self.csv))
        column.addLayout(self._sums())
        self.chart.setFixedHeight(theme.px(CHART_PX))
        column.addWidget(self.chart)
        column.addWidget(self.providers)
        column.addWidget(self.projects)
        column.addWidget(label("Charged without a result, and outcomes nobody knows", "section"))
        column.addWidget(self.lost)
        column.addWidget(self._none_lost)
        column.addStretch(1)
        whole.addWidget(self._budget_foot())

    def _sums(self) -> QVBoxLayout:
        theme = theme_of(self)
        line = row(spacing=theme.px(24))
        for amount, what in self._figures:
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addWidget(amount)
            pair.addWidget(what)
            line.addLayout(pair, 1)
        outer = QVBoxLayout()
        outer.addLayout(line)
        outer.addWidget(Rule())
        return outer

    def _budget_foot(self) -> QWidget:
        theme = theme_of(self)
        self.cap.setFixedWidth(theme.px(96))
        used = QWidget()
        both = QVBoxLayout(used)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(theme.px(4))
        both.addWidget(self._used)
        both.addWidget(self.bar)
        used.setMinimumWidth(theme.px(220))
        made, buttons = foot(used)
        self.close_button = SecondaryButton("Close")
        self.close_button.clicked.connect(self.accept)
        buttons.addSpacing(theme.px(16))
        buttons.addWidget(self.has_cap)
        buttons.addWidget(self.cap)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        return made
