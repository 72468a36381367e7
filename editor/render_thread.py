"""A thread that runs jobs of the engine for the window. It computes nothing itself and knows no job.

A job is `job(request, *, cancel, report) -> result`, with everything it needs in its frozen request.

    submit -> [pending] -> started -> progressed*, partial* -> exactly one of succeeded, failed, cancelled

Connect the signals to bound `@Slot` methods of objects of the window's thread; a lambda would run on this one. Preview and export
have a thread each, so that scrubbing never delays an export.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from threading import Condition
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from engine.errors import Cancelled, PatchreelError
from engine.running import Progress, ThreadCancelToken, Throttled

_log = logging.getLogger(__name__)

Job = Callable[..., Any]
"""`job(request, *, cancel: CancelToken, report: Report) -> result`; with `gives_partial` also `partial: Callable`."""


_IDS = count(1)
"""Ids are of one row for all threads, so that who listens to several never takes one for another."""


class Policy(Enum):
    """What happens to a request that comes while another one runs."""

    NEWEST_WINS = "newest wins"
    """It waits alone: one running, one pending, the newest replaces the pending. Nothing is cancelled, so that scrubbing shows
    frames while the hand moves; `invalidate` cancels when an edit made the running result worthless."""
    FIFO = "first in, first out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes back, with what was asked: the receiver drops what no longer matches the document."""

    request: Any
    result: Any


@dataclass(slots=True)
class _Ticket:
    id: int
    job: Job
    request: Any
    gives_partial: bool
    token: ThreadCancelToken = field(default_factory=ThreadCancelToken)


class RenderThread(QThread):
    """Runs one job at a time. `cancel` and `invalidate` may be called from any thread, the rest from the window's.

    Signals (the first argument is the id that `submit` returned; `started` shadows QThread's own, which nobody here needs):
        started(id), progressed(id, Progress) at most 20 times a second, partial(id, Outcome),
        succeeded(id, Outcome), failed(id, PatchreelError), cancelled(id).
    """

    started = Signal(int)
    progressed = Signal(int, object)
    partial = Signal(int, object)
    succeeded = Signal(int, object)
    failed = Signal(int, object)
    cancelled = Signal(int)

    def __init__(self, policy: Policy = Policy.FIFO, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._policy = policy
        self._changed = Condition()
        self._pending: deque[_Ticket] = deque()
        self._running: _Ticket | None = None
        self._is_closing = False

    def submit(self, job: Job, request: Any, *, gives_partial: bool = False) -> int:
        """Ask for a job; returns its id at once, before any signal about it. The thread starts with the first one.

        Raises: RuntimeError: the thread is closed.
        """
        with self._changed:
            if self._is_closing:
                raise RuntimeError("the render thread is closed")
            ticket = _Ticket(next(_IDS), job, request, gives_partial)
            replaced = self._take_pending() if self._policy is Policy.NEWEST_WINS else []
            self._pending.append(ticket)
            self._changed.notify()
        self._tell_cancelled(replaced)
        if not self.isRunning():
            self.start()
        return ticket.id

    def cancel(self, ticket_id: int) -> None:
        """Cancel a job, pending or running; directly, since a queued signal would arrive after it. Unknown ids are over."""
        with self._changed:
            if self._running is not None and self._running.id == ticket_id:
                self._running.token.cancel()
            dropped = [ticket for ticket in self._pending if ticket.id == ticket_id]
            self._pending = deque(ticket for ticket in self._pending if ticket.id != ticket_id)
        self._tell_cancelled(dropped)

    def invalidate(self) -> None:
        """Cancel everything, running and pending: an edit made it worthless."""
        with self._changed:
            if self._running is not None:
                self._running.token.cancel()
            dropped = self._take_pending()
        self._tell_cancelled(dropped)

    def close(self) -> None:
        """Cancel everything and wait until the thread has ended. Further requests are refused."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self.invalidate()
        self.wait()

    def run(self) -> None:
        """The thread's loop; started by `submit`."""
        while (ticket := self._next()) is not None:
            self._run_job(ticket)
            with self._changed:
                self._running = None
            del ticket  # a request may hold a frame: not while waiting for the next one

    def _next(self) -> _Ticket | None:
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._is_closing)
            if not self._pending:
                return None
            self._running = self._pending.popleft()
            return self._running

    def _run_job(self, ticket: _Ticket) -> None:
        self.started.emit(ticket.id)
        try:
            result = ticket.job(ticket.request, cancel=ticket.token, report=self._reporter(ticket), **self._partials(ticket))
        except Cancelled:
            self.cancelled.emit(ticket.id)
        except Exception as error:  # whatever it is, the receiver gets its one answer
            self.failed.emit(ticket.id, for_the_user(error))
        else:
            self.succeeded.emit(ticket.id, Outcome(ticket.request, result))

    def _reporter(self, ticket: _Ticket) -> Throttled:
        return Throttled(lambda progress: self._tell_progress(ticket.id, progress))

    def _tell_progress(self, ticket_id: int, progress: Progress) -> None:
        self.progressed.emit(ticket_id, progress)

    def _partials(self, ticket: _Ticket) -> dict[str, Callable[[Any], None]]:
        if not ticket.gives_partial:
            return {}
        return {"partial": lambda result: self.partial.emit(ticket.id, Outcome(ticket.request, result))}

    def _take_pending(self) -> list[_Ticket]:
        taken = list(self._pending)
        self._pending.clear()
        return taken

    def _tell_cancelled(self, tickets: list[_Ticket]) -> None:
        for ticket in tickets:
            self.cancelled.emit(ticket.id)


def for_the_user(error: BaseException) -> PatchreelError:
    """The error as it may be shown: ours as it is, any other as a sentence, its traceback in the log."""
    if isinstance(error, PatchreelError):
        return error
    _log.error("a job failed unexpectedly", exc_info=error)
    return PatchreelError(
        f"Something went wrong inside the program ({type(error).__name__}).", "Your project is unchanged; try again."
    )
