"""Keeps the frame at the playhead in sight: asks for it after every change, hands on what still fits the document."""

from PySide6.QtCore import QObject, Signal, Slot

from editor.background import FrameRequest, ShownFrame
from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import PatchreelError


class PreviewController(QObject):
    """Newest wins: while the hand scrubs, frames come as fast as they can be made, and the last one always."""

    frame_ready = Signal(object)
    """ShownFrame of the project as it is; while scrubbing its time may lie a little behind the playhead."""
    emptied = Signal(str)
    """There is nothing to show, and why (empty for the usual gap)."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._wants_original = self._wants_heat = False
        self._ticket = 0
        self.last: ShownFrame | None = None
        self.last_request: FrameRequest | None = None
        document, thread = services.document, services.threads.preview
        document.project_changed.connect(self._project_changed)
        document.path_changed.connect(self._ask_again)
        services.session.playhead_changed.connect(self._ask_again)
        services.files.changed.connect(self.refresh)
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._failed)

    def set_wishes(self, *, original: bool, heat: bool) -> None:
        """Which pictures beside the result a view needs."""
        if (original, heat) != (self._wants_original, self._wants_heat):
            self._wants_original, self._wants_heat = original, heat
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask for the frame at the playhead, for example after a patch was carried on."""
        services = self._services
        project = services.document.project
        if not any(track.clips for track in project.tracks):
            services.threads.preview.invalidate()
            self.last = self.last_request = None
            self.emptied.emit("")
            return
        request = FrameRequest(
            project, services.session.playhead, services.workspace(), self._wants_original, self._wants_heat
        )
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
    def _came(self, _ticket: int, outcome: Outcome) -> None:
        if outcome.request.project is not self._services.document.project:
            return
        self.last, self.last_request = outcome.result, outcome.request
        self.frame_ready.emit(outcome.result)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._ticket:
            self.last = self.last_request = None
            self.emptied.emit(str(error))
