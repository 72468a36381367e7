"""Asks a service that takes names of ours for a request whose answer was lost, so that nothing that was begun stays unknown."""

from engine.errors import PatchreelError
from engine.jobs.generation_errand import Errand, interval_s, request_of
from engine.store.ledger import LedgerState, Outcome
from engine.store.operation_values import OperationState

FIND_FOR_S = 120.0
"""A service that still knows nothing by our name after this long has not taken the request."""
_WAITS_S = (0.0, 2.0, 5.0)


def find(errand: Errand) -> bool:
    """Whether it can be gone on with. Raises: Cancelled, StorageError."""
    operations = errand.tools.operations
    now = operations.get(errand.id)
    if now.state is not OperationState.UNKNOWN or not request_of(now).kind.makes_video:
        return False
    service = errand.tools.generators.video(now.provider)
    if not service.takes_names:
        return False
    for wait_s in _WAITS_S:
        errand.wait_s(wait_s)
        errand.say("Asking the service for it")
        try:
            taken = service.find(errand.id, now.model, cancel=errand.cancel)
        except PatchreelError:
            continue  # not reached: what is not known stays unknown
        if taken is not None:
            operations.accepted(errand.id, taken.remote_id, interval_s(now))
            return True
        if (errand.tools.clock.now() - now.updated).total_seconds() >= FIND_FOR_S:
            text = f"{service.info.name} knows nothing of this request, so it was not taken and not charged. Retry sends it."
            operations.end(errand.id, OperationState.FAILED, text, Outcome(LedgerState.FAILED_FREE, note=text))
            return False
    return False
