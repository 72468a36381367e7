"""What every step of a generation has at hand: the operation it is for, what it works with, and ways to wait that can be left."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from engine.errors import StorageError
from engine.jobs.generation_files import GenerationFiles
from engine.providers.generation import GenerateRequest, Prepared
from engine.providers.online.attempting import Attempts
from engine.providers.online.attempts import Clock
from engine.providers.online.generators import Generators
from engine.providers.online.table import provider_facts
from engine.providers.online.waiting import wait_until
from engine.running import CancelToken, Progress, Report
from engine.store.operation_values import POLL_S, Operation
from engine.store.operations import Operations

T = TypeVar("T")
_DISK_LOOK_S = 5.0


@dataclass(frozen=True, slots=True)
class Tools:
    """The same for all operations."""

    operations: Operations
    generators: Generators
    files: GenerationFiles
    attempts: Callable[[str], Attempts]
    """By the project that pays."""
    clock: Clock
    longest_wait_s: float | None = None
    """A time to come back that is further away ends an operation with a sentence; None waits as long as it takes."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One operation in the hands of one thread."""

    tools: Tools
    id: str
    cancel: CancelToken
    report: Report

    def say(self, words: str, fraction: float = 0.0) -> None:
        self.report(Progress(fraction, words))

    def wait_until(self, until: datetime, words: str = "") -> None:
        """`words` and the seconds that are left are said meanwhile. Raises: Cancelled."""
        clock = self.tools.clock
        report = self.report if words else (lambda _progress: None)
        wait_until(until, words, now=clock.now, cancel=self.cancel, report=report, sleep=clock.sleep)

    def wait_s(self, seconds: float, words: str = "") -> None:
        self.wait_until(self.tools.clock.now() + timedelta(seconds=seconds), words)

    def written(self, write: Callable[[], T]) -> T:
        """What was paid for is written down, however long the disk takes to have room. Raises: Cancelled."""
        while True:
            try:
                return write()
            except StorageError as error:
                self.say("The answer waits for room on the disk")
                self.wait_s(_DISK_LOOK_S, error.text)


def request_json(operation: Operation) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(operation.request)
    return value


def request_of(operation: Operation) -> GenerateRequest:
    return GenerateRequest.of_json(request_json(operation))


def interval_s(operation: Operation) -> float:
    """How often its service is asked how far it is."""
    return provider_facts(operation.provider).limit("poll_seconds") or POLL_S


def prepared_for(request: GenerateRequest, tools: Tools) -> Prepared:
    """What would leave for a request, with its kept pictures. Raises: BadInputError; MissingAsset."""
    if not request.kind.makes_video:
        return tools.generators.image(request.provider).prepared(request)
    first, last = tools.files.picture(request.first_image), tools.files.picture(request.last_image)
    return tools.generators.video(request.provider).prepared(request, first, last)
