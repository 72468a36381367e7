"""The first step of a generation: its turn comes, its one paid request leaves, and what is answered is written down inside the
attempt, before anybody says that it was paid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.errors import PatchreelError, StorageError
from engine.jobs.generation_errand import Errand, interval_s, prepared_for, request_of
from engine.jobs.generation_finding import find
from engine.jobs.generation_images import keep_image
from engine.providers.generation import Accepted, Prepared
from engine.providers.online.attempting import PaidRequest
from engine.providers.online.failures import CancelledInFlight, FailureKind, ProviderFailure
from engine.providers.online.table import provider_facts
from engine.store.operation_values import Operation, OperationState

S = OperationState
_WAITS_MAX = 3
"""How often a command waits for a service that says when it may go on."""
_SLOT_LOOK_S = 2.0


@dataclass(frozen=True, slots=True)
class _Taken:
    """A paid request that was taken, or whose answer is kept already: its row is settled by who follows the operation."""

    request_id: str = ""
    cost_usd: None = None
    tokens: int = 0
    kept: str = ""


class Sending:
    """Sends one operation, as often as that is proven to be free."""

    def __init__(self, errand: Errand, prepared: Prepared | None) -> None:
        self._errand, self._prepared = errand, prepared
        self._operations, self._id = errand.tools.operations, errand.id
        self._waits = 0

    def send(self, now: Operation) -> None:
        """Raises: Cancelled; StorageError."""
        errand, request = self._errand, request_of(now)
        try:
            prepared = self._prepared or prepared_for(request, errand.tools)
            errand.tools.generators.check_keys(now.provider)
            if request.kind.makes_video:
                self._await_slot(now)
                self._send_video(now, prepared)
            else:
                self._send_image(now, prepared)
        except ProviderFailure as failure:
            self._not_sent(failure)
        except CancelledInFlight:
            self._operations.end(self._id, S.UNKNOWN, "Cancelled after it was sent; it may be carried out and charged.")
            raise
        except StorageError:
            raise
        except PatchreelError as error:
            self._operations.end(self._id, S.FAILED, str(error))

    def _send_video(self, now: Operation, prepared: Prepared) -> None:
        service, errand = self._errand.tools.generators.video(now.provider), self._errand

        def call() -> _Taken:
            taken = service.submit(prepared, self._id, cancel=errand.cancel)
            errand.written(lambda: self._accepted(now, taken))
            return _Taken(taken.request_id)

        self._paid(now, prepared, call)

    def _accepted(self, now: Operation, taken: Accepted) -> None:
        self._operations.accepted(self._id, taken.remote_id, interval_s(now))
        if taken.warnings:
            self._operations.note(self._id, warnings=[*now.facts.get("warnings", []), *taken.warnings])
        self._errand.say("Generating")

    def _send_image(self, now: Operation, prepared: Prepared) -> None:
        tools, errand = self._errand.tools, self._errand
        service = tools.generators.image(now.provider)

        def call(*, insists: bool) -> _Taken:
            image = service.generate(prepared, insists=insists, cancel=errand.cancel)
            errand.written(lambda: tools.files.keep_answer(self._id, image))
            return _Taken(image.request_id, kept=errand.written(lambda: keep_image(tools, self._id)) or "")

        try:
            self._paid(now, prepared, lambda: call(insists=False))
        except ProviderFailure as failure:
            if failure.kind is not FailureKind.PROVIDER_BUG or failure.may_have_billed:
                raise
            self._paid(now, prepared, lambda: call(insists=True))  # it answered in words

    def _paid(self, now: Operation, prepared: Prepared, call: Callable[[], _Taken]) -> None:
        sending, errand = prepared.sending, self._errand
        asked = PaidRequest(
            now.provider, now.kind, now.model, sending.cost.usd or 0.0, sending.request_hash, sending.upper_usd,
            operation_id=self._id,
        )
        errand.say("Sending" if now.kind != "text to image" else "Being made")
        try:
            errand.tools.attempts(now.project)(asked, call, cancel=errand.cancel, report=errand.report)
        except ProviderFailure as failure:
            at = self._goes_on_at(failure)
            if at is None:
                raise
            self._operations.waiting(self._id, failure.text, at)
            errand.wait_until(at, "It goes on in")
            self._operations.waiting(self._id, "")

    def _goes_on_at(self, failure: ProviderFailure) -> datetime | None:
        """When a request that was too many is made again; None where that is left to the user."""
        if failure.kind is not FailureKind.QUOTA or failure.may_have_billed or failure.retry_at is None:
            return None
        self._waits += 1
        now, longest = self._errand.tools.clock.now(), self._errand.tools.longest_wait_s
        at = max(failure.retry_at, now + timedelta(seconds=min(60.0, 2.0 ** (self._waits - 1))))
        if longest is not None and ((at - now).total_seconds() > longest or self._waits >= _WAITS_MAX):
            return None
        return at

    def _not_sent(self, failure: ProviderFailure) -> None:
        if failure.kind is FailureKind.OUTCOME_UNKNOWN or failure.may_have_billed:
            if self._operations.get(self._id).state is S.CREATED:
                self._operations.end(self._id, S.UNKNOWN, str(failure))
            find(self._errand)
            return
        self._operations.note(self._id, kind=failure.kind.value)
        state = S.BLOCKED if failure.kind is FailureKind.SAFETY else S.FAILED
        self._operations.end(self._id, state, str(failure))

    def _await_slot(self, now: Operation) -> None:
        """Services count what they work on at once from submission to the end, so those that run count, and those before."""
        at_once = provider_facts(now.provider).limit("concurrent")
        waited = False
        while at_once is not None and self._operations.ahead_of(self._id) >= max(1, int(at_once)):
            if not waited:
                self._operations.waiting(self._id, "The service works on as many as it takes at once.")
            waited = True
            self._errand.say("Waiting for a free slot")
            self._errand.wait_s(_SLOT_LOOK_S)
        if waited:
            self._operations.waiting(self._id, "")
