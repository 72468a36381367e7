"""Keeps the export plan of the document as it is, for the strip on the timeline; asked anew after every edit."""

from PySide6.QtCore import QObject, Signal, Slot

from editor.background import PlanRequest
from editor.last_export import LastExport
from editor.render_thread import Outcome
from editor.services import Services
from engine.planning.plan import RenderPlan
from engine.project.model import Project


class PlanController(QObject):
    """`plan` is None while there is nothing to plan or a file is missing."""

    plan_changed = Signal(object)  # RenderPlan | None

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self.plan: RenderPlan | None = None
        self._ticket = 0
        services.document.project_changed.connect(self._project_changed)
        services.threads.plans.succeeded.connect(self._came)
        services.threads.plans.failed.connect(self._failed)
        services.files.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Plan again, for example after an export has filled the cache: as the last export was chosen to be."""
        project = self._services.document.project
        if not any(track.clips for track in project.tracks):
            self._set(None)
            return
        request = PlanRequest(project, self._services.workspace(), LastExport(self._services.settings).seam())
        self._ticket = self._services.threads.plans.submit(self._services.plan_worker, request)

    @Slot(object, object)
    def _project_changed(self, before: Project, after: Project) -> None:
        if before.tracks is not after.tracks or before.patches is not after.patches or before.canvas is not after.canvas:
            self.refresh()

    @Slot(int, object)
    def _came(self, _ticket: int, outcome: Outcome) -> None:
        now = self._services.document.project
        asked = outcome.request.project
        if asked is now or (asked.tracks, asked.patches, asked.canvas) == (now.tracks, now.patches, now.canvas):
            self._set(outcome.result)

    @Slot(int, object)
    def _failed(self, ticket: int, _error: object) -> None:
        if ticket == self._ticket:
            self._set(None)

    def _set(self, plan: RenderPlan | None) -> None:
        if plan != self.plan:
            self.plan = plan
            self.plan_changed.emit(plan)
