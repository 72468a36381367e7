"""What a failed run means for the user's money and work, and what can be done now. Knows no window."""

from datetime import datetime

from engine.errors import PatchreelError
from engine.project.model import Patch
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.outgoing import SendingRefused
from engine.providers.online.prices import dollars
from engine.store.budget import BudgetError
from engine.vault import KeyMissingError

AGAIN, SEND_AGAIN, OFFLINE, KEYS, WORDS, BUDGET = (
    "Try again", "Send again…", "Run offline", "Provider keys…", "Change the words", "Change the budget…"
)  # fmt: skip
_FIRST = {
    FailureKind.AUTH: KEYS, FailureKind.SAFETY: WORDS, FailureKind.OUTCOME_UNKNOWN: SEND_AGAIN,
}  # fmt: skip


def meaning(error: PatchreelError, patch: Patch | None) -> str:
    """ "Nothing was charged, v3 is unchanged." Only what is known; empty where nothing is."""
    money = money_words(error)
    number = patch.current_version if patch is not None and patch.version is not None else None
    work = f"v{number} is unchanged" if number else ""
    if not money:
        return f"{work}." if work else ""
    return f"{money}, {work}." if work else f"{money}."


def money_words(error: PatchreelError) -> str:
    """What the failure has cost; empty where this error says nothing about money."""
    if isinstance(error, SendingRefused | BudgetError | KeyMissingError):
        return "Nothing was sent"
    if not isinstance(error, ProviderFailure):
        return ""
    if error.cost_usd > 0:
        return f"{dollars(error.cost_usd)} was charged"
    if error.kind is FailureKind.OUTCOME_UNKNOWN or error.may_have_billed:
        return _unless_said(error, "It may have been charged")
    return _unless_said(error, "Nothing was charged")


def _unless_said(error: PatchreelError, words: str) -> str:
    """Once is enough."""
    return "" if "charged" in str(error) else words


def ways_on(error: PatchreelError, *, is_remote: bool) -> tuple[str, ...]:
    """What can be done about it, the best first; a service that cannot help now is never the only way."""
    if not is_remote:
        return (AGAIN,)
    if isinstance(error, ProviderFailure):
        first = _FIRST.get(error.kind, AGAIN)
    elif isinstance(error, KeyMissingError):
        first = KEYS
    else:
        first = BUDGET if isinstance(error, BudgetError) else AGAIN
    return first, OFFLINE


def retry_at(error: PatchreelError) -> datetime | None:
    """When the service said it may be asked again."""
    return error.retry_at if isinstance(error, ProviderFailure) else None
