"""A provider's knobs as fields, built from their specs: numbers as sliders with units, words as choices, switches as switches."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from editor.panels.parts import CalmChoice, column, label, row
from engine.providers.protocol import ParameterSpec
from widgets.controls import LabelledSlider, Toggle
from widgets.controls.slider import LABEL_PX
from widgets.theme import theme_of


class ParameterFields(QWidget):
    """`edited(name, text)` while a value changes (texts as a recipe keeps them), `settled()` when the hand lets go."""

    edited = Signal(str, str)
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._specs: tuple[ParameterSpec, ...] = ()
        self._fields: dict[str, QWidget] = {}
        self._column = column(theme_of(self).px(8))
        self.setLayout(self._column)

    def set_specs(self, specs: Sequence[ParameterSpec]) -> None:
        """Fields for another provider, at their defaults."""
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._specs = tuple(spec for spec in specs if not spec.is_on_picture)
        self._fields = {spec.name: self._made(spec) for spec in self._specs}
        for spec in self._specs:
            self._fields[spec.name].setToolTip(spec.hint)
        self.setVisible(bool(self._specs))

    def show_values(self, values: Mapping[str, str]) -> None:
        """The values of a recipe; what it does not name is at its default. No signal."""
        for spec in self._specs:
            _show(self._fields[spec.name], values.get(spec.name, _text(spec.default)))

    def field(self, name: str) -> QWidget:
        """The field of a parameter."""
        return self._fields[name]

    def _made(self, spec: ParameterSpec) -> QWidget:
        if isinstance(spec.default, bool):
            return self._switch(spec)
        if isinstance(spec.default, str):
            return self._choice(spec) if spec.choices else self._words(spec)
        return self._slider(spec, float(spec.default))

    def _slider(self, spec: ParameterSpec, default: float) -> QWidget:
        decimals = max(0, len(f"{spec.step:g}".partition(".")[2]))
        slider = LabelledSlider(spec.label, spec.minimum, spec.maximum, default, spec.unit, spec.step, decimals)
        slider.value_changed.connect(lambda value: self.edited.emit(spec.name, f"{value:.{decimals}f}"))
        slider.editing_finished.connect(self.settled)
        self._column.addWidget(slider)
        return slider

    def _choice(self, spec: ParameterSpec) -> QWidget:
        choice = CalmChoice(spec.label)
        for word in spec.choices:
            choice.addItem(word[:1].upper() + word[1:], word)
        choice.activated.connect(lambda _place: self._chosen(spec.name, str(choice.currentData())))
        self._add_row(spec.label, choice)
        return choice

    def _words(self, spec: ParameterSpec) -> QWidget:
        field = QLineEdit()
        field.setAccessibleName(spec.label)
        field.setPlaceholderText(spec.example)
        field.textEdited.connect(lambda text: self.edited.emit(spec.name, text))
        field.editingFinished.connect(self.settled)
        self._add_row(spec.label, field)
        return field

    def _switch(self, spec: ParameterSpec) -> QWidget:
        switch = Toggle("", bool(spec.default), spec.label)
        switch.clicked.connect(lambda on: self._chosen(spec.name, _text(bool(on))))
        holder = QWidget()
        holder.setLayout(row(label(spec.label), None, switch))
        self._column.addWidget(holder)
        return switch

    def _add_row(self, text: str, field: QWidget) -> None:
        words = label(text)
        words.setFixedWidth(theme_of(self).px(LABEL_PX))
        holder = QWidget()
        line = row(words)
        line.addWidget(field, 1)
        holder.setLayout(line)
        self._column.addWidget(holder)

    def _chosen(self, name: str, text: str) -> None:
        self.settled.emit()
        self.edited.emit(name, text)


def _text(value: float | str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _show(field: QWidget, text: str) -> None:
    if isinstance(field, LabelledSlider):
        field.set_value(float(text))
    elif isinstance(field, Toggle):
        field.setChecked(text in {"true", "yes", "on", "1"})
    elif isinstance(field, QLineEdit):
        if not field.hasFocus() and field.text() != text:
            field.setText(text)
    elif isinstance(field, CalmChoice):
        field.setCurrentIndex(field.findData(text))
