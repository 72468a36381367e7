"""Two small windows of the Help menu: every key there is, and what this program is."""

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from editor.dialogs.sheet import Sheet
from editor.menus import Actions
from editor.shortcuts import Command
from widgets.controls import Chip
from widgets.icons import app_icon
from widgets.theme import theme_of


class ShortcutsDialog(Sheet):
    """All commands that work, with their keys; the field at the top narrows the list."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent, (520, 640))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        self.head.show_words("Keyboard shortcuts", "Every command that works, with its keys.")
        theme = theme_of(self)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(8), 0)
        column.setSpacing(theme.px(12))
        self.search = QLineEdit(placeholderText="Search")
        self.search.setAccessibleName("Search the commands")
        self.search.textChanged.connect(self._narrow)
        searched = QHBoxLayout()
        searched.setContentsMargins(0, 0, theme.px(12), 0)
        searched.addWidget(self.search)
        column.addLayout(searched)
        self._rows: list[tuple[Command, list[QWidget]]] = []
        scroll = QScrollArea()
        scroll.setAccessibleName("Keyboard shortcuts")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self._list([command for command in actions.bound() if command.keys]))
        column.addWidget(scroll, 1)
        self.pages.addWidget(page)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

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


class AboutDialog(Sheet):
    """Name, version, licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, (440, 208))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Patchreel")
        self.head.show_words(f"Patchreel {_version()}".rstrip(), "Changes a part of the picture for a while.")
        theme = theme_of(self)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(*(theme.px(20),) * 4)
        row.setSpacing(theme.px(16))
        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(theme.px(48), theme.px(48)))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(theme.px(8))
        for text, role in (
            ("An export encodes the changed frames only; all others are copied, byte for byte, and checked.", "text"),
            ("Free software, GNU General Public License 3 or later. Font: Inter, SIL Open Font License.", "hint"),
        ):
            words = QLabel(text)
            words.setProperty("role", role)
            words.setWordWrap(True)
            column.addWidget(words)
        column.addStretch(1)
        row.addLayout(column, 1)
        self.pages.addWidget(page)


def _version() -> str:
    try:
        return version("patchreel")
    except PackageNotFoundError:
        return ""
