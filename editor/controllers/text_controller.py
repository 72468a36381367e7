"""Draws captions that have no picture yet: on a background thread, as an asset, noted without a step of undo."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Slot

from editor.render_thread import Outcome
from editor.services import Services
from editor.text import text_png
from engine.errors import EditError, PatchreelError
from engine.project.assets import AssetStore
from engine.project.content_edits import set_text_bitmap
from engine.project.model import Canvas, Project, Text
from engine.running import CancelToken, Report


@dataclass(frozen=True, slots=True)
class TextRequest:
    """A text to be drawn for a clip."""

    clip_id: str
    text: Text
    canvas: Canvas
    assets: AssetStore


def draw(request: TextRequest, *, cancel: CancelToken, report: Report) -> str:
    """The job: the asset's hash. Raises: StorageError."""
    return request.assets.put(text_png(request.text, request.canvas), ".png")


class TextController(QObject):
    """Asks for each text that needs it; the newest wording wins."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._asked: dict[int, TextRequest] = {}
        services.document.project_changed.connect(self._project_changed)
        thread = services.threads.media
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._failed)
        thread.cancelled.connect(self._dropped)

    @Slot(object, object)
    def _project_changed(self, before: Project, after: Project) -> None:
        if before.tracks is after.tracks and before.canvas is after.canvas:
            return
        waiting = {(r.clip_id, replace(r.text, bitmap=""), r.canvas) for r in self._asked.values()}
        for track in after.tracks:
            for clip in track.clips:
                text = clip.text
                if text is None or text.bitmap or (clip.id, text, after.canvas) in waiting:
                    continue
                self._forget(clip.id)
                request = TextRequest(clip.id, text, after.canvas, self._services.document.assets)
                self._asked[self._services.threads.media.submit(draw, request)] = request

    def _forget(self, clip_id: str) -> None:
        """What is asked for an older wording is not wanted any more."""
        for ticket, request in list(self._asked.items()):
            if request.clip_id == clip_id:
                self._services.threads.media.cancel(ticket)
                self._asked.pop(ticket, None)

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        request = self._asked.pop(ticket, None)
        document = self._services.document
        found = document.project.find_clip(request.clip_id) if request else None
        if request is None or found is None or found[1].text != request.text or document.project.canvas != request.canvas:
            return
        try:
            document.note(lambda project: set_text_bitmap(project, request.clip_id, outcome.result))
        except EditError as error:
            self._services.notifications.fail(error, "The caption could not be drawn")

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if self._asked.pop(ticket, None) is not None:
            self._services.notifications.fail(error, "The caption could not be drawn")

    @Slot(int)
    def _dropped(self, ticket: int) -> None:
        self._asked.pop(ticket, None)
