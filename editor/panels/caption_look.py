"""How captions look: size, place, colour, box. Shows a style, reports another one; `finished` ends a gesture."""

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QWidget

from editor.panels.parts import column, label, row
from engine.project.caption_rules import SIZE_MIN, style_fault
from engine.project.caption_values import CaptionStyle
from widgets.controls import LabelledSlider, Toggle, mark_error
from widgets.theme import theme_of

COLOURS = (
    ("#ffffff", "White"), ("#ffe14a", "Yellow"), ("#7fe3ff", "Light blue"), ("#9dff8a", "Light green"), ("#000000", "Black"),
)  # fmt: skip
LABEL_PX, FIELD_PX, SWATCH_PX = 100, 76, 20


class Swatch(QAbstractButton):
    """A colour to choose; the chosen one has a ring."""

    def __init__(self, colour: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colour = colour
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        side = theme_of(self).px(SWATCH_PX)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = self.rect().adjusted(4, 4, -4, -4)
        painter.setPen(theme.color("line2"))
        painter.setBrush(QColor(self.colour))
        painter.drawEllipse(inner)
        if self.isChecked():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.color("sel"))
            painter.drawEllipse(self.rect().adjusted(1, 1, -2, -2))
        painter.end()


class ColourRow(QWidget):
    """A name, some colours to click, and any other as #rrggbb."""

    chosen = Signal(str)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self._swatches = [Swatch(colour, f"{words}: {name}") for colour, name in COLOURS]
        self.field = QLineEdit()
        self.field.setAccessibleName(words)
        self.field.setProperty("density", "small")
        self.field.setFixedWidth(theme.px(FIELD_PX))
        name = label(words)
        name.setFixedWidth(theme.px(LABEL_PX - 8))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(2))
        line.addWidget(name)
        for swatch in self._swatches:
            line.addWidget(swatch)
            swatch.clicked.connect(lambda _=False, colour=swatch.colour: self.chosen.emit(colour))
        line.addStretch(1)
        line.addWidget(self.field)
        self.field.editingFinished.connect(self._typed)

    def set_colour(self, colour: str) -> None:
        """Show another without a signal."""
        for swatch in self._swatches:
            swatch.setChecked(swatch.colour == colour.lower())
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(colour)
            mark_error(self.field, False)

    def _typed(self) -> None:
        text = self.field.text().strip().lower()
        text = text if text.startswith("#") else f"#{text}"
        is_wrong = bool(style_fault(replace(CaptionStyle(), colour=text)))
        mark_error(self.field, is_wrong)
        self.field.setModified(False)
        if not is_wrong:
            self.chosen.emit(text)


class CaptionLook(QWidget):
    """`changed(style)` while something changes, `finished()` when the hand lets go."""

    changed = Signal(object)
    finished = Signal()
    only_chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self._style = CaptionStyle()
        self.size_slider = LabelledSlider("Size", SIZE_MIN * 100, 15, 5, "%", 0.1, 1)
        self.bottom = LabelledSlider("From the bottom", 0, 95, 6, "%", 0.5, 1)
        self.colour, self.box = ColourRow("Letters"), ColourRow("Box")
        self.opacity = LabelledSlider("Box opacity", 0, 100, 60, "%")
        self.only_chosen = Toggle(accessible="Only the chosen captions")
        self.note = label("", "hint", wraps=True)
        body = column(theme.px(10))
        body.setContentsMargins(*(theme.px(12),) * 4)
        for widget in (self.size_slider, self.bottom, self.colour, self.box, self.opacity):
            body.addWidget(widget)
        body.addLayout(row(label("Only the chosen captions"), None, self.only_chosen))
        body.addWidget(self.note)
        body.addStretch(1)
        self.setLayout(body)
        self._connect()

    def show_style(self, style: CaptionStyle, chosen: int, locked: bool) -> None:
        """Show a look; `chosen` is how many captions are chosen."""
        self._style = style
        self.size_slider.set_value(style.size * 100)
        self.bottom.set_value((1 - style.bottom) * 100)
        self.opacity.set_value(style.box_opacity * 100)
        self.colour.set_colour(style.colour)
        self.box.set_colour(style.box_colour)
        self.only_chosen.setEnabled(bool(chosen))
        self.only_chosen.setToolTip("" if chosen else "Choose captions in the list first")
        whom = "all captions"
        if self.is_for_chosen and chosen:
            whom = "the chosen caption" if chosen == 1 else f"the {chosen} chosen captions"
        self.note.setText(f"Inter, centred. Changes {whom}." if not locked else "The captions are locked.")
        for widget in (self.size_slider, self.bottom, self.colour, self.box, self.opacity):
            widget.setEnabled(not locked)

    @property
    def is_for_chosen(self) -> bool:
        return self.only_chosen.isChecked() and self.only_chosen.isEnabled()

    def _connect(self) -> None:
        for slider, name, turned in (
            (self.size_slider, "size", lambda value: value / 100), (self.bottom, "bottom", lambda value: 1 - value / 100),
            (self.opacity, "box_opacity", lambda value: value / 100),
        ):  # fmt: skip
            slider.value_changed.connect(lambda value, name=name, turned=turned: self._change(name, turned(value)))
            slider.editing_finished.connect(self.finished)
        self.colour.chosen.connect(lambda colour: self._change("colour", colour, is_whole=True))
        self.box.chosen.connect(lambda colour: self._change("box_colour", colour, is_whole=True))
        self.only_chosen.toggled.connect(lambda _on: self.only_chosen_changed.emit())

    def _change(self, name: str, value: object, *, is_whole: bool = False) -> None:
        style = replace(self._style, **{name: value})  # type: ignore[arg-type]  # the names are those of its fields
        if not style_fault(style):
            self._style = style
            self.changed.emit(style)
        if is_whole:
            self.finished.emit()
