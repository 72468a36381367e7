"""The shapes of a region as rows: choose one, add it or take it away, delete it. Shows what it is told."""

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from editor.panels.parts import label
from widgets.controls import IconButton
from widgets.icons import pixmap
from widgets.theme import font, theme_of

ROW_PX = 28
ALL = -1
NAMES = {"box": "Box", "lasso": "Lasso", "ellipse": "Ellipse", "brush": "Stroke"}


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """A shape as the list shows it."""

    kind: str
    is_subtracted: bool


class _Name(QAbstractButton):
    """The row's name: lit while its shape is chosen; a click chooses it."""

    def __init__(self, icon_name: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(96), theme.px(ROW_PX))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            painter.setPen(theme.color("line2") if self.isChecked() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bg4" if self.isChecked() else "bg3"))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), theme.px(4), theme.px(4))
        role = "td" if not self.isEnabled() else "t1"
        side = theme.px(16)
        painter.drawPixmap(
            theme.px(8), (self.height() - side) // 2, pixmap(self._icon_name, theme, role, side, self.devicePixelRatioF())
        )
        painter.setFont(font(theme, 12, 600 if self.isChecked() else 400))
        painter.setPen(theme.color(role))
        painter.drawText(self.rect().adjusted(theme.px(32), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


class ShapeList(QWidget):
    """Index 0 is the first shape, -1 all of them together."""

    chosen = Signal(int)
    sense_chosen = Signal(int, bool)
    """Which shape, and whether it is to be taken away."""
    delete_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shapes: tuple[ShapeRow, ...] = ()
        self._names: list[_Name] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme_of(self).px(4))
        self._column.addWidget(label("Shapes", "section"))
        self._rows = QWidget()
        self._column.addWidget(self._rows)
        self.setAccessibleName("Shapes of the region")

    def show_shapes(self, shapes: tuple[ShapeRow, ...], active: int) -> None:
        """Rows for these, the chosen one lit; rows that stay keep the focus."""
        if shapes != self._shapes or not self._names:
            self._shapes = shapes
            self._make_rows()
        for place, name in enumerate(self._names):
            index = place - 1 if len(shapes) > 1 else place
            name.setChecked(index == active or len(shapes) == 1)

    def rows(self) -> list[QAbstractButton]:
        """The names that can be clicked: all shapes together first where there are several."""
        return list(self._names)

    def button(self, what: str, index: int) -> IconButton:
        """The "sense" or the "delete" of a row."""
        return self._buttons[what, index]

    def _make_rows(self) -> None:
        old, self._rows = self._rows, QWidget()
        column = QVBoxLayout(self._rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme_of(self).px(4))
        self._names, self._buttons = [], dict[tuple[str, int], IconButton]()
        if len(self._shapes) > 1:
            column.addWidget(self._name("layers", "All shapes", ALL))
        for index, shape in enumerate(self._shapes):
            column.addLayout(self._row(index, shape))
        self._column.replaceWidget(old, self._rows)
        old.hide()
        old.deleteLater()

    def _row(self, index: int, shape: ShapeRow) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme_of(self).px(4))
        name = f"{NAMES[shape.kind]} {index + 1}" if len(self._shapes) > 1 else NAMES[shape.kind]
        line.addWidget(self._name(shape.kind, name, index), 1)
        if index > 0:
            line.addWidget(label("taken away" if shape.is_subtracted else "added", "hint"))
            line.addWidget(self._sense(index, shape, name))
        if len(self._shapes) > 1:
            delete = IconButton("trash", f"Delete {name.lower()}", size=24)
            delete.clicked.connect(lambda _checked=False, at=index: self.delete_wanted.emit(at))
            self._buttons["delete", index] = delete
            line.addWidget(delete)
        return line

    def _sense(self, index: int, shape: ShapeRow, name: str) -> IconButton:
        now, other = ("region-subtract", "Add it instead") if shape.is_subtracted else ("region-add", "Take it away instead")
        button = IconButton(now, other, accessible=f"{name}: {other.lower()}", size=24)
        button.clicked.connect(lambda _checked=False: self.sense_chosen.emit(index, not shape.is_subtracted))
        self._buttons["sense", index] = button
        return button

    def _name(self, icon_name: str, text: str, index: int) -> _Name:
        made = _Name(icon_name, text)
        made.clicked.connect(lambda _checked=False: self._clicked(made, index))
        self._names.append(made)
        return made

    def _clicked(self, name: _Name, index: int) -> None:
        name.setChecked(not name.isChecked())  # lit by whoever decides, not by the click
        self.chosen.emit(index)
