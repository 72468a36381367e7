"""Keeps the board of jobs equal to what runs: patches, imports, exports; opens its panel and counts on its button."""

import time

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from editor.controllers.patch_runs import PatchRuns
from editor.jobs_board import JobsBoard, JobState
from editor.panels.jobs_panel import JobsPanel
from editor.render_thread import Outcome
from editor.services import Services
from editor.top_bar import TopBar
from engine.errors import PatchreelError
from engine.project.model import Patch, PatchState
from engine.running import Progress

BRIEF_S = 1.0
"""What was over sooner is not worth a line in a list."""


class JobsController(QObject):
    """Exports report to the board themselves; patches and imports are watched here."""

    def __init__(
        self, services: Services, board: JobsBoard, runs: PatchRuns, top_bar: TopBar, window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._board, self._runs = services, board, runs
        self.panel = JobsPanel(board, window)
        self._patches: dict[str, int] = {}
        self._imports: dict[int, tuple[int, float]] = {}
        board.running_changed.connect(top_bar.set_running_jobs)
        runs.changed.connect(self._patch_changed)
        media = services.threads.media
        media.progressed.connect(self._import_progressed)
        media.succeeded.connect(self._import_done)
        media.failed.connect(self._import_failed)
        media.cancelled.connect(self._import_cancelled)
        services.actions.bind("view.jobs", self.panel.toggle)

    # Patches

    @Slot(str)
    def _patch_changed(self, patch_id: str) -> None:
        run, entry = self._runs.run_of(patch_id), self._patches.get(patch_id)
        if run is None:
            if entry is not None:
                del self._patches[patch_id]
                self._end_patch(patch_id, entry)
            return
        if entry is None:
            entry = self._patches[patch_id] = self._board.add("patch", run.patch.name, lambda: self._runs.cancel(patch_id))
        self._board.report(entry, Progress(run.share, run.words))

    def _end_patch(self, patch_id: str, entry: int) -> None:
        patch = next((p for p in self._services.document.project.patches if p.id == patch_id), None)
        if patch is None or patch.version is None or patch.state in {PatchState.QUEUED, PatchState.PROCESSING}:
            self._board.finish(entry, JobState.CANCELLED, "Stopped")
        else:
            self._board.finish(entry, JobState.DONE, _patch_words(patch), {"Show": lambda: self._show_patch(patch_id)})

    def _show_patch(self, patch_id: str) -> None:
        self._services.session.select(patch_id)
        self.panel.hide()

    # Imports

    @Slot(int, object)
    def _import_progressed(self, ticket: int, progress: Progress) -> None:
        if ticket not in self._imports:
            entry = self._board.add("import", progress.text, lambda: self._services.threads.media.cancel(ticket))
            self._imports[ticket] = (entry, time.monotonic())
        entry = self._imports[ticket][0]
        self._board.rename(entry, progress.text)
        self._board.report(entry, Progress(progress.fraction))

    @Slot(int, object)
    def _import_done(self, ticket: int, _outcome: Outcome) -> None:
        self._end_import(ticket, JobState.DONE, "In the bin")

    @Slot(int, object)
    def _import_failed(self, ticket: int, error: PatchreelError) -> None:
        self._end_import(ticket, JobState.FAILED, error.text)

    @Slot(int)
    def _import_cancelled(self, ticket: int) -> None:
        self._end_import(ticket, JobState.CANCELLED, "Cancelled")

    def _end_import(self, ticket: int, state: JobState, sentence: str) -> None:
        entry, began = self._imports.pop(ticket, (0, 0.0))
        if state is JobState.DONE and time.monotonic() - began < BRIEF_S:
            self._board.remove(entry)
        else:
            self._board.finish(entry, state, sentence)


def _patch_words(patch: Patch) -> str:
    return "Accepted" if patch.state is PatchState.PUBLISHED else "Ready to review"
