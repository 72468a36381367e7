"""The order in which providers stand in for one another: said in the patch panel, changed in a dialog, kept in a file."""

from functools import cached_property, partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from editor.dialogs.fallback_dialog import Entry, FallbackDialog
from editor.panels.patch_panel import PatchPanel
from editor.services import Services
from engine.errors import BadInputError, PatchreelError
from engine.providers.fallback import Chain
from engine.providers.online.fallbacks import REGION_EDIT, Fallbacks
from engine.running import CancelToken, Report


class FallbackController(QObject):
    """`chain` is the order of region edits; `changed` when it is another one."""

    changed = Signal()

    def __init__(self, services: Services, panel: PatchPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._panel = services, panel
        self._infos = {info.id: info for info in services.registry.infos()}
        self._ticket = 0
        self.chain = self._read()
        thread = services.threads.accounts
        thread.succeeded.connect(self._kept)
        thread.failed.connect(self._not_kept)
        panel.sent.fallback_wanted.connect(self.open)

    @cached_property
    def dialog(self) -> FallbackDialog:
        """Made when it is needed first."""
        window: QWidget = self._panel.window()
        made = FallbackDialog(window)
        made.chosen.connect(self._choose)
        return made

    def words(self, provider: str) -> str:
        """Who stands in for a service, as a sentence."""
        names = [self._infos[one].name for one in self.chain.after(provider) if one in self._infos]
        steps = [*names, *(["what was made before"] if self.chain.uses_known else []), "you are asked"]
        return f"If {self._infos[provider].name} cannot answer: {', then '.join(steps)}."

    @Slot()
    def open(self) -> None:
        """Show the dialog."""
        local = next(info for info in self._infos.values() if not info.is_remote)
        offered = [info for info in self._infos.values() if info.is_remote or info is local]
        self.dialog.show_order(
            [Entry(one.id, one.name, one.is_remote, "your key" if one.is_remote else "offline") for one in offered],
            self.chain.providers, self.chain.uses_known,
        )
        self.dialog.open()

    def _read(self) -> Chain:
        try:
            return Fallbacks().chain(REGION_EDIT)
        except BadInputError as error:
            self._services.notifications.fail(error, "Nobody stands in for a service")
            return Chain(uses_known=False)

    @Slot(object, bool)
    def _choose(self, providers: tuple[str, ...], uses_known: bool) -> None:
        self._ticket = self._services.threads.accounts.submit(_keep, Chain(providers, uses_known))

    @Slot(int, object)
    def _kept(self, ticket: int, _outcome: object) -> None:
        if ticket == self._ticket:
            self.chain = self._read()
            self.changed.emit()

    @Slot(int, object)
    def _not_kept(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._ticket:
            self._services.notifications.fail(error, "The order was not kept", {"Try again": partial(self.open)})


def _keep(chain: Chain, *, cancel: CancelToken, report: Report) -> None:
    """On the thread of accounts. Raises: StorageError, BadInputError."""
    Fallbacks().choose(REGION_EDIT, chain)
