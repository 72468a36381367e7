"""The export from the window: plans whenever a choice changes, starts what was planned, shows how it goes and how it ended.

Plans run on a thread of their own, the newest wins; exports one after another on theirs, each with a frozen copy of the project.
Closing the dialog never ends an export.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from editor.burning import CaptionDrawer
from editor.dialogs.export_choices import ChoicesForm
from editor.dialogs.export_dialog import ExportDialog
from editor.dialogs.export_plan_page import PlanPage
from editor.dialogs.export_words import about, stage_words, took
from editor.dialogs.question import Answer, Question
from editor.export_files import PosterRequest, poster, write_report
from editor.export_proposals import file_name, folders, frames_to_look_at, source_suffix
from editor.export_runs import ExportRun, ExportRuns
from editor.jobs_board import left_words
from editor.last_export import LastExport
from editor.patch_trust import PatchTrust
from editor.plan_words import plan_sentence
from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import BadInputError, PatchreelError
from engine.jobs.forecast import ExportWish, Forecast, forecast
from engine.project.cue_places import has_captions
from engine.project.model import Project
from engine.rational_time import timecode
from engine.running import Progress

TICK_MS = 250
IDLE_MS, STEP_MS, POLISHED_TOGETHER = 700, 30, 24
"""So long after the first clip the dialog is made, while nobody waits for it: making and showing it at once takes too long."""


class ExportController(QObject):
    """Owns the export dialog of one window. `open` is the command “Export…”."""

    def __init__(
        self, services: Services, runs: ExportRuns, trust: PatchTrust, window: QWidget, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._runs, self._trust, self._window = services, runs, trust, window
        self._last = LastExport(services.settings)
        self._dialog: ExportDialog | None = None
        self._parts = self._make_parts()
        self._is_prepared = False
        self._ticket, self._poster_ticket, self._report_ticket = 0, 0, 0
        self._planning_since = 0.0
        self._wish: ExportWish | None = None
        self._accepted_loss = ""
        self._captions: CaptionDrawer | None = None
        self._look_at: tuple[Fraction | None, str] = (None, "")
        self._shown: ExportRun | None = None
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_progress)
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._prepare)
        threads = services.threads
        threads.forecasts.succeeded.connect(self._planned)
        threads.forecasts.failed.connect(self._not_planned)
        threads.forecasts.progressed.connect(self._drawing)
        threads.thumbnails.succeeded.connect(self._file_work_done)
        threads.thumbnails.failed.connect(self._file_work_failed)
        services.document.project_changed.connect(self._project_changed)
        runs.changed.connect(self._run_changed)
        runs.ended.connect(self._run_ended)
        runs.show_wanted.connect(self.show_run)
        services.actions.bind("file.export", self.open)

    @property
    def dialog(self) -> ExportDialog:
        """Made when it is needed first."""
        if self._dialog is None:
            self._dialog = self._made()
        return self._dialog

    @property
    def is_prepared(self) -> bool:
        """Whether the dialog is made and dressed, so that it is shown at once."""
        return self._is_prepared

    @Slot()
    def _prepare(self) -> None:
        """One part at a time, each in a turn of its own, so that no gesture waits for all of them."""
        if next(self._parts, None) is not None:
            self._idle.start(STEP_MS)
        else:
            self._is_prepared = True

    def _make_parts(self) -> Iterator[int]:
        """The form, the page round it, the dialog; then its look, a few widgets at a time: showing it would do all at once."""
        form = ChoicesForm(self._window)
        yield 1
        page = PlanPage(form, self._window)
        yield 2
        if self._dialog is None:
            self._dialog = self._made(page)
        for first in range(0, len(self._dialog.findChildren(QWidget)), POLISHED_TOGETHER):
            for widget in self._dialog.findChildren(QWidget)[first : first + POLISHED_TOGETHER]:  # none is held between turns
                widget.ensurePolished()
            yield 3
        layout = self._dialog.layout()
        if layout is not None:
            layout.activate()

    # Wishes

    @Slot()
    def open(self) -> None:
        """Show choices and plan; the plan comes when it is there."""
        project, path = self._services.document.project, self._services.document.path
        dialog = self.dialog
        self._accepted_loss, self._shown = "", None
        likely = folders(project, path, self._last.folders())
        has_marks = self._services.session.marked_range is not None
        name = file_name(project, path, likely[0])
        dialog.plan.form.begin(name, likely, source_suffix(project), has_marks, self._last.seam())
        dialog.plan.form.offer_captions(has_captions(project), self._last.captions())
        dialog.show_plan()
        dialog.open()
        self._plan()

    @Slot(object)
    def show_run(self, run: ExportRun) -> None:
        """The page of a run: how far it is, or how it ended."""
        self._shown = run
        if run.exported is not None:
            self._show_result(run)
        elif run.error is not None:
            self.dialog.show_failure(run.name, run.error)
        elif not run.is_over:
            self.dialog.progress.show_plan(run.forecast.plan, run.rate)
            self.dialog.show_progress(run.name, run.wish.output.parent.name or str(run.wish.output.parent))
            self._show_progress()
            self._tick.start()
        self.dialog.open()

    def may_close(self) -> bool:
        """Ask before the window goes with exports at work; Enter stays."""
        running = self._runs.running
        if not running:
            return True
        title = f"“{running[0].name}” is being exported." if len(running) == 1 else f"{len(running)} exports are at work."
        sentence = "Quitting cancels what is not finished; files that were there before stay as they are."
        stay, leave = Answer("stay", "Stay"), Answer("leave", "Cancel and quit")
        return Question(self._window, title, sentence, stay, leave).ask() == leave.key

    # Planning

    @Slot()
    def _plan(self) -> None:
        """Ask for the plan of what is chosen now."""
        page = self.dialog.plan
        wrong = page.form.problem()
        page.form.show_wrong(wrong)
        if wrong:
            page.show_wrong_name(wrong)
            return
        page.show_waiting()
        self._wish = self._wish_now()
        self._services.threads.forecasts.cancel(self._ticket)  # it may be drawing captions that are no longer wanted
        self._planning_since = time.monotonic()
        self._ticket = self._services.threads.forecasts.submit(forecast, self._wish)

    @Slot()
    def _choice_changed(self) -> None:
        self._accepted_loss = ""
        self._plan()

    def _wish_now(self) -> ExportWish:
        services = self._services
        choices = self.dialog.plan.form.choices(bool(self._accepted_loss))
        marked = services.session.marked_range if choices.only_marked else None
        return ExportWish(
            services.document.project, choices.output, services.workspace(), services.document.path, choices.preset, marked,
            choices.accept_losses, self._runs.learned, choices.seam, captions=choices.captions, draw=self._drawer().drawn,
        )  # fmt: skip

    @Slot(int, object)
    def _planned(self, ticket: int, outcome: Outcome) -> None:
        if ticket != self._ticket or self._dialog is None:
            return
        found: Forecast = outcome.result
        if self._runs.writes(outcome.request):
            found = replace(found, refusal=BadInputError("An export is writing this file right now.", "Choose another name."))
        if self._dialog.is_planning:
            self._dialog.say_what_is_encoded(plan_sentence(found.plan))
        loss = found.loss
        if loss and self._accepted_loss:
            found = replace(found, loss="")
        self._dialog.plan.show_forecast(found, self._look(outcome.request.project), self._rate(), loss and self._accepted_loss)

    @Slot(int, object)
    def _drawing(self, ticket: int, progress: Progress) -> None:
        if ticket == self._ticket and self._dialog is not None:
            left = left_words(time.monotonic() - self._planning_since, progress.fraction)
            self._dialog.plan.show_drawing(", ".join(word for word in (progress.text, left) if word))

    @Slot(int)
    def _dialog_closed(self, _result: int) -> None:
        self._services.threads.forecasts.cancel(self._ticket)

    @Slot(int, object)
    def _not_planned(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._ticket and self._dialog is not None:
            self._dialog.plan.show_problem(error)

    @Slot(object, object)
    def _project_changed(self, _before: Project, after: Project) -> None:
        """A late result may have come while the plan is being looked at."""
        if self._dialog is None and after.duration > 0:
            self._idle.start()
        if self._dialog is not None and self._dialog.is_planning:
            self._plan()

    @Slot()
    def _accept_loss(self) -> None:
        found = self.dialog.plan.forecast
        if found is not None:
            self._accepted_loss = found.loss
            self._plan()

    def _look(self, project: Project) -> str:
        indexes = {media.id: self._services.files.index(media) for media in project.media}
        sentence, time, patch_id = frames_to_look_at(project, self._trust, indexes)
        self._look_at = (time, patch_id)
        return sentence

    @Slot()
    def _show_look(self) -> None:
        """Go to the first frame that needs a look."""
        time, patch_id = self._look_at
        self.dialog.reject()
        if patch_id:
            self._services.session.select(patch_id)
        if time is not None:
            self._services.session.set_playhead(time)

    def _rate(self) -> Fraction:
        return self._services.document.project.canvas.rate

    def _drawer(self) -> CaptionDrawer:
        """The one for the document's assets: what it drew for one plan it knows for the next."""
        assets = self._services.workspace().assets
        if self._captions is None or self._captions.assets.folder != assets.folder:
            self._captions = CaptionDrawer(assets)
        return self._captions

    @Slot()
    def _browse(self) -> None:
        form = self.dialog.plan.form
        chosen = QFileDialog.getExistingDirectory(self.dialog, "Folder to export to", str(form.choices().folder))
        if chosen:
            form.add_folder(Path(chosen))

    # Running

    @Slot()
    def _start(self) -> None:
        found = self.dialog.plan.forecast
        if found is not None and self._wish is not None:
            self._last.keep(self._wish)
            self.show_run(self._runs.start(self._wish, found, self._rate()))

    @Slot()
    def _again(self) -> None:
        run = self._shown
        if run is not None and run.error is not None:
            self.show_run(self._runs.repeat(run))

    @Slot()
    def _change(self) -> None:
        """Back to the choices of what failed."""
        self.dialog.show_plan()
        self._plan()

    @Slot()
    def _cancel(self) -> None:
        if self._shown is not None:
            self.dialog.progress.show_cancelling()
            self._runs.cancel(self._shown)

    @Slot(object)
    def _run_changed(self, run: ExportRun) -> None:
        if run is self._shown:
            self._show_progress()

    @Slot()
    def _show_progress(self) -> None:
        run = self._shown
        if run is None or run.is_over or self._dialog is None or not self._dialog.isVisible():
            self._tick.stop()
            return
        elapsed, share = self._runs.elapsed(run), run.progress.fraction
        waiting = "Waiting for the export before it" if self._runs.running[0] is not run else "Starting"
        left = left_words(elapsed, share) or about(run.forecast.estimate.seconds).lower()
        doing = stage_words(run.progress.text, run.forecast.plan.source_id is not None)
        self._dialog.progress.show_progress(share, doing or waiting, took(elapsed), left)

    @Slot()
    def _sent_to_background(self) -> None:
        self._tick.stop()
        if self._shown is not None and not self._shown.is_over:
            self._services.notifications.say(f"Exporting {self._shown.name}", "It goes on in the background, see Jobs.")

    @Slot(object)
    def _run_ended(self, run: ExportRun) -> None:
        is_watched = run is self._shown and self._dialog is not None and self._dialog.isVisible()
        if not is_watched:
            self._tell(run)
        elif run.exported is None and run.error is None:
            self._change()
            self.dialog.plan.say("Cancelled. Nothing was written.")
        else:
            self.show_run(run)

    def _tell(self, run: ExportRun) -> None:
        """An end that nobody was looking at."""
        say = self._services.notifications
        if run.exported is not None:
            words = f"{run.name}, {took(run.exported.result.seconds)}"
            say.say("Exported and verified", words, {"Show the checks": partial(self.show_run, run)})
        elif run.error is not None:
            say.fail(run.error, f"“{run.name}” was not exported", {"Show": partial(self.show_run, run)})

    # The result

    def _show_result(self, run: ExportRun) -> None:
        assert run.exported is not None
        result, found = run.exported.result, run.forecast
        full = found.estimate.full_seconds if result.plan.source_id else 0.0
        self.dialog.verdict.show_result(result, found.form, run.exported.size_bytes, full, run.rate, run.exported.warnings)
        self.dialog.show_result(run.name, result.plan.source_id is not None)
        request = PosterRequest(result, self._services.cache)
        self._poster_ticket = self._services.threads.thumbnails.submit(poster, request)

    @Slot()
    def _ask_report(self) -> None:
        run = self._shown
        if run is not None and run.exported is not None:
            self._report_ticket = self._services.threads.thumbnails.submit(write_report, run.exported.result)

    @Slot(int, object)
    def _file_work_done(self, ticket: int, outcome: Outcome) -> None:
        run = self._shown
        if ticket == self._report_ticket:
            self._open(outcome.result, "The report is beside the file")
        elif ticket == self._poster_ticket and run is not None and run.exported is not None and self._dialog is not None:
            result = run.exported.result
            self._dialog.verdict.show_poster(result.output, outcome.result, timecode(result.duration, run.rate))

    @Slot(int, object)
    def _file_work_failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._report_ticket:
            self._services.notifications.fail(error, "The report was not written")

    @Slot()
    def _show_in_folder(self) -> None:
        if self._shown is not None:
            self._open(self._shown.wish.output.parent, "The file is here")

    def _open(self, path: Path, title: str) -> None:
        """With the program the desktop has for it; where there is none, say where it lies."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._services.notifications.say(title, str(path))

    # The dialog

    def _made(self, page: PlanPage | None = None) -> ExportDialog:
        dialog = ExportDialog(self._window, page)
        plan = dialog.plan
        plan.form.changed.connect(self._choice_changed)
        plan.form.browse_requested.connect(self._browse)
        plan.export_wanted.connect(self._start)
        plan.loss_accepted.connect(self._accept_loss)
        plan.look_wanted.connect(self._show_look)
        dialog.finished.connect(self._dialog_closed)
        dialog.cancel_wanted.connect(self._cancel)
        dialog.sent_to_background.connect(self._sent_to_background)
        dialog.again_wanted.connect(self._again)
        dialog.change_wanted.connect(self._change)
        dialog.report_wanted.connect(self._ask_report)
        dialog.folder_wanted.connect(self._show_in_folder)
        return dialog
