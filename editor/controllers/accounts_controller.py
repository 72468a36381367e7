"""The level of privacy in the top bar and the status bar: shows what holds for the open project, and changes it."""

from PySide6.QtCore import QObject, Slot

from editor.panels.privacy_button import WORDS
from editor.services import Services
from editor.status_bar import StatusBar
from editor.top_bar import TopBar
from engine.errors import PatchreelError
from engine.store.account import Account


class AccountsController(QObject):
    """Between the account of the open project and the top bar."""

    def __init__(
        self, services: Services, top_bar: TopBar, status: StatusBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._top_bar, self._status = services, top_bar, status
        accounts = services.accounts
        accounts.changed.connect(self._changed)
        accounts.failed.connect(self._failed)
        top_bar.privacy.chosen.connect(accounts.set_privacy)
        accounts.look()

    @Slot(object)
    def _changed(self, account: Account) -> None:
        self._top_bar.privacy.show_level(account.privacy)
        words, icon_name, hint = WORDS[account.privacy]
        self._status.show_state(f"{words}. {hint}.", icon_name)

    @Slot(object)
    def _failed(self, error: PatchreelError) -> None:
        self._services.notifications.fail(error, "Costs and privacy of the project are not known")
