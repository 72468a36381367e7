"""A label, a groove and a number with its unit, kept the same."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from widgets.controls.fields import CalmSlider, NumberField
from widgets.theme import theme_of

LABEL_PX, FIELD_PX = 100, 56


class LabelledSlider(QWidget):
    """Emits `value_changed(float)` while it changes and `editing_finished()` when the hand lets go."""

    value_changed = Signal(float)
    editing_finished = Signal()

    def __init__(self, label: str, minimum: float, maximum: float, value: float, unit: str = "", step: float = 1.0,
                 decimals: int = 0, parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self._minimum, self._step = minimum, step
        self._label = QLabel(label)
        self._label.setProperty("role", "text")
        self._slider = CalmSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, round((maximum - minimum) / step))
        self._number = NumberField()
        self._set_up_number(label, minimum, maximum, unit, decimals)
        self._lay_out()
        self.set_value(value)
        self._connect()

    @property
    def value(self) -> float:
        return self._number.value()

    def set_value(self, value: float) -> None:
        """Show another value without a signal; clamped to the range."""
        for control in (self._slider, self._number):
            control.blockSignals(True)
        self._number.setValue(value)
        self._slider.setValue(self._place(self._number.value()))
        for control in (self._slider, self._number):
            control.blockSignals(False)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._size()
        super().changeEvent(event)

    def _set_up_number(self, label: str, minimum: float, maximum: float, unit: str, decimals: int) -> None:
        number = self._number
        number.setDecimals(decimals)
        number.setRange(minimum, maximum)
        number.setSingleStep(self._step)
        number.setSuffix(f" {unit}" if unit else "")
        number.setProperty("density", "small")
        for control in (self._slider, number):
            control.setAccessibleName(label)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._label)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number)
        self._size()

    def _size(self) -> None:
        theme = theme_of(self)
        self._label.setFixedWidth(theme.px(LABEL_PX))
        self._number.setFixedWidth(theme.px(FIELD_PX))

    def _connect(self) -> None:
        self._slider.valueChanged.connect(self._slid)
        self._slider.sliderReleased.connect(self.editing_finished)
        self._number.valueChanged.connect(self._typed)
        self._number.editingFinished.connect(self.editing_finished)

    def _place(self, value: float) -> int:
        return round((value - self._minimum) / self._step)

    def _slid(self, place: int) -> None:
        self.set_value(self._minimum + place * self._step)
        self.value_changed.emit(self.value)

    def _typed(self, value: float) -> None:
        self.set_value(value)
        self.value_changed.emit(value)
