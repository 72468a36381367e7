"""Operations of the store as cards: what each shows and offers, its cost by the ledger, how long its like took."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from statistics import median

from engine.errors import PatchreelError
from engine.jobs.generation_errand import request_of
from engine.jobs.generation_files import GenerationFiles
from engine.jobs.generation_values import Cost, CostState, Generation, GenerationState, MadeFile
from engine.providers.online.generator_rules import rules_of
from engine.providers.online.prices import estimate_usd
from engine.store.ledger import LedgerRow, LedgerState
from engine.store.operation_values import Operation, OperationState

S, G = OperationState, GenerationState
_SHOWN = {
    S.CREATED: G.SENDING, S.RUNNING: G.RUNNING, S.READY: G.FETCHING, S.DONE: G.DONE, S.FAILED: G.FAILED, S.BLOCKED: G.BLOCKED,
    S.STOPPED: G.STOPPED, S.UNKNOWN: G.UNKNOWN, S.EXPIRED: G.EXPIRED,
}
_OPEN = frozenset({G.WAITING, G.SENDING, G.RUNNING, G.FETCHING})
_WORDS = {G.WAITING: "Waiting", G.SENDING: "Sending", G.RUNNING: "Generating", G.FETCHING: "Fetching"}
_KEPT_TEXT = {"text to image": "Being made"}
FINDS_LOST = frozenset({"kling"})
"""Services that can be asked for what was lost on the way, by the names we give."""
HistoryKey = tuple[str, str, str]


def usual_times(operations: Iterable[Operation]) -> dict[HistoryKey, float]:
    """The median of how long finished ones took, by service, model and kind."""
    took: dict[HistoryKey, list[float]] = {}
    for one in operations:
        if one.state is S.DONE and "took_s" in one.facts:
            took.setdefault((one.provider, one.model, one.kind), []).append(float(one.facts["took_s"]))
    return {key: median(times) for key, times in took.items()}


def card(
    one: Operation, row: LedgerRow | None, files: GenerationFiles, *, progress: str, is_mine: bool, now: datetime,
    usual: Mapping[HistoryKey, float],
) -> Generation:
    """`progress` is what its worker says just now; `is_mine` whether this process works on it."""
    request, rules = request_of(one), rules_of(one.provider)
    state = _state(one, row, is_mine=is_mine)
    is_lost = state is G.UNKNOWN or (row is not None and row.state is LedgerState.UNKNOWN and state is not G.DONE)
    return Generation(
        one.id, request, rules.info.name, one.model, state, _progress(state, one, progress), _message(one, state),
        _elapsed_s(one, state, now), usual.get((one.provider, one.model, one.kind)), _cost(one, row, state),
        _badges(one, rules.info.badges), one.created, one.next_poll if state is G.WAITING else None, _made(one, files),
        one.thumb, one.trashed is not None, can_cancel=state in _OPEN and is_mine,
        can_look_again=_can_look_again(one, state), may_cost_twice=is_lost, warnings=tuple(one.facts.get("warnings", ())),
    )


def _state(one: Operation, row: LedgerRow | None, *, is_mine: bool) -> GenerationState:
    is_on_its_way = row is not None and row.state is LedgerState.STARTED
    if one.state is S.UNKNOWN and is_mine:
        return G.SENDING  # its service is being asked for it
    return G.WAITING if one.state is S.CREATED and not is_on_its_way else _SHOWN[one.state]


def _progress(state: GenerationState, one: Operation, said: str) -> str:
    if state not in _OPEN:
        return ""
    usual = _KEPT_TEXT.get(one.kind, "Sending") if state is G.SENDING else _WORDS[state]
    return said or usual


def _message(one: Operation, state: GenerationState) -> str:
    return "" if state is G.DONE else one.message


def _elapsed_s(one: Operation, state: GenerationState, now: datetime) -> float:
    if "took_s" in one.facts:
        return float(one.facts["took_s"])
    since = one.running_since or one.created
    return max(0.0, ((now if state in _OPEN else one.updated) - since).total_seconds())


def _cost(one: Operation, row: LedgerRow | None, state: GenerationState) -> Cost:
    if row is None:
        return Cost(_estimated(one), CostState.ESTIMATED) if state in _OPEN else Cost(0.0, CostState.FREE)
    if row.state is LedgerState.UNKNOWN:
        return Cost(row.upper_usd, CostState.UP_TO)
    if row.state is LedgerState.STARTED:
        return Cost(row.estimated_usd, CostState.ESTIMATED if state in _OPEN else CostState.UP_TO)
    if row.state is LedgerState.FAILED_FREE and state in _OPEN:
        return Cost(row.estimated_usd, CostState.ESTIMATED)
    return Cost(row.actual_usd, CostState.CHARGED if row.actual_usd > 0 else CostState.FREE)


def _estimated(one: Operation) -> float:
    request = request_of(one)
    images, seconds = (0, float(request.duration_s)) if request.kind.makes_video else (1, 0.0)
    try:
        found = estimate_usd(one.provider, one.model, images=images, seconds=seconds, variant=request.resolution)
    except PatchreelError:
        return 0.0
    return found.usd or 0.0


def _badges(one: Operation, known: tuple[str, ...]) -> tuple[str, ...]:
    """Of a finished one by what its file has."""
    if one.state is not S.DONE:
        return ()
    return tuple(badge for badge in known if badge != "Audio" or one.facts.get("has_audio"))


def _made(one: Operation, files: GenerationFiles) -> MadeFile | None:
    if one.state is not S.DONE or not files.assets.has(one.result_hash):
        return None
    facts = one.facts
    duration = Fraction(*facts["duration"]) if "duration" in facts else Fraction(0)
    return MadeFile(
        one.result_hash, files.assets.path(one.result_hash), facts.get("mime", ""), facts.get("width", 0), facts.get("height", 0),
        duration, bool(facts.get("has_audio")),
    )


def _can_look_again(one: Operation, state: GenerationState) -> bool:
    if state is G.UNKNOWN:
        return one.provider in FINDS_LOST
    return state in {G.STOPPED, G.FAILED} and bool(one.remote_id)
