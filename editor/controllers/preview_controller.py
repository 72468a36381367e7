"""Keeps the frame at the playhead in sight: asks for it after every change, hands on what still fits the document."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from editor.background import FrameRequest, ShownFrame
from editor.render_thread import Outcome
from editor.services import Services
from engine.compositing.outputs import Output
from engine.errors import PatchreelError
from engine.project.lookup import with_patch
from engine.project.model import Project


@dataclass(frozen=True, slots=True)
class Wishes:
    """Which pictures a view needs beside the result."""

    original: bool = False
    heat: bool = False
    output: Output | None = None
    compared: tuple[str, int] | None = None
    """Patch id and number of a version to show beside the one that is shown."""
    gain: int = 1


class PreviewController(QObject):
    """Newest wins: while the hand scrubs, frames come as fast as they can be made, and the last one always."""

    frame_ready = Signal(object)
    """ShownFrame of the project as it is; while scrubbing its time may lie a little behind the playhead."""
    emptied = Signal(str)
    """There is nothing to show, and why (empty for the usual gap)."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._wishes = Wishes()
        self._ticket = 0
        self._is_answered = False
        """Whether the newest request has come back: what a request replaced while it waited was never made."""
        self.last: ShownFrame | None = None
        self.last_request: FrameRequest | None = None
        document, thread = services.document, services.threads.preview
        document.project_changed.connect(self._project_changed)
        document.path_changed.connect(self._ask_again)
        services.session.playhead_changed.connect(self._ask_again)
        services.files.changed.connect(self.refresh)
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._failed)

    def set_wishes(self, wishes: Wishes) -> None:
        """Which pictures beside the result a view needs."""
        if wishes != self._wishes:
            self._wishes = wishes
            self._ask(keeps=True)

    @Slot()
    def refresh(self) -> None:
        """Ask for the frame at the playhead, for example after a patch was carried on."""
        self._ask(keeps=False)

    def _ask(self, *, keeps: bool) -> None:
        """`keeps`: only the wishes are others, and what was composed last still is the frame."""
        services, wishes = self._services, self._wishes
        project = services.document.project
        if not any(track.clips for track in project.tracks):
            services.threads.preview.invalidate()
            self.last = self.last_request = None
            self.emptied.emit("")
            return
        request = FrameRequest(
            project, services.session.playhead, services.workspace(), wishes.original, wishes.heat, wishes.output,
            _with_version(project, wishes.compared), wishes.gain, keeps and self._is_answered,
        )
        self._is_answered = False
        self._ticket = services.threads.preview.submit(services.preview_worker, request)

    @property
    def is_current(self) -> bool:
        """Whether what is shown is the frame at the playhead of the project as it is."""
        request = self.last_request
        return (
            request is not None
            and request.project is self._services.document.project
            and request.time == self._services.session.playhead
        )

    @Slot(object)
    def _ask_again(self, _value: object) -> None:
        self.refresh()

    @Slot(object, object)
    def _project_changed(self, _before: object, _after: object) -> None:
        self.refresh()

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        self._is_answered |= ticket == self._ticket
        if outcome.request.project is not self._services.document.project:
            return
        self.last, self.last_request = outcome.result, outcome.request
        self.frame_ready.emit(outcome.result)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._ticket:
            self.last = self.last_request = None
            self.emptied.emit(str(error))


def _with_version(project: Project, compared: tuple[str, int] | None) -> Project | None:
    """The project as it would be with another version of a patch shown; None where there is no such patch or version."""
    patch = next((p for p in project.patches if compared is not None and p.id == compared[0]), None)
    if patch is None or compared is None or all(version.number != compared[1] for version in patch.versions):
        return None
    return with_patch(project, replace(patch, current_version=compared[1]))
