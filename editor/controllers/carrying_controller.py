"""How the chosen patch is carried, as edits: method, fade and grain, further anchors, what stays in front of it."""

from dataclasses import replace
from fractions import Fraction

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.region_controller import DRAWING, RegionController
from editor.panels.patch_panel import PatchPanel
from editor.services import Services
from editor.session import Tool
from engine.project.carrying_edits import remove_region_key, set_carrying
from engine.project.model import Carrying, MediaKind, Patch, Region, RegionKey


class CarryingController(QObject):
    """Fills the carrying section and answers it."""

    def __init__(
        self, services: Services, panel: PatchPanel, choice: PatchChoice, regions: RegionController,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._form, self._choice, self._regions = services, panel.carrying, choice, regions
        self._draws_front_of = ""
        form, actions = panel.carrying, services.actions
        form.carrying_edited.connect(self._set_carrying)
        form.anchor_added.connect(lambda: actions.action("patch.key").trigger())
        form.anchor_removed.connect(self.remove_anchor)
        form.anchor_wanted.connect(self._go_to_anchor)
        form.front_wanted.connect(self.draw_in_front)
        form.front_removed.connect(self._remove_front)
        panel.review.front_wanted.connect(self.draw_in_front)
        panel.review.anchor_wanted.connect(lambda: actions.action("patch.key").trigger())
        actions.bind("patch.remove_key", self.remove_anchor)
        actions.bind("patch.in_front", self.draw_in_front)
        regions.shown_changed.connect(self.refresh)
        services.session.tool_changed.connect(self._tool_changed)

    # Wishes

    @Slot(object)
    def _set_carrying(self, carrying: Carrying) -> None:
        patch = self._choice.patch()
        if patch is not None and carrying != patch.carrying:
            key = ("carrying", patch.id, "fade") if carrying.falloff_frames != patch.carrying.falloff_frames else None
            self._services.edit("Change how it is carried", lambda p: set_carrying(p, patch.id, carrying), key)
            self.refresh()

    @Slot()
    def remove_anchor(self) -> None:
        """Let the region follow by itself again on the frame at the playhead."""
        patch = self._choice.patch()
        time = self._choice.source_time(patch) if patch is not None else None
        if patch is not None and time is not None and time != patch.anchor:
            self._services.edit("Remove anchor", lambda project: remove_region_key(project, patch.id, time))

    @Slot(int)
    def _go_to_anchor(self, direction: int) -> None:
        self._services.actions.action("patch.next_anchor" if direction > 0 else "patch.previous_anchor").trigger()

    @Slot()
    def draw_in_front(self) -> None:
        """The next shape that is drawn stays in front of the chosen patch, from this frame on to both sides."""
        patch = self._choice.patch()
        if patch is None or self._choice.source_time(patch) is None:
            return
        self._draws_front_of = patch.id
        self._regions.claim_next_drawn(self._drawn)
        self._services.session.set_tool(Tool.LASSO)
        self._services.notifications.say("Draw round what passes in front", "It stays in front of the patch. Esc cancels.")
        self.refresh()

    def _drawn(self, region: Region) -> None:
        patch = next((p for p in self._choice.project.patches if p.id == self._draws_front_of), None)
        time = self._choice.source_time(patch) if patch is not None else None
        self._draws_front_of = ""
        if patch is not None and time is not None:
            kept = tuple(key for key in patch.carrying.in_front if key.time != time)
            carrying = replace(patch.carrying, in_front=(*kept, RegionKey(time, region)))
            self._services.edit("Draw in front", lambda project: set_carrying(project, patch.id, carrying))
        self.refresh()

    @Slot(object)
    def _remove_front(self, time: Fraction) -> None:
        patch = self._choice.patch()
        if patch is not None:
            kept = tuple(key for key in patch.carrying.in_front if key.time != time)
            carrying = replace(patch.carrying, in_front=kept)
            self._services.edit("Take away in front", lambda project: set_carrying(project, patch.id, carrying))

    @Slot(object)
    def _tool_changed(self, tool: Tool) -> None:
        """Another tool than one that draws: the wish is over."""
        if tool not in DRAWING and self._draws_front_of:
            self._draws_front_of = ""
            self._regions.claim_next_drawn(None)
            self.refresh()

    # Showing

    @Slot()
    def refresh(self) -> None:
        """Show the chosen patch as it is at the playhead."""
        patch = self._choice.patch()
        actions = self._services.actions
        time = self._choice.source_time(patch) if patch is not None else None
        is_key = patch is not None and any(key.time == time for key in patch.keys)
        actions.set_enabled("patch.remove_key", is_key)
        actions.set_enabled("patch.in_front", patch is not None and time is not None)
        if patch is None:
            return
        is_still = self._choice.media(patch).kind is MediaKind.IMAGE
        self._form.show_carrying(patch.carrying, is_still=is_still, locked=patch.locked)
        can_add = time is not None and time != patch.anchor and not patch.locked
        self._form.show_anchors(1 + len(patch.keys), can_add=can_add, can_remove=is_key and not patch.locked)
        self._form.show_fronts(self._fronts(patch), is_drawing=self._draws_front_of == patch.id)

    def _fronts(self, patch: Patch) -> list[tuple[Fraction, int]]:
        index = self._choice.index(patch)
        return [(key.time, index.frame_at(key.time) + 1) for key in patch.carrying.in_front] if index is not None else []
