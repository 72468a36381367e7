"""What a right click on the picture offers: what can be done with the chosen patch, or how a new one begins."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from editor.menus import Actions, add_commands
from widgets.controls import Menu

_NEW = (("patch.box", "patch.lasso", "patch.ellipse", "patch.brush"),)
_REGION = (("patch.add", "patch.subtract", "patch.invert", "patch.fit_edges"),)
_FURTHER = (("patch.key", "patch.remove_key", "patch.in_front"),)
_NEXT = (("patch.run", "patch.accept", "patch.reject", "patch.retry"),)
_END = (("view.loupe", "view.compare"), ("patch.delete",))


def groups_for(*, has_patch: bool) -> tuple[tuple[str, ...], ...]:
    """Groups of commands for a picture on which a patch is chosen, or none is."""
    return (*_NEXT, *_REGION, *_FURTHER, *_END) if has_patch else (*_NEW, ("view.loupe",))


def show_picture_menu(window: QWidget, actions: Actions, at: QPoint, *, has_patch: bool) -> None:
    """Open the menu at a place of the screen; it goes when it is closed."""
    menu = Menu(parent=window)
    for group in groups_for(has_patch=has_patch):
        if not menu.isEmpty():
            menu.addSeparator()
        add_commands(menu, actions, list(group), are_grouped=False)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)
