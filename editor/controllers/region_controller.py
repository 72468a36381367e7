"""The region on the picture: what is drawn becomes a patch, what is changed changes it, and it shows where it was drawn.

On a frame where the region was put right by hand (a key), that key's region is shown and changed instead of the anchor's; where
it was followed to, it is shown as it lies there, and changing it makes a key.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, Signal, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.panels.viewer_panel import ViewerPanel
from editor.patch_facts import extent_of, is_outdated
from editor.picture_place import WHOLE, PicturePlace, place_of, region_on_canvas, region_on_picture
from editor.player import Player
from editor.region_on_frame import Shown, drawn_at, with_region
from editor.region_values import to_canvas, to_model
from editor.services import Services
from editor.session import Tool, ViewMode
from engine.errors import BadInputError, PatchreelError
from engine.jobs.outline import outline_at
from engine.jobs.patch_place import DEFAULT_AFTER, DEFAULT_BEFORE, clip_at, place_at, window_around
from engine.media.index import FrameIndex
from engine.project.carrying_edits import remove_region_key
from engine.project.lookup import new_id
from engine.project.model import Clip, Media, MediaKind, Patch, PatchState, Project, Recipe, Region
from engine.project.patch_edits import add_patch, remove_patch
from engine.providers.usual_method import usual_carrying
from widgets import roi_canvas

DRAWING = {Tool.BOX, Tool.LASSO, Tool.ELLIPSE, Tool.BRUSH}
CHANGED_IN = {ViewMode.RESULT, ViewMode.ORIGINAL}
KEY_MADE = "The region was put right on this frame. Run the patch to carry it from here too."
KEY_CARRIED = "The region was put right on this frame, and is carried from here to the anchors beside it."
FOLLOWED = "The region was followed to this frame. Delete it on the frame it was drawn on."


class RegionController(QObject):
    """Between the canvas on the viewer and the patches of the document."""

    drawn = Signal(str)
    """A new patch was drawn."""
    shown_changed = Signal()
    """Another region is on the picture, or the same one was changed, or another of its shapes is chosen."""

    def __init__(
        self, services: Services, panel: ViewerPanel, choice: PatchChoice, player: Player, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._panel, self._choice, self._player = services, panel, choice, player
        self._shown: str = ""
        self._brush_adds = False
        self._followed: tuple[Patch, Fraction, Region] | None = None
        self._claimed: Callable[[Region], None] | None = None
        self.recipe = Recipe(services.registry.infos()[0].id)
        """What the next new patch asks for: what the last one was made with."""
        canvas, session = panel.canvas, services.session
        canvas.region_drawn.connect(self._region_drawn)
        canvas.region_changed.connect(self._region_changed)
        canvas.region_committed.connect(self._refresh_with)
        canvas.region_emptied.connect(self._delete)
        canvas.other_chosen.connect(self._other_chosen)
        canvas.tool_changed.connect(self._canvas_tool_changed)
        canvas.active_changed.connect(self._active_changed)
        canvas.refused.connect(self._refused)
        session.playhead_changed.connect(self._refresh_with)
        session.selection_changed.connect(self._refresh_with)
        session.tool_changed.connect(self._tool_changed)
        session.view_mode_changed.connect(self._refresh_with)
        services.document.project_changed.connect(self._project_changed)
        services.files.changed.connect(self.refresh)
        player.playing_changed.connect(self._refresh_with)
        panel.combine_changed.connect(self._combine_changed)
        self.refresh()

    # For the other controllers

    def shown(self) -> Shown | None:
        """The region on the frame at the playhead; None where no patch is chosen, or its region is not known there."""
        patch = self._choice.patch()
        time = self._choice.source_time(patch) if patch is not None else None
        if patch is None or time is None:
            return None
        drawn = drawn_at(patch, time)
        region = drawn if drawn is not None else self._followed_to(patch, time)
        return Shown(patch, region, time, drawn is not None) if region is not None else None

    def _followed_to(self, patch: Patch, time: Fraction) -> Region | None:
        """Where carrying found the region; kept, because it is asked for several times per frame."""
        kept = self._followed
        if kept is not None and kept[0] is patch and kept[1] == time:
            return kept[2]
        inside = patch.window.contains(time)
        region = outline_at(self._choice.media(patch), patch, time, self._services.cache) if inside else None
        self._followed = (patch, time, region) if region is not None else None
        return region

    def change(self, text: str, change: Callable[[Region], Region], merge_key: Hashable | None = None) -> bool:
        """One step of undo on the region that is shown; False where there is none or it was refused (the user was told)."""
        found = self.shown()
        if found is None:
            return False

        def edit(project: Project) -> Project:
            region = drawn_at(project.patch_by_id(found.patch.id), found.time) or found.region
            return with_region(project, found.patch.id, found.time, change(region))

        done = self._services.edit(text, edit, merge_key)
        if done and not found.is_drawn:
            self._services.notifications.say(KEY_MADE if is_outdated(found.patch) else KEY_CARRIED)
        return done

    def reach_of(self, provider: str) -> tuple[int, int]:
        """Frames before and after the anchor that a new patch begins with: none where a provider mends the very frame."""
        info = next((info for info in self._services.registry.infos() if info.id == provider), None)
        return (0, 0) if info is not None and info.mends_damage else (DEFAULT_BEFORE, DEFAULT_AFTER)

    def claim_next_drawn(self, taker: Callable[[Region], None] | None) -> None:
        """The next region that is drawn becomes no patch but goes to `taker`, in fractions of the chosen patch's picture."""
        self._claimed = taker

    # From the canvas

    @Slot(object)
    def _region_drawn(self, drawn: roi_canvas.Region) -> None:
        services, patch = self._services, self._choice.patch()
        if self._claimed is not None and patch is not None:
            taker, self._claimed = self._claimed, None
            region = region_on_picture(to_model(drawn), self._place(patch))
            taker(region)
            services.session.set_tool(Tool.SELECT)
            self.refresh()
            return
        made = new_id(services.document.project, "patch")
        try:
            changed = services.document.apply("Draw patch", lambda project: self._with_patch(project, drawn, made))
        except PatchreelError as error:
            services.notifications.refuse(error)
            changed = False
        goes_on = changed and services.session.tool is Tool.BRUSH
        if not goes_on:
            self._panel.set_combine("new")  # what was to be added or taken away was meant for another region
            services.session.set_tool(Tool.SELECT)
        if changed:
            services.session.select(made)
            self._panel.canvas.set_selected(True)
            self.drawn.emit(made)
        if goes_on:  # further strokes belong to this region, until another tool is taken
            self._brush_adds = True
            self._panel.set_combine("add")
            self._panel.canvas.set_selected(True)
        self.refresh()

    def _with_patch(self, project: Project, drawn: roi_canvas.Region, patch_id: str) -> Project:
        time = self._services.session.playhead
        clip = clip_at(project, time)
        place = place_at(project, time, self._index_of, clip.id)
        index = self._index_of(place.media) if place.media.kind is MediaKind.VIDEO else None
        before, after = self.reach_of(self.recipe.provider)
        window = window_around(place, index, before, after)
        region = region_on_picture(to_model(drawn), place_of(clip, place.media, project.canvas))
        carrying = usual_carrying(self._services.registry, self.recipe.provider)
        return add_patch(
            project, place.media.id, region, place.anchor, window.range, self.recipe, patch_id=patch_id, carrying=carrying
        )

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
        region = region_on_picture(to_model(drawn), self._place(patch))
        self.change(
            "Change region",
            lambda before: replace(region, feather_px=before.feather_px, grow_px=before.grow_px, is_inverted=before.is_inverted),
            ("region", patch.id, gesture),
        )

    @Slot()
    def _delete(self) -> None:
        """The last shape was deleted: the patch goes, or on a further frame the region as it was put right there."""
        found = self.shown()
        if found is None or found.patch.locked:
            return
        patch, time = found.patch, found.time
        if not found.is_drawn:
            self._services.notifications.say(FOLLOWED)
        elif time == patch.anchor:
            self._services.edit("Delete patch", lambda project: remove_patch(project, patch.id))
        else:
            self._services.edit("Let region follow", lambda project: remove_region_key(project, patch.id, time))

    @Slot(str)
    def _other_chosen(self, patch_id: str) -> None:
        self._services.session.select(patch_id)
        self._panel.canvas.set_selected(True)

    @Slot(int)
    def _active_changed(self, _index: int) -> None:
        self.shown_changed.emit()

    @Slot(str)
    def _refused(self, why: str) -> None:
        self._services.notifications.say(why)

    @Slot(str)
    def _canvas_tool_changed(self, tool: str) -> None:
        """Esc on the canvas puts the tool away."""
        if tool == "select" and self._services.session.tool in DRAWING:
            self._services.session.set_tool(Tool.SELECT)

    @Slot(object)
    def _tool_changed(self, tool: Tool) -> None:
        """With a drawing tool in the hand the keys go to the picture, so that a region needs no mouse."""
        if self._brush_adds and tool is not Tool.BRUSH:
            self._brush_adds = False
            self._panel.set_combine("new")
        if tool in DRAWING:
            self._panel.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_what_is_changed()
        self.refresh()

    @Slot(str)
    def _combine_changed(self, _combine: str) -> None:
        self._show_what_is_changed()
        self.refresh()

    def _show_what_is_changed(self) -> None:
        """With a tool that changes the region the views that compare, where it is an outline only, give way to the result."""
        session = self._services.session
        changes = session.tool in DRAWING and self._panel.canvas.combine() != "new"
        if changes and self._choice.patch() is not None and session.view_mode not in CHANGED_IN:
            session.set_view_mode(ViewMode.RESULT)

    # To the canvas

    @Slot(str, object)
    def follow(self, patch_id: str, time: Fraction) -> None:
        """A frame was carried: where it is the one that is looked at, its region is known from now on."""
        patch = self._choice.patch()
        if patch is not None and patch.id == patch_id and self._choice.source_time(patch) == time:
            self.refresh()

    @Slot(object)
    def _refresh_with(self, _value: object) -> None:
        self.refresh()

    @Slot(object, object)
    def _project_changed(self, _before: object, _after: object) -> None:
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the chosen patch's region where it is drawn, and the others' beside it; elsewhere say where it was drawn."""
        canvas, patch = self._panel.canvas, self._choice.patch()
        canvas.set_feather(patch.region.feather_px if patch is not None else 6.0)
        if self._player.is_playing:
            canvas.set_presentation("hidden")
            self._panel.set_note("")
            self._panel.transport.set_anchor(False)
            return
        drawing = self._services.session.tool in DRAWING and canvas.combine() == "new"
        found = self.shown()
        self._panel.transport.set_anchor(found is not None and found.is_drawn)
        canvas.set_others(self._others(patch if not drawing else None))
        self._show_region(found if not drawing else None)
        self._say_where(patch if found is None and not drawing else None)
        canvas.set_presentation("edit" if self._is_editable(patch if not drawing else None) else "outline")
        free = found is not None and not found.patch.locked
        self._panel.rail.set_region_in_hand(free, is_inverted=found is not None and found.region.is_inverted)
        self.shown_changed.emit()

    def _show_region(self, found: Shown | None) -> None:
        canvas = self._panel.canvas
        before, self._shown = self._shown, found.patch.id if found is not None else ""
        if found is None:
            canvas.set_region(None)
            return
        patch, place = found.patch, self._place(found.patch)
        canvas.set_source_scale(place.scale)
        name = patch.name if found.is_drawn else f"{patch.name}, followed"
        canvas.set_region(to_canvas(region_on_canvas(found.region, place)), name)
        if before != patch.id:
            canvas.set_selected(is_outdated(patch) or patch.state is PatchState.QUEUED)

    def _others(self, chosen: Patch | None) -> list[roi_canvas.Other]:
        """The regions of other patches that were drawn on the frame at the playhead."""
        made, patches = [], self._choice.project.patches
        place = next((number for number, patch in enumerate(patches) if patch is chosen), len(patches))
        above = {patch.id for patch in patches[place:]}
        for patch, time in self._choice.patches_here():
            region = drawn_at(patch, time) if patch is not chosen and patch.visible else None
            if region is not None:
                seen = to_canvas(region_on_canvas(region, self._place(patch)))
                made.append(roi_canvas.Other(patch.id, patch.name, seen, patch.id in above))
        return made + (self._in_front(chosen) if chosen is not None else [])

    def _in_front(self, patch: Patch) -> list[roi_canvas.Other]:
        """What was drawn on this frame to stay in front of the chosen patch."""
        time, place = self._choice.source_time(patch), self._place(patch)
        fronts = [to_canvas(region_on_canvas(key.region, place)) for key in patch.carrying.in_front if key.time == time]
        return [roi_canvas.Other(patch.id, "In front", seen, is_mark=True) for seen in fronts]

    def _is_editable(self, patch: Patch | None) -> bool:
        """In the views that compare, the region is only an outline; so is a locked one."""
        if patch is None:
            return True
        return not patch.locked and self._services.session.view_mode in CHANGED_IN

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
