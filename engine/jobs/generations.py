"""All that is generated for one project: sent, waited for, fetched and kept, each in a thread of its own; listed from the store.

`Generating` (generation_values.py) says what every method does; the way of one operation is in generation_way.py. What runs when
this is closed, or when the program ends however it ends, is taken up by the next `resume`.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from engine.errors import ProviderError
from engine.jobs.generation_cards import FINDS_LOST, HistoryKey, card, usual_times
from engine.jobs.generation_errand import Tools, prepared_for, request_of
from engine.jobs.generation_files import GenerationFiles
from engine.jobs.generation_images import keep_image
from engine.jobs.generation_values import CostState, Generation, GenerationState
from engine.jobs.generation_workers import Workers
from engine.providers.generation import Choices, GenerateKind, GenerateRequest, GeneratorInfo
from engine.providers.online.attempting import Attempts
from engine.providers.online.attempts import Clock
from engine.providers.online.counted import CountedAttempts
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.generator_rules import all_rules, rules_of
from engine.providers.online.generators import Generators
from engine.providers.online.outgoing import Gate
from engine.providers.online.prices import Estimate, estimate_usd
from engine.running import CancelToken, Progress, Report
from engine.store.budget import check_budget
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerRow
from engine.store.opening import recover
from engine.store.operation_values import OPEN, NewOperation, Operation, OperationState
from engine.store.operations import Operations
from engine.vault import Keys

S = OperationState
ENDED = frozenset({
    GenerationState.DONE, GenerationState.FAILED, GenerationState.BLOCKED, GenerationState.STOPPED, GenerationState.UNKNOWN,
    GenerationState.EXPIRED,
})
_SHORT_WAIT_S = 3.0
"""Waits longer than this are not the attempts' but the operation's: they are shown with their end."""
_LOOK_S = 0.25


class Generations:
    """Implements `Generating` for `project` (its name in the store). `gate` is asked before anything is written down or sent.

    With `longest_wait_s` a service that is to be waited for longer ends an operation with a sentence: a command does not sit
    until tomorrow. `attempts` and `clock` are replaced by tests.
    """

    def __init__(
        self, store: Store, project: str, keys: Callable[[str], Keys], gate: Gate, *, files: GenerationFiles | None = None,
        attempts: Callable[[str], Attempts] | None = None, clock: Clock | None = None, longest_wait_s: float | None = None,
    ) -> None:
        self.changed: Callable[[str], None] = lambda _generation: None
        self._store, self._project, self._gate = store, project, gate
        self._clock = clock or Clock()
        self._counted: dict[str, Attempts] = {}
        self._files = files or GenerationFiles()
        self._tools = Tools(
            Operations(store, self._clock.now), Generators(keys), self._files, attempts or self._attempts_of, self._clock,
            longest_wait_s,
        )
        self._lock = threading.Lock()
        self._moved = threading.Condition()
        self._workers = Workers(self._tools, self._told)
        self._asked_for: set[str] = set()
        """Operations whose answer was lost and that were looked for already."""

    @property
    def project(self) -> str:
        return self._project

    # --- what may be asked -------------------------------------------------------------------------------------------

    def infos(self) -> tuple[GeneratorInfo, ...]:
        return tuple(rules.info for rules in all_rules())

    def choices(self, provider: str, kind: GenerateKind, model: str = "") -> Choices:
        return rules_of(provider).choices(kind, model)

    def problem(self, request: GenerateRequest) -> str:
        return rules_of(request.provider).problem(request)

    def estimate(self, request: GenerateRequest) -> Estimate:
        model = rules_of(request.provider).model(request)
        if request.kind.makes_video:
            return estimate_usd(request.provider, model, seconds=float(request.duration_s), variant=request.resolution)
        return estimate_usd(request.provider, model, images=1, variant=request.resolution)

    def keep_picture(self, data: bytes) -> str:
        return self._files.keep_picture(data)

    def picture_path(self, asset: str) -> Path:
        return self._files.assets.path(asset)

    # --- beginning ---------------------------------------------------------------------------------------------------

    def submit(
        self, request: GenerateRequest, *, cancel: CancelToken, report: Report, takes_up: bool = False,
        longest_wait_s: float | None = None,
    ) -> str:
        """See `Generating`. `longest_wait_s` is that of this one request, where it is shorter than that of all.

        With `takes_up` the same request that has been made and was never handed out (`handed_out`), or that was left, is taken up
        instead of being made anew: a command that is run again after it was interrupted pays once.
        """
        report(Progress(0.0, "Preparing"))
        rules_of(request.provider).check(request)
        prepared = prepared_for(request, self._tools)
        self._tools.generators.check_keys(request.provider)
        check_budget(self._store, self._project, prepared.sending.upper_usd or prepared.sending.cost.usd or 0.0)
        cancel.check()
        new = NewOperation(
            request.provider, prepared.sending.model, request.kind.value, self._project, prepared.sending.request_hash,
            json.dumps(request.json()), request.first_image,
        )
        self.resume()  # what an ended program left is known for what it is before anything joins it
        joined = self._joined(new) or (self._left(new) if takes_up else None)
        if joined is not None:
            return joined.id
        self._gate(prepared.sending, cancel)
        cancel.check()
        made, is_new = self._tools.operations.begin(new)
        if is_new:
            self._tools.operations.note(made.id, warnings=list(prepared.sending.notes))
            self._workers.start(made.id, prepared, longest_wait_s)
            self._told(made.id)
        return made.id

    def made_before(self, request: GenerateRequest) -> Generation | None:
        """The very same, made for this project before; nobody is asked. Raises: BadInputError; MissingAsset; StorageError."""
        hash_ = prepared_for(request, self._tools).sending.request_hash
        found = next((
            one for one in self._tools.operations.of_project(self._project)
            if (one.provider, one.request_hash, one.state) == (request.provider, hash_, S.DONE)
            and self._files.assets.has(one.result_hash)
        ), None)  # fmt: skip
        return None if found is None else self.get(found.id)

    def _joined(self, new: NewOperation) -> Operation | None:
        """The same request under way: nothing is sent for it, so nobody is asked."""
        return next((
            one for one in self._tools.operations.open(new.provider)
            if (one.project, one.request_hash) == (new.project, new.request_hash)
        ), None)  # fmt: skip

    def _left(self, new: NewOperation) -> Operation | None:
        """The same request, made and not handed out, or left by whoever waited for it."""
        for one in self._tools.operations.of_project(new.project):
            if (one.provider, one.request_hash) != (new.provider, new.request_hash):
                continue
            if one.state is S.DONE and not one.facts.get("handed_out") and self._files.assets.has(one.result_hash):
                return one
            if one.state is S.STOPPED and one.remote_id:
                self.look_again(one.id)
                return one
        return None

    def handed_out(self, generation: str) -> None:
        """Whoever asked has the result."""
        self._tools.operations.note(generation, handed_out=True)

    def retry(self, generation: str, *, cancel: CancelToken, report: Report) -> str:
        return self.submit(request_of(self._tools.operations.get(generation)), cancel=cancel, report=report)

    def resume(self) -> int:
        found = recover(self._store, self._clock.now).operations
        lost = (one for one in self._tools.operations.unknown() if one.id not in self._asked_for)
        unknown = [one for one in lost if self._tools.operations.claim(one.id)]
        for one in unknown:
            self._asked_for.add(one.id)
            keep_image(self._tools, one.id)
        for one in (*found, *unknown):
            now = self._tools.operations.get(one.id)
            if now.state in OPEN or (now.state is S.UNKNOWN and now.provider in FINDS_LOST):
                self._workers.start(now.id)
        return len(found)

    # --- following ---------------------------------------------------------------------------------------------------

    def wait(self, generation: str, *, cancel: CancelToken, report: Report) -> Generation:
        while True:
            now, is_worked_on = self.get(generation), self._workers.is_at(generation)
            if now.state in ENDED and not is_worked_on:
                break
            cancel.check()
            if not is_worked_on:
                self._take_over(generation)
            report(Progress(0.0, f"{now.progress}, {int(now.elapsed_s)} s"))
            with self._moved:
                self._moved.wait(_LOOK_S)
        if now.state is not GenerationState.DONE:
            raise self._failure(now)
        report(Progress(1.0, "Done"))
        return now

    def _failure(self, ended: Generation) -> ProviderError:
        """Why nothing came of it; with its kind, by which others may be asked, where its service said why."""
        words = ended.message or "Nothing came of it."
        kind = self._tools.operations.get(ended.id).facts.get("kind")
        if kind is None or ended.state not in {GenerationState.FAILED, GenerationState.BLOCKED}:
            return ProviderError(words)
        is_doubtful = ended.cost.state is not CostState.FREE
        return ProviderFailure(FailureKind(kind), ended.request.provider, words, may_have_billed=is_doubtful)

    def _take_over(self, generation: str) -> None:
        """Another process works on it, or has ended meanwhile. Raises: what keeps this one from going on with it."""
        if (trouble := self._workers.trouble(generation)) is not None:
            raise trouble
        self.resume()

    def listed(self, *, with_trash: bool = False) -> tuple[Generation, ...]:
        operations = self._tools.operations.of_project(self._project)
        usual = usual_times(operations)
        rows = {row.id: row for row in Ledger(self._store).rows(self._project)}
        shown = (one for one in operations if with_trash or one.trashed is None)
        return tuple(self._card(one, rows.get(one.ledger_row or 0), usual) for one in shown)

    def get(self, generation: str) -> Generation:
        one = self._tools.operations.get(generation)
        row = Ledger(self._store).row(one.ledger_row) if one.ledger_row is not None else None
        return self._card(one, row, usual_times(self._tools.operations.of_project(one.project)))

    def _card(self, one: Operation, row: LedgerRow | None, usual: Mapping[HistoryKey, float]) -> Generation:
        progress, is_mine = self._workers.said(one.id), self._workers.is_at(one.id)
        made = card(one, row, self._files, progress=progress, is_mine=is_mine, now=self._clock.now(), usual=usual)
        is_stuck = self._workers.trouble(one.id) is not None and one.state in {S.RUNNING, S.READY}
        return replace(made, can_look_again=True) if is_stuck else made

    def cancel(self, generation: str) -> None:
        self._workers.stop(generation)

    def look_again(self, generation: str) -> None:
        now = self._tools.operations.get(generation)
        if now.state is not S.UNKNOWN and now.state not in OPEN:  # an open one is only gone on with
            self._tools.operations.look_again(generation)
        self._workers.start(generation)
        self._told(generation)

    def rate(self, generation: str, thumb: int) -> None:
        self._tools.operations.rate(generation, thumb)
        self._told(generation)

    def trash(self, generation: str) -> None:
        self._tools.operations.trash(generation)
        self._told(generation)

    def restore(self, generation: str) -> None:
        self._tools.operations.trash(generation, is_trashed=False)
        self._told(generation)

    def move_to(self, project: str) -> None:
        self._project = project

    def close(self) -> None:
        self._workers.close()
        self._tools.generators.close()

    def _told(self, operation: str) -> None:
        with self._moved:
            self._moved.notify_all()
        self.changed(operation)

    def _attempts_of(self, project: str) -> Attempts:
        with self._lock:
            if project not in self._counted:
                self._counted[project] = CountedAttempts(
                    self._store, project, clock=self._clock, longest_wait_s=_SHORT_WAIT_S
                )
            return self._counted[project]
