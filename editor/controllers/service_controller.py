"""Services in the patch panel: what would be sent, whose key, what it costs, why it cannot be sent and what to do about that.

Brings together what is looked at, the project's account and the keys; fills the panel and answers its wishes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from editor.controllers.fallback_controller import FallbackController
from editor.gate_words import run_price
from editor.panels.budget_bar import Budget
from editor.panels.patch_panel import PatchPanel
from editor.panels.patch_sent import SentState
from editor.patch_sendings import PatchSendings
from editor.sending_looks import Seen
from editor.services import Services
from engine.limits import PROMPT_MAX_CHARACTERS
from engine.project.model import Patch
from engine.providers.online.prices import dollars
from engine.providers.online.waiting import clock_words, span_words
from engine.providers.protocol import ProviderInfo
from engine.store.account import Account
from engine.store.projects import Privacy

ADD_KEY, ASK, BUDGET = "Add a key…", "Ask before sending", "Change the budget…"


@dataclass(frozen=True, slots=True)
class Block:
    """Why nothing can be sent now, and what the button beside it does ("" for no button)."""

    sentence: str
    action: str = ""


class ServiceController(QObject):
    """`changed`: the chosen patch's service stands otherwise than it did."""

    changed = Signal()

    def __init__(
        self, services: Services, panel: PatchPanel, sendings: PatchSendings, fallback: FallbackController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._fallback = fallback
        fallback.changed.connect(self.changed)
        self._services, self._panel, self._sendings = services, panel, sendings
        sendings.setParent(self)
        self._infos: dict[str, ProviderInfo] = {info.id: info for info in services.registry.infos() if info.is_remote}
        self._waits: dict[str, datetime] = {}
        self._action = ""
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._tick)
        sendings.changed.connect(self.changed)
        services.accounts.changed.connect(self._account_changed)
        panel.sent.action_wanted.connect(self._act)
        asked = services.threads.services
        for ended in (asked.succeeded, asked.failed, asked.cancelled):
            ended.connect(self._ended)

    def is_service(self, provider: str) -> bool:
        """Whether what this provider gets leaves the computer."""
        return provider in self._infos

    def show(self, patch: Patch) -> None:
        """Fill the block "What is sent" and the price on the button; for an offline provider nothing."""
        provider = patch.recipe.provider
        if provider not in self._infos:
            self._panel.foot.show_price(None)
            self._panel.foot.show_retry_price("")
            return
        self._panel.recipe.show_keys({one: self._sendings.key_end(one) or "" for one in self._infos if self._knows_keys(one)})
        seen, block = self._sendings.seen(patch), self.block(patch)
        self._action = block.action if block is not None else ""
        self._panel.sent.show_service(SentState(
            self._infos[provider].name, seen.facts if seen is not None else None, self._budget(seen),
            block.sentence if block is not None else "", self._action, self._fallback.words(provider),
        ))  # fmt: skip
        self._panel.foot.show_price(run_price(seen.estimate.usd if seen is not None else None))
        self._panel.foot.show_retry_price(run_price(seen.repeat_usd if seen is not None else None))

    def block(self, patch: Patch) -> Block | None:
        """Why the patch cannot be run now; None where it can, or is no service's."""
        info, recipe = self._infos.get(patch.recipe.provider), patch.recipe
        if info is None:
            return None
        seen, account = self._sendings.seen(patch), self._services.accounts.current
        if seen is not None and seen.problem:
            return Block(seen.problem)
        if seen is not None and seen.facts is not None and seen.facts.is_free:
            return None
        if account is not None and account.privacy is Privacy.OFFLINE:
            return Block("This project is offline only.", ASK)
        if self._sendings.key_end(info.id) == "":
            return Block(f"There is no key for {info.name}.", ADD_KEY)
        if (until := self._waits.get(info.id)) is not None and until > datetime.now(UTC):
            left = (until - datetime.now(UTC)).total_seconds()
            at = clock_words(until, datetime.now(UTC))
            return Block(f"{info.name} allows the next request at {at}, in {span_words(left)}.")
        if len(recipe.prompt) > PROMPT_MAX_CHARACTERS:
            return Block(f"The words are longer than {PROMPT_MAX_CHARACTERS:,} characters.")
        return _over_budget(account, seen)

    def reason(self, patch: Patch) -> str:
        """Why Run does nothing, for its tool tip; empty where it runs."""
        block = self.block(patch)
        if block is not None:
            return block.sentence
        lacks_words = self.is_service(patch.recipe.provider) and not patch.recipe.prompt.strip()
        return "Say first what should be there instead." if lacks_words else ""

    def wait(self, provider: str, until: datetime) -> None:
        """The service has said when it may be asked again: a countdown is shown until then."""
        self._waits[provider] = until
        self._second.start()
        self.changed.emit()

    def stop(self) -> None:
        """The window closes."""
        self._second.stop()
        self._sendings.stop()

    @Slot()
    def _tick(self) -> None:
        now = datetime.now(UTC)
        self._waits = {provider: until for provider, until in self._waits.items() if until > now}
        if not self._waits:
            self._second.stop()
        self.changed.emit()

    @Slot()
    def _ended(self) -> None:
        """What was asked for is known now."""
        self._sendings.forget()
        self.changed.emit()

    @Slot()
    def _act(self) -> None:
        if self._action == ASK:
            self._services.accounts.set_privacy(Privacy.ASK)
        elif self._action == ADD_KEY:
            self._services.actions.action("edit.provider_keys").trigger()
        elif self._action == BUDGET:
            self._services.actions.action("view.costs").trigger()

    @Slot(object)
    def _account_changed(self, _account: Account) -> None:
        self.changed.emit()

    def _knows_keys(self, provider: str) -> bool:
        return self._sendings.key_end(provider) is not None

    def _budget(self, seen: Seen | None) -> Budget:
        account = self._services.accounts.current
        if account is None:
            return Budget(0.0)
        return Budget(account.committed_usd, account.cap_usd, (seen.estimate.usd or 0.0) if seen is not None else 0.0)


def _over_budget(account: Account | None, seen: Seen | None) -> Block | None:
    if account is None or account.cap_usd is None or seen is None or seen.facts is None:
        return None
    left = max(0.0, account.cap_usd - account.committed_usd)
    if seen.upper_usd <= left:
        return None
    return Block(f"It may cost {dollars(seen.upper_usd)}, and {dollars(left)} of the project's budget is left.", BUDGET)
