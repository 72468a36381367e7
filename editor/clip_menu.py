"""What a right click on the timeline offers: the commands that fit what lies under the pointer, and no others."""

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from editor.cue_rows import cue_of_view
from editor.menus import Actions, add_commands
from widgets.controls import Menu
from widgets.timeline import Hit, HitKind

_CLIP = (
    ("clip.split", "clip.trim_start", "clip.trim_end"), ("edit.cut", "edit.copy", "edit.paste", "edit.duplicate"),
    ("edit.delete", "edit.ripple_delete"), ("clip.slow_2", "clip.slow_4", "clip.continue"),
    ("clip.to_overlay", "clip.to_subject", "clip.to_background"),
)  # fmt: skip
_CAPTION = (("caption.split", "caption.merge"), ("caption.add",), ("edit.delete",))
_PATCH = (
    ("patch.run", "patch.accept", "patch.reject", "patch.retry"), ("patch.window_start", "patch.window_end"),
    ("patch.previous_anchor", "patch.next_anchor", "patch.next_doubtful"), ("patch.delete",),
)  # fmt: skip
_EMPTY = (("edit.paste",), ("caption.add", "clip.text"), ("edit.mark_in", "edit.mark_out", "edit.clear_marks"), ("view.fit",))
_OF_PATCHES = {HitKind.PATCH, HitKind.PATCH_START, HitKind.PATCH_END, HitKind.ANCHOR, HitKind.CONFIDENCE}


def commands_for(hit: Hit) -> tuple[tuple[str, ...], ...]:
    """Groups of commands for what was hit."""
    if hit.kind in _OF_PATCHES:
        return _PATCH
    if not hit.id:
        return _EMPTY
    return _CAPTION if cue_of_view(hit.id) is not None else _CLIP


def show_clip_menu(window: QWidget, actions: Actions, hit: Hit, at: QPoint, relink: Callable[[], None] | None = None) -> None:
    """Open the menu at a place of the screen; it goes when it is closed. `relink` finds the clip's missing file."""
    menu = Menu(parent=window)
    if relink is not None:
        menu.addAction("Relink…", relink)
    for group in commands_for(hit):
        if not menu.isEmpty():
            menu.addSeparator()
        add_commands(menu, actions, list(group), are_grouped=False)
    menu.exec(at)
    menu.deleteLater()
