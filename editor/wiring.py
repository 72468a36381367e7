"""Puts a window together: services, panels, controllers, and who listens to whom. One window, one Wiring."""

from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QTime, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from editor.clip_menu import show_clip_menu
from editor.controllers.accounts_controller import AccountsController
from editor.controllers.between_controller import BetweenController
from editor.controllers.caption_jobs import CaptionJobs
from editor.controllers.captions_controller import CaptionsController
from editor.controllers.clipboard_controller import ClipboardController
from editor.controllers.costs_controller import CostsController
from editor.controllers.export_side import make_export_side
from editor.controllers.gate_controller import GateController
from editor.controllers.generate_side import GenerateSide
from editor.controllers.inspector_controller import InspectorController
from editor.controllers.keys_controller import KeysController
from editor.controllers.layers_controller import LayersController
from editor.controllers.media_controller import MediaController
from editor.controllers.patch_side import PatchSide, make_patch_side
from editor.controllers.plan_controller import PlanController
from editor.controllers.playback_controller import PlaybackController
from editor.controllers.playing_figures import PlayingFigures
from editor.controllers.preview_controller import PreviewController
from editor.controllers.project_controller import ProjectController
from editor.controllers.region_numbers import RegionNumbers
from editor.controllers.text_controller import TextController
from editor.controllers.timeline_controller import TimelineController
from editor.controllers.view_controller import ViewController
from editor.cue_rows import cue_of_view
from editor.dialogs.help_dialogs import AboutDialog, ShortcutsDialog
from editor.hints import GENERATE_HINT, HINTS, REGION_HINT, START_HINT
from editor.main_window import CAPTIONS_TAB, INSPECTOR_TAB, PATCH_TAB, MainWindow
from editor.menus import make_exclusive
from editor.placing import Place
from editor.services import Services
from editor.session import Tool
from editor.warm_up import WarmUp
from engine.project.assets import PROJECT_SUFFIX
from engine.project.model import LayerKind, Project
from engine.project.track_edits import add_track
from resources import path
from widgets.controls import Menu
from widgets.focus_ring import follow_focus
from widgets.theme import THEMES, apply_theme
from widgets.timeline import DroppedFiles, Hit

SAMPLE, SAMPLE_LOGO_AT = "sample/lake.mp4", Fraction(6)
THEME_KEY = "theme"
NEED_CLIPS = (
    "clip.split", "clip.split_all", "clip.trim_start", "clip.trim_end", "clip.slow_2", "clip.slow_4", "edit.select_all",
    "clip.continue", "edit.mark_in", "edit.mark_out", "edit.clear_marks", "caption.split", "caption.merge",
    "file.export", "patch.box", "patch.lasso", "patch.ellipse", "patch.brush", "view.zoom_in", "view.zoom_out", "view.fit",
)  # fmt: skip
READ_ONLY = "This project was written by a newer version of Patchreel. It is shown, and can be neither changed nor saved."


class Wiring(QObject):
    """Owns the controllers. `window` is shown by the application."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._sample_waits = False
        self.preview = PreviewController(services, self)
        self.playback = PlaybackController(services, self)
        self.patch_side = make_patch_side(services, self.preview, self.playback)
        self._own(self.patch_side)
        self.window = MainWindow(services, self.patch_side.viewer_panel, self.patch_side.patch_panel, self._picture_of)
        self._make_controllers()
        self.patch_side.viewer.watch_keys(self.window)
        self.patch_side.trust.levels_changed.connect(self.view.show_trust)
        self._connect_panels()
        self._bind_commands()
        self._follow_document()
        self.warm_up = WarmUp((
            lambda: self.keys.dialog, lambda: self.keys.dialog.prepare(),
            lambda: self.costs.dialog, lambda: self.costs.dialog.prepare(),
            lambda: self.patch_side.fallback.dialog, lambda: self.patch_side.fallback.dialog.prepare(),
        ), self)  # fmt: skip

    def _make_controllers(self) -> None:
        services, window = self.services, self.window
        self.project = ProjectController(services, window, self)
        self.media = MediaController(services, window, self)
        self.plans = PlanController(services, self)
        self.timeline = TimelineController(services, self)
        self.clipboard = ClipboardController(services, self)
        self.layers = LayersController(services, self)
        self.texts = TextController(services, self)
        self.inspector = InspectorController(services, window.inspector, self)
        self.keys = KeysController(services, window, self)
        self.accounts = AccountsController(services, window.top_bar, window.status, self)
        self.gate = GateController(services.online.desk, window, self)
        self.view = ViewController(services, window.timeline, window.bin, window.layers, self.plans, self)
        side = self.patch_side
        self.region_numbers = RegionNumbers(
            services, window.inspector, side.patch_panel.recipe, side.viewer_panel, side.choice, side.regions, self
        )
        side.region_tools.fitting_changed.connect(window.inspector.region.set_fitting)
        window.escape_pressed.connect(side.region_tools.stop_fitting)
        self.export_side = make_export_side(services, side.trust, side.runs, window.top_bar, window, self)
        self.figures = PlayingFigures(services, self.playback.player, self.preview, window.status, self)
        self.costs = CostsController(services, self.export_side.runs, window.top_bar, window, self)
        self.export_side.runs.ended.connect(self.plans.refresh)  # what was encoded is cached now
        self.generate = GenerateSide(services, window, self.gate, self.export_side.board, self)
        self.between = BetweenController(services, side.patch_panel.carrying, side.choice, self.generate.generating, self)
        self.captions = CaptionsController(services, window.captions, side.viewer_panel.caption, self.view.cues, self)
        self.captions.list_wanted.connect(lambda: window.show_workspace("captions"))
        self.caption_jobs = CaptionJobs(services, window.captions, self.export_side.board, window, self)

    def _own(self, side: PatchSide) -> None:
        """What works for the panels goes with this object, at once: a timer must not outlive its panel."""
        for part in (getattr(side, made.name) for made in fields(side)):
            if isinstance(part, QObject) and not part.isWidgetType() and part.parent() is None:
                part.setParent(self)

    def _picture_of(self, media_id: str) -> QImage | None:
        return self.view.picture_of(media_id)

    # Opening

    def open(self, arguments: Sequence[str]) -> None:
        """A project file, or media that go on the timeline one after another."""
        paths = [Path(argument) for argument in arguments]
        projects = [p for p in paths if p.suffix == PROJECT_SUFFIX]
        if projects:
            self.project.open(projects[0])
        elif paths:
            self.media.import_paths(paths, Place())

    @Slot()
    def open_sample(self) -> None:
        """The bundled clip on the timeline, the playhead where its sign is seen best."""
        if self.project.may_go_on():
            self.services.document.new()
            self._sample_waits = True
            self.media.import_paths([path(SAMPLE)], Place())

    @Slot(object)
    def _imported(self, _media_ids: object) -> None:
        if self._sample_waits:
            self._sample_waits = False
            self.playback.seek(SAMPLE_LOGO_AT)
            self.window.show_workspace("patch")

    # Panels

    def _connect_panels(self) -> None:
        self._connect_timeline()
        window, media = self.window, self.media
        window.files_dropped.connect(self._files_dropped)
        window.escape_pressed.connect(self._take_select_tool)
        media.imported.connect(self._imported)
        window.bin.import_wished.connect(media.ask_for_files)
        window.bin.set_scrub(self.view.picture_at)
        window.bin.files_dropped.connect(media.import_paths)
        window.bin.place_wished.connect(self._place_at_playhead)
        window.bin.remove_wished.connect(media.remove)
        window.bin.relink_wished.connect(media.ask_to_relink)
        stack = window.layers.stack
        stack.visible_toggled.connect(self.layers.set_visible)
        stack.locked_toggled.connect(self.layers.set_locked)
        stack.version_chosen.connect(self.layers.choose_version)
        stack.selected.connect(self.layers.select)
        stack.moved.connect(self.layers.move)
        window.layers.track_wished.connect(self._add_track)
        window.layers.remove_wished.connect(self.layers.remove)
        window.right_head.tab_changed.connect(window.show_right)
        start = window.start_page
        start.sample_chosen.connect(self.open_sample)
        start.canvas_chosen.connect(self.project.new_with)
        start.open_chosen.connect(self.project.ask_to_open)
        start.theme_chosen.connect(self.choose_theme)
        bar = window.top_bar
        bar.workspace_chosen.connect(window.show_workspace)
        window.workspace_changed.connect(self._show_hint)
        window.workspace_changed.connect(lambda _key: self.services.actions.set_panels_shown(not window.is_page_shown))
        bar.export_clicked.connect(lambda: self.services.actions.action("file.export").trigger())
        bar.jobs_clicked.connect(lambda: self.services.actions.action("view.jobs").trigger())

    def _connect_timeline(self) -> None:
        panel, controller = self.window.timeline, self.timeline
        timeline = panel.timeline
        timeline.playhead_moved.connect(self.playback.seek)
        timeline.selection_changed.connect(controller.select)
        timeline.clip_move_requested.connect(controller.move)
        timeline.clip_trim_requested.connect(controller.trim)
        timeline.patch_window_requested.connect(controller.set_window)
        timeline.gesture_finished.connect(controller.finish)
        timeline.gesture_cancelled.connect(controller.cancel)
        timeline.visible_toggled.connect(self.layers.toggle_visible)
        timeline.locked_toggled.connect(self.layers.toggle_locked)
        timeline.media_dropped.connect(self._dropped_on_timeline)
        timeline.context_menu_requested.connect(self._show_clip_menu)
        timeline.plan_span_clicked.connect(self._explain_span)
        timeline.item_activated.connect(self._inspect)
        controller.text_added.connect(self.window.inspector.edit_words)
        self.services.document.opened.connect(lambda _path, _warnings: timeline.zoom_to_fit())
        timeline.set_landing(self.media.landing_of)
        panel.blade_used.connect(controller.split_at)
        panel.tool_chosen.connect(self.services.session.set_tool)
        panel.snapping_chosen.connect(lambda on: self.services.actions.set_checked("view.snapping", on))
        panel.import_wished.connect(self.media.ask_for_first_clip)
        panel.looks.next_wanted.connect(lambda: self.services.actions.action("patch.next_doubtful").trigger())
        panel.empty.media_dropped.connect(self.media.dropped)

    # Commands

    def _bind_commands(self) -> None:
        services, window = self.services, self.window
        actions = services.actions
        bind = actions.bind
        stack = services.document.undo_stack
        undo, redo = bind("edit.undo", stack.undo), bind("edit.redo", stack.redo)
        stack.canUndoChanged.connect(undo.setEnabled)
        stack.canRedoChanged.connect(redo.setEnabled)
        stack.undoTextChanged.connect(self._name_undo)
        stack.redoTextChanged.connect(self._name_redo)
        undo.setEnabled(False)
        redo.setEnabled(False)
        window.top_bar.set_undo(undo, redo)
        bind("file.sample", self.open_sample)
        bind("file.quit", window.close_wished.emit)
        bind("tool.select", self._take_select_tool)
        bind("tool.blade", lambda: services.session.set_tool(Tool.RAZOR))
        bind("help.keys", self._show_keys)
        bind("help.about", self._show_about)
        self._bind_views()
        self._recent = Menu("Open recent", window)
        self._recent.aboutToShow.connect(self._fill_recent)
        actions.add_submenu("file.open", self._recent)
        actions.install(window, window.top_bar.menu_bar)

    def _bind_views(self) -> None:
        window, actions = self.window, self.services.actions
        timeline, bind = window.timeline.timeline, actions.bind
        bind("view.zoom_in", timeline.zoom_in)
        bind("view.zoom_out", timeline.zoom_out)
        bind("view.fit", timeline.zoom_to_fit)
        bind("view.snapping", lambda: window.timeline.set_snapping(actions.is_checked("view.snapping")))
        actions.set_checked("view.snapping", True)
        bind("view.edit_workspace", lambda: window.show_workspace("edit"))
        bind("view.patch_workspace", lambda: window.show_workspace("patch"))
        bind("view.captions_workspace", lambda: window.show_workspace("captions"))
        bind("view.full_screen", lambda: window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen))
        bind("view.reset_layout", window.reset_layout)
        for name in THEMES:
            bind(f"view.{name.replace(' ', '_')}", partial(self.choose_theme, name))
        make_exclusive(actions, *(f"view.{name.replace(' ', '_')}" for name in THEMES))

    @Slot(str)
    def _name_undo(self, text: str) -> None:
        self.services.actions.action("edit.undo").setText(f"Undo {_lower(text)}".rstrip())

    @Slot(str)
    def _name_redo(self, text: str) -> None:
        self.services.actions.action("edit.redo").setText(f"Redo {_lower(text)}".rstrip())

    @Slot(str)
    def choose_theme(self, name: str) -> None:
        """Another theme at once, and from now on."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme = apply_theme(app, name)
        follow_focus(app, theme)
        self.services.settings.setValue(THEME_KEY, name)
        self.services.actions.set_checked(f"view.{name.replace(' ', '_')}", True)
        self.window.start_page.set_theme(name)

    @Slot()
    def _take_select_tool(self) -> None:
        self.services.session.set_tool(Tool.SELECT)

    @Slot()
    def _fill_recent(self) -> None:
        """The last projects, those that are gone greyed."""
        self._recent.clear()
        for file in self.project.recent:
            action = self._recent.addAction(file.name, partial(self.project.open, file))
            action.setToolTip(str(file))
            action.setEnabled(file.is_file())
        if self._recent.isEmpty():
            self._recent.addAction("No recent projects yet").setEnabled(False)

    def _show_keys(self) -> None:
        ShortcutsDialog(self.services.actions, self.window).exec()

    def _show_about(self) -> None:
        AboutDialog(self.window).exec()

    def _show_clip_menu(self, hit: Hit, at: QPoint) -> None:
        show_clip_menu(self.window, self.services.actions, hit, at, self.media.relinking(hit.id))

    def _explain_span(self, span: object) -> None:
        words = {"copy": "Copied, byte for byte", "cached": "Cached, made earlier", "encode": "Encoded again"}
        self.services.notifications.say(words[getattr(span, "mode", "copy")], getattr(span, "reason", ""))

    @Slot(str)
    def _inspect(self, view_id: str) -> None:
        if cue_of_view(view_id) is not None:
            self.window.show_right(CAPTIONS_TAB)
            self.captions.edit_view(view_id)
            return
        chosen = self.services.session.selection
        is_patch = any(patch.id in chosen for patch in self.services.document.project.patches)
        self.window.show_right(PATCH_TAB if is_patch else INSPECTOR_TAB)

    def _place_at_playhead(self, media_ids: Sequence[str]) -> None:
        self.media.place_media(media_ids, Place(self.services.session.playhead))

    def _files_dropped(self, files: Sequence[Path]) -> None:
        if self.caption_jobs.take_dropped(files):
            return
        has_clips = self.services.document.project.duration > 0
        self.media.import_paths(files, Place(self.services.session.playhead) if has_clips else Place())

    def _dropped_on_timeline(self, payload: object, track_id: str, time: Fraction) -> None:
        if not (isinstance(payload, DroppedFiles) and self.caption_jobs.take_dropped(payload.paths)):
            self.media.dropped(payload, track_id, time)  # type: ignore[arg-type]  # the timeline drops files or media

    def _add_track(self, kind: str) -> None:
        self.services.edit("Add layer", lambda p: add_track(p, LayerKind(kind)))

    # Following

    def _follow_document(self) -> None:
        services, window = self.services, self.window
        services.document.project_changed.connect(self._project_changed)
        self.project.state_changed.connect(self._show_state)
        services.document.journal.written.connect(self._show_kept)
        services.session.tool_changed.connect(self._tool_changed)
        window.viewer.canvas.focus_changed.connect(self._show_hint)
        self.patch_side.regions.shown_changed.connect(self._show_hint)
        services.session.selection_changed.connect(self._selected)
        self._tool_changed(services.session.tool)
        self._selected(services.session.selection)
        self._project_changed(services.document.project, services.document.project)

    @Slot(object, object)
    def _project_changed(self, _before: Project, after: Project) -> None:
        self.window.show_start(self.project.is_untouched)
        if self.window.is_start_shown:
            self.window.start_page.set_recent(next(iter(self.project.recent), None))
        self._show_hint()
        actions = self.services.actions
        has_clips = after.duration > 0
        for command in NEED_CLIPS:
            actions.set_enabled(command, has_clips)
        self.window.top_bar.export.setEnabled(has_clips and actions.is_bound("file.export"))
        self.window.top_bar.set_jobs_available(actions.is_bound("view.jobs"))
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        name = self.project.name
        self.window.top_bar.set_project(name, self.project.state if name else "")
        self.window.banner.show_text(READ_ONLY if self.services.document.read_only else "")
        mark = " *" if self.services.document.is_modified else ""
        self.window.setWindowTitle(f"{name}{mark} – Patchreel" if name else "Patchreel")

    @Slot(object)
    def _show_kept(self, _entry: object) -> None:
        """A crash loses nothing that is older than this."""
        self.window.status.show_kept(f"Journal saved {QTime.currentTime().toString('HH:mm:ss')}")

    @Slot(object)
    def _tool_changed(self, tool: Tool) -> None:
        self.window.timeline.set_tool(tool)
        self._show_hint()

    @Slot()
    def _show_hint(self) -> None:
        """What the tool in the hand does; with the picture in front, what the keys do to the region."""
        window, tool = self.window, self.services.session.tool
        canvas = window.viewer.canvas
        on_region = tool is Tool.SELECT and canvas.hasFocus() and canvas.region() is not None
        shown = GENERATE_HINT if window.is_page_shown else START_HINT if window.is_start_shown else None
        window.status.show_hint(*(shown or (REGION_HINT if on_region else HINTS[tool])))

    @Slot(object)
    def _selected(self, chosen: frozenset[str]) -> None:
        project = self.services.document.project
        captions = [c for t in project.tracks for c in t.clips if c.id in chosen and c.text is not None]
        if len(chosen) == 1 and captions:
            self.window.show_right(INSPECTOR_TAB)
        for command in ("edit.delete", "edit.ripple_delete", "clip.to_overlay", "clip.to_subject", "clip.to_background"):
            self.services.actions.set_enabled(command, bool(chosen))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
