"""The second step of a generation: its service is asked how far it is, now and then, until it says how it ended.

A look that brings no answer says nothing about the video and never fails it.
"""

from engine.errors import ProviderError
from engine.jobs.generation_errand import Errand, interval_s, request_json
from engine.providers.generation import Ended, Ready
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.prices import estimate_usd
from engine.store.ledger import Charge, LedgerState, Outcome
from engine.store.operation_values import Download, Operation, OperationState

S = OperationState


def look(errand: Errand, now: Operation) -> None:
    """Wait until it is time, and look once. Raises: Cancelled, StorageError."""
    operations = errand.tools.operations
    if now.next_poll is not None:
        errand.wait_until(now.next_poll)
    if operations.is_overdue(now):
        text = "It takes longer than usual. The service may still finish it, and the charge stands: look again later."
        operations.end(errand.id, S.STOPPED, text)
        return
    try:
        found = errand.tools.generators.video(now.provider).look(now.remote_id, now.model, cancel=errand.cancel)
    except ProviderError as failure:  # also a key that is missing just now
        operations.polled(errand.id, is_answered=False, message=failure.text, interval_s=interval_s(now))
        errand.say("No answer, asking again")
        return
    if isinstance(found, Ended):
        _ended(errand, now, found)
    elif isinstance(found, Ready):
        cost = found.cost_usd if found.cost_usd is not None else price_usd(now)
        operations.note(errand.id, cost_usd=cost, seconds=found.seconds or request_json(now)["duration_s"])
        operations.ready(errand.id, Download(found.url))
        errand.say("Fetching")
    else:
        operations.polled(errand.id, is_answered=True, interval_s=interval_s(now))
        errand.say(found.note or "Generating")


def _ended(errand: Errand, now: Operation, found: Ended) -> None:
    operations, failure = errand.tools.operations, found.failure
    paid = _price_of(failure)
    if found.may_pass_again and not failure.may_have_billed and not now.facts.get("sent_again"):
        operations.note(errand.id, sent_again=True)
        operations.send_again(errand.id, paid)
        return
    operations.note(errand.id, kind=failure.kind.value)
    operations.end(errand.id, S.BLOCKED if failure.kind is FailureKind.SAFETY else S.FAILED, str(failure), paid)


def _price_of(failure: ProviderFailure) -> Outcome:
    """What an end without a video has cost."""
    charge = Charge(failure.cost_usd, request_id=failure.request_id)
    if failure.may_have_billed:
        return Outcome(LedgerState.UNKNOWN, charge, failure.text)
    state = LedgerState.REFUSED if failure.kind is FailureKind.SAFETY else LedgerState.FAILED_FREE
    return Outcome(state, charge, failure.text)


def price_usd(operation: Operation) -> float | None:
    """By the table: what a finished video of this request costs; None for a model whose price is not known."""
    request = request_json(operation)
    found = estimate_usd(
        operation.provider, operation.model, seconds=float(request["duration_s"]), variant=request["resolution"]
    )
    return found.usd
