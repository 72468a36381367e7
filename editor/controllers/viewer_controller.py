"""Fills the viewer's dock: frames, title, modes, tools, transport. Regions and patches are the patch controllers' business.

Pictures come from the preview controller; nothing is decoded or composed here.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from editor import frame_grid
from editor.background import ShownFrame
from editor.controllers.playback_controller import PlaybackController
from editor.controllers.preview_controller import PreviewController, Wishes
from editor.panels.viewer_panel import ViewerPanel
from editor.services import Services
from editor.session import Tool, ViewMode
from editor.view_models import rate_words
from engine.compositing.outputs import GAINS, Output
from engine.project.model import Project
from engine.rational_time import timecode
from widgets.viewer import Naming

ROUND = (ViewMode.RESULT, ViewMode.ORIGINAL, ViewMode.SPLIT, ViewMode.HEATMAP)
OUTPUT_OF = {
    ViewMode.LOCATION: Output.LOCATION, ViewMode.DIFFERENCE: Output.DIFFERENCE, ViewMode.MAGNITUDE: Output.MAGNITUDE,
}  # fmt: skip
MODE_OF = {mode: mode.value.capitalize() for mode in ViewMode}
VIEW_OF = {word: mode for mode, word in MODE_OF.items()}
TOOL_OF: dict[Tool, str] = {tool: tool.value for tool in Tool if tool is not Tool.RAZOR}
HOLD_KEY = Qt.Key.Key_Y
NO_CLIP = "Nothing on the timeline yet. Drag a file there from the bin, or double-click it."


class ViewerController(QObject):
    """Keeps a viewer panel in step with the session, the preview and playback."""

    def __init__(
        self, services: Services, panel: ViewerPanel, preview: PreviewController, playback: PlaybackController,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._panel, self._preview, self._playback = services, panel, preview, playback
        self._watched: QWidget | None = None
        self._gain = GAINS[1]
        self._compared: tuple[str, int] | None = None
        self._compared_names = (("", ""), ("", ""))
        session = services.session
        preview.frame_ready.connect(self._show_frame)
        preview.emptied.connect(self._show_nothing)
        session.view_mode_changed.connect(self._mode_changed)
        session.tool_changed.connect(self._tool_changed)
        session.playhead_changed.connect(self._moved)
        services.document.project_changed.connect(self._project_changed)
        services.files.changed.connect(self._show_where)
        playback.player.playing_changed.connect(self._playing_changed)
        self._bind()
        self._connect_panel()
        self._mode_changed(session.view_mode)
        self._tool_changed(session.tool)
        self._show_project(services.document.project)

    def _bind(self) -> None:
        bind, viewer = self._services.actions.bind, self._panel.viewer
        bind("view.next_mode", self.next_mode)
        bind("view.next_output", self.next_output)
        bind("view.loupe", lambda: viewer.magnifier.set_on(not viewer.magnifier.is_on))
        bind("view.scopes", lambda: self._panel.set_scopes(self._services.actions.is_checked("view.scopes")))
        self._panel.scopes_button.clicked.connect(self._services.actions.action("view.scopes").trigger)
        for mode in OUTPUT_OF:
            bind(f"view.{mode.value}", partial(self._services.session.set_view_mode, mode))

    def _connect_panel(self) -> None:
        """The buttons do what the commands of the same name do."""
        panel, actions, transport = self._panel, self._services.actions, self._panel.transport
        panel.mode_chosen.connect(self._mode_chosen)
        panel.tool_chosen.connect(self._tool_chosen)
        panel.outputs.gain_chosen.connect(self._set_gain)
        pressed = {
            panel.viewer.space_tapped: "play.toggle", transport.play_clicked: "play.toggle",
            transport.step_back: "play.step_back", transport.step_forward: "play.step_forward",
            transport.go_start: "play.start", transport.go_end: "play.end",
            transport.mark_in: "edit.mark_in", transport.mark_out: "edit.mark_out",
        }  # fmt: skip
        for signal, command in pressed.items():
            signal.connect(actions.action(command).trigger)
        loop = actions.action("play.loop")
        loop.toggled.connect(transport.set_looping)
        transport.loop_toggled.connect(loop.trigger)

    def watch_keys(self, window: QWidget) -> None:
        """Hold Y anywhere in this window to see the original; a text field keeps its own letters."""
        if self._watched is not None:
            self._watched.removeEventFilter(self)
        self._watched = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate:
            self._panel.viewer.hold_original(False)
        elif event.type() in {QEvent.Type.KeyPress, QEvent.Type.KeyRelease} and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if event.key() == HOLD_KEY and plain and not event.isAutoRepeat():
                self._panel.viewer.hold_original(event.type() == QEvent.Type.KeyPress)
                return True
        return False

    # Modes and tools

    @Slot()
    def next_mode(self) -> None:
        """Result, Original, Split, Heatmap, round."""
        self._go_round(ROUND)

    @Slot()
    def next_output(self) -> None:
        """Location, Difference, Magnitude, round."""
        self._go_round(tuple(OUTPUT_OF))

    def _go_round(self, modes: Sequence[ViewMode]) -> None:
        """The next of these; the first where the present view is none of them."""
        session = self._services.session
        place = modes.index(session.view_mode) + 1 if session.view_mode in modes else 0
        session.set_view_mode(modes[place % len(modes)])

    def compare(self, version: tuple[str, int] | None, naming: tuple[tuple[str, str], tuple[str, str]] | None = None) -> None:
        """Lay another version (patch id, number) beside the result in Split; None: the original again."""
        self._compared = version
        self._name(naming or (("", ""), ("", "")))
        self._wish()

    def _name(self, compared: tuple[tuple[str, str], tuple[str, str]]) -> None:
        self._compared_names = compared
        mode = self._services.session.view_mode
        self._panel.viewer.set_naming(Naming(_reading(mode, self._gain), *compared))

    @Slot(int)
    def _set_gain(self, gain: int) -> None:
        """How much stronger differences are shown."""
        self._gain = gain
        self._panel.outputs.show_gain(gain)
        self._name(self._compared_names)
        self._wish()

    @Slot(object)
    def _mode_changed(self, mode: ViewMode) -> None:
        self._panel.viewer.set_mode(MODE_OF[mode])
        self._panel.set_mode(MODE_OF[mode])
        self._name(self._compared_names)
        self._wish()
        if self._preview.last is not None:
            self._measure(self._preview.last)

    @Slot(str)
    def _mode_chosen(self, word: str) -> None:
        self._services.session.set_view_mode(VIEW_OF[word])

    @Slot(object)
    def _tool_changed(self, tool: Tool) -> None:
        self._panel.set_tool(TOOL_OF.get(tool, "select"))

    @Slot(str)
    def _tool_chosen(self, word: str) -> None:
        self._services.session.set_tool(Tool(word))

    @Slot(bool)
    def _playing_changed(self, playing: bool) -> None:
        self._panel.transport.set_playing(playing)
        self._wish()

    def _wish(self) -> None:
        """The original is always there, so that holding Y shows it at once; while it plays it would only cost frames."""
        mode = self._services.session.view_mode
        alone = self._playback.player.is_playing and mode is ViewMode.RESULT
        compared = self._compared if mode is ViewMode.SPLIT else None
        self._preview.set_wishes(Wishes(
            not alone, mode is ViewMode.HEATMAP, OUTPUT_OF.get(mode), compared, self._gain if mode in OUTPUT_OF else 1
        ))  # fmt: skip

    # Frames

    @Slot(object)
    def _show_frame(self, shown: ShownFrame) -> None:
        self._panel.viewer.set_images(shown.result, shown.original, shown.heat, shown.extra, shown.compared)
        self._panel.show_quality(shown.is_quick)
        self._measure(shown)

    def _measure(self, shown: ShownFrame) -> None:
        """The scopes are of the original where it is looked at, else of the result."""
        is_original = self._services.session.view_mode is ViewMode.ORIGINAL and shown.original is not None
        self._panel.scopes.set_image(shown.original if is_original else shown.result)

    @Slot(str)
    def _show_nothing(self, why: str) -> None:
        self._panel.viewer.set_images(None, None, None)
        self._panel.scopes.set_image(None)
        project = self._services.document.project
        self._panel.viewer.set_message(why or (NO_CLIP if project.media and not project.duration else ""))

    # Where we are

    @Slot(object)
    def _moved(self, time: Fraction) -> None:
        self._panel.transport.set_timecode(timecode(time, self._services.document.project.canvas.rate))
        self._show_where()

    @Slot(object, object)
    def _project_changed(self, _before: Project, after: Project) -> None:
        self._show_project(after)

    def _show_project(self, project: Project) -> None:
        transport, canvas = self._panel.transport, project.canvas
        transport.set_available(project.duration > 0)
        transport.set_duration(timecode(project.duration, canvas.rate))
        transport.set_format(f"{canvas.width} × {canvas.height}, {rate_words(canvas.rate)}" if project.duration else "")
        self._moved(self._services.session.playhead)

    @Slot()
    def _show_where(self) -> None:
        """The clip's name, and which frame of its file is seen, counted from 1."""
        time = self._services.session.playhead
        found = frame_grid.video_at(self._services.document.project, time)
        if found is None:
            self._panel.set_title("", "")
            return
        clip, media = found
        index = self._services.files.index(media)
        frame = f"frame {index.frame_at(clip.source_time(time)) + 1} of {len(index)}" if index is not None else ""
        self._panel.set_title(media.name, frame)


def _reading(mode: ViewMode, gain: int) -> str:
    """How to read an output."""
    strength = f", {gain} times as strong" if gain > 1 else ""
    return {
        ViewMode.LOCATION: "white is patched",
        ViewMode.DIFFERENCE: f"grey is no change{strength}",
        ViewMode.MAGNITUDE: f"black is no change{strength}",
    }.get(mode, "")
