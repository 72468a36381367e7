"""Two small windows of the Help menu: every key there is, and what this program is."""

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from editor.menus import Actions
from editor.shortcuts import Command
from widgets.controls import Chip, SecondaryButton
from widgets.icons import app_icon
from widgets.theme import theme_of


class ShortcutsDialog(QDialog):
    """All commands that work, with their keys; the field at the top narrows the list."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        theme = theme_of(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(20),) * 4)
        column.setSpacing(theme.px(12))
        title = QLabel("Keyboard shortcuts")
        title.setProperty("role", "title")
        self.search = QLineEdit(placeholderText="Search")
        self.search.setAccessibleName("Search the commands")
        self.search.textChanged.connect(self._narrow)
        column.addWidget(title)
        column.addWidget(self.search)
        self._rows: list[tuple[Command, list[QWidget]]] = []
        scroll = QScrollArea()
        scroll.setAccessibleName("Keyboard shortcuts")
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._list([command for command in actions.bound() if command.keys]))
        column.addWidget(scroll, 1)
        close = SecondaryButton("Close")
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(theme.px(520), theme.px(620))

    def _list(self, commands: list[Command]) -> QWidget:
        theme = theme_of(self)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, theme.px(12), 0)
        grid.setVerticalSpacing(theme.px(8))
        grid.setColumnStretch(0, 1)
        for place, command in enumerate(commands):
            words, keys = QLabel(command.text.rstrip("…")), QWidget()
            row = QHBoxLayout(keys)
            row.setContentsMargins(0, 0, 0, 0)
            for key in command.keys[:3]:
                row.addWidget(Chip(key, "key"))
            grid.addWidget(words, place, 0)
            grid.addWidget(keys, place, 1, Qt.AlignmentFlag.AlignRight)
            self._rows.append((command, [words, keys]))
        grid.setRowStretch(len(commands), 1)
        return body

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        for command, widgets in self._rows:
            said = f"{command.text} {' '.join(command.keys)}".casefold()
            for widget in widgets:
                widget.setVisible(all(word in said for word in words))


class AboutDialog(QDialog):
    """Name, version, licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Patchreel")
        theme = theme_of(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(24),) * 4)
        column.setSpacing(theme.px(8))
        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(theme.px(48), theme.px(48)))
        column.addWidget(mark)
        for text, role in (
            (f"Patchreel {_version()}", "title"),
            ("Changes a part of the picture for a while and encodes only what changed.", "text"),
            ("Free software, GNU General Public License 3 or later. Font: Inter, SIL Open Font License.", "hint"),
        ):
            words = QLabel(text)
            words.setProperty("role", role)
            words.setWordWrap(True)
            column.addWidget(words)
        close = SecondaryButton("Close")
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(theme.px(420))


def _version() -> str:
    try:
        return version("patchreel")
    except PackageNotFoundError:
        return ""
