"""The numbers of a region: place and size in pixels or fractions, feather, growth, pen, sense, and its shapes one by one.

Shows values and reports changes; knows no project. Fractions are of the picture as displayed.
"""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from editor.panels.parts import Rule, label, row
from editor.panels.region_shapes import ShapeList, ShapeRow
from widgets.controls import LabelledSlider, SecondaryButton, SegmentedControl, Toggle
from widgets.controls.fields import NumberField
from widgets.theme import theme_of

FEATHER_SHOWN_MAX, GROW_SHOWN_MAX, PEN_SHOWN_MAX = 60, 60, 400
FIELDS = ("x", "y", "width", "height")
LABELS = {"x": "X", "y": "Y", "width": "Width", "height": "Height"}
ACROSS = frozenset({"x", "width"})
PIXELS, SHARES = "px", "share"


@dataclass(frozen=True, slots=True)
class RegionShown:
    """The region on the frame that is seen. `bounds` (left, top, width, height) are those of the chosen shape, or of all."""

    key: object
    """Another one means another region: then a field that is being typed in is written over."""
    name: str
    where: str
    size: tuple[int, int]
    """Of the displayed source, in pixels."""
    bounds: tuple[float, float, float, float]
    feather_px: float
    grow_px: float
    pen_px: float | None
    """Width of the chosen stroke, or of the brush in the hand; None where there is neither."""
    is_inverted: bool
    shapes: tuple[ShapeRow, ...]
    active: int
    locked: bool = False


class RegionForm(QWidget):
    """`changed(field, value)`: x, y, width, height (fractions), feather, grow, pen (source pixels); `finished` ends a gesture."""

    changed = Signal(str, float)
    finished = Signal()
    inverted = Signal(bool)
    fit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: RegionShown | None = None
        self._is_fitting = False
        self._name, self._where = label("", "name"), label("", "hint", wraps=True)
        self._locked = label("The patch is locked.")
        self.unit = SegmentedControl([(PIXELS, "Pixels"), (SHARES, "0 to 1")])
        self.unit.setAccessibleName("Unit of place and size")
        self.fields = {name: NumberField() for name in FIELDS}
        self.sliders = {
            "feather": LabelledSlider("Feather", 0, FEATHER_SHOWN_MAX, 6, "px"),
            "grow": LabelledSlider("Grow region", -GROW_SHOWN_MAX, GROW_SHOWN_MAX, 0, "px"),
            "pen": LabelledSlider("Pen", 1, PEN_SHOWN_MAX, 40, "px"),
        }
        self.invert = Toggle("Everything but this region", accessible="Invert the region")
        self.shapes = ShapeList()
        self.fit = SecondaryButton("Fit to edges", "fit-edges", "Shift+F")
        self._lay_out()
        self._connect()

    def show_region(self, shown: RegionShown) -> None:
        """Another region, or the same one as it is now."""
        self._shown = shown
        self._name.setText(shown.name)
        self._where.setText(shown.where)
        self._locked.setVisible(shown.locked)
        self._show_numbers(shown)
        self.sliders["feather"].set_value(min(shown.feather_px, FEATHER_SHOWN_MAX))
        self.sliders["grow"].set_value(max(-GROW_SHOWN_MAX, min(shown.grow_px, GROW_SHOWN_MAX)))
        self.sliders["pen"].setVisible(shown.pen_px is not None)
        if shown.pen_px is not None:
            self.sliders["pen"].set_value(min(shown.pen_px, PEN_SHOWN_MAX))
        self.invert.blockSignals(True)
        self.invert.setChecked(shown.is_inverted)
        self.invert.blockSignals(False)
        self.shapes.show_shapes(shown.shapes, shown.active)
        for part in (*self.fields.values(), *self.sliders.values(), self.invert, self.shapes):
            part.setEnabled(not shown.locked)
        self._show_fit()

    def set_fitting(self, is_fitting: bool) -> None:
        """While the edges are looked for, the button stops that."""
        self._is_fitting = is_fitting
        self._show_fit()

    @property
    def shown(self) -> RegionShown | None:
        return self._shown

    # Inside

    def _show_fit(self) -> None:
        self.fit.setText("Stop looking" if self._is_fitting else "Fit to edges")
        self.fit.setEnabled(self._shown is not None and not self._shown.locked)

    def _show_numbers(self, shown: RegionShown) -> None:
        for name, share in zip(FIELDS, shown.bounds, strict=True):
            field, most = self.fields[name], self._most(name)
            pixels = self.unit.current == PIXELS
            field.blockSignals(True)
            field.setDecimals(1 if pixels else 4)
            field.setSingleStep(1 if pixels else 0.001)
            field.setRange(0, most)
            field.setSuffix(" px" if pixels else "")
            field.setValue(share * most)
            field.blockSignals(False)

    def _most(self, name: str) -> float:
        """What the number is where the fraction is 1."""
        if self._shown is None or self.unit.current == SHARES:
            return 1.0
        return float(self._shown.size[0 if name in ACROSS else 1])

    def _connect(self) -> None:
        for name, field in self.fields.items():
            field.valueChanged.connect(lambda value, name=name: self._typed(name, value))
            field.editingFinished.connect(self.finished)
        for name, slider in self.sliders.items():
            slider.value_changed.connect(lambda value, name=name: self.changed.emit(name, value))
            slider.editing_finished.connect(self.finished)
        self.unit.chosen.connect(self._unit_chosen)
        self.invert.toggled.connect(self.inverted)
        self.fit.clicked.connect(lambda: self.fit_wanted.emit())

    def _typed(self, name: str, value: float) -> None:
        self.changed.emit(name, value / self._most(name))

    def _unit_chosen(self, unit: str) -> None:
        self.unit.set_current(unit)
        if self._shown is not None:
            self._show_numbers(self._shown)

    def _lay_out(self) -> None:
        theme = theme_of(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(12),) * 4)
        column.setSpacing(theme.px(8))
        for widget in (self._name, self._where, self._locked, Rule()):
            column.addWidget(widget)
        head = QWidget()
        head.setLayout(row(label("Place and size", "section"), None, self.unit))
        column.addWidget(head)
        column.addWidget(self._grid())
        for slider in self.sliders.values():
            column.addWidget(slider)
        column.addWidget(self.invert)
        column.addWidget(Rule())
        column.addWidget(self.shapes)
        foot = QWidget()
        foot.setLayout(row(self.fit, None))
        column.addWidget(foot)
        column.addStretch(1)

    def _grid(self) -> QWidget:
        theme = theme_of(self)
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(4))
        for place, (name, field) in enumerate(self.fields.items()):
            field.setAccessibleName({"x": "Left edge", "y": "Upper edge"}.get(name, LABELS[name]))
            field.setProperty("density", "small")
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            words = label(LABELS[name], "label")
            words.setBuddy(field)
            grid.addWidget(words, 2 * (place // 2), place % 2)
            grid.addWidget(field, 2 * (place // 2) + 1, place % 2)
        for place in (0, 1):
            grid.setColumnStretch(place, 1)
        return holder
