"""The region on the picture: what is drawn becomes a patch, what is changed changes it, and it shows where it was drawn."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.panels.viewer_panel import ViewerPanel
from editor.patch_facts import extent_of, is_outdated
from editor.picture_place import WHOLE, PicturePlace, place_of, region_on_canvas, region_on_picture
from editor.player import Player
from editor.services import Services
from editor.session import Tool, ViewMode
from engine.errors import BadInputError, PatchreelError
from engine.jobs.patch_place import DEFAULT_AFTER, DEFAULT_BEFORE, clip_at, place_at, window_around
from engine.media.index import FrameIndex
from engine.project.lookup import new_id
from engine.project.model import Clip, Media, MediaKind, Patch, PatchState, Project, Recipe, Region, RegionKind
from engine.project.patch_edits import add_patch, set_patch_region
from widgets import roi_canvas

DRAWING = {Tool.BOX, Tool.LASSO}


class RegionController(QObject):
    """Between the canvas on the viewer and the patches of the document."""

    drawn = Signal(str)
    """A new patch was drawn."""

    def __init__(
        self, services: Services, panel: ViewerPanel, choice: PatchChoice, player: Player, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._panel, self._choice, self._player = services, panel, choice, player
        self._shown: str = ""
        self.recipe = Recipe(services.registry.infos()[0].id)
        """What the next new patch asks for: what the last one was made with."""
        canvas, session = panel.canvas, services.session
        canvas.region_drawn.connect(self._region_drawn)
        canvas.region_changed.connect(self._region_changed)
        canvas.tool_changed.connect(self._canvas_tool_changed)
        session.playhead_changed.connect(self._refresh_with)
        session.selection_changed.connect(self._refresh_with)
        session.tool_changed.connect(self._refresh_with)
        session.view_mode_changed.connect(self._refresh_with)
        services.document.project_changed.connect(self._project_changed)
        services.files.changed.connect(self.refresh)
        player.playing_changed.connect(self._refresh_with)
        panel.combine_changed.connect(self._refresh_with)
        canvas.refused.connect(self._refused)
        self.refresh()

    # From the canvas

    @Slot(object)
    def _region_drawn(self, drawn: roi_canvas.Region) -> None:
        services = self._services
        made = new_id(services.document.project, "patch")
        try:
            changed = services.document.apply("Draw patch", lambda project: self._with_patch(project, drawn, made))
        except PatchreelError as error:
            services.notifications.refuse(error)
            changed = False
        services.session.set_tool(Tool.SELECT)
        if changed:
            services.session.select(made)
            self._panel.canvas.set_selected(True)
            self.drawn.emit(made)
        self.refresh()

    def _with_patch(self, project: Project, drawn: roi_canvas.Region, patch_id: str) -> Project:
        time = self._services.session.playhead
        clip = clip_at(project, time)
        place = place_at(project, time, self._index_of, clip.id)
        index = self._index_of(place.media) if place.media.kind is MediaKind.VIDEO else None
        window = window_around(place, index, DEFAULT_BEFORE, DEFAULT_AFTER)
        region = region_on_picture(_to_model(drawn), place_of(clip, place.media, project.canvas))
        return add_patch(project, place.media.id, region, place.anchor, window.range, self.recipe, patch_id=patch_id)

    def _index_of(self, media: Media) -> FrameIndex:
        index = self._services.files.index(media)
        if index is None:
            raise BadInputError(f"“{media.name}” is still being read.", "Try again in a moment.")
        return index

    @Slot(object, int)
    def _region_changed(self, drawn: roi_canvas.Region, gesture: int) -> None:
        patch = self._choice.patch()
        if patch is None or patch.id != self._shown:
            return
        region = replace(region_on_picture(_to_model(drawn), self._place(patch)), feather_px=patch.region.feather_px)
        self._services.edit(
            "Change region", lambda p: set_patch_region(p, patch.id, region), ("region", patch.id, gesture)
        )

    @Slot(str)
    def _refused(self, why: str) -> None:
        self._services.notifications.say(why)

    @Slot(str)
    def _canvas_tool_changed(self, tool: str) -> None:
        """Esc on the canvas puts the tool away."""
        if tool == "select" and self._services.session.tool in DRAWING:
            self._services.session.set_tool(Tool.SELECT)

    # To the canvas

    @Slot(object)
    def _refresh_with(self, _value: object) -> None:
        self.refresh()

    @Slot(object, object)
    def _project_changed(self, _before: object, _after: object) -> None:
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the chosen patch's region on its anchor frame; elsewhere say where it was drawn."""
        canvas, patch = self._panel.canvas, self._choice.patch()
        canvas.set_feather(patch.region.feather_px if patch is not None else 6.0)
        if self._player.is_playing:
            canvas.set_presentation("hidden")
            self._panel.set_note("")
            self._panel.transport.set_anchor(False)
            return
        drawing = self._services.session.tool in DRAWING and canvas.combine() == "new"
        on_anchor = patch is not None and self._choice.is_on_anchor(patch)
        self._panel.transport.set_anchor(on_anchor)
        self._show_region(patch if on_anchor and not drawing else None)
        self._say_where(patch if not on_anchor and not drawing else None)
        canvas.set_presentation("edit" if self._is_editable(patch if not drawing else None) else "outline")

    def _show_region(self, patch: Patch | None) -> None:
        canvas = self._panel.canvas
        before, self._shown = self._shown, patch.id if patch is not None else ""
        if patch is None:
            canvas.set_region(None)
            return
        canvas.set_region(_to_canvas(region_on_canvas(patch.region, self._place(patch))), patch.name)
        if before != patch.id:
            canvas.set_selected(is_outdated(patch) or patch.state is PatchState.QUEUED)

    def _is_editable(self, patch: Patch | None) -> bool:
        """In the views that compare, the region is only an outline; so is a locked one."""
        if patch is None:
            return True
        return not patch.locked and self._services.session.view_mode in {ViewMode.RESULT, ViewMode.ORIGINAL}

    def _say_where(self, patch: Patch | None) -> None:
        source = self._choice.source_time(patch) if patch is not None else None
        if patch is None or source is None or not patch.window.contains(source):
            self._panel.set_note("")
            return
        extent = extent_of(patch, self._choice.index(patch))
        if extent is not None:
            self._panel.set_note(patch.name, f"was drawn on frame {extent.anchor + 1}")

    def _place(self, patch: Patch) -> PicturePlace:
        clip: Clip | None = self._choice.clip_here(patch)
        project = self._choice.project
        return place_of(clip, self._choice.media(patch), project.canvas) if clip is not None else WHOLE


def _to_model(region: roi_canvas.Region) -> Region:
    return Region(RegionKind(region.kind), region.points, region.feather_px)


def _to_canvas(region: Region) -> roi_canvas.Region:
    return roi_canvas.Region(region.kind.value, region.points, region.feather_px)
