"""What the hand does with the chosen patch, as edits, and the commands of the Patch menu. One gesture is one step of undo."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.patch_images import PatchImages
from editor.controllers.patch_run import Phase
from editor.controllers.patch_runs import PatchRuns
from editor.controllers.region_controller import RegionController
from editor.controllers.service_controller import ServiceController
from editor.document import Edit
from editor.panels.patch_panel import PatchPanel
from editor.patch_facts import extent_of, is_outdated
from editor.services import Services
from editor.session import Tool
from editor.text import text_png
from engine.errors import EditError, StorageError
from engine.project.model import Canvas, Patch, PatchState, Project, Recipe, Text
from engine.project.patch_edits import (
    limit_patch_to_clip,
    lock_anchor,
    lock_window,
    remove_patch,
    rename_patch,
    set_patch_locked,
    set_patch_recipe,
    set_patch_region,
    set_patch_visible,
    set_window,
)
from engine.project.version_edits import refuse_locked_patch, set_patch_state
from engine.providers.usual_method import ask_for, show_version
from engine.rational_time import TimeRange

NEEDS_PICTURE = "Choose a picture first."

WORDS_CANVAS = Canvas(2000, 700)
"""Words for a region are drawn this large and fitted into it."""
WORDS_SIZE = 0.2


class PatchController(QObject):
    """Panel and keys in, edits and runs out."""

    def __init__(
        self, services: Services, panel: PatchPanel, choice: PatchChoice, runs: PatchRuns, regions: RegionController,
        images: PatchImages, service: ServiceController, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._panel, self._choice = services, panel, choice
        self._runs, self._regions, self._images = runs, regions, images
        self._service = service
        self._window_gesture = 0
        self._connect()
        self._bind()

    def _connect(self) -> None:
        panel = self._panel
        panel.box_wanted.connect(self.draw_box)
        panel.header.renamed.connect(self._rename)
        panel.header.menu_chosen.connect(self._menu)
        panel.recipe.recipe_edited.connect(self._set_recipe)
        panel.recipe.feather_edited.connect(self._set_feather)
        panel.recipe.image_wanted.connect(self._choose_image)
        panel.window_form.window_edited.connect(self._set_counts)
        panel.window_form.window_locked.connect(self._lock_window)
        panel.window_form.anchor_locked.connect(self._lock_anchor)
        panel.versions.chosen.connect(self._choose_version)
        foot = panel.foot
        for signal, slot in (
            (foot.run_wanted, self.run), (foot.accept_wanted, self.accept), (foot.retry_wanted, self.retry),
            (foot.reject_wanted, self.reject), (foot.cancel_wanted, self.cancel), (foot.carry_wanted, self.run),
            (foot.offline_wanted, self.run_offline),
        ):  # fmt: skip
            signal.connect(slot)
        self._images.chosen.connect(self._image_chosen)

    def _bind(self) -> None:
        commands: dict[str, Callable[[], None]] = {
            "patch.box": self.draw_box, "patch.lasso": self.draw_lasso, "patch.run": self.run, "patch.accept": self.accept,
            "patch.reject": self.reject, "patch.retry": self.retry, "patch.delete": self.delete,
            "patch.window_start": lambda: self._end_at_playhead(is_start=True),
            "patch.window_end": lambda: self._end_at_playhead(is_start=False),
            "patch.grow_start": lambda: self._grow(before=1), "patch.grow_end": lambda: self._grow(after=1),
        }  # fmt: skip
        for command, slot in commands.items():
            self._services.actions.bind(command, slot)

    # Drawing

    @Slot()
    def draw_box(self) -> None:
        """Take the box tool."""
        self._services.session.set_tool(Tool.BOX)

    @Slot()
    def draw_lasso(self) -> None:
        """Take the lasso."""
        self._services.session.set_tool(Tool.LASSO)

    # The one next step

    @Slot()
    def run(self) -> None:
        """Ask the provider, or carry on what was stopped; while it is at work, nothing."""
        patch = self._choice.patch()
        if patch is None or self._runs.run_of(patch.id) is not None:
            return
        if self._runs.is_unfinished(patch) and not is_outdated(patch):
            self._runs.again(patch.id, Phase.CARRY)
        else:
            self._run(patch, patch.recipe, "Run patch")

    @Slot()
    def run_offline(self) -> None:
        """The same region with an offline provider: the one used last, else the usual one. Nothing is sent."""
        patch = self._choice.patch()
        if patch is not None and self._runs.run_of(patch.id) is None:
            used = [version.recipe.provider for version in reversed(patch.versions)]
            local = [info.id for info in self._services.registry.infos() if not info.is_remote and not info.needs_image]
            provider = next((one for one in used if one in local), local[0])
            self._run(patch, Recipe(provider, patch.recipe.prompt), "Run patch offline")

    @Slot()
    def retry(self) -> None:
        """Ask again for another variation."""
        patch = self._choice.patch()
        if patch is not None and patch.version is not None and self._runs.run_of(patch.id) is None:
            self._run(patch, replace(patch.recipe, seed=patch.recipe.seed + 1), "Retry patch")

    def _run(self, patch: Patch, recipe: Recipe, text: str) -> None:
        info = next((i for i in self._services.registry.infos() if i.id == recipe.provider), None)
        if (reason := self._service.reason(replace(patch, recipe=recipe))) and not patch.locked:
            self._services.notifications.refuse(EditError("The patch was not run.", reason))
            return
        if info is not None and info.draws_words:
            try:
                recipe = self._with_words(recipe)
            except StorageError as error:
                self._services.notifications.fail(error, "The words could not be drawn")
                return
        elif info is not None and info.needs_image and not recipe.image:
            self._services.notifications.refuse(EditError(f"{info.name} places a picture of yours.", NEEDS_PICTURE))
            return

        def edit(project: Project) -> Project:
            refuse_locked_patch(project, project.patch_by_id(patch.id))
            project = set_patch_recipe(project, patch.id, recipe)
            return set_patch_state(project, patch.id, PatchState.QUEUED)

        if self._services.edit(text, edit):
            self._runs.run(patch.id)

    def _with_words(self, recipe: Recipe) -> Recipe:
        """The recipe with its words as a picture; without words none, which the provider answers with a sentence.

        Raises: StorageError.
        """
        if not recipe.prompt.strip():
            return replace(recipe, image="")
        drawn = text_png(Text(recipe.prompt, WORDS_SIZE, position=(0.5, 0.5)), WORDS_CANVAS)
        return replace(recipe, image=self._services.document.assets.put(drawn, ".png"))

    @Slot()
    def accept(self) -> None:
        """Exports contain it from now on."""
        self._judge(PatchState.PUBLISHED, "Accept patch")

    @Slot()
    def reject(self) -> None:
        """It is kept, but shown and exported nowhere."""
        self._judge(PatchState.REJECTED, "Reject patch")

    def _judge(self, state: PatchState, text: str) -> None:
        patch = self._choice.patch()
        busy = self._runs.run_of(patch.id) if patch is not None else None
        if patch is not None and patch.version is not None and (busy is None or not busy.is_whole):
            self._edit(text, lambda project: set_patch_state(project, patch.id, state))

    @Slot()
    def cancel(self) -> None:
        """Stop what is at work on the chosen patch."""
        patch = self._choice.patch()
        if patch is not None:
            self._runs.cancel(patch.id)

    # Edits of the chosen patch

    def _edit(self, text: str, edit: Edit, merge_key: object = None) -> bool:
        return self._services.edit(text, edit, merge_key)

    @Slot(object, int)
    def _set_recipe(self, recipe: Recipe, gesture: int) -> None:
        patch = self._choice.patch()
        if patch is not None and recipe != patch.recipe:
            self._regions.recipe = replace(recipe, prompt="", image="", seed=0)
            key = ("recipe", patch.id, gesture)
            window = self._usual_window(patch, recipe)

            def edit(project: Project) -> Project:
                project = ask_for(project, patch.id, recipe, self._services.registry)
                return project if window is None else set_window(project, patch.id, window)

            self._edit("Change what is asked for", edit, key)

    def _usual_window(self, patch: Patch, recipe: Recipe) -> TimeRange | None:
        """Another window where that of a patch without a result is still the one that its provider begins with."""
        before, after = self._regions.reach_of(patch.recipe.provider), self._regions.reach_of(recipe.provider)
        if before == after or patch.version is not None or patch.window_locked:
            return None
        is_usual = patch.window == self._choice.window_of(patch, *before)
        return self._choice.window_of(patch, *after) if is_usual else None

    @Slot(float, int)
    def _set_feather(self, feather_px: float, gesture: int) -> None:
        patch = self._choice.patch()
        if patch is not None:
            region = replace(patch.region, feather_px=feather_px)
            key = ("feather", patch.id, gesture)
            self._edit("Change feather", lambda p: set_patch_region(p, patch.id, region), key)

    @Slot(str)
    def _rename(self, name: str) -> None:
        patch = self._choice.patch()
        if patch is not None:
            self._edit("Rename patch", lambda p: rename_patch(p, patch.id, name))

    @Slot(int)
    def _choose_version(self, number: int) -> None:
        patch = self._choice.patch()
        if patch is not None:
            self._edit(f"Show version {number}", lambda p: show_version(p, patch.id, number, self._services.registry))

    @Slot(bool)
    def _lock_window(self, locked: bool) -> None:
        patch = self._choice.patch()
        if patch is not None:
            self._edit("Lock window" if locked else "Unlock window", lambda p: lock_window(p, patch.id, locked))

    @Slot(bool)
    def _lock_anchor(self, locked: bool) -> None:
        patch = self._choice.patch()
        if patch is not None:
            self._edit("Lock anchor" if locked else "Unlock anchor", lambda p: lock_anchor(p, patch.id, locked))

    @Slot(str)
    def _menu(self, item: str) -> None:
        patch = self._choice.patch()
        if patch is None:
            return
        clip = self._choice.clip_here(patch)
        only = clip.id if clip is not None and patch.clip_id is None else None
        edits: dict[str, tuple[str, Edit]] = {
            "hide": ("Show patch" if not patch.visible else "Hide patch",
                     lambda p: set_patch_visible(p, patch.id, not patch.visible)),
            "lock": ("Unlock patch" if patch.locked else "Lock patch", lambda p: set_patch_locked(p, patch.id, not patch.locked)),
            "only here": ("Patch in one clip" if only else "Patch everywhere", lambda p: limit_patch_to_clip(p, patch.id, only)),
        }  # fmt: skip
        if item == "delete":
            self.delete()
        elif item in edits:
            self._edit(*edits[item])

    @Slot()
    def delete(self) -> None:
        """Take the chosen patch away; undo brings it back with all its versions."""
        patch = self._choice.patch()
        if patch is not None:
            self._edit("Delete patch", lambda project: remove_patch(project, patch.id))

    # Pictures of the user's

    @Slot()
    def _choose_image(self) -> None:
        patch = self._choice.patch()
        if patch is not None:
            self._images.ask(patch.id, self._panel)

    @Slot(str, str)
    def _image_chosen(self, patch_id: str, asset: str) -> None:
        patch = next((p for p in self._choice.project.patches if p.id == patch_id), None)
        if patch is not None:
            recipe = replace(patch.recipe, image=asset)
            self._edit("Choose picture", lambda p: set_patch_recipe(p, patch_id, recipe))

    # The window

    @Slot(int, int)
    def _set_counts(self, before: int, after: int) -> None:
        patch = self._choice.patch()
        window = self._choice.window_of(patch, before, after) if patch is not None else None
        if patch is not None and window is not None:
            self._set_window(patch, window)

    def _set_window(self, patch: Patch, window: TimeRange) -> None:
        self._edit("Change patch window", lambda project: set_window(project, patch.id, window))

    def _grow(self, before: int = 0, after: int = 0) -> None:
        patch = self._choice.patch()
        extent = extent_of(patch, self._choice.index(patch)) if patch is not None else None
        if patch is not None and extent is not None:
            self._set_counts(extent.before + before, extent.after + after)

    def _end_at_playhead(self, *, is_start: bool) -> None:
        """The frame at the playhead becomes the first or the last of the window; never past the anchor."""
        patch = self._choice.patch()
        source = self._choice.source_time(patch) if patch is not None else None
        index = self._choice.index(patch) if patch is not None else None
        if patch is None or source is None or index is None:
            return
        if is_start:
            self._set_window(patch, TimeRange.between(min(source, patch.anchor), patch.window.end))
        else:
            end = index.end_of(index.frame_at(max(source, patch.anchor)))
            self._set_window(patch, TimeRange.between(patch.window.start, end))
