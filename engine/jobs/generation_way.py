"""The way of one generation: sent, looked at, fetched, kept; from whatever state it is in to its end, or until it is stopped.

Every step is written down before the next is taken, so that any end of the program loses nothing that had come. What a paid
request answers is kept inside the attempt; one bad look never fails what was paid for.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import MediaError, PatchreelError, StorageError
from engine.jobs.generation_files import GenerationFiles, image_facts
from engine.media.video_check import check_video
from engine.providers.generation import Accepted, Ended, GenerateRequest, Prepared, Ready
from engine.providers.online.attempting import Attempts, PaidRequest
from engine.providers.online.attempts import Clock
from engine.providers.online.downloads import ResultGone
from engine.providers.online.failures import CancelledInFlight, FailureKind, ProviderFailure
from engine.providers.online.generators import Generators
from engine.providers.online.prices import estimate_usd
from engine.providers.online.table import provider_facts
from engine.providers.online.waiting import wait_until
from engine.running import CancelToken, Progress, Report
from engine.store.ledger import Charge, LedgerState, Outcome
from engine.store.operation_values import POLL_S, Download, Operation, OperationState, poll_wait_s
from engine.store.operations import Operations

S = OperationState
T = TypeVar("T")
FIND_FOR_S = 120.0
"""A service that still knows nothing by our name after this long has not taken the request."""
_FETCHES_MAX = 8
"""Fetches in a row that brought nothing, until the user is asked."""
_WAITS_MAX = 3
_SLOT_LOOK_S = 2.0
_DISK_LOOK_S = 5.0
_UPPER = 2.0
"""A picture costs at most this many times its estimate: drafts beside it, longer thoughts, finer drawing. Videos have a price."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A paid request that was taken, or whose answer is kept already: its row is settled by who follows the operation."""

    request_id: str = ""
    cost_usd: None = None
    tokens: int = 0
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every way is gone with."""

    operations: Operations
    generators: Generators
    files: GenerationFiles
    attempts: Callable[[str], Attempts]
    """By the project that pays."""
    clock: Clock
    longest_wait_s: float | None = None
    """A time to come back that is further away ends it with a sentence; None waits as long as it takes."""


class Way:
    """One operation; `cancel` stops it where it is. Used by one thread."""

    def __init__(self, tools: Tools, operation: str, prepared: Prepared | None, cancel: CancelToken, report: Report) -> None:
        self._tools, self._id, self._prepared = tools, operation, prepared
        self._cancel, self._report = cancel, report
        self._fetches = self._waits = 0

    @property
    def _operations(self) -> Operations:
        return self._tools.operations

    def go(self) -> None:
        """To the end. Raises: Cancelled, and it can be gone on with; StorageError: nothing can be written down."""
        steps = {S.CREATED: self._send, S.RUNNING: self._look, S.READY: self._fetch}
        while (now := self._operations.get(self._id)).state in steps:
            self._cancel.check()
            steps[now.state](now)

    # --- sending -----------------------------------------------------------------------------------------------------

    def _send(self, now: Operation) -> None:
        request = GenerateRequest.of_json(_request_of(now))
        try:
            prepared = self._prepared or prepared_again(request, self._tools)
            self._tools.generators.check_keys(now.provider)
            self._await_slot(now)
            if request.kind.makes_video:
                self._send_video(now, prepared)
            else:
                self._send_image(now, prepared)
        except ProviderFailure as failure:
            self._not_sent(now, failure)
        except CancelledInFlight:
            self._operations.end(self._id, S.UNKNOWN, "Cancelled after it was sent; it may be carried out and charged.")
            raise
        except StorageError:
            raise
        except PatchreelError as error:
            self._operations.end(self._id, S.FAILED, str(error))

    def _send_video(self, now: Operation, prepared: Prepared) -> None:
        service = self._tools.generators.video(now.provider)

        def call() -> _Taken:
            taken = service.submit(prepared, self._id, cancel=self._cancel)
            self._accepted(now, taken)
            return _Taken(taken.request_id)

        usd = prepared.sending.cost.usd or 0.0
        self._paid(now, prepared, usd, usd, call)

    def _accepted(self, now: Operation, taken: Accepted) -> None:
        self._written(lambda: self._operations.accepted(self._id, taken.remote_id, self._interval_s(now)))
        if taken.warnings:
            self._operations.note(self._id, warnings=[*now.facts.get("warnings", []), *taken.warnings])
        self._report(Progress(0.0, "Generating"))

    def _send_image(self, now: Operation, prepared: Prepared) -> None:
        service, insists = self._tools.generators.image(now.provider), [False]

        def call() -> _Taken:
            image = service.generate(prepared, insists=insists[0], cancel=self._cancel)
            self._written(lambda: self._tools.files.keep_answer(self._id, image))
            return _Taken(image.request_id, kept=self._written(lambda: keep_image(self._tools, self._id)) or "")

        usd = prepared.sending.cost.usd or 0.0
        try:
            self._paid(now, prepared, usd, usd * _UPPER, call)
        except ProviderFailure as failure:
            if failure.kind is not FailureKind.PROVIDER_BUG or failure.may_have_billed:
                raise
            insists[0] = True  # an answer in words: once more, and firmer
            self._paid(now, prepared, usd, usd * _UPPER, call)

    def _paid(self, now: Operation, prepared: Prepared, usd: float, upper_usd: float, call: Callable[[], _Taken]) -> None:
        asked = PaidRequest(
            now.provider, now.kind, now.model, usd, prepared.sending.request_hash, upper_usd,
            begun=lambda row: self._operations.pay(self._id, row),
        )
        self._report(Progress(0.0, "Sending"))
        attempts = self._tools.attempts(now.project)
        try:
            attempts(asked, call, cancel=self._cancel, report=self._report)
        except ProviderFailure as failure:
            at = self._goes_on_at(failure)
            if at is None:
                raise
            self._operations.waiting(self._id, failure.text, at)
            self._wait(at, "It goes on in")
            self._operations.waiting(self._id, "")

    def _goes_on_at(self, failure: ProviderFailure) -> datetime | None:
        """When a request that was too many is made again; None where that is left to the user."""
        if failure.kind is not FailureKind.QUOTA or failure.may_have_billed or failure.retry_at is None:
            return None
        self._waits += 1
        now, longest = self._tools.clock.now(), self._tools.longest_wait_s
        at = max(failure.retry_at, now + timedelta(seconds=min(60.0, 2.0 ** (self._waits - 1))))
        if longest is not None and ((at - now).total_seconds() > longest or self._waits >= _WAITS_MAX):
            return None
        return at

    def _written(self, write: Callable[[], T]) -> T:
        """What was paid for is written down, however long the disk takes to have room. Raises: Cancelled."""
        while True:
            try:
                return write()
            except StorageError as error:
                self._report(Progress(0.0, "The answer waits for room on the disk"))
                self._wait(self._tools.clock.now() + timedelta(seconds=_DISK_LOOK_S), error.text)

    def _not_sent(self, now: Operation, failure: ProviderFailure) -> None:
        if failure.kind is FailureKind.OUTCOME_UNKNOWN or failure.may_have_billed:
            if self._operations.get(self._id).state is S.CREATED:
                self._operations.end(self._id, S.UNKNOWN, str(failure))
            find(self._tools, self._id, self._cancel)
            return
        state = S.BLOCKED if failure.kind is FailureKind.SAFETY else S.FAILED
        self._operations.note(self._id, kind=failure.kind.value)
        self._operations.end(self._id, state, str(failure))

    def _await_slot(self, now: Operation) -> None:
        """Services count what they work on at once from submission to the end, so those that run count, and those before."""
        request = _request_of(now)
        at_once = provider_facts(now.provider).limit("concurrent")
        if at_once is None or not GenerateRequest.of_json(request).kind.makes_video:
            return
        while self._operations.ahead_of(self._id) >= max(1, int(at_once)):
            words = "Waiting for a free slot"
            self._operations.waiting(self._id, words)
            self._report(Progress(0.0, words))
            self._wait(self._tools.clock.now() + timedelta(seconds=_SLOT_LOOK_S), "")
        self._operations.waiting(self._id, "")

    # --- looking -----------------------------------------------------------------------------------------------------

    def _interval_s(self, now: Operation) -> float:
        return provider_facts(now.provider).limit("poll_seconds") or POLL_S

    def _look(self, now: Operation) -> None:
        if now.next_poll is not None:
            self._wait(now.next_poll, "")
        if self._operations.is_overdue(now):
            text = "It takes longer than usual. The service may still finish it, and the charge stands: look again later."
            self._operations.end(self._id, S.STOPPED, text)
            return
        interval_s = self._interval_s(now)
        try:
            found = self._tools.generators.video(now.provider).look(now.remote_id, now.model, cancel=self._cancel)
        except ProviderFailure as failure:
            self._operations.polled(self._id, is_answered=False, message=failure.text, interval_s=interval_s)
            self._report(Progress(0.0, "No answer, asking again"))
            return
        if isinstance(found, Ended):
            self._ended(now, found)
        elif isinstance(found, Ready):
            cost = found.cost_usd if found.cost_usd is not None else price_usd(now)
            self._operations.note(self._id, cost_usd=cost, seconds=found.seconds or _request_of(now)["duration_s"])
            self._operations.ready(self._id, Download(found.url))
            self._report(Progress(0.0, "Fetching"))
        else:
            self._operations.polled(self._id, is_answered=True, interval_s=interval_s)
            self._report(Progress(0.0, found.note or "Generating"))

    def _ended(self, now: Operation, found: Ended) -> None:
        failure = found.failure
        charge = Charge(failure.cost_usd, request_id=failure.request_id)
        if failure.may_have_billed:
            paid = Outcome(LedgerState.UNKNOWN, charge, failure.text)
        elif failure.kind is FailureKind.SAFETY:
            paid = Outcome(LedgerState.REFUSED, charge, failure.text)
        else:
            paid = Outcome(LedgerState.FAILED_FREE, charge, failure.text)
        if found.may_pass_again and not failure.may_have_billed and not now.facts.get("sent_again"):
            self._operations.note(self._id, sent_again=True)
            self._operations.send_again(self._id, paid)
            return
        self._operations.note(self._id, kind=failure.kind.value)
        state = S.BLOCKED if failure.kind is FailureKind.SAFETY else S.FAILED
        self._operations.end(self._id, state, str(failure), paid)

    # --- fetching ----------------------------------------------------------------------------------------------------

    def _fetch(self, now: Operation) -> None:
        part, files = self._tools.files.part(self._id), self._tools.files
        before = _size(part)
        if (kept := now.facts.get("kept")) and files.assets.has(kept):
            self._done(kept)
            return
        try:
            self._tools.generators.video(now.provider).fetch(
                now.download, part, cancel=self._cancel, report=self._report,
                noted=lambda known: self._operations.fetching(self._id, known),
            )
            self._keep_video(now)
        except ResultGone as gone:
            self._gone(now, gone)
        except (ProviderFailure, StorageError) as failure:
            self._fetches = 1 if _size(part) > before else self._fetches + 1
            self._not_fetched(now, failure)

    def _keep_video(self, now: Operation) -> None:
        part = self._tools.files.part(self._id)
        try:
            facts = check_video(part)
        except MediaError as error:
            self._damaged(now, error)
            return
        shape = {
            "width": facts.width, "height": facts.height, "has_audio": facts.has_audio, "mime": "video/mp4",
            "duration": [facts.duration.numerator, facts.duration.denominator],
        }
        asset = self._tools.files.adopt_video(self._id, lambda name: self._operations.note(self._id, kept=name, **shape))
        self._done(asset)

    def _done(self, asset: str) -> None:
        facts = self._operations.get(self._id).facts
        charge = Charge(facts["cost_usd"], seconds=float(facts["seconds"]))
        self._written(lambda: self._operations.done(self._id, asset, charge, **self._took()))
        self._report(Progress(1.0, "Done"))

    def _took(self) -> dict[str, Any]:
        now = self._operations.get(self._id)
        since = now.running_since or now.created
        return {"took_s": round((self._tools.clock.now() - since).total_seconds(), 1)}

    def _charged(self, now: Operation) -> Outcome:
        """Ready means charged, whether the file comes or not."""
        cost = now.facts.get("cost_usd", 0.0)
        return Outcome(LedgerState.SETTLED, Charge(cost, seconds=float(now.facts.get("seconds", 0.0))))

    def _damaged(self, now: Operation, error: MediaError) -> None:
        """Fetched once more from the beginning; the second time what came is kept as it is."""
        if not now.facts.get("was_damaged"):
            self._tools.files.part(self._id).unlink(missing_ok=True)
            self._operations.note(self._id, was_damaged=True)
            self._operations.fetching(self._id, Download(now.download.url))
            return
        kept = self._tools.files.assets.adopt(self._tools.files.part(self._id), ".bin")
        self._operations.note(self._id, damaged=kept)
        name = provider_facts(now.provider).name
        text = f"What {name} sent is no video that can be used, twice. It is kept, and was charged. Look again to fetch it anew."
        self._operations.end(self._id, S.FAILED, text, self._charged(now))

    def _gone(self, now: Operation, gone: ResultGone) -> None:
        """The service is asked once for a new link."""
        if not now.facts.get("asked_anew"):
            self._operations.note(self._id, asked_anew=True)
            self._operations.accepted(self._id, now.remote_id, self._interval_s(now))
            return
        text = f"{gone.text} It was charged, and cannot be fetched any more."
        self._operations.end(self._id, S.EXPIRED, text, self._charged(now))

    def _not_fetched(self, now: Operation, failure: PatchreelError) -> None:
        if self._fetches >= _FETCHES_MAX:
            text = f"The finished video could not be fetched: {failure.text} Look again to go on with it."
            self._operations.end(self._id, S.STOPPED, text, self._charged(now))
            return
        self._operations.waiting(self._id, failure.text)
        self._report(Progress(0.0, "Fetching broke off, going on"))
        wait_s = min(2.0 ** (self._fetches - 1), poll_wait_s(0, self._fetches))
        self._wait(self._tools.clock.now() + timedelta(seconds=wait_s), "Going on in")

    def _wait(self, until: datetime, words: str) -> None:
        clock = self._tools.clock
        report = self._report if words else (lambda _progress: None)
        wait_until(until, words, now=clock.now, cancel=self._cancel, report=report, sleep=clock.sleep)


def prepared_again(request: GenerateRequest, tools: Tools) -> Prepared:
    """What would leave for a request, with its kept pictures. Raises: BadInputError; MissingAsset."""
    if not request.kind.makes_video:
        return tools.generators.image(request.provider).prepared(request)
    first, last = tools.files.picture(request.first_image), tools.files.picture(request.last_image)
    return tools.generators.video(request.provider).prepared(request, first, last)


def keep_image(tools: Tools, operation: str) -> str | None:
    """Make a kept answer the operation's result; its asset's hash. None where no answer is kept."""
    image = tools.files.answer(operation)
    if image is None:
        return None
    now = tools.operations.get(operation)
    charge = Charge(image.cost_usd, tokens=image.tokens, request_id=image.request_id)
    facts, error = image_facts(image.raw)
    asset = tools.files.put_image(image.raw, facts.get("mime", ""))
    warnings = [*now.facts.get("warnings", []), *image.warnings]
    took_s = round((tools.clock.now() - now.created).total_seconds(), 1)
    if error:
        tools.operations.note(operation, damaged=asset, warnings=warnings)
        text = f"{error} What came is kept, and was charged."
        tools.operations.end(operation, S.FAILED, text, Outcome(LedgerState.SETTLED, charge, result=asset))
    else:
        tools.operations.done(operation, asset, charge, **facts, warnings=warnings, took_s=took_s, answered_by=image.model)
    tools.files.drop_answer(operation)
    return asset


def find(tools: Tools, operation: str, cancel: CancelToken) -> bool:
    """Ask a service that takes names of ours for an operation whose answer was lost; whether it can be gone on with.

    Raises: Cancelled, StorageError.
    """
    now = tools.operations.get(operation)
    if now.state is not S.UNKNOWN or not GenerateRequest.of_json(_request_of(now)).kind.makes_video:
        return False
    service = tools.generators.video(now.provider)
    if not service.takes_names:
        return False
    try:
        taken = service.find(operation, now.model, cancel=cancel)
    except (ProviderFailure, PatchreelError):
        return False
    if taken is not None:
        tools.operations.accepted(operation, taken.remote_id)
        return True
    if (tools.clock.now() - now.updated).total_seconds() >= FIND_FOR_S:
        text = f"{service.info.name} knows nothing of this request, so it was not taken and not charged. Retry sends it."
        tools.operations.end(operation, S.FAILED, text, Outcome(LedgerState.FAILED_FREE, note=text))
    return False


def price_usd(operation: Operation) -> float:
    """By the table: what a finished video of this request costs."""
    request = _request_of(operation)
    found = estimate_usd(
        operation.provider, operation.model, seconds=float(request["duration_s"]), variant=request["resolution"]
    )
    return found.usd or 0.0


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _request_of(operation: Operation) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(operation.request)
    return value
