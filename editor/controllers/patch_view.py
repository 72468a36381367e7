"""Fills the patch panel, the badge and the change chart from what is known of the chosen patch. Reads only.

Many things report at once while a patch is at work; they are shown together, at most every 40 ms.
"""

from fractions import Fraction

from PySide6.QtCore import QObject, QTimer, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.patch_images import PatchImages
from editor.controllers.patch_run import WORDS, Phase, Run
from editor.controllers.patch_runs import PatchRuns
from editor.controllers.preview_controller import PreviewController
from editor.controllers.service_controller import ServiceController
from editor.controllers.version_compare import VersionCompare
from editor.panels.patch_foot import Step
from editor.panels.patch_panel import EMPTY, NONE_CHOSEN, PatchPanel
from editor.panels.viewer_panel import ViewerPanel
from editor.patch_facts import crop_size, extent_of, figures_of, is_outdated, outside_words, summary_of
from editor.patch_trust import PatchTrust
from editor.services import Services
from engine.project.anchors import anchors_of
from engine.project.model import MediaKind, Patch, PatchState
from widgets.change_chart import FrameChange

QUICK_LOOK = "Preview at a quarter of the size"
TOGETHER_MS = 40
REFRAME_MS = 120
STEPS = {PatchState.QA_READY: Step.REVIEW, PatchState.PUBLISHED: Step.ACCEPTED, PatchState.REJECTED: Step.REJECTED}


class PatchView(QObject):
    """Keeps panel and viewer in step with the chosen patch."""

    def __init__(
        self, services: Services, panel: PatchPanel, viewer: ViewerPanel, choice: PatchChoice, trust: PatchTrust,
        runs: PatchRuns, images: PatchImages, preview: PreviewController, compare: VersionCompare, service: ServiceController,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._panel, self._viewer = services, panel, viewer
        self._choice, self._trust, self._runs, self._images, self._preview = choice, trust, runs, images, preview
        self._compare, self._service = compare, service
        self._names = {info.id: info.name for info in services.registry.infos()}
        self._chart_of: object = None
        self._timer, self._reframe = QTimer(self), QTimer(self)
        for timer, interval, slot in ((self._timer, TOGETHER_MS, self.refresh), (self._reframe, REFRAME_MS, preview.refresh)):
            timer.setSingleShot(True)
            timer.setInterval(interval)
            timer.timeout.connect(slot)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        services = self._services
        services.session.selection_changed.connect(self._chosen)
        services.session.playhead_changed.connect(self._moved)
        services.document.project_changed.connect(self._project_changed)
        services.files.changed.connect(self._later)
        self._trust.changed.connect(self._later_for)
        self._runs.changed.connect(self._later_for)
        self._runs.frame_carried.connect(self._frame_carried)
        self._runs.made.connect(self._made)
        self._images.arrived.connect(self._later_for)
        self._compare.changed.connect(self._later)
        self._service.changed.connect(self._later)
        services.online.desk.asked.connect(self._later_at_desk)
        services.online.desk.withdrawn.connect(self._later_at_desk)
        self._preview.frame_ready.connect(self._frame_shown)
        self._viewer.chart.frame_chosen.connect(self._chart_frame_chosen)

    def stop(self) -> None:
        """The window closes."""
        for timer in (self._timer, self._reframe):
            timer.stop()

    # Something happened

    @Slot()
    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot(str)
    def _later_for(self, _what: str) -> None:
        self._later()

    @Slot(object)
    def _later_at_desk(self, _question: object) -> None:
        self._later()

    @Slot(object)
    def _frame_shown(self, _frame: object) -> None:
        self._show_place()

    @Slot(object)
    def _chosen(self, _selection: object) -> None:
        self.refresh()

    @Slot(object)
    def _moved(self, _time: Fraction) -> None:
        self._show_place()

    @Slot(object, object)
    def _project_changed(self, _before: object, _after: object) -> None:
        self._later()

    @Slot(str)
    def _made(self, _patch_id: str) -> None:
        """There is a result: show it without handles."""
        self._viewer.canvas.set_selected(False)

    @Slot(str, object)
    def _frame_carried(self, patch_id: str, time: Fraction) -> None:
        """The frame that is looked at has got its patch."""
        patch = next((p for p in self._choice.project.patches if p.id == patch_id), None)
        if patch is not None and self._choice.source_time(patch) == time and not self._reframe.isActive():
            self._reframe.start()

    @Slot(int)
    def _chart_frame_chosen(self, frame: int) -> None:
        patch = self._choice.patch()
        index = self._choice.index(patch) if patch is not None else None
        if patch is not None and index is not None:
            time = self._choice.timeline_time(patch, index.time_of(frame - 1))
            if time is not None:
                self._services.session.set_playhead(time)

    # Showing

    @Slot()
    def refresh(self) -> None:
        """Show the chosen patch as it is now."""
        patch = self._choice.patch()
        self._enable(patch)
        if patch is None:
            project = self._choice.project
            self._panel.show_empty(NONE_CHOSEN if project.patches else EMPTY, can_draw=project.duration > 0)
            self._viewer.set_reviewing(False)
            self._viewer.viewer.set_badge("", True)
            return
        self._runs.measure(patch)
        self._show_who(patch)
        self._show_asked(patch)
        self._show_result(patch)
        self._show_foot(patch)
        self._show_place()
        self._panel.show_patch()

    def _enable(self, patch: Patch | None) -> None:
        actions = self._services.actions
        has_result = patch is not None and patch.version is not None
        for command in ("run", "delete", "window_start", "window_end", "grow_start", "grow_end"):
            actions.set_enabled(f"patch.{command}", patch is not None)
        for command in ("accept", "reject", "retry"):
            actions.set_enabled(f"patch.{command}", has_result)

    def _show_who(self, patch: Patch) -> None:
        extent = extent_of(patch, self._choice.index(patch))
        still = self._choice.media(patch).kind is MediaKind.IMAGE
        instead = "On a still" if still else "Reading the frames"
        words, short = (extent.words, extent.short_words) if extent is not None else (instead, instead)
        self._panel.header.show_patch(patch.name, words, short, patch.state)
        self._panel.header.show_switches(only_here=patch.clip_id is not None, hidden=not patch.visible, locked=patch.locked)

    def _show_asked(self, patch: Patch) -> None:
        recipe = patch.recipe
        name = self._names.get(recipe.provider, recipe.provider)
        self._panel.recipe.show_recipe(recipe, patch.region.feather_px, self._images.name(recipe.image))
        if not self._service.is_service(recipe.provider):
            self._panel.sent.show_local(crop_size(patch.region, self._choice.media(patch)), name)
        self._service.show(patch)
        self._panel.versions.show_versions(patch.versions, patch.current_version, self._names, self._compare.compared)
        for version in patch.versions:
            self._panel.versions.set_image(version.pixels, self._images.small(version))

    def _show_result(self, patch: Patch) -> None:
        """A claim is made of the whole window or not at all."""
        index = self._choice.index(patch)
        reviewing = patch.version is not None and patch.state in STEPS
        self._panel.set_reviewing(reviewing)
        self._viewer.set_reviewing(reviewing and index is not None)
        figures = figures_of(self._trust.review(patch)) if reviewing and self._trust.is_complete(patch) else None
        if reviewing:
            extent = extent_of(patch, index)
            summary = summary_of(self._trust.frames(patch), index, extent.frames if extent is not None else 1)
            self._panel.review.show_review(figures, summary, is_stopped=self._runs.is_unfinished(patch))
            self._show_chart(patch)

    def _show_chart(self, patch: Patch) -> None:
        review, index, version = self._trust.review(patch), self._choice.index(patch), patch.version
        if review is None or index is None:
            self._chart_of = None
            self._viewer.chart.set_changes([], [])
            return
        trusts = self._trust.frames(patch)
        if self._chart_of == (review, trusts):
            return
        self._chart_of = (review, trusts)
        levels = {trust.time: trust.level for trust in trusts}
        measured = {frame.time: frame for frame in review.frames}
        changes = [
            FrameChange(
                index.frame_at(time) + 1, measured[time].changed_share if time in measured else 0.0,
                measured[time].flicker if time in measured else 0.0, level,
            )
            for time, level in sorted(levels.items())
        ]  # fmt: skip
        anchors = anchors_of(version) if version is not None else ()
        self._viewer.chart.set_changes(changes, [index.frame_at(anchor.anchor) + 1 for anchor in anchors])

    def _show_foot(self, patch: Patch) -> None:
        run, foot = self._runs.run_of(patch.id), self._panel.foot
        if run is not None and run.phase.value != "review":
            foot.show_step(Step.WORKING)
            foot.show_progress(run.share, self._words_of(run), run.remaining)
            return
        step = STEPS.get(patch.state, Step.RUN) if patch.version is not None else Step.RUN
        if patch.version is not None and is_outdated(patch):
            step = Step.RUN_AGAIN
        elif step in {Step.REVIEW, Step.ACCEPTED} and self._runs.is_unfinished(patch):
            step = Step.UNFINISHED
        foot.show_step(step)
        foot.set_runnable("The patch is locked" if patch.locked else self._service.reason(patch))

    def _words_of(self, run: Run) -> str:
        """What is being done; of a service's request that one waits, and for whom, also before its first report came through."""
        if run.thread is not self._services.threads.services:
            return run.words
        if self._services.online.desk.waiting:
            return "Waiting for your decision"
        provider = run.patch.recipe.provider
        return f"Waiting for {self._names.get(provider, provider)}" if run.words == WORDS[Phase.PATCH] else run.words

    def _show_badge(self, patch: Patch, source: Fraction | None) -> None:
        """The count of the very frame that is looked at; nothing where it was not measured."""
        reviewing = patch.state in STEPS and source is not None
        measured = self._trust.frame_review(patch, source) if reviewing and source is not None else None
        count = measured.outside_changed if measured is not None else 0
        shown = self._preview.last
        if measured is None and shown is not None and shown.is_quick:
            self._viewer.viewer.set_badge(QUICK_LOOK, ok=True, is_claim=False)
        else:
            self._viewer.viewer.set_badge(outside_words(count) if measured is not None else "", ok=count == 0)

    def _show_place(self) -> None:
        """What depends on the playhead only."""
        patch = self._choice.patch()
        if patch is None:
            return
        index, source = self._choice.index(patch), self._choice.source_time(patch)
        on_anchor = source == patch.anchor
        self._panel.window_form.show_window(
            extent_of(patch, index), window_locked=patch.window_locked or patch.locked,
            anchor_locked=patch.anchor_locked, on_anchor=on_anchor,
        )  # fmt: skip
        self._show_badge(patch, source)
        inside = index is not None and source is not None and patch.window.contains(source)
        self._viewer.chart.set_current(index.frame_at(source) + 1 if inside and index and source is not None else None)


