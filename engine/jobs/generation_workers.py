"""Threads for generations: each operation is gone on with by one at a time, can be stopped by the user, and left where it is."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine.errors import Cancelled, PatchreelError, ProviderError, StorageError
from engine.jobs.generation_errand import Errand, Tools
from engine.jobs.generation_way import go
from engine.providers.generation import Prepared
from engine.running import Progress, ThreadCancelToken, Throttled
from engine.store.operation_values import OperationState

_LOG = logging.getLogger(__name__)
S = OperationState


@dataclass(slots=True)
class _Worker:
    token: ThreadCancelToken = field(default_factory=ThreadCancelToken)
    is_stopped_by_user: bool = False
    longest_wait_s: float | None = None
    progress: str = ""


class Workers:
    """`told` is called from the threads with an operation's id whenever something about it has changed."""

    def __init__(self, tools: Tools, told: Callable[[str], None]) -> None:
        self._tools, self._told = tools, told
        self._lock = threading.Lock()
        self._workers: dict[str, _Worker] = {}
        self._threads: list[threading.Thread] = []
        self._troubles: dict[str, PatchreelError] = {}
        self._is_closed = False

    def start(self, operation: str, prepared: Prepared | None = None, longest_wait_s: float | None = None) -> None:
        """Once at a time for each."""
        with self._lock:
            if operation in self._workers or self._is_closed:
                return
            self._troubles.pop(operation, None)
            thread = threading.Thread(target=self._work, args=(operation, prepared), name="generation", daemon=True)
            self._workers[operation] = _Worker(longest_wait_s=longest_wait_s)
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def stop(self, operation: str) -> None:
        """The user waits no longer for it."""
        with self._lock:
            worker = self._workers.get(operation)
            if worker is not None:
                worker.is_stopped_by_user = True
                worker.token.cancel()

    def is_at(self, operation: str) -> bool:
        """Whether a thread here works on it."""
        return operation in self._workers

    def said(self, operation: str) -> str:
        """What its thread says just now, empty where none is at it."""
        worker = self._workers.get(operation)
        return worker.progress if worker is not None else ""

    def trouble(self, operation: str) -> PatchreelError | None:
        """What ended its thread, where that was no answer of the service: a disk that is full, a store that is held."""
        return self._troubles.get(operation)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            for worker in self._workers.values():
                worker.token.cancel()
            threads = [thread for thread in self._threads if thread is not threading.current_thread()]
        for thread in threads:
            thread.join()  # the store may be closed next, and must not be under somebody's hands

    def _work(self, operation: str, prepared: Prepared | None) -> None:
        worker = self._workers[operation]
        self._go(operation, worker, prepared)
        while self._is_looked_at_again(operation, worker):
            self._go(operation, worker, None)
        self._told(operation)

    def _go(self, operation: str, worker: _Worker, prepared: Prepared | None) -> None:
        report = Throttled(lambda said: self._say(operation, worker, said))
        try:
            go(Errand(self._tools_of(worker), operation, worker.token, report), prepared)
        except Cancelled:
            if worker.is_stopped_by_user:
                self._stopped(operation)
        except PatchreelError as error:
            self._note(operation, error)
        except Exception as error:
            _LOG.debug("a generation's thread failed", exc_info=True)
            self._note(operation, ProviderError(f"Something inside Patchreel failed ({type(error).__name__}).", "Look again."))

    def _tools_of(self, worker: _Worker) -> Tools:
        waits = [one for one in (worker.longest_wait_s, self._tools.longest_wait_s) if one is not None]
        return replace(self._tools, longest_wait_s=min(waits, default=None))

    def _is_looked_at_again(self, operation: str, worker: _Worker) -> bool:
        """Whether that was asked for just before this thread would end; if not, it is not at it any more."""
        with self._lock:
            is_left = worker.token.is_cancelled() or operation in self._troubles
            if not is_left and self._tools.operations.get(operation).state in {S.RUNNING, S.READY}:
                return True
            self._workers.pop(operation)
            return False

    def _stopped(self, operation: str) -> None:
        state = self._tools.operations.get(operation).state
        if state is S.CREATED:
            self._tools.operations.end(operation, S.STOPPED, "Cancelled before it was sent.")
        elif state in {S.RUNNING, S.READY}:
            text = "You stopped waiting. The service may still finish it, and the charge stands: look again to fetch it."
            self._tools.operations.end(operation, S.STOPPED, text)

    def _note(self, operation: str, error: PatchreelError) -> None:
        """It stays as it is, and says why it does not go on."""
        self._troubles[operation] = error
        try:
            self._tools.operations.waiting(operation, str(error))
        except StorageError:
            return  # the next start finds it as it was

    def _say(self, operation: str, worker: _Worker, progress: Progress) -> None:
        if progress.text and progress.text != worker.progress:
            worker.progress = progress.text
            self._told(operation)
