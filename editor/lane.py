"""Small pieces of work on a RenderThread that is shared with others: each answer comes back with the piece it belongs to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from editor.render_thread import Outcome, RenderThread
from engine.running import CancelToken, Report


@dataclass(frozen=True, slots=True)
class Work:
    """`do` is called on the thread; `what` and `about` tell the receiver what came back."""

    what: str
    do: Callable[[CancelToken, Report], Any]
    about: Any = None


def carry_out(work: Work, *, cancel: CancelToken, report: Report) -> Any:
    """The job. Raises what `do` raises."""
    return work.do(cancel, report)


class Lane(QObject):
    """Signals: done(Work, result), failed(Work, PatchreelError), cancelled(Work); for what was given here only."""

    done = Signal(object, object)
    failed = Signal(object, object)
    cancelled = Signal(object)

    def __init__(self, thread: RenderThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = thread
        self._given: dict[int, Work] = {}
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._failed)
        thread.cancelled.connect(self._dropped)

    def give(self, work: Work) -> int:
        """Do it after what was given before; returns what `stop` takes."""
        ticket = self._thread.submit(carry_out, work)
        self._given[ticket] = work
        return ticket

    def stop(self, ticket: int) -> None:
        """Cancel a piece, waiting or running."""
        self._thread.cancel(ticket)

    def stop_all(self) -> None:
        """Cancel everything that was given here."""
        for ticket in tuple(self._given):
            self._thread.cancel(ticket)

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        work = self._given.pop(ticket, None)
        if work is not None:
            self.done.emit(work, outcome.result)

    @Slot(int, object)
    def _failed(self, ticket: int, error: Exception) -> None:
        work = self._given.pop(ticket, None)
        if work is not None:
            self.failed.emit(work, error)

    @Slot(int)
    def _dropped(self, ticket: int) -> None:
        work = self._given.pop(ticket, None)
        if work is not None:
            self.cancelled.emit(work)
