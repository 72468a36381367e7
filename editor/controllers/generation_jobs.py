"""What is generated stands in the list of jobs too, where it can be stopped, and where its end is told."""

from functools import partial

from PySide6.QtCore import QObject, Slot

from editor.generating import GeneratingNow
from editor.generation_words import UNDER_WAY
from editor.jobs_board import JobsBoard, JobState
from engine.jobs.generation_values import Generation, GenerationState
from engine.running import Progress
from widgets.gallery.values import progress_share

ENDS = {
    GenerationState.DONE: (JobState.DONE, "In the gallery"), GenerationState.STOPPED: (JobState.CANCELLED, "Stopped"),
    GenerationState.BLOCKED: (JobState.FAILED, "Declined by the service"),
    GenerationState.UNKNOWN: (JobState.FAILED, "Outcome unknown"),
}  # fmt: skip


class GenerationJobs(QObject):
    """Keeps the board equal to what is listed."""

    def __init__(self, board: JobsBoard, generating: GeneratingNow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board, self._generating = board, generating
        self._entries: dict[str, int] = {}
        self._told: dict[str, Progress] = {}
        generating.listed.connect(self._listed)

    @Slot(object)
    def _listed(self, found: tuple[Generation, ...]) -> None:
        for one in found:
            if one.state in UNDER_WAY:
                self._report(one)
            elif one.id in self._entries:
                state, words = ENDS.get(one.state, (JobState.FAILED, "Nothing came back"))
                self._board.finish(self._entries.pop(one.id), state, words)
        for gone in self._entries.keys() - {one.id for one in found}:
            self._board.remove(self._entries.pop(gone))  # of a project that is no longer open

    def _report(self, one: Generation) -> None:
        if one.id not in self._entries:
            self._entries[one.id] = self._board.add("spark", one.request.prompt[:60], partial(self._cancel, one.id))
        progress = Progress(progress_share(one.elapsed_s, one.usual_s) or 0.0, one.progress)
        if self._told.get(one.id) != progress:  # of thirty that wait, one has changed
            self._told[one.id] = progress
            self._board.report(self._entries[one.id], progress)

    def _cancel(self, generation: str) -> None:
        self._generating.ask("cancel", lambda now, _cancel, _report: now.cancel(generation))
