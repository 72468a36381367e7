"""The bin: the project's files as pictures or as a list, with search, import and drops. Drags its items to the timeline."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from editor.panels.bin_cards import SIDE_PX, CardDelegate
from editor.panels.bin_drag import drag_of, words_for
from editor.panels.bin_item import ITEM_ROLE, BinItem, PictureOf, ScrubOf
from widgets.controls import EmptyState, IconButton, Menu, PanelHeader
from widgets.dropped_files import local_files, take_copy
from widgets.icons import icon
from widgets.theme import theme_of
from widgets.timeline import MEDIA_MIME

Index = QModelIndex | QPersistentModelIndex
MARGIN_PX = 12

class BinModel(QAbstractListModel):
    """Items whose name contains the searched words."""

    def __init__(self, picture_of: PictureOf) -> None:
        super().__init__()
        self.picture_of = picture_of
        self._all: tuple[BinItem, ...] = ()
        self._shown: list[BinItem] = []
        self._words: list[str] = []

    def set_items(self, items: Sequence[BinItem]) -> None:
        self._all = tuple(items)
        self._filter()

    def search(self, text: str) -> None:
        self._words = text.casefold().split()
        self._filter()

    def item(self, index: Index) -> BinItem:
        return self._shown[index.row()]

    def row_of(self, media_id: str) -> int:
        """The row of a media, -1 where it is not shown."""
        return next((row for row, item in enumerate(self._shown) if item.id == media_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self._shown[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return item.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return item.tip or item.name
        return item if role == ITEM_ROLE else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [MEDIA_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        ids = [self._shown[row].id for row in sorted({index.row() for index in indexes})]
        data.setData(MEDIA_MIME, "\n".join(ids).encode("utf-8"))
        return data

    def _filter(self) -> None:
        shown = [item for item in self._all if all(word in item.name.casefold() for word in self._words)]
        if [item.id for item in shown] == [item.id for item in self._shown]:
            self._shown = shown
            if shown:
                self.dataChanged.emit(self.index(0), self.index(len(shown) - 1))
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()


class BinPanel(QFrame):
    """Shows `set_items`; reports what is wished."""

    import_wished = Signal()
    files_dropped = Signal(object)  # tuple of Path
    place_wished = Signal(object)  # ids
    remove_wished = Signal(object)  # ids
    relink_wished = Signal(str)

    def __init__(self, picture_of: PictureOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.setAcceptDrops(True)
        self._has_items = self._is_compact = False
        self.head = PanelHeader(["Bin"])
        self._as_list = IconButton("list", "Show as a list", checkable=True)
        self._as_grid = IconButton("grid", "Show as pictures", checkable=True)
        self._import = IconButton("import", "Import media", "Ctrl+I")
        self.search = QLineEdit()
        self.model = BinModel(picture_of)
        self.view = _BinView(self.model)
        self.empty = EmptyState("", "Your clips, pictures and sounds will be here.", "Import media", "import")
        self._nothing = QLabel("No name matches.", alignment=Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.set_grid(True)
        self.set_items(())

    def set_items(self, items: Sequence[BinItem]) -> None:
        """Show these files."""
        self.model.set_items(items)
        self.search.setPlaceholderText(f"Search {len(items)} {'item' if len(items) == 1 else 'items'}")
        self._has_items = bool(items)
        self._show_tools()
        self.search.setVisible(bool(items))
        self._choose_page(bool(items))

    def set_scrub(self, scrub_of: ScrubOf) -> None:
        """Where the frames under the pointer come from."""
        self.view.cards.scrub_of = scrub_of

    def set_grid(self, grid: bool) -> None:
        """Pictures or lines."""
        self._as_grid.setChecked(grid)
        self._as_list.setChecked(not grid)
        self.view.set_grid(grid)

    @property
    def is_grid(self) -> bool:
        return self._as_grid.isChecked()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_search_mark"):
            self._search_mark.setIcon(icon("search", theme_of(self), "t2"))
        super().changeEvent(event)

    def refresh(self) -> None:
        """Pictures have come."""
        self.view.viewport().update()

    def selected_ids(self) -> tuple[str, ...]:
        """Ids of the chosen files, from the top."""
        return tuple(self.model.item(index).id for index in sorted(self.view.selectedIndexes(), key=lambda i: i.row()))

    def reveal(self, media_id: str) -> None:
        """Choose a file and scroll to it; a search that hides it is emptied."""
        if self.model.row_of(media_id) < 0:
            self.search.clear()
        index = self.model.index(self.model.row_of(media_id))
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_compact(self, compact: bool) -> None:
        """The lower head of a small window, which has no list button."""
        self.head.set_height(32 if compact else 36)
        self._is_compact = compact
        self._show_tools()

    # Inside

    def _lay_out(self) -> None:
        theme = theme_of(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for tool in (self._as_list, self._as_grid, self._import):
            self.head.add_tool(tool)
        column.addWidget(self.head)
        body = QVBoxLayout()
        body.setContentsMargins(theme.px(MARGIN_PX - SIDE_PX), theme.px(8), 0, 0)
        body.setSpacing(theme.px(4))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search the bin")
        self._search_mark = self.search.addAction(icon("search", theme, "t2"), QLineEdit.ActionPosition.LeadingPosition)
        searched = QVBoxLayout()
        searched.setContentsMargins(theme.px(SIDE_PX), 0, theme.px(MARGIN_PX), 0)
        searched.addWidget(self.search)
        body.addLayout(searched)
        self._nothing.setProperty("role", "text")
        for page in (self.empty, self.view, self._nothing):
            self._pages.addWidget(page)
        body.addWidget(self._pages, 1)
        column.addLayout(body, 1)

    def _connect(self) -> None:
        self._as_list.clicked.connect(lambda: self.set_grid(False))
        self._as_grid.clicked.connect(lambda: self.set_grid(True))
        self._import.clicked.connect(self.import_wished)
        self.empty.activated.connect(self.import_wished)
        self.search.textChanged.connect(self._search)
        self.view.doubleClicked.connect(lambda index: self.place_wished.emit((self.model.item(index).id,)))
        self.view.enter_pressed.connect(lambda: self.place_wished.emit(self.selected_ids()))
        self.view.delete_pressed.connect(lambda: self.remove_wished.emit(self.selected_ids()))
        self.view.menu_wished.connect(self._show_menu)

    def _show_tools(self) -> None:
        self._as_grid.setVisible(self._has_items)
        self._as_list.setVisible(self._has_items and not self._is_compact)
        self._import.setVisible(self._has_items)

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._choose_page(True)

    def _choose_page(self, has_items: bool) -> None:
        page: QWidget = self.view if self.model.rowCount() else self._nothing
        self._pages.setCurrentWidget(page if has_items else self.empty)

    def _show_menu(self, at: QPoint) -> None:
        ids = self.selected_ids()
        if not ids:
            return
        menu = Menu(parent=self)
        menu.addAction("Add to the timeline", lambda: self.place_wished.emit(ids))
        item = self.model.item(self.view.selectedIndexes()[0])
        if len(ids) == 1 and item.is_offline:
            menu.addAction("Relink…", lambda: self.relink_wished.emit(item.id))
        menu.addSeparator()
        menu.addAction("Remove from the bin", lambda: self.remove_wished.emit(ids))
        menu.exec(at)
        menu.deleteLater()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            take_copy(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        take_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        files = local_files(event.mimeData())
        if files:
            take_copy(event)
            self.files_dropped.emit(files)


class _BinView(QListView):
    """A grid of cards or a list of lines."""

    delete_pressed = Signal()
    enter_pressed = Signal()
    menu_wished = Signal(QPoint)

    def __init__(self, model: BinModel) -> None:
        super().__init__()
        self.setModel(model)
        self._files = model
        self.cards = CardDelegate(model.picture_of, self)
        self.setItemDelegate(self.cards)
        self.setAccessibleName("Files of the project")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def set_grid(self, grid: bool) -> None:
        self.cards.is_grid = grid
        self.setViewMode(QListView.ViewMode.IconMode if grid else QListView.ViewMode.ListMode)
        self.setMovement(QListView.Movement.Static)
        self.setDragEnabled(True)  # last: a movement that is static turns dragging off
        self.setSpacing(0)
        self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:
        return QSize(200, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cards fill the width, which a scroll bar makes smaller."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace} and self.selectedIndexes():
            self.delete_pressed.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            if not self.selectedIndexes():  # Tab led here: the file the arrows are on is meant
                self.selectionModel().select(self.currentIndex(), QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.enter_pressed.emit()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._scrub(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._scrub(QPoint(-1, -1))

    def _scrub(self, at: QPoint) -> None:
        index = self.indexAt(at)
        item = self._files.item(index) if index.isValid() else None
        if self.cards.scrub(self.visualRect(index), item, at.x()):
            self.viewport().update()

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Take the chosen files along, as copies, until the button is let go."""
        chosen = sorted(self.selectedIndexes(), key=lambda index: index.row())
        if not chosen:
            return
        items = [self._files.item(index) for index in chosen]
        words = words_for([item.name for item in items])
        drag = drag_of(self, self._files.mimeData(chosen), self._files.picture_of(items[0].id), words)
        drag.exec(Qt.DropAction.CopyAction)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.indexAt(event.pos()).isValid():
            self.menu_wished.emit(event.globalPos())
