"""Choice, eye, padlock and version of layers, from the layer stack and from the heads of the timeline."""

from PySide6.QtCore import QObject, Slot

from editor.services import Services
from editor.view_models import layer_rows, patch_at
from engine.project.lookup import clip_under
from engine.project.model import LayerKind
from engine.project.track_edits import order_track, remove_track, set_track_locked, set_track_visible
from engine.project.version_edits import choose_version


class LayersController(QObject):
    """Wishes become edits; nothing is kept here."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services

    @Slot(str, bool)
    def set_visible(self, track_id: str, visible: bool) -> None:
        """Show or hide a layer; for sounds hear or mute it."""
        self._services.edit("Show layer" if visible else "Hide layer", lambda p: set_track_visible(p, track_id, visible))

    @Slot(str, bool)
    def set_locked(self, track_id: str, locked: bool) -> None:
        """Close or open a padlock."""
        self._services.edit("Lock layer" if locked else "Unlock layer", lambda p: set_track_locked(p, track_id, locked))

    @Slot(str)
    def toggle_visible(self, track_id: str) -> None:
        self.set_visible(track_id, not self._services.document.project.track_by_id(track_id).visible)

    @Slot(str)
    def toggle_locked(self, track_id: str) -> None:
        self.set_locked(track_id, not self._services.document.project.track_by_id(track_id).locked)

    @Slot(str, int)
    def move(self, track_id: str, index: int) -> None:
        """Put an overlay at a row of the list; dropped among other layers it goes to the nearest end of the overlays."""
        project = self._services.document.project
        rows = [row.id for row in layer_rows(project, self._services.session.playhead) if row.id != track_id]
        overlays = {track.id for track in project.tracks if track.kind is LayerKind.OVERLAY}
        place = sum(row in overlays for row in rows[index:])
        self._services.edit("Move layer", lambda p: order_track(p, track_id, place))

    @Slot(str)
    def remove(self, track_id: str) -> None:
        """Take an added layer away; one that holds clips stays, and why is said."""
        self._services.edit("Remove layer", lambda p: remove_track(p, track_id))

    @Slot(str)
    def select(self, track_id: str) -> None:
        """Select what a layer shows at the playhead: its clip, or the patch; nothing where there is a gap."""
        project, time = self._services.document.project, self._services.session.playhead
        track = project.track_by_id(track_id)
        if track.kind is LayerKind.MOTION_PATCH:
            patch = patch_at(project, time)
            shown = [patch.id] if patch is not None else []
        else:
            clip = clip_under(track, time)
            shown = [clip.id] if clip is not None else []
        self._services.session.select(*shown)

    @Slot(str, int)
    def choose_version(self, track_id: str, number: int) -> None:
        """Another version of the patch at the playhead (the only layer whose versions can be shown again)."""
        project = self._services.document.project
        patch = patch_at(project, self._services.session.playhead)
        if project.track_by_id(track_id).kind is LayerKind.MOTION_PATCH and patch is not None:
            self._services.edit("Choose version", lambda p: choose_version(p, patch.id, number))
