"""Every command of the window by name, with its words, its keys and its menu; and the guard that keeps letters out of the way.

Only names and keys: what a command does is bound in the window and the controllers (see `menus.Actions`).
"""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid


@dataclass(frozen=True, slots=True)
class Command:
    """A thing the window can do. The first key is the one that is shown; `menu` is empty for what has no menu."""

    id: str
    text: str
    keys: tuple[str, ...] = ()
    menu: str = ""
    starts_group: bool = False
    checkable: bool = False


MENUS = ("File", "Edit", "Clip", "Patch", "View", "Help")

COMMANDS: tuple[Command, ...] = (
    Command("file.new", "New project", ("Ctrl+N",), "File"),
    Command("file.open", "Open project…", ("Ctrl+O",), "File"),
    Command("file.save", "Save", ("Ctrl+S",), "File", starts_group=True),
    Command("file.save_as", "Save as…", ("Ctrl+Shift+S",), "File"),
    Command("file.import", "Import media…", ("Ctrl+I",), "File", starts_group=True),
    Command("file.export", "Export…", ("Ctrl+E", "Ctrl+M"), "File"),
    Command("file.sample", "Open the sample", ("Ctrl+Alt+O",), "File", starts_group=True),
    Command("file.quit", "Quit", ("Ctrl+Q",), "File", starts_group=True),
    Command("edit.undo", "Undo", ("Ctrl+Z",), "Edit"),
    Command("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit"),
    Command("edit.cut", "Cut", ("Ctrl+X",), "Edit", starts_group=True),
    Command("edit.copy", "Copy", ("Ctrl+C",), "Edit"),
    Command("edit.paste", "Paste at the playhead", ("Ctrl+V",), "Edit"),
    Command("edit.duplicate", "Duplicate", ("Ctrl+D",), "Edit"),
    Command("edit.delete", "Delete, keep the gap", ("Del", "Backspace"), "Edit", starts_group=True),
    Command("edit.ripple_delete", "Delete, close the gap", ("Shift+Del", "Shift+Backspace"), "Edit"),
    Command("edit.select_all", "Select all clips", ("Ctrl+A",), "Edit", starts_group=True),
    Command("edit.mark_in", "Set in point", ("I",), "Edit", starts_group=True),
    Command("edit.mark_out", "Set out point", ("O",), "Edit"),
    Command("edit.clear_marks", "Clear in and out points", ("Alt+X",), "Edit"),
    Command("edit.provider_keys", "Provider keys…", ("Ctrl+Alt+K",), "Edit", starts_group=True),
    Command("clip.split", "Split at the playhead", ("S", "Ctrl+K", "Ctrl+B"), "Clip"),
    Command("clip.split_all", "Split all tracks", ("Shift+S",), "Clip"),
    Command("clip.trim_start", "Trim the start to the playhead", ("Q",), "Clip", starts_group=True),
    Command("clip.trim_end", "Trim the end to the playhead", ("W",), "Clip"),
    Command("clip.slow_2", "Slow to half speed", ("Ctrl+R",), "Clip", starts_group=True),
    Command("clip.slow_4", "Slow to a quarter of the speed", ("Ctrl+Shift+R",), "Clip"),
    Command("clip.continue", "Let it go on past its last frame…", ("Ctrl+Shift+G",), "Clip"),
    Command("caption.add", "Add a caption at the playhead", ("Ctrl+T",), "Clip", starts_group=True),
    Command("caption.split", "Split the caption at the playhead", ("Alt+S",), "Clip"),
    Command("caption.merge", "Merge captions", ("Alt+M",), "Clip"),
    Command("clip.text", "Add a text at the playhead", ("Ctrl+Shift+T",), "Clip", starts_group=True),
    Command("clip.to_overlay", "Move to the overlay layer", ("Ctrl+Shift+O",), "Clip", starts_group=True),
    Command("clip.to_subject", "Move to the subject layer", ("Ctrl+Shift+J",), "Clip"),
    Command("clip.to_background", "Move to the background layer", ("Ctrl+Shift+B",), "Clip"),
    Command("patch.box", "New patch, box", ("R",), "Patch"),
    Command("patch.lasso", "New patch, lasso", ("Shift+R",), "Patch"),
    Command("patch.ellipse", "New patch, ellipse", ("E",), "Patch"),
    Command("patch.brush", "New patch, brush", ("B",), "Patch"),
    Command("patch.add", "Add to the region", ("Shift+A",), "Patch", starts_group=True),
    Command("patch.subtract", "Take away from the region", ("Shift+X",), "Patch"),
    Command("patch.invert", "Invert the region", ("Ctrl+Shift+I",), "Patch"),
    Command("patch.fit_edges", "Fit the region to edges", ("Shift+F",), "Patch"),
    Command("patch.key", "Put the region right on this frame", ("Shift+K",), "Patch"),
    Command("patch.remove_key", "Remove the anchor on this frame", ("Ctrl+Shift+K",), "Patch"),
    Command("patch.in_front", "Draw what passes in front", ("Shift+G",), "Patch"),
    Command("patch.run", "Run patch", ("Enter", "Return", "Ctrl+Return"), "Patch", starts_group=True),
    Command("patch.accept", "Accept", ("A",), "Patch"),
    Command("patch.reject", "Reject", ("X",), "Patch"),
    Command("patch.retry", "Retry", ("T",), "Patch"),
    Command("patch.window_start", "Window starts at the playhead", ("[",), "Patch", starts_group=True),
    Command("patch.window_end", "Window ends at the playhead", ("]",), "Patch"),
    Command("patch.grow_start", "One frame more at the start", ("Shift+[",), "Patch"),
    Command("patch.grow_end", "One frame more at the end", ("Shift+]",), "Patch"),
    Command("patch.previous_anchor", "Previous anchor", ("Ctrl+Shift+Up",), "Patch", starts_group=True),
    Command("patch.next_anchor", "Next anchor", ("Ctrl+Shift+Down",), "Patch"),
    Command("patch.next_doubtful", "Next frame that needs a look", ("F8",), "Patch"),
    Command("patch.previous_doubtful", "Previous frame that needs a look", ("Shift+F8",), "Patch"),
    Command("patch.delete", "Delete patch", ("Ctrl+Del",), "Patch", starts_group=True),
    Command("view.next_mode", "Next view: Result, Original, Split, Heatmap", ("D",), "View"),
    Command("view.location", "Where the patch lies", ("Ctrl+Alt+L",), "View"),
    Command("view.difference", "What it adds and takes away", ("Ctrl+Alt+D",), "View"),
    Command("view.magnitude", "How much it changes", ("Ctrl+Alt+G",), "View"),
    Command("view.next_output", "Next output: Location, Difference, Magnitude", ("Shift+D",), "View"),
    Command("view.compare", "Compare with another version", ("Alt+D",), "View"),
    Command("view.loupe", "Loupe", ("Z",), "View"),
    Command("view.scopes", "Waveform and histogram", ("Ctrl+Alt+S",), "View", checkable=True),
    Command("view.zoom_in", "Zoom the timeline in", ("=", "+"), "View", starts_group=True),
    Command("view.zoom_out", "Zoom the timeline out", ("-",), "View"),
    Command("view.fit", "Fit the timeline", ("\\", "Shift+Z"), "View"),
    Command("view.snapping", "Snapping", ("N",), "View", checkable=True),
    Command("view.edit_workspace", "Edit workspace", ("Alt+1",), "View", starts_group=True),
    Command("view.patch_workspace", "Patch workspace", ("Alt+2",), "View"),
    Command("view.generate_workspace", "Generate workspace", ("Alt+3",), "View"),
    Command("view.captions_workspace", "Captions workspace", ("Alt+4",), "View"),
    Command("view.costs", "Costs and budget…", ("Ctrl+Alt+C",), "View"),
    Command("view.jobs", "Jobs", ("Ctrl+J",), "View"),
    Command("view.dark", "Dark theme", ("Ctrl+Alt+1",), "View", starts_group=True, checkable=True),
    Command("view.light", "Light theme", ("Ctrl+Alt+2",), "View", checkable=True),
    Command("view.high_contrast", "High contrast theme", ("Ctrl+Alt+3",), "View", checkable=True),
    Command("view.full_screen", "Full screen", ("F11",), "View", starts_group=True, checkable=True),
    Command("view.reset_layout", "Reset layout", ("Ctrl+Alt+0",), "View"),
    Command("help.keys", "Keyboard shortcuts", ("?", "F1"), "Help"),
    Command("help.about", "About Patchreel", ("Shift+F1",), "Help"),
    Command("play.toggle", "Play or pause", ("Space",)),
    Command("play.backward", "Play backward, again for faster", ("J",)),
    Command("play.stop", "Stop", ("K",)),
    Command("play.forward", "Play forward, again for faster", ("L",)),
    Command("play.step_back", "One frame back", ("Left", ",")),
    Command("play.step_forward", "One frame forward", ("Right", ".")),
    Command("play.second_back", "One second back", ("Shift+Left",)),
    Command("play.second_forward", "One second forward", ("Shift+Right",)),
    Command("play.previous_edit", "Previous edit", ("Up", "Alt+Left")),
    Command("play.next_edit", "Next edit", ("Down", "Alt+Right")),
    Command("play.start", "Go to the start", ("Home",)),
    Command("play.end", "Go to the end", ("End",)),
    Command("play.go_in", "Go to the in point", ("Shift+I",)),
    Command("play.go_out", "Go to the out point", ("Shift+O",)),
    Command("play.loop", "Loop", ("Ctrl+L",), checkable=True),
    Command("play.window", "Play the patch window round", ("Shift+Space",)),
    Command("tool.select", "Selection tool", ("V",)),
    Command("tool.blade", "Blade tool", ("C",)),
)  # fmt: skip

OF_PANELS = (
    "clip.", "caption.", "patch.", "play.", "tool.", "edit.delete", "edit.ripple_delete", "edit.select_all", "edit.mark_",
    "edit.clear_marks", "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "view.next_", "view.location",
    "view.difference", "view.magnitude", "view.compare", "view.loupe", "view.scopes", "view.zoom_", "view.fit", "view.snapping",
)  # fmt: skip
"""How commands begin whose effect is seen on timeline and viewer only: their keys rest while a page stands in front of those."""


TEXT_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
_MOVES = frozenset({
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
})  # fmt: skip
_PRESSES = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})
_REMOVALS = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_Backspace})
_COMMAND_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class ShortcutGuard(QObject):
    """Lets the widget with the focus have the keys it needs itself, before any shortcut sees them.

    A text field keeps everything that types or moves, a button keeps Space and Enter, a list its arrows, Delete and Enter.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._watched: QWidget | None = None
        app.focusChanged.connect(self._focus_moved)

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):  # the focus also leaves a widget that is being destroyed
            self._watched.removeEventFilter(self)
        self._watched = now if now is not None and _needs_keys(now) else None
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if watched.window().windowType() == Qt.WindowType.Popup:
            return False  # the list of a drop-down chooses with Enter by this very event
        if not keeps_key(watched, Qt.Key(event.key()), event.modifiers()):
            return False
        event.accept()
        return True


def _needs_keys(widget: QWidget) -> bool:
    return isinstance(widget, (*TEXT_FIELDS, QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox))


def keeps_key(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
    """Whether a widget with the focus needs a key for itself."""
    if modifiers & _COMMAND_KEYS:
        return False
    if isinstance(widget, TEXT_FIELDS):
        return not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35 and key != Qt.Key.Key_Escape
    if isinstance(widget, QAbstractButton):
        return key in _PRESSES
    if isinstance(widget, QComboBox):
        return key in _MOVES | {Qt.Key.Key_Space}  # Enter does nothing in a closed one
    if isinstance(widget, QAbstractItemView):
        return key in _MOVES | _REMOVALS | {Qt.Key.Key_Return, Qt.Key.Key_Enter}
    return key in _MOVES
