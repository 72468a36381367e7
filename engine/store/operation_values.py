"""A long operation of a service (a video takes minutes) as values: its states, which may follow which, when to look again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

POLL_S, POLL_MIN_S, POLL_MAX_S = 5.0, 2.0, 60.0
"""How often a service is asked how far it is: by default, and what the setting may be."""
PATIENT_AFTER_S = 60.0
PATIENT_POLL_S = 10.0
"""After a minute it is asked half as often: it will take minutes more."""
DEADLINE_S = 900.0
"""After this much asking the user is asked; the operation may still finish and is kept."""


class OperationState(Enum):
    """From before the request leaves until the file is safe."""

    CREATED = "created"
    """About to leave, or on its way."""
    RUNNING = "running"
    """The service has given it a name."""
    READY = "ready"
    """The result can be fetched, and is being fetched."""
    DONE = "done"
    """The result is an asset."""
    FAILED = "failed"
    BLOCKED = "blocked"
    """Refused for what it shows or asks."""
    STOPPED = "stopped"
    """No longer asked for (cancelled, or the deadline passed); the service may go on with it, and it can be looked at again."""
    UNKNOWN = "unknown"
    """The answer to its request was lost: it may run, under a name that is not known."""
    EXPIRED = "expired"
    """The service has thrown the result away before it was fetched."""


MAY_BECOME: dict[OperationState, frozenset[OperationState]] = {
    OperationState.CREATED: frozenset({
        OperationState.RUNNING, OperationState.DONE, OperationState.FAILED, OperationState.BLOCKED, OperationState.STOPPED,
        OperationState.UNKNOWN,
    }),
    OperationState.RUNNING: frozenset({
        OperationState.CREATED, OperationState.READY, OperationState.FAILED, OperationState.BLOCKED, OperationState.STOPPED,
        OperationState.EXPIRED,
    }),
    OperationState.READY: frozenset({
        OperationState.DONE, OperationState.FAILED, OperationState.STOPPED, OperationState.EXPIRED, OperationState.RUNNING,
    }),
    OperationState.STOPPED: frozenset({OperationState.RUNNING, OperationState.READY}),
    OperationState.UNKNOWN: frozenset({OperationState.RUNNING, OperationState.DONE, OperationState.FAILED}),
    OperationState.FAILED: frozenset({OperationState.RUNNING, OperationState.READY}),
    OperationState.DONE: frozenset(),
    OperationState.BLOCKED: frozenset(),
    OperationState.EXPIRED: frozenset(),
}
"""CREATED may become DONE: some services answer with the result itself. RUNNING may become CREATED: a request that was refused
free of charge is sent once more. READY may become RUNNING: a link that has run out is asked for anew. FAILED may become RUNNING
or READY, so that what was paid for can always be looked at again; a new request is a new operation."""

OPEN = (OperationState.CREATED, OperationState.RUNNING, OperationState.READY)
"""Somebody works on it, or should."""


@dataclass(frozen=True, slots=True)
class NewOperation:
    """What is written down before the request leaves."""

    provider: str
    model: str
    kind: str
    """"text to video", "image to video", …"""
    project: str
    request_hash: str
    request: str
    """The request as JSON without any key: prompt and settings, so that they can be shown and sent again."""
    input_hash: str = ""
    """The asset that is sent along; kept as long as the operation."""


@dataclass(frozen=True, slots=True)
class Download:
    """What a broken fetch needs to go on where it stopped. How much is there already, the part file itself says."""

    url: str = ""
    """Without any key in it."""
    part_name: str = ""
    validator: str = ""
    """The ETag or date that shows whether the rest still belongs to the beginning."""
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    """Also the name by which a service that takes one (Kling's `external_task_id`) can be asked for it."""
    provider: str
    model: str
    kind: str
    project: str
    request_hash: str
    request: str
    input_hash: str
    ledger_row: int | None
    state: OperationState
    remote_id: str
    message: str
    created: datetime
    updated: datetime
    running_since: datetime | None
    next_poll: datetime | None
    polls: int
    bad_polls: int
    """Polls in a row that brought no answer. They never fail an operation."""
    download: Download
    result_hash: str
    facts: Mapping[str, Any]
    """What is known of the result, and notes of whoever works on it."""
    thumb: int
    """What the user thinks of the result: 1 up, -1 down, 0 nothing said."""
    trashed: datetime | None
    """Since when it lies in the trash; its result is kept."""


def poll_wait_s(running_s: float, bad_polls: int = 0, interval_s: float = POLL_S) -> float:
    """Seconds until a service is asked again, always within 2..60. Every poll without an answer doubles the wait."""
    wait = min(max(interval_s, POLL_MIN_S), POLL_MAX_S)
    if running_s >= PATIENT_AFTER_S:
        wait = max(wait, PATIENT_POLL_S)
    return float(min(wait * 2 ** min(bad_polls, 6), POLL_MAX_S))
