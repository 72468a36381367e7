"""The command “Costs…”: reads the ledger on the thread of accounts, shows it, keeps the budget, writes it as CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from editor.dialogs.costs_dialog import CostsDialog
from editor.export_runs import ExportRun, ExportRuns
from editor.online import UNSAID
from editor.render_thread import Outcome
from editor.services import Services
from editor.top_bar import TopBar
from engine.errors import BadInputError, PatchreelError, StorageError
from engine.jobs.costs import Costs, costs
from engine.providers.online.table import provider_table
from engine.running import CancelToken, Report
from engine.store.account import Account
from engine.store.finished import note_finished
from engine.store.ledger import Ledger
from engine.store.ledger_totals import csv_text

ChooseFile = Callable[[QWidget, str], str]
"""Asks where to write, with a name to begin with; "" for nowhere."""


@dataclass(frozen=True, slots=True)
class CostsWish:
    project: str | None
    month: str | None
    csv: Path | None = None
    """Write the rows there instead of summing them up."""


class CostsController(QObject):
    """Owns the Costs dialog of one window."""

    def __init__(
        self, services: Services, exports: ExportRuns, top_bar: TopBar, window: QWidget, parent: QObject | None = None, *,
        choose_file: ChooseFile | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._window, self._choose_file = services, window, choose_file or _ask_for_file
        self._wish = CostsWish(None, None)
        self._ticket = self._csv_ticket = 0
        thread = services.threads.accounts
        thread.succeeded.connect(self._done)
        thread.failed.connect(self._failed)
        services.accounts.changed.connect(self._account_changed)
        exports.ended.connect(self._exported)
        services.actions.bind("view.costs", self.open)
        top_bar.privacy.costs_wanted.connect(services.actions.action("view.costs").trigger)

    @cached_property
    def dialog(self) -> CostsDialog:
        """Made when it is needed first."""
        made = CostsDialog(self._window)
        made.asked.connect(self._ask)
        made.cap_chosen.connect(self._services.accounts.set_cap)
        made.csv_wanted.connect(self._save_csv)
        return made

    @cached_property
    def names(self) -> dict[str, str]:
        """Services by id, for people."""
        try:
            return {facts.id: facts.name for facts in provider_table().providers.values()}
        except BadInputError:
            return {}

    @Slot()
    def open(self) -> None:
        """Show the open project's costs; they come when they are read."""
        if self._services.accounts.current is not None:
            self.dialog.show_account(self._services.accounts.current)
        self._ask(False, "")
        self.dialog.open()

    @Slot(bool, str)
    def _ask(self, is_all: bool, month: str) -> None:
        self._wish = CostsWish(None if is_all else self._services.accounts.project, month or None)
        self._ticket = self._services.threads.accounts.submit(self._read, self._wish)

    def _read(self, wish: CostsWish, *, cancel: CancelToken, report: Report) -> Costs | Path:
        """On the thread of accounts. Raises: StorageError."""
        store = self._services.online.store
        if wish.csv is None:
            return costs(store, wish.project, wish.month, UNSAID)
        rows = Ledger(store).rows(wish.project)
        text = csv_text(row for row in rows if wish.month is None or f"{row.created:%Y-%m}" == wish.month)
        try:
            wish.csv.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise StorageError(f"“{wish.csv.name}” could not be written: {error.strerror or error}.") from error
        return wish.csv

    @Slot(int, object)
    def _done(self, ticket: int, outcome: Outcome) -> None:
        if ticket == self._ticket:
            self.dialog.show_costs(outcome.result, self.names)
        elif ticket == self._csv_ticket:
            self._services.notifications.say("Costs saved", outcome.result.name)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket in {self._ticket, self._csv_ticket}:
            self._services.notifications.fail(error, "The costs are not known" if ticket == self._ticket else "Nothing was saved")

    @Slot(object)
    def _account_changed(self, account: Account) -> None:
        """Something was spent, or another budget was set, while the dialog is open."""
        if "dialog" in self.__dict__ and self.dialog.isVisible():
            self.dialog.show_account(account)
            self._ask(self._wish.project is None, self._wish.month or "")

    @Slot()
    def _save_csv(self) -> None:
        chosen = self._choose_file(self._window, f"costs{f' {self._wish.month}' if self._wish.month else ''}.csv")
        if chosen:
            wish = CostsWish(self._wish.project, self._wish.month, Path(chosen))
            self._csv_ticket = self._services.threads.accounts.submit(self._read, wish)

    @Slot(object)
    def _exported(self, run: ExportRun) -> None:
        """A finished video: what the project has cost is its price. Where nothing was ever paid there is nothing to note."""
        if run.exported is not None and self._services.online.store.path.exists():
            project, output, store = self._services.accounts.project, run.exported.result.output, self._services.online.store
            self._services.threads.accounts.submit(lambda _, *, cancel, report: note_finished(store, project, output), None)


def _ask_for_file(window: QWidget, name: str) -> str:
    return QFileDialog.getSaveFileName(window, "Save costs", name, "CSV (*.csv)")[0]
