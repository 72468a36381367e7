"""How long work is run: a token to cancel it, a value that says how far it is, two stages of it at once.

A job is `run(request, *, cancel, report) -> result`: it reads nothing but its request, looks at the token at least once per
frame or packet, and can be called directly, without threads.
"""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from engine.errors import Cancelled

if TYPE_CHECKING:  # most programs start no process
    import multiprocessing.synchronize

T = TypeVar("T")


class CancelToken(Protocol):
    """Asked often, from the working thread or process."""

    def is_cancelled(self) -> bool: ...

    def check(self) -> None:
        """Raise `Cancelled` once the token is cancelled."""


class ThreadCancelToken:
    """A token for work in threads of this process; `cancel` may be called from any thread, directly, never through a queue."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    def is_cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        if self._event.is_set():
            raise Cancelled


class EventCancelToken:
    """A token for work in another process: `event` is a `multiprocessing.Event` that was given to it when it began."""

    def __init__(self, event: "multiprocessing.synchronize.Event") -> None:
        self._event = event

    def is_cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        if self._event.is_set():
            raise Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `fraction` is 0..1 of the whole job; `text` says what is being done now."""

    fraction: float
    text: str = ""


Report = Callable[[Progress], None]


def ignore(_progress: Progress) -> None:
    """A report that nobody reads."""


class Throttled:
    """Passes on at most 20 reports a second, and always the last one (fraction 1)."""

    def __init__(self, report: Report, interval_s: float = 0.05) -> None:
        self._report, self._interval_s, self._next = report, interval_s, 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now >= self._next or progress.fraction >= 1:
            self._next = now + self._interval_s
            self._report(progress)


def part(report: Report, start: float, end: float) -> Report:
    """A report for one stage of a job, which takes the share from `start` to `end` of the whole."""
    return lambda progress: report(Progress(start + (end - start) * progress.fraction, progress.text))


_END = object()


def ahead(items: Iterable[T], depth: int) -> Generator[T, None, None]:
    """The items in order, made by a thread that is at most `depth` items ahead of who takes them.

    For work that frees the interpreter (decoding, encoding, array arithmetic): two stages of a pipeline then run at once.
    What the items are made from belongs to that thread until the generator ends or is closed, which waits for the thread.
    Errors come out where the item would have.
    """
    made: queue.Queue[object] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: object) -> bool:
        while not stopped.is_set():
            try:
                made.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_END)
        except BaseException as error:
            put(_Raised(error))

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not _END:
            if isinstance(item, _Raised):
                raise item.error
            yield cast(T, item)
    finally:
        stopped.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException
