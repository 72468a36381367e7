"""A patch that was not made: says what that means for money and work, and offers what can be done now."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_controller import PatchController
from editor.controllers.patch_runs import PatchRuns
from editor.controllers.service_controller import ServiceController
from editor.failure_words import AGAIN, BUDGET, KEYS, OFFLINE, SEND_AGAIN, WORDS, meaning, retry_at, ways_on
from editor.panels.patch_panel import PatchPanel
from editor.services import Services
from engine.errors import PatchreelError
from engine.providers.online.outgoing import SendingDeclined

TITLE = "The patch was not made"


class RefusalController(QObject):
    """Listens to the runs, speaks in toasts, starts what the user chooses."""

    def __init__(
        self, services: Services, panel: PatchPanel, runs: PatchRuns, patches: PatchController, service: ServiceController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._panel, self._runs, self._patches, self._service = services, panel, runs, patches, service
        runs.refused.connect(self._refused)

    @Slot(str, object)
    def _refused(self, patch_id: str, error: PatchreelError) -> None:
        patch = next((one for one in self._services.document.project.patches if one.id == patch_id), None)
        if isinstance(error, SendingDeclined):
            self._services.notifications.say("Not sent", "Nothing left this computer.")
            return
        is_remote = patch is not None and self._service.is_service(patch.recipe.provider)
        if patch is not None and is_remote and (until := retry_at(error)) is not None:
            self._service.wait(patch.recipe.provider, until)
        ways = self._ways(patch_id)
        actions = {words: ways[words] for words in ways_on(error, is_remote=is_remote) if words in ways}
        self._services.notifications.fail(error, TITLE, actions, meaning(error, patch))

    def _ways(self, patch_id: str) -> dict[str, Callable[[], None]]:
        again, trigger = partial(self._runs.again, patch_id), self._services.actions.action
        ways: dict[str, Callable[[], None]] = {
            AGAIN: again, SEND_AGAIN: again, OFFLINE: partial(self._offline, patch_id),
            KEYS: trigger("edit.provider_keys").trigger, WORDS: partial(self._words, patch_id),
        }
        if self._services.actions.is_bound("view.costs"):
            ways[BUDGET] = trigger("view.costs").trigger
        return ways

    def _offline(self, patch_id: str) -> None:
        self._services.session.select(patch_id)
        self._patches.run_offline()

    def _words(self, patch_id: str) -> None:
        self._services.session.select(patch_id)
        self._panel.recipe.prompt.setFocus()
