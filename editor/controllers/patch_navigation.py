"""Going to what matters about patches: the anchor frame, the next frame that needs a look."""

from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.panels.patch_panel import PatchPanel
from editor.services import Services


class PatchNavigation(QObject):
    """Moves the playhead by patches; changes nothing."""

    def __init__(self, services: Services, panel: PatchPanel, choice: PatchChoice, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._choice = services, choice
        panel.window_form.anchor_wanted.connect(self.go_to_anchor)
        panel.review.frame_wanted.connect(self._go_to)
        panel.header.menu_chosen.connect(self._menu)
        bind = services.actions.bind
        for command, direction in (("next", 1), ("previous", -1)):
            bind(f"patch.{command}_doubtful", partial(self.go_to_look, direction))
            bind(f"patch.{command}_anchor", partial(self._to_anchor, direction))

    @Slot(str)
    def _menu(self, item: str) -> None:
        if item == "anchor":
            self.go_to_anchor()

    @Slot()
    def go_to_anchor(self) -> None:
        """Put the playhead on the anchor frame."""
        patch = self._choice.patch()
        if patch is not None:
            self._go_to(patch.anchor)

    @Slot(object)
    def _go_to(self, source: Fraction) -> None:
        patch = self._choice.patch()
        time = self._choice.timeline_time(patch, source) if patch is not None else None
        if time is not None:
            self._services.session.set_playhead(time)

    def go_to_look(self, direction: int) -> None:
        """The next (or previous) worst frame of what needs a look, round the timeline; its patch becomes the chosen one."""
        found = sorted(self._choice.looks(), key=lambda item: item[0])
        if not found:
            self._services.notifications.say("No frame needs a look")
            return
        now = self._services.session.playhead
        if direction > 0:
            time, patch, _ = next((item for item in found if item[0] > now), found[0])
        else:
            time, patch, _ = next((item for item in reversed(found) if item[0] < now), found[-1])
        self._services.session.select(patch.id)
        self._services.session.set_playhead(time)

    def _to_anchor(self, direction: int) -> None:
        choice = self._choice
        found = sorted(
            (clip.timeline_time(patch.anchor), patch.id) for patch in choice.project.patches for clip in choice.clips(patch)
            if clip.source_range.contains(patch.anchor)
        )
        now = self._services.session.playhead
        beyond = [item for item in found if (item[0] > now if direction > 0 else item[0] < now)]
        if beyond:
            time, patch_id = beyond[0] if direction > 0 else beyond[-1]
            self._services.session.select(patch_id)
            self._services.session.set_playhead(time)
