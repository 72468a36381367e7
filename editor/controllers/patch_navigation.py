"""Going to what matters about patches: the anchor frame, the next frame that needs a look."""

from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.playback_controller import PlaybackController
from editor.panels.patch_panel import PatchPanel
from editor.services import Services
from engine.rational_time import TimeRange


class PatchNavigation(QObject):
    """Moves the playhead by patches; changes nothing."""

    def __init__(
        self, services: Services, panel: PatchPanel, choice: PatchChoice, playback: PlaybackController,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._choice, self._playback = services, choice, playback
        panel.window_form.anchor_wanted.connect(self.go_to_anchor)
        panel.review.frame_wanted.connect(self._go_to)
        panel.header.menu_chosen.connect(self._menu)
        panel.window_form.round_wanted.connect(self.play_window)
        bind = services.actions.bind
        bind("play.window", self.play_window)
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

    @Slot()
    def play_window(self) -> None:
        """Play what is seen of the chosen patch's window, again and again; once more: stop."""
        patch = self._choice.patch()
        clip = self._choice.clip_here(patch) if patch is not None else None
        seen = clip.source_range.intersection(patch.window) if patch is not None and clip is not None else None
        if clip is None or seen is None:
            self._services.notifications.say("Choose a patch to play its window")
            return
        start = clip.timeline_time(seen.start)
        self._playback.play_round(TimeRange(start, seen.duration))

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
        """Anchors, and frames on which the region was put right."""
        choice = self._choice
        found = sorted({
            (clip.timeline_time(time), patch.id) for patch in choice.project.patches for clip in choice.clips(patch)
            for time in (patch.anchor, *(key.time for key in patch.keys)) if clip.source_range.contains(time)
        })  # fmt: skip
        now = self._services.session.playhead
        beyond = [item for item in found if (item[0] > now if direction > 0 else item[0] < now)]
        if beyond:
            time, patch_id = beyond[0] if direction > 0 else beyond[-1]
            self._services.session.select(patch_id)
            self._services.session.set_playhead(time)
