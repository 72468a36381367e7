"""Exports at work: each a frozen wish on the exports' thread, an entry on the board of jobs, and one end. No window.

    start -> [queued] -> changed* -> ended, exactly once
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from PySide6.QtCore import QObject, Signal, Slot

from editor.dialogs.export_words import took
from editor.jobs_board import JobsBoard, JobState
from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import PatchreelError
from engine.jobs.estimate import Learned, learn
from engine.jobs.forecast import Exported, ExportWish, Forecast, export
from engine.running import Progress

LEARNED_KEY = "export/learned"
Wishes = Mapping[str, Callable[[], object]]


@dataclass(slots=True, eq=False)
class ExportRun:
    """One export. `error` and `exported` are both None while it runs and after it was cancelled."""

    wish: ExportWish
    forecast: Forecast
    rate: Fraction
    """For timecodes."""
    ticket: int = 0
    entry: int = 0
    progress: Progress = field(default_factory=lambda: Progress(0.0))
    exported: Exported | None = None
    error: PatchreelError | None = None
    is_over: bool = False

    @property
    def name(self) -> str:
        return self.wish.output.name


class ExportRuns(QObject):
    """Signals carry the run."""

    changed = Signal(object)
    ended = Signal(object)
    show_wanted = Signal(object)
    """The user wants to see a run that ended, or to try it again from its window."""

    def __init__(self, services: Services, board: JobsBoard, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._board = services, board
        self._runs: dict[int, ExportRun] = {}
        thread = services.threads.exports
        thread.progressed.connect(self._progressed)
        thread.succeeded.connect(self._succeeded)
        thread.failed.connect(self._failed)
        thread.cancelled.connect(self._cancelled)

    @property
    def running(self) -> tuple[ExportRun, ...]:
        return tuple(self._runs.values())

    @property
    def learned(self) -> Learned:
        """What earlier exports on this computer have taught."""
        return Learned.from_text(str(self._services.settings.value(LEARNED_KEY, "")))

    def writes(self, wish: ExportWish) -> bool:
        """Whether an export to the same file is at work."""
        return any(run.wish.output == wish.output for run in self._runs.values())

    def start(self, wish: ExportWish, found: Forecast, rate: Fraction) -> ExportRun:
        """Begin, or wait for the export before."""
        run = ExportRun(wish, found, rate)
        run.ticket = self._services.threads.exports.submit(export, wish)
        run.entry = self._board.add("export", f"Export {run.name}", lambda: self.cancel(run))
        self._runs[run.ticket] = run
        return run

    def repeat(self, run: ExportRun) -> ExportRun:
        """The same once more: the project as it was then, the same choices."""
        return self.start(run.wish, run.forecast, run.rate)

    def cancel(self, run: ExportRun) -> None:
        """Stop it; what is there already of the file is removed, the file that was there before stays."""
        self._services.threads.exports.cancel(run.ticket)

    def elapsed(self, run: ExportRun) -> float:
        """Seconds since it was asked for."""
        entry = self._board.entry(run.entry)
        return entry.elapsed if entry is not None else 0.0

    @Slot(int, object)
    def _progressed(self, ticket: int, progress: Progress) -> None:
        run = self._runs.get(ticket)
        if run is not None:
            run.progress = progress
            self._board.report(run.entry, progress)
            self.changed.emit(run)

    @Slot(int, object)
    def _succeeded(self, ticket: int, outcome: Outcome) -> None:
        run = self._runs.pop(ticket, None)
        if run is not None:
            run.exported = outcome.result
            self._learn(run, outcome.result)
            words = f"Verified, {took(run.exported.result.seconds)}" if run.exported else ""
            self._end(run, JobState.DONE, words, {"Show the checks": lambda: self.show_wanted.emit(run)})

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        run = self._runs.pop(ticket, None)
        if run is not None:
            run.error = error
            wishes = {"Show what happened": lambda: self.show_wanted.emit(run), "Try again": lambda: self.repeat(run)}
            self._end(run, JobState.FAILED, f"Not made, {error.code}", wishes)

    @Slot(int)
    def _cancelled(self, ticket: int) -> None:
        run = self._runs.pop(ticket, None)
        if run is not None:
            self._end(run, JobState.CANCELLED, "Cancelled, nothing was written", {"Try again": lambda: self.repeat(run)})

    def _end(self, run: ExportRun, state: JobState, sentence: str, wishes: Wishes) -> None:
        run.is_over = True
        self._board.finish(run.entry, state, sentence, wishes)
        self.ended.emit(run)

    def _learn(self, run: ExportRun, exported: Exported) -> None:
        """Only from an export that went as it was forecast: one that fell back to encoding everything was another."""
        result, amount = exported.result, run.forecast.amount
        if result.plan.source_id == run.forecast.plan.source_id:
            done = replace(amount, encoded_frames=result.encoded_frames)
            learned = learn(done, result.seconds, exported.size_bytes, self.learned)
            self._services.settings.setValue(LEARNED_KEY, learned.to_text())
