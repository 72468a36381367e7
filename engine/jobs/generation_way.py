"""The way of one generation: sent, looked at, fetched, kept; from whatever state it is in to its end, or until it is stopped.

Every step is written down before the next is taken, so that any end of the program loses nothing that had come.
"""

from engine.jobs.generation_errand import Errand
from engine.jobs.generation_fetching import Fetching
from engine.jobs.generation_finding import find
from engine.jobs.generation_looking import look
from engine.jobs.generation_sending import Sending
from engine.providers.generation import Prepared
from engine.store.operation_values import OperationState

S = OperationState


def go(errand: Errand, prepared: Prepared | None = None) -> None:
    """To the end. Raises: Cancelled, and it can be gone on with; StorageError: nothing can be written down."""
    find(errand)
    sending, fetching = Sending(errand, prepared), Fetching(errand)
    while True:
        errand.cancel.check()
        now = errand.tools.operations.get(errand.id)
        if now.state is S.CREATED:
            sending.send(now)
        elif now.state is S.RUNNING:
            look(errand, now)
        elif now.state is S.READY:
            fetching.fetch(now)
        else:
            return
