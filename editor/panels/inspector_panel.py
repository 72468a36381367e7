"""The inspector: name, place, size, opacity, length and words of the chosen clip, or the numbers of the region that is seen.

Shows values, reports changes.
"""

from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from editor.panels.region_form import RegionForm, RegionShown
from widgets.controls import ElidedLabel, EmptyState, LabelledSlider
from widgets.controls.fields import NumberField
from widgets.theme import theme_of

EMPTY = "Choose a clip to see its place, size and length, or a patch to see the numbers of its region."


@dataclass(frozen=True, slots=True)
class Inspected:
    """The chosen clip as the inspector shows it. What a clip does not have is None."""

    clip_id: str
    name: str
    detail: str
    seconds: float
    shortest: float
    longest: float
    x: float | None = None
    y: float | None = None
    scale: float | None = None
    opacity: float | None = None
    gain_db: float | None = None
    words: str | None = None
    font_size: float | None = None
    locked: bool = False
    sound_locked: bool = False


class NumberRow(QWidget):
    """A number without a slider, for what has no natural far end. Same signals as `LabelledSlider`."""

    value_changed = Signal(float)
    editing_finished = Signal()

    def __init__(self, label: str, unit: str, decimals: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        words = QLabel(label)
        words.setProperty("role", "text")
        self._number = NumberField()
        self._number.setDecimals(decimals)
        self._number.setSuffix(f" {unit}")
        self._number.setProperty("density", "small")
        self._number.setAccessibleName(label)
        self._number.setFixedWidth(theme_of(self).px(88))
        row.addWidget(words)
        row.addStretch(1)
        row.addWidget(self._number)
        self._number.valueChanged.connect(self.value_changed)
        self._number.editingFinished.connect(self.editing_finished)

    @property
    def value(self) -> float:
        return self._number.value()

    def set_range(self, least: float, most: float) -> None:
        """What may be typed; the arrows go one step of the least."""
        self._number.blockSignals(True)
        self._number.setRange(least, most)
        self._number.setSingleStep(least)
        self._number.blockSignals(False)

    def set_value(self, value: float) -> None:
        """Show another value without a signal."""
        self._number.blockSignals(True)
        self._number.setValue(value)
        self._number.blockSignals(False)


class InspectorPanel(QFrame):
    """`changed(field, value)`: one of x, y, scale, opacity, seconds, gain_db, words, font_size; `finished` ends a gesture."""

    changed = Signal(str, object)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self._shown: Inspected | None = None
        self._name, self._detail, self._locked = ElidedLabel(), QLabel(), QLabel("Its layer is locked.")
        self._name.setProperty("role", "name")
        self._detail.setProperty("role", "hint")
        self._locked.setProperty("role", "text")
        self._detail.setWordWrap(True)
        self.words = QPlainTextEdit()
        self.region = RegionForm()
        self._empty = EmptyState("sliders", EMPTY)
        self._has_region = False
        self.sliders: dict[str, LabelledSlider | NumberRow] = {
            "x": LabelledSlider("Position X", -100, 100, 0, "%", 0.1, 1),
            "y": LabelledSlider("Position Y", -100, 100, 0, "%", 0.1, 1),
            "scale": LabelledSlider("Scale", 1, 400, 100, "%"),
            "opacity": LabelledSlider("Opacity", 0, 100, 100, "%"),
            "font_size": LabelledSlider("Text size", 1, 30, 6, "%", 0.1, 1),
            "gain_db": LabelledSlider("Volume", -60, 12, 0, "dB", 0.5, 1),
            "seconds": NumberRow("Length", "s", 3),
        }
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_clip(None)

    def show_clip(self, clip: Inspected | None) -> None:
        """Show another clip, or the same one as it is now; a field with the focus is not written over."""
        other = self._shown is None or clip is None or clip.clip_id != self._shown.clip_id
        self._shown = clip
        self._turn_page()
        if clip is None:
            return
        self._name.setText(clip.name)
        self._detail.setText(clip.detail)
        self._locked.setVisible(clip.locked)
        values = {
            "x": _percent(clip.x), "y": _percent(clip.y), "scale": _percent(clip.scale), "opacity": _percent(clip.opacity),
            "font_size": _percent(clip.font_size), "gain_db": clip.gain_db, "seconds": clip.seconds,
        }  # fmt: skip
        self.sliders["gain_db"].setToolTip("Unlock the original audio (A1) to change its volume" if clip.sound_locked else "")
        length = self.sliders["seconds"]
        if isinstance(length, NumberRow):
            length.set_range(clip.shortest, clip.longest)
        for name, slider in self.sliders.items():
            value = values[name]
            slider.setVisible(value is not None)
            slider.setEnabled(not (clip.locked or (name == "gain_db" and clip.sound_locked)))
            if value is not None:
                slider.set_value(value)
        self._words_box.setVisible(clip.words is not None)
        self.words.setEnabled(not clip.locked)
        if clip.words is not None and (other or not self.words.hasFocus()) and clip.words != self.words.toPlainText():
            self.words.blockSignals(True)
            self.words.setPlainText(clip.words)
            self.words.blockSignals(False)

    def show_region(self, region: RegionShown | None, why: str = "") -> None:
        """Show the numbers of a region; a chosen clip comes first. `why` says what there is to see where there is none."""
        self._has_region = region is not None
        self._empty.set_sentence(why or EMPTY)
        if region is not None:
            self.region.show_region(region)
        self._turn_page()

    @property
    def shown(self) -> Inspected | None:
        return self._shown

    def edit_words(self) -> None:
        """The words of a new caption are typed at once."""
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)
        self.words.selectAll()

    # Inside

    def _lay_out(self) -> None:
        theme = theme_of(self)
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(theme.px(12), theme.px(12), theme.px(12), theme.px(12))
        column.setSpacing(theme.px(8))
        for widget in (self._name, self._detail, self._locked):
            column.addWidget(widget)
        rule = QFrame()
        rule.setProperty("surface", "rule")
        rule.setFixedHeight(1)
        column.addWidget(rule)
        self._words_box = QWidget()
        box = QVBoxLayout(self._words_box)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(4))
        title = QLabel("Words")
        title.setProperty("role", "text")
        title.setBuddy(self.words)
        self.words.setAccessibleName("Words of the caption")
        self.words.setFixedHeight(theme.px(72))
        self.words.setTabChangesFocus(True)
        box.addWidget(title)
        box.addWidget(self.words)
        column.addWidget(self._words_box)
        for slider in self.sliders.values():
            column.addWidget(slider)
        column.addStretch(1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(_scrolling(form))
        self._pages.addWidget(_scrolling(self.region))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def _turn_page(self) -> None:
        self._pages.setCurrentIndex(1 if self._shown is not None else 2 if self._has_region else 0)

    def _connect(self) -> None:
        for name, slider in self.sliders.items():
            slider.value_changed.connect(lambda value, name=name: self._slid(name, value))
            slider.editing_finished.connect(self.finished)
        self.words.textChanged.connect(lambda: self.changed.emit("words", self.words.toPlainText()))

    def _slid(self, name: str, value: float) -> None:
        if name == "seconds":
            self.changed.emit(name, Fraction(value).limit_denominator(1000))
        else:
            self.changed.emit(name, value if name == "gain_db" else value / 100)


def _scrolling(form: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setAccessibleName("Inspector")
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(form)
    return scroll


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100
