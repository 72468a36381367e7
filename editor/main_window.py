"""The window's layout: top bar, docks in splitters, status bar; what shrinks in a small window. No editing logic."""


from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from editor.banner import Banner
from editor.menus import key_of
from editor.panels.bin_item import PictureOf
from editor.panels.bin_panel import BinPanel
from editor.panels.captions_panel import CaptionsPanel
from editor.panels.inspector_panel import InspectorPanel
from editor.panels.layers_panel import LayersPanel
from editor.panels.patch_panel import PatchPanel
from editor.panels.timeline_panel import TimelinePanel
from editor.panels.viewer_panel import ViewerPanel
from editor.services import Services
from editor.start_page import StartPage
from editor.status_bar import StatusBar
from editor.top_bar import HEIGHT_PX as TOP_PX
from editor.top_bar import TopBar
from widgets.controls import PanelHeader, Toasts
from widgets.dropped_files import local_files, take_copy
from widgets.icons import app_icon
from widgets.theme import theme_of

LEFT_PX, RIGHT_PX, TIMELINE_PX, LAYERS_PX = 288, 348, 348, 288
SMALL_LEFT_PX, SMALL_RIGHT_PX, SMALL_TIMELINE_PX, SMALL_LAYERS_PX = 220, 292, 252, 172
SMALL_BELOW_PX = (1500, 860)
GUTTER_PX = 4
WORKSPACES = (("edit", "Edit"), ("patch", "Patch"), ("captions", "Captions"))
PATCH_TAB, INSPECTOR_TAB, CAPTIONS_TAB = 0, 1, 2
WORKSPACE_OF = {PATCH_TAB: "patch", INSPECTOR_TAB: "edit", CAPTIONS_TAB: "captions"}
"""The panels with this one at the right; every other workspace is a page of its own."""
WORKSPACE_KEY = "window/workspace"


class MainWindow(QMainWindow):
    """All panels by name; `wiring.Wiring` connects them. Emits `close_wished` and stays until `let_close` was called."""

    close_wished = Signal()
    escape_pressed = Signal()
    files_dropped = Signal(object)  # tuple of Path, dropped outside of bin and timeline
    workspace_changed = Signal(str)

    def __init__(self, services: Services, viewer: ViewerPanel, patch: PatchPanel, picture_of: PictureOf) -> None:
        super().__init__()
        self._services = services
        self._may_close = False
        self._small: bool | None = None
        self.top_bar = TopBar(WORKSPACES, key_of("file.export"))
        self.banner = Banner()
        self.bin, self.layers = BinPanel(picture_of), LayersPanel()
        self.viewer, self.start_page = viewer, StartPage()
        self.patch, self.inspector, self.captions = patch, InspectorPanel(), CaptionsPanel()
        self.timeline, self.status = TimelinePanel(), StatusBar()
        self.right_head = PanelHeader(["Patch", "Inspector", "Captions"])
        self._right_pages, self.centre, self._bodies = QStackedWidget(), QStackedWidget(), QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        self._right_workspace = ""
        self._columns, self._left = QSplitter(Qt.Orientation.Horizontal), QSplitter(Qt.Orientation.Vertical)
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        services.notifications.show_in(Toasts(self))
        self.setWindowTitle("Patchreel")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(1024, 600)
        self.show_right(PATCH_TAB)

    # For the wiring

    def show_start(self, start: bool) -> None:
        """The start page, or the viewer."""
        self.centre.setCurrentWidget(self.start_page if start else self.viewer)

    @property
    def is_start_shown(self) -> bool:
        """Whether the start page stands where the viewer will be."""
        return self.centre.currentWidget() is self.start_page

    def show_right(self, tab: int) -> None:
        """Patch, inspector or captions; the workspace at the top follows, unless a page stands in front of all panels."""
        self.right_head.set_current(tab)
        self._right_pages.setCurrentIndex(tab)
        self._right_workspace = WORKSPACE_OF[tab]
        if not self.is_page_shown:
            self._tell_workspace()

    def add_page(self, key: str, label: str, page: QWidget) -> None:
        """A workspace of its own: `page` takes the place of all panels while it is chosen."""
        self._pages[key] = page
        self._bodies.addWidget(page)
        self.top_bar.add_workspace(key, label, before="captions")

    def show_workspace(self, key: str) -> None:
        """A workspace by its key; one that there is not (yet) leaves everything as it is."""
        if key in self._pages:
            self._bodies.setCurrentWidget(self._pages[key])
            self._pages[key].setFocus(Qt.FocusReason.OtherFocusReason)
            self._tell_workspace()
        elif key in WORKSPACE_OF.values():
            self._bodies.setCurrentWidget(self._rows)
            self.show_right(next(tab for tab, named in WORKSPACE_OF.items() if named == key))

    @property
    def workspace(self) -> str:
        """The key of the one that is shown."""
        return next((key for key, page in self._pages.items() if page is self._bodies.currentWidget()), self._right_workspace)

    @property
    def is_page_shown(self) -> bool:
        """Whether a page stands in front of the panels."""
        return self._bodies.currentWidget() is not self._rows

    def let_close(self) -> None:
        """Close without asking again."""
        self._may_close = True
        self.close()

    def reset_layout(self) -> None:
        """The sizes of the design for this size of window."""
        theme = theme_of(self)
        small = self.is_small
        left, right, below, layers = (
            (SMALL_LEFT_PX, SMALL_RIGHT_PX, SMALL_TIMELINE_PX, SMALL_LAYERS_PX) if small
            else (LEFT_PX, RIGHT_PX, TIMELINE_PX, LAYERS_PX)
        )  # fmt: skip
        width, height = self.width(), self.height() - theme.px(TOP_PX) - self.status.height()
        gutter = theme.px(GUTTER_PX)
        above = height - theme.px(below) - gutter
        self._rows.setSizes([above, theme.px(below)])
        self._columns.setSizes([theme.px(left), width - theme.px(left + right) - 2 * gutter, theme.px(right)])
        self._left.setSizes([above - theme.px(layers) - gutter, theme.px(layers)])

    @property
    def is_small(self) -> bool:
        """Whether the window is nearer to 1280 × 720 than to 1920 × 1080."""
        theme = theme_of(self)
        return self.width() < theme.px(SMALL_BELOW_PX[0]) or self.height() < theme.px(SMALL_BELOW_PX[1])

    def save_layout(self) -> None:
        """Keep place, size and gutters for the next time, for large and small windows apart."""
        settings = self._services.settings
        settings.setValue("window/geometry", self.saveGeometry())
        settings.setValue(WORKSPACE_KEY, self.workspace)
        for name, splitter in self._splitters():
            settings.setValue(f"window/{self._size_name}/{name}", splitter.saveState())

    def restore_window(self) -> bool:
        """The workspace, place and size of the last time; False where there was none."""
        self.show_workspace(str(self._services.settings.value(WORKSPACE_KEY, "")))
        geometry = self._services.settings.value("window/geometry")
        return isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)

    # Inside

    def _tell_workspace(self) -> None:
        self.top_bar.set_workspace(self.workspace)
        self.workspace_changed.emit(self.workspace)

    @property
    def _size_name(self) -> str:
        return "small" if self._small else "large"

    def _splitters(self) -> tuple[tuple[str, QSplitter], ...]:
        return ("rows", self._rows), ("columns", self._columns), ("left", self._left)

    def _lay_out(self) -> None:
        """From the outside in: what is moved under another parent is dressed anew with all it holds. Tab goes in this order."""
        theme = theme_of(self)
        column = self._lay_out_body()
        for splitter in (self._rows, self._columns, self._left):
            splitter.setHandleWidth(theme.px(GUTTER_PX))
            splitter.setChildrenCollapsible(False)
        dock = QFrame()
        self._fill(self._rows, self._columns, stretched=0)
        self._fill(self._columns, self._left, self.centre, dock, stretched=1)
        self._fill(self._left, self.bin, self.layers, stretched=0)
        self.centre.addWidget(self.start_page)
        self.centre.addWidget(self.viewer)
        self._fill_right(dock)
        self._rows.addWidget(self.timeline)
        self._left.setMinimumWidth(theme.px(200))
        self.bin.setMinimumHeight(theme.px(140))
        self.layers.setMinimumHeight(theme.px(100))
        self.centre.setMinimumWidth(theme.px(420))
        self.timeline.setMinimumHeight(theme.px(160))
        column.addWidget(self.status)

    def _lay_out_body(self) -> QVBoxLayout:
        body = QWidget()
        self.setCentralWidget(body)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(self.banner)
        column.addWidget(self._bodies, 1)
        self._bodies.addWidget(self._rows)
        return column

    def _fill(self, splitter: QSplitter, *widgets: QWidget, stretched: int) -> None:
        for place, widget in enumerate(widgets):
            splitter.addWidget(widget)
            splitter.setStretchFactor(place, int(place == stretched))

    def _fill_right(self, dock: QFrame) -> None:
        dock.setProperty("surface", "panel")
        dock.setMinimumWidth(theme_of(self).px(280))
        column = QVBoxLayout(dock)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.right_head)
        column.addWidget(self._right_pages, 1)
        for page in (self.patch, self.inspector, self.captions):
            self._right_pages.addWidget(page)

    def _set_small(self, small: bool) -> None:
        if small is self._small:
            return
        self._small = small
        for panel in (self.bin, self.layers, self.viewer, self.patch, self.captions, self.timeline, self.status):
            panel.set_compact(small)
        self.right_head.set_height(32 if small else 36)
        states = [(splitter, self._services.settings.value(f"window/{self._size_name}/{n}")) for n, splitter in self._splitters()]
        self.reset_layout()
        for splitter, state in states:
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc comes here when nobody had a gesture to cancel."""
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.escape_pressed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_small(self.is_small)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            self.save_layout()
            event.accept()
        else:
            event.ignore()
            self.close_wished.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            take_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        files = local_files(event.mimeData())
        if files:
            take_copy(event)
            self.files_dropped.emit(files)
