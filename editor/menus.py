"""The window's actions by name, and the menus made of them. A command nobody bound is in no menu: nothing here does nothing."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from editor.shortcuts import COMMANDS, MENUS, OF_PANELS, Command
from widgets.controls import Menu


class Actions(QObject):
    """`bind("clip.split", slot)` makes a command real: its key works, and it stands in its menu once menus are built."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self._menu_bar: QMenuBar | None = None
        self._window: QWidget | None = None
        self._submenus: dict[str, QMenu] = {}
        self._are_panels_shown = True

    def bind(self, command_id: str, slot: Callable[[], None]) -> QAction:
        """What a command does. Checkable commands ask `is_checked`. Raises KeyError; ValueError: bound already."""
        if command_id in self._actions:
            raise ValueError(f"the command {command_id!r} is bound already")
        action = self._made(_BY_ID[command_id])
        action.triggered.connect(lambda _checked=False: slot())
        self._actions[command_id] = action
        if self._window is not None:
            self._window.addAction(action)
        if self._menu_bar is not None:
            fill_menus(self._menu_bar, self)
        return action

    def action(self, command_id: str) -> QAction:
        """A bound command's action; KeyError where nobody bound it."""
        return self._actions[command_id]

    def is_bound(self, command_id: str) -> bool:
        return command_id in self._actions

    def is_checked(self, command_id: str) -> bool:
        return self._actions[command_id].isChecked()

    def set_enabled(self, command_id: str, enabled: bool) -> None:
        """Enable or disable a command; one that nobody bound is passed over."""
        if command_id in self._actions:
            self._actions[command_id].setEnabled(enabled)

    def set_checked(self, command_id: str, checked: bool) -> None:
        """Show the state of a checkable command without doing anything."""
        if command_id in self._actions:
            self._actions[command_id].setChecked(checked)

    def set_panels_shown(self, shown: bool) -> None:
        """Whether timeline and viewer are seen: a key must not change what is not."""
        self._are_panels_shown = shown
        for command_id, action in self._actions.items():
            if command_id.startswith(OF_PANELS):
                action.setShortcuts(self._keys_of(_BY_ID[command_id]))

    def bound(self) -> tuple[Command, ...]:
        """What works now, in the order of the menus."""
        return tuple(command for command in COMMANDS if command.id in self._actions)

    def add_submenu(self, after: str, menu: QMenu) -> None:
        """A menu of its own right below a command, wherever that command is shown."""
        self._submenus[after] = menu

    def submenu_after(self, command_id: str) -> QMenu | None:
        return self._submenus.get(command_id)

    def install(self, window: QWidget, menu_bar: QMenuBar) -> None:
        """Let keys work in a window and fill its menu bar; commands bound later come in by themselves."""
        self._window, self._menu_bar = window, menu_bar
        window.addActions(list(self._actions.values()))
        fill_menus(menu_bar, self)

    def _made(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setShortcuts(self._keys_of(command))
        action.setCheckable(command.checkable)
        action.setObjectName(command.id)
        return action

    def _keys_of(self, command: Command) -> list[QKeySequence]:
        rests = not self._are_panels_shown and command.id.startswith(OF_PANELS)
        return [] if rests else [QKeySequence(key) for key in command.keys]


_BY_ID = {command.id: command for command in COMMANDS}


def key_of(command_id: str) -> str:
    """The key that is shown for a command, e.g. `Ctrl+E`; empty where it has none."""
    command = _BY_ID[command_id]
    return command.keys[0] if command.keys else ""


def fill_menus(menu_bar: QMenuBar, actions: Actions) -> None:
    """The bar's menus from what is bound; the bar's own menu objects stay, so that an open one is not lost."""
    menus = {action.text(): action.menu() for action in menu_bar.actions()}
    for title in MENUS:
        commands = [command for command in actions.bound() if command.menu == title]
        known = menus.get(title)
        if not commands and known is None:
            continue
        if isinstance(known, QMenu):
            menu: QMenu = known
        else:
            menu = Menu(title, menu_bar)
            menu_bar.addMenu(menu)
        menu.clear()
        add_commands(menu, actions, [command.id for command in commands])


def add_commands(menu: QMenu, actions: Actions, command_ids: list[str], *, are_grouped: bool = True) -> None:
    """Add bound commands to a menu, with a line before each group of the menu bar unless the caller has groups of its own."""
    for command_id in command_ids:
        if not actions.is_bound(command_id):
            continue
        if are_grouped and _BY_ID[command_id].starts_group and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(actions.action(command_id))
        submenu = actions.submenu_after(command_id)
        if submenu is not None:
            menu.addMenu(submenu)


def make_exclusive(actions: Actions, *command_ids: str) -> QActionGroup:
    """Of these checkable commands exactly one is lit."""
    group = QActionGroup(actions)
    for command_id in command_ids:
        group.addAction(actions.action(command_id))
    return group
