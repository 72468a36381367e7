"""Runs patches: the provider, then the frames of the window, then the measurements; one job after another, each cancellable.

    run -> [patch] -> version attached -> [carry] -> window as far as it reached -> [review]
    window or version changed -> (the hand rests) -> [carry] -> [review]

    a key changed    -> (the hand rests) -> [patch, nobody asked] -> version -> [carry] -> [review]

What comes back becomes an edit of the document as it is then; a job of a document that was closed is forgotten.
"""

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from editor.controllers.patch_run import Phase, Run, bring_along, carried_of
from editor.patch_facts import awaits_correction
from editor.patch_trust import PatchTrust
from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import EditError, PatchreelError
from engine.jobs import patch as patch_job
from engine.jobs import propagate, quick, review
from engine.project.model import Patch, PatchState, PatchVersion, Project
from engine.project.patch_edits import set_patch_recipe, set_window
from engine.project.version_edits import set_patch_state
from engine.providers.usual_method import follow_provider
from engine.rational_time import TimeRange
from engine.running import Progress

REST_MS = 250
"""A window that is being dragged is carried once the hand has rested this long."""


class PatchRuns(QObject):
    """Everything that is at work on patches. Signals: changed(patch_id); frame_carried(patch_id, source time)."""

    changed = Signal(str)
    frame_carried = Signal(str, object)
    made = Signal(str)
    """A provider's result was attached to this patch."""
    refused = Signal(str, object)
    """A provider made nothing of this patch: its id and the PatchreelError. Whoever listens says it to the user."""

    def __init__(self, services: Services, trust: PatchTrust, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._trust = services, trust
        self._runs: dict[str, Run] = {}
        self._tickets: dict[int, Run] = {}
        self._stale: set[str] = set()
        self._corrected: set[str] = set()
        self._rest, self._heal = QTimer(self), QTimer(self)
        for timer, interval, slot in ((self._rest, REST_MS, self._carry_stale), (self._heal, 0, self._release_idle)):
            timer.setSingleShot(True)
            timer.setInterval(interval)
            timer.timeout.connect(slot)
        for thread in (services.threads.jobs, services.threads.services):
            thread.progressed.connect(self._progressed)
            thread.partial.connect(self._partly)
            thread.succeeded.connect(self._succeeded)
            thread.failed.connect(self._failed)
            thread.cancelled.connect(self._cancelled)
        services.document.project_changed.connect(self._project_changed)
        trust.loaded.connect(self._record_read)

    # Wishes

    def run(self, patch_id: str) -> None:
        """Ask the patch's provider. Raises: EditError: it is at work already, or locked."""
        if patch_id in self._runs:
            self.cancel(patch_id)
        self._services.document.note(partial(set_patch_state, patch_id=patch_id, state=PatchState.PROCESSING))
        self._start(self._patch(patch_id), Phase.PATCH, is_whole=True)

    def _correct(self, patch: Patch) -> None:
        """Bring the keys of a patch into its shown version, and carry the spans to their neighbours."""
        self._drop(patch.id)
        self._start(patch, Phase.PATCH, is_whole=True, is_correction=True)

    def cancel(self, patch_id: str) -> None:
        """Stop whatever is at work on a patch; what was made so far stays."""
        run = self._runs.pop(patch_id, None)
        self._stale.discard(patch_id)
        self._corrected.discard(patch_id)
        if run is not None:
            run.thread.cancel(run.ticket)
            self._let_go(patch_id)
            self.changed.emit(patch_id)

    def run_of(self, patch_id: str) -> Run | None:
        """What is at work on a patch."""
        return self._runs.get(patch_id)

    @property
    def is_waiting(self) -> bool:
        """Whether something will begin once the hand has rested."""
        return self._rest.isActive()

    def stop(self) -> None:
        """The window closes: nothing that still comes in is taken."""
        for timer in (self._rest, self._heal):
            timer.stop()
        for run in self._runs.values():
            run.thread.cancel(run.ticket)
        self._runs.clear()
        self._tickets.clear()

    # Jobs

    def _patch(self, patch_id: str) -> Patch:
        return self._services.document.project.patch_by_id(patch_id)

    def _start(self, patch: Patch, phase: Phase, *, is_whole: bool, is_correction: bool = False) -> None:
        services = self._services
        media = services.document.project.media_by_id(patch.media_id)
        workspace, thread = services.workspace(), services.threads.jobs
        job: Any
        request: Any
        if phase is Phase.PATCH:
            registry, providers = services.registry, None
            if self._asks_service(patch) and not is_correction:  # it must keep no other patch waiting
                providers, thread = services.job_providers(), services.threads.services
                registry = providers.registry
            job = partial(patch_job.run, workspace=workspace, registry=registry, providers=providers)
            request = patch_job.PatchRequest(media, patch, is_correction)
        elif phase is Phase.CARRY:
            carry = propagate.run if is_whole else quick.look_then_carry
            job = partial(carry, workspace=workspace, registry=services.registry)
            request = propagate.PropagateRequest(media, patch)
        else:
            job, request = partial(review.run, workspace=workspace), review.ReviewRequest(media, patch)
        before = self._runs.get(patch.id)
        ticket = thread.submit(job, request, gives_partial=phase is not Phase.PATCH)
        run = Run(patch, phase, thread, ticket, services.document.journal.session, workspace, is_whole, is_correction)
        if before is not None and before.is_whole:
            run.began = before.began
        self._runs[patch.id] = self._tickets[ticket] = run
        self.changed.emit(patch.id)

    def _asks_service(self, patch: Patch) -> bool:
        return any(info.id == patch.recipe.provider and info.is_remote for info in self._services.registry.infos())

    def _mine(self, ticket: int) -> Run | None:
        """The run of a ticket, where it still stands for its patch and its document is open."""
        run = self._tickets.get(ticket)
        if run is None or self._runs.get(run.patch.id) is not run:
            return None
        return run if run.session == self._services.document.journal.session else None

    @Slot(int, object)
    def _progressed(self, ticket: int, progress: Progress) -> None:
        run = self._mine(ticket)
        if run is not None:
            run.progress = progress
            self.changed.emit(run.patch.id)

    @Slot(int, object)
    def _partly(self, ticket: int, outcome: Outcome) -> None:
        run = self._mine(ticket)
        if run is None:
            return
        if isinstance(outcome.result, quick.QuickFrame):
            self.frame_carried.emit(run.patch.id, outcome.result.time)
        elif run.phase is Phase.CARRY:
            self._trust.add_frames(run.patch, [outcome.result])
            self.frame_carried.emit(run.patch.id, outcome.result.time)
        else:
            self._trust.add_reviews(run.patch, [outcome.result], tell=False)

    @Slot(int, object)
    def _succeeded(self, ticket: int, outcome: Outcome) -> None:
        run, known = self._mine(ticket), self._tickets.pop(ticket, None)
        if known is not None and known.phase is Phase.PATCH and known.session == self._services.document.journal.session:
            if not known.is_correction:
                self._attach(known, outcome.result, is_wanted=run is not None)
            elif run is not None:
                self._attach_correction(run, outcome.result)
        elif run is not None and run.phase is Phase.CARRY:
            self._carried(run, outcome.result)
        elif run is not None:
            self._trust.add_reviews(run.patch, outcome.result.frames)
            self._end(run)

    def _attach_correction(self, run: Run, result: patch_job.PatchResult) -> None:
        """One undo takes back the correction and what it led to."""
        bring_along(run.workspace, self._services.workspace(), result.version)
        try:
            self._services.document.attach_correction(result.patch_id, result.version)
        except EditError as error:
            self._end(run)
            self._services.notifications.refuse(error)
            return
        patch = self._present(result.patch_id)
        if patch is None or awaits_correction(patch):
            self._end(run)  # it is gone or locked by now
        else:
            self._start(patch, Phase.CARRY, is_whole=True, is_correction=True)

    def _attach(self, run: Run, result: patch_job.PatchResult, *, is_wanted: bool) -> None:
        """A result whose patch is gone is kept, and a paid one in any case; a free one that was cancelled lies in the cache."""
        services = self._services
        if not is_wanted and not result.version.cost_usd:
            return
        bring_along(run.workspace, services.workspace(), result.version)
        services.document.attach_result(result.patch_id, result.version, "Run patch")
        patch = self._present(result.patch_id)
        if patch is None:
            self._runs.pop(result.patch_id, None)
            services.notifications.say("The patch is gone, its result is kept", "Undo brings the patch back with it.")
        elif is_wanted:
            self.made.emit(patch.id)
            self._follow_provider(run.patch, patch)
            self._follow_recipe(run.patch, result.version)
            self._start(self._patch(patch.id), Phase.CARRY, is_whole=True)
            if self._corrected:
                self._rest.start()  # a key that was changed while the provider was at work

    def _follow_provider(self, before: Patch, after: Patch) -> None:
        """Another provider's result is carried as is usual for it, unless the user chose how."""
        if not after.locked and before.version is not None:
            made_by = before.version.recipe.provider
            self._quietly(partial(follow_provider, patch_id=after.id, before=made_by, registry=self._services.registry))

    def _follow_recipe(self, asked: Patch, version: PatchVersion) -> None:
        """Another provider has stood in: from now on the patch asks that one, unless the user has asked for something else."""
        patch = self._present(asked.id)
        if patch is not None and not patch.locked and patch.recipe == asked.recipe != version.recipe:
            name = next((i.name for i in self._services.registry.infos() if i.id == version.recipe.provider), "")
            self._quietly(partial(set_patch_recipe, patch_id=patch.id, recipe=version.recipe))
            self._services.notifications.say(f"{name} stood in", version.warnings[0] if version.warnings else "")

    def _carried(self, run: Run, result: propagate.Propagated) -> None:
        self._trust.add_frames(run.patch, result.frames)
        self._shorten(run, result.reached)
        patch = self._present(run.patch.id)
        if patch is None or patch.version is None:
            self._end(run)
            return
        self.frame_carried.emit(patch.id, patch.anchor)
        self._start(patch, Phase.REVIEW, is_whole=run.is_whole)

    def _shorten(self, run: Run, reached: TimeRange) -> None:
        """Where the shot ends inside the window, the window ends there too."""
        patch = self._present(run.patch.id)
        if patch is None or patch.window != run.patch.window or reached == patch.window or patch.window_locked:
            return
        inside = reached.intersection(patch.window)
        if inside is not None:
            self._quietly(partial(set_window, patch_id=patch.id, window=inside))
            self._stale.discard(patch.id)

    def _end(self, run: Run) -> None:
        if self._runs.get(run.patch.id) is run:
            del self._runs[run.patch.id]
        self.changed.emit(run.patch.id)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        run = self._mine(ticket)
        self._tickets.pop(ticket, None)
        if run is None:
            return
        self._end(run)
        self._let_go(run.patch.id)
        if run.phase is Phase.PATCH and not run.is_correction:
            self.refused.emit(run.patch.id, error)
        else:
            again = partial(self.again, run.patch.id, run.phase)
            self._services.notifications.fail(error, "The patch was not carried on", {"Try again": again})

    def again(self, patch_id: str, phase: Phase = Phase.PATCH) -> None:
        """What failed, once more; nothing where the patch is gone."""
        patch = self._present(patch_id)
        if patch is not None:
            if phase is Phase.PATCH and awaits_correction(patch):
                self._correct(patch)
            elif phase is Phase.PATCH:
                self.run(patch_id)
            else:
                self._start(self._patch(patch_id), Phase.CARRY, is_whole=False)

    @Slot(int)
    def _cancelled(self, ticket: int) -> None:
        run = self._mine(ticket)
        self._tickets.pop(ticket, None)
        if run is not None:
            self._end(run)
            self._let_go(run.patch.id)

    def _let_go(self, patch_id: str) -> None:
        """A patch that no job works on any more waits again."""
        patch = self._present(patch_id)
        if patch is not None and patch.state is PatchState.PROCESSING:
            self._quietly(partial(set_patch_state, patch_id=patch_id, state=PatchState.QUEUED))

    def _quietly(self, edit: Any) -> None:
        try:
            self._services.document.note(edit)
        except EditError as error:
            self._services.notifications.refuse(error)

    # What the document does

    @Slot(object, object)
    def _project_changed(self, before: Project, after: Project) -> None:
        """Windows and versions that changed must be carried on; patches that seem at work and are not must not stay so."""
        self._drop_orphans(after)
        if before.patches is after.patches:
            return
        earlier = {patch.id: patch for patch in before.patches}
        for patch in after.patches:
            old = earlier.get(patch.id)
            if old is not None and old.keys != patch.keys:
                self._key_changed(patch)
            if patch.version is not None and (old is None or carried_of(old) != carried_of(patch)):
                self._stale.add(patch.id)
            if patch.state is PatchState.PROCESSING:
                self._heal.start()
        if self._stale or self._corrected:
            self._rest.start()

    def _key_changed(self, patch: Patch) -> None:
        run = self._runs.get(patch.id)
        if run is not None and run.is_correction:
            self._drop(patch.id)
            self.changed.emit(patch.id)
        self._corrected.add(patch.id)

    def _drop(self, patch_id: str) -> None:
        run = self._runs.pop(patch_id, None)
        if run is not None:
            run.thread.cancel(run.ticket)

    def _present(self, patch_id: str) -> Patch | None:
        return next((p for p in self._services.document.project.patches if p.id == patch_id), None)

    def _drop_orphans(self, project: Project) -> None:
        """Work for another document, or on frames of a patch that is gone, is of no use."""
        present = {patch.id for patch in project.patches}
        session = self._services.document.journal.session
        for run in list(self._runs.values()):
            if run.session != session or (run.patch.id not in present and run.phase is not Phase.PATCH):
                run.thread.cancel(run.ticket)
                del self._runs[run.patch.id]

    @Slot()
    def _release_idle(self) -> None:
        for patch in self._services.document.project.patches:
            if patch.state is PatchState.PROCESSING and patch.id not in self._runs:
                self._let_go(patch.id)

    @Slot(str)
    def _record_read(self, patch_id: str) -> None:
        """After a project was opened: what its cache does not hold any more is carried again."""
        self._stale.add(patch_id)
        self._rest.start()

    @Slot()
    def _carry_stale(self) -> None:
        self._correct_waiting()
        stale, self._stale = self._stale, set()
        for patch in self._services.document.project.patches:
            if patch.id in stale and patch.version is not None and self._trust.is_loaded(patch):
                self._carry_where_needed(patch)

    def _correct_waiting(self) -> None:
        """Begin the corrections that nothing else stands in the way of."""
        for patch_id in list(self._corrected):
            patch, run = self._present(patch_id), self._runs.get(patch_id)
            if run is None or run.phase is not Phase.PATCH:
                self._corrected.discard(patch_id)
                if patch is not None and awaits_correction(patch):
                    self._stale.discard(patch_id)
                    self._correct(patch)

    def _carry_where_needed(self, patch: Patch) -> None:
        run = self._runs.get(patch.id)
        if run is not None and (run.phase is Phase.PATCH or carried_of(run.patch) == carried_of(patch)):
            return
        if run is not None:
            run.thread.cancel(run.ticket)
            del self._runs[patch.id]
        if self._trust.is_complete(patch):
            self.changed.emit(patch.id)
        else:
            self._start(patch, Phase.CARRY, is_whole=False)

    def measure(self, patch: Patch) -> None:
        """Measure a patch that is looked at and was not measured yet; nothing where something is at work on it."""
        if patch.version is None or patch.id in self._runs or patch.id in self._stale or not self._trust.is_complete(patch):
            return
        if self._trust.is_loaded(patch) and self._trust.review(patch) is None:
            self._start(patch, Phase.REVIEW, is_whole=False)

    def is_unfinished(self, patch: Patch) -> bool:
        """Whether frames of the window were not carried and nothing is at work on them: somebody stopped it, or it failed."""
        is_idle = patch.id not in self._runs and patch.id not in self._stale and not patch.window_locked
        return is_idle and self._trust.is_loaded(patch) and not self._trust.is_complete(patch)
