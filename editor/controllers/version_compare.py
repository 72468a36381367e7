"""Lays another version of the chosen patch beside the one that is shown, in Split, both with their names.

A version that was not carried over the present window is carried first; its frames appear as they are made.
"""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.preview_controller import PreviewController
from editor.controllers.viewer_controller import ViewerController
from editor.panels.patch_panel import PatchPanel
from editor.render_thread import Outcome
from editor.services import Services
from editor.session import ViewMode
from engine.jobs import propagate
from engine.project.model import Patch, PatchVersion


class VersionCompare(QObject):
    """`compared` is the number of the version beside the shown one, 0 for none. Ends when either of them is gone."""

    changed = Signal()

    def __init__(
        self, services: Services, panel: PatchPanel, choice: PatchChoice, viewer: ViewerController, preview: PreviewController,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._choice, self._viewer, self._preview = services, choice, viewer, preview
        self._names = {info.id: info.name for info in services.registry.infos()}
        self._patch_id, self._with, self._shown, self._ticket = "", 0, 0, 0
        panel.versions.compare_wanted.connect(self.compare)
        services.actions.bind("view.compare", self.next)
        services.session.selection_changed.connect(self._follow)
        services.session.view_mode_changed.connect(self._mode_changed)
        services.document.project_changed.connect(self._project_changed)
        thread = services.threads.jobs
        thread.partial.connect(self._frame_came)
        thread.succeeded.connect(self._frame_came)

    @property
    def compared(self) -> int:
        return self._with

    @Slot(int)
    def compare(self, number: int) -> None:
        """Lay this version of the chosen patch beside the shown one; 0 ends it."""
        patch = self._choice.patch()
        other = _version(patch, number) if patch is not None else None
        if patch is None or other is None or patch.version is None or number == patch.current_version:
            self._end()
            return
        self._patch_id, self._with, self._shown = patch.id, number, patch.current_version
        self._viewer.compare((patch.id, number), (self._words(other), self._words(patch.version)))
        self._services.session.set_view_mode(ViewMode.SPLIT)
        self._carry(patch, number)
        self.changed.emit()

    @Slot()
    def next(self) -> None:
        """The next older version, then none."""
        patch = self._choice.patch()
        if patch is None or len(patch.versions) < 2:
            self._services.notifications.say("There is no other version to compare with", "Run the patch again first.")
            return
        others = [version.number for version in reversed(patch.versions) if version.number != patch.current_version]
        after = others.index(self._with) + 1 if self._with in others else 0
        self.compare(others[after] if after < len(others) else 0)

    def _end(self) -> None:
        if not self._with:
            return
        self._patch_id, self._with, self._ticket = "", 0, 0
        self._viewer.compare(None)
        self.changed.emit()

    def _carry(self, patch: Patch, number: int) -> None:
        services = self._services
        request = propagate.PropagateRequest(self._choice.media(patch), replace(patch, current_version=number))
        job = partial(propagate.run, workspace=services.workspace(), registry=services.registry)
        self._ticket = services.threads.jobs.submit(job, request, gives_partial=True)

    def _words(self, version: PatchVersion) -> tuple[str, str]:
        return f"v{version.number}", self._names.get(version.recipe.provider, version.recipe.provider)

    @Slot(int, object)
    def _frame_came(self, ticket: int, outcome: Outcome) -> None:
        """Only the frame that is looked at is of interest."""
        patch = self._choice.patch()
        if ticket != self._ticket or patch is None:
            return
        time = getattr(outcome.result, "time", None)
        if time is None or time == self._choice.source_time(patch):
            self._preview.refresh()

    @Slot(object)
    def _follow(self, _value: object) -> None:
        patch = self._choice.patch()
        if patch is None or patch.id != self._patch_id:
            self._end()

    @Slot(object)
    def _mode_changed(self, mode: ViewMode) -> None:
        """Split is what shows it; Original is seen while a key is held only and does not come here."""
        if mode is not ViewMode.SPLIT:
            self._end()

    @Slot(object, object)
    def _project_changed(self, _before: object, _after: object) -> None:
        patch = self._choice.patch()
        if patch is None or patch.current_version != self._shown or _version(patch, self._with) is None:
            self._end()


def _version(patch: Patch, number: int) -> PatchVersion | None:
    return next((version for version in patch.versions if version.number == number), None)
