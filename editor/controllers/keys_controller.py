"""The command “Provider keys…”: opens the dialog and carries its wishes to a thread of their own."""

from functools import cached_property

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from editor.dialogs.keys_dialog import KeysDialog
from editor.key_work import KeyTest, KeyWish, KeyWorker
from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import PatchreelError
from engine.vault import KeyStore


class KeysController(QObject):
    """Owns the key dialog of one window. `store` and `test` are the program's own where they are left out."""

    def __init__(
        self, services: Services, window: QWidget, parent: QObject | None = None, *, store: KeyStore | None = None,
        test: KeyTest | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self.worker_thread = window, services.threads.keys
        self.worker = KeyWorker(store or services.keys, test)
        self._ticket = 0
        self.worker_thread.succeeded.connect(self._done)
        self.worker_thread.failed.connect(self._failed)
        services.actions.bind("edit.provider_keys", self.open)

    @cached_property
    def dialog(self) -> KeysDialog:
        """Made when it is needed first."""
        made = KeysDialog(self._window)
        made.wanted.connect(self._carry_out)
        return made

    @Slot()
    def open(self) -> None:
        """Show the dialog; how it stands with the keys comes when it is known."""
        self.dialog.look()
        self.dialog.open()

    @Slot(object)
    def _carry_out(self, wish: KeyWish) -> None:
        self._ticket = self.worker_thread.submit(self.worker, wish)

    @Slot(int, object)
    def _done(self, ticket: int, outcome: Outcome) -> None:
        if ticket == self._ticket:
            self.dialog.show_keys(outcome.request, outcome.result)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._ticket:
            self.dialog.show_failure(str(error))
