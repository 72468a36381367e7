"""One row of the layer stack: grip, eye, padlock, icon, two lines, version. Reports; decides nothing."""

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QEnterEvent, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from widgets.controls import IconButton, Menu
from widgets.icons import pixmap
from widgets.layer_stack.values import KIND_ICONS, PATCH, LayerRow, is_sound
from widgets.palettes import Theme
from widgets.theme import font, theme_of

HEIGHT, COMPACT_HEIGHT = 36, 28
GRIP_LEFT, EYE_LEFT, LOCK_LEFT, ICON_LEFT, TEXT_LEFT = 11, 23, 51, 80, 102
COMPACT_SHIFT = 12  # the grip goes
BUTTON, SMALL = 24, 16
BAR = 3
RIGHT = 12


class RowView(QWidget):
    """Shows a `LayerRow`. Its parent places it and tells it what it shows."""

    visible_clicked = Signal(bool)
    locked_clicked = Signal(bool)
    version_chosen = Signal(int)
    pressed = Signal()
    grip_dragged = Signal(int)  # y in the parent's coordinates
    grip_dropped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = LayerRow("", "background", "")
        self._selected = self._compact = self._hovered = self._dragging = self._is_dressed = False
        self._eye = IconButton("eye", "Hide", size=BUTTON, parent=self)
        self._lock = IconButton("unlock", "Lock", size=BUTTON, parent=self)
        self._version = QToolButton(self)
        for button in (self._eye, self._lock):
            button.setProperty("kind", "bare")
        self._version.setProperty("kind", "chip")
        self._version.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._menu = Menu(parent=self)
        self._version.setMenu(self._menu)
        self._version.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._eye.clicked.connect(lambda: self.visible_clicked.emit(not self._row.visible))
        self._lock.clicked.connect(lambda: self.locked_clicked.emit(not self._row.locked))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_row(self, row: LayerRow, *, selected: bool, compact: bool) -> None:
        """Takes what to show; what is shown already costs nothing, since the playhead asks at each move."""
        if self._is_dressed and (row, selected, compact) == (self._row, self._selected, self._compact):
            return
        self._is_dressed = True
        self._row, self._selected, self._compact = row, selected, compact
        self._fill_menu()
        self._name_things()
        self.dress()

    @property
    def row(self) -> LayerRow:
        """What is shown."""
        return self._row

    def button(self, name: str) -> QToolButton:
        """ "eye", "lock" or "version"."""
        return {"eye": self._eye, "lock": self._lock, "version": self._version}[name]

    def menu(self) -> QMenu:
        """The version menu."""
        return self._menu

    def dress(self) -> None:
        """Icons, sizes and fonts for the present theme."""
        theme = theme_of(self)
        self.setFixedHeight(theme.px(COMPACT_HEIGHT if self._compact else HEIGHT))
        on, off = ("speaker", "muted") if is_sound(self._row.kind) else ("eye", "eye-off")
        self._eye.set_icon_name(on if self._row.visible else off, "t1" if self._row.visible else "t3")
        self._lock.set_icon_name(*(("lock", "t1") if self._row.locked else ("unlock", "t3")))
        self._version.setFont(font(theme, 11, 500))
        self._version.setFixedHeight(theme.px(18))
        self._place()
        self.update()

    # Inside

    def _fill_menu(self) -> None:
        self._version.setText(f"v{self._row.version}")
        self._menu.clear()
        for number, name in reversed(list(enumerate(self._row.versions, start=1))):
            action = QAction(f"v{number} {name}".rstrip(), self._menu)
            action.setCheckable(True)
            action.setChecked(number == self._row.version)
            action.triggered.connect(lambda _checked=False, chosen=number: self.version_chosen.emit(chosen))
            self._menu.addAction(action)
        self._version.setEnabled(len(self._row.versions) > 1)
        self._version.setVisible(self._row.version > 0)

    def _name_things(self) -> None:
        row = self._row
        see = ("Mute", "Unmute") if is_sound(row.kind) else ("Hide", "Show")
        texts = {
            self._eye: f"{see[0] if row.visible else see[1]} {row.name}",
            self._lock: f"{'Unlock' if row.locked else 'Lock'} {row.name}",
            self._version: f"Version {row.version} of {row.name}",
        }
        for button, text in texts.items():
            button.setAccessibleName(text)
            button.setToolTip(text)
        if not self._version.isEnabled():
            self._version.setToolTip(f"{row.name} has one version")
        state = [row.name, row.detail, "shown" if row.visible else "hidden", "locked" if row.locked else ""]
        self.setAccessibleName(", ".join(part for part in state if part))
        self.setToolTip(row.detail if self._compact else "")

    def _place(self) -> None:
        theme = theme_of(self)
        top = (self.height() - theme.px(BUTTON)) // 2
        self._eye.move(self._left(EYE_LEFT), top)
        self._lock.move(self._left(LOCK_LEFT), top)
        width = QFontMetrics(self._version.font()).horizontalAdvance(self._version.text()) + theme.px(12)
        self._version.setFixedWidth(width)
        self._version.move(self.width() - theme.px(RIGHT) - width, (self.height() - self._version.height()) // 2)

    def _left(self, at_full: int) -> int:
        return theme_of(self).px(at_full - (COMPACT_SHIFT if self._compact else 0))

    def _grip(self) -> QRect:
        if self._compact or not self._row.movable:
            return QRect()
        return QRect(0, 0, self._left(EYE_LEFT), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        surface = "bg4" if self._selected else "bg3" if self._hovered else "bg2"
        painter.fillRect(self.rect(), theme.color(surface))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))
        patch = self._row.kind == PATCH
        if patch and self._selected:
            painter.fillRect(0, 0, theme.px(BAR), self.height(), theme.color("ac"))
        if not self._grip().isEmpty():
            self._paint_icon(painter, "grip", "t3", GRIP_LEFT - SMALL // 2)
        self._paint_icon(painter, KIND_ICONS.get(self._row.kind, "layers"), "act" if patch else "t2", ICON_LEFT)
        self._paint_words(painter, theme)
        painter.end()

    def _paint_icon(self, painter: QPainter, name: str, role: str, left: int) -> None:
        theme = theme_of(self)
        size = theme.px(SMALL)
        drawing = pixmap(name, theme, role, size, self.devicePixelRatioF())
        painter.drawPixmap(self._left(left), (self.height() - size) // 2, drawing)

    def _paint_words(self, painter: QPainter, theme: Theme) -> None:
        left, right = self._left(TEXT_LEFT), self._version.x() - theme.px(8)
        two = bool(self._row.detail) and not self._compact
        name = QRect(left, 0, right - left, self.height() - 1)
        if two:
            name = QRect(left, theme.px(4), right - left, theme.px(15))
            below = QRect(left, name.bottom() + 1, right - left, theme.px(14))
            painter.setFont(font(theme, 11))
            painter.setPen(theme.color("t2" if self._selected else "t3"))
            self._paint_cut(painter, below, self._row.detail, Qt.TextElideMode.ElideMiddle)
        painter.setFont(font(theme, 12, 600 if self._selected else 400))
        painter.setPen(theme.color("t1" if self._row.visible else "t3"))
        self._paint_cut(painter, name, self._row.name, Qt.TextElideMode.ElideRight)

    def _paint_cut(self, painter: QPainter, rect: QRect, text: str, cut: Qt.TextElideMode) -> None:
        words = QFontMetrics(painter.font()).elidedText(text, cut, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._dragging = self._grip().contains(event.position().toPoint())
        self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self.grip_dragged.emit(self.mapToParent(QPoint(0, round(event.position().y()))).y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self.grip_dropped.emit(self.mapToParent(QPoint(0, round(event.position().y()))).y())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()
