"""The bar at the top of the window: mark, menus, workspaces, the project's name and state, undo, jobs, export.

Shows what it is told and reports clicks; knows no project.
"""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QMenuBar, QPushButton, QSizePolicy, QWidget

from editor.panels.privacy_button import PrivacyButton
from widgets.controls import IconButton, QuietButton, SecondaryButton
from widgets.icons import app_mark
from widgets.theme import font, theme_of

HEIGHT_PX = 40
ROOMY_FROM_PX = 1500
"""Narrower windows leave out the project's name and shorten words, as in the mock of 1280."""
NAME_PX = 260


class TopBar(QFrame):
    """`workspaces` are (key, label) pairs; `menu_bar` is filled by whoever knows the commands."""

    workspace_chosen = Signal(str)
    jobs_clicked = Signal()
    export_clicked = Signal()

    def __init__(self, workspaces: tuple[tuple[str, str], ...], export_key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "window")
        self.menu_bar = QMenuBar()
        self.menu_bar.setNativeMenuBar(False)
        self._mark = QLabel()
        self._tabs: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._tab_row = QFrame()
        self._make_tabs(workspaces)
        self._name, self._saved = QLabel(), QLabel()
        self.undo, self.redo = IconButton("undo", "Undo", "Ctrl+Z"), IconButton("redo", "Redo", "Ctrl+Shift+Z")
        self.privacy = PrivacyButton()
        self.jobs = QuietButton("Jobs", "clock")
        self.jobs.setToolTip("Show running and finished work")
        self.export = SecondaryButton("Export", "export")
        self.export.setToolTip(f"Export ({export_key})")
        self._followed: tuple[tuple[IconButton, QAction], ...] = ()
        self._title = ""
        self._job_count = 0
        self._lay_out()
        self.jobs.clicked.connect(self.jobs_clicked)
        self.export.clicked.connect(self.export_clicked)
        self._dress()

    # What it shows

    def set_project(self, name: str, state: str) -> None:
        """The project's name and how it stands, for example “Saved 14:32”; both empty without a project."""
        self._title = name
        self._saved.setText(state)
        self._name.setToolTip(name)
        self._cut_name()
        self._arrange()

    def add_workspace(self, key: str, label: str, before: str = "") -> None:
        """One more tab, before another one or behind all."""
        self._add_tab(key, label, before)
        self._dress()

    def set_workspace(self, key: str) -> None:
        """Light a workspace without reporting it."""
        self._tabs[key].setChecked(True)

    def set_running_jobs(self, number: int) -> None:
        """How many jobs run or wait, beside the word."""
        self._job_count = number
        self._name_jobs()

    def set_jobs_available(self, available: bool) -> None:
        """Whether there is a panel of jobs to show."""
        self.jobs.setVisible(available)

    def set_undo(self, undo: QAction, redo: QAction) -> None:
        """Let the two buttons follow the actions: enabled, and named after what they would take back."""
        self._followed = ((self.undo, undo), (self.redo, redo))
        for button, action in self._followed:
            button.clicked.connect(action.trigger)
            action.changed.connect(self._follow_actions)
        self._follow_actions()

    # Inside

    @Slot()
    def _follow_actions(self) -> None:
        for button, action in self._followed:
            button.setEnabled(action.isEnabled())
            first_word = action.text().split(" ")[0].lower()
            button.set_tooltip(action.text() if action.isEnabled() else f"Nothing to {first_word}")

    def _make_tabs(self, workspaces: tuple[tuple[str, str], ...]) -> None:
        row = QHBoxLayout(self._tab_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme_of(self).px(32))
        for key, label in workspaces:
            self._add_tab(key, label)

    def _add_tab(self, key: str, label: str, before: str = "") -> None:
        tab = QPushButton(label)
        tab.setProperty("kind", "tab")
        tab.setProperty("density", "bar")
        tab.setCheckable(True)
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tab.clicked.connect(lambda _checked=False, chosen=key: self.workspace_chosen.emit(chosen))
        self._group.addButton(tab)
        row = self._tab_row.layout()
        assert isinstance(row, QHBoxLayout)
        place = row.indexOf(self._tabs[before]) if before in self._tabs else row.count()
        row.insertWidget(place, tab, 0, Qt.AlignmentFlag.AlignBottom)
        self._tabs[key] = tab

    def _lay_out(self) -> None:
        """Left and right take what they need; the tabs are laid over the middle of the window (see `resizeEvent`)."""
        theme = theme_of(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(12), 0, theme.px(8), 0)
        layout.setSpacing(theme.px(8))
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._rule = QFrame()
        self._rule.setProperty("surface", "rule")
        layout.addWidget(self._mark)
        layout.addWidget(self.menu_bar)
        layout.addStretch(1)
        for widget in (self._name, self._saved, self.undo, self.redo, self._rule, self.privacy, self.jobs,
                       self.export):  # fmt: skip
            layout.addWidget(widget)
        layout.insertSpacing(layout.indexOf(self._rule) + 1, theme.px(8))
        self._tab_row.setParent(self)

    def _dress(self) -> None:
        theme = theme_of(self)
        self.setFixedHeight(theme.px(HEIGHT_PX))
        self._mark.setPixmap(app_mark(theme))
        self._mark.setFixedWidth(theme.px(20))
        self._rule.setFixedSize(1, theme.px(16))
        self._name.setProperty("role", "section")
        self._saved.setProperty("role", "faint")
        metrics = QFontMetrics(font(theme, 12, 600))
        for tab in self._tabs.values():
            tab.setFixedSize(metrics.horizontalAdvance(tab.text()) + theme.px(2), theme.px(HEIGHT_PX))
        self._name_jobs()
        self._cut_name()
        self._arrange()

    def _name_jobs(self) -> None:
        words = "Jobs" if self._is_roomy() else ""
        self.jobs.setText(f"{words} {self._job_count}".strip() if self._job_count else words)
        self.jobs.setAccessibleName(f"Jobs, {self._job_count} running" if self._job_count else "Jobs")

    def _cut_name(self) -> None:
        theme = theme_of(self)
        shown = QFontMetrics(font(theme, 12, 600)).elidedText(self._title, Qt.TextElideMode.ElideMiddle, theme.px(NAME_PX))
        self._name.setText(shown)

    def _is_roomy(self) -> bool:
        return self.width() >= theme_of(self).px(ROOMY_FROM_PX)

    def _arrange(self) -> None:
        roomy = self._is_roomy()
        self.privacy.set_short(not roomy)
        for widget in (self._name, self._saved):
            widget.setVisible(roomy and bool(self._title))
        self._tab_row.resize(self._tab_row.sizeHint().width(), self.height())
        self._tab_row.move((self.width() - self._tab_row.width()) // 2, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._name_jobs()
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._dress()

