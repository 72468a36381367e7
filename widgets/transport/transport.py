"""The bar under the viewer: where we are, play and step, how long it all is.

Gets finished texts and reports clicks; knows nothing of clocks, rates or timelines.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from widgets.controls import Chip, IconButton
from widgets.theme import font, theme_of
from widgets.transport.play_button import PlayButton

HEIGHT, COMPACT_HEIGHT = 44, 36


@dataclass(frozen=True, slots=True)
class Action:
    """A button: its icon, what it does in words, and the key that does the same by default."""

    icon: str
    text: str
    key: str


ACTIONS: dict[str, Action] = {
    "mark_in": Action("in-point", "Set in point", "I"),
    "go_start": Action("go-start", "Go to start", "Home"),
    "step_back": Action("frame-back", "One frame back", "Left"),
    "play": Action("play", "Play", "Space"),
    "step_forward": Action("frame-forward", "One frame forward", "Right"),
    "go_end": Action("go-end", "Go to end", "End"),
    "mark_out": Action("out-point", "Set out point", "O"),
    "loop": Action("loop", "Loop", "Ctrl+L"),
}
NOTHING = "Nothing on the timeline yet"
LEFT_OUT_WHEN_COMPACT = ("mark_in", "mark_out")


class Transport(QWidget):
    """Timecode and anchor at the left, buttons in the middle, format and duration at the right."""

    mark_in = Signal()
    go_start = Signal()
    step_back = Signal()
    play_clicked = Signal()
    step_forward = Signal()
    go_end = Signal()
    mark_out = Signal()
    loop_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compact = self._playing = False
        self._available: bool | None = None
        self._keys = {name: action.key for name, action in ACTIONS.items()}
        self._timecode, self._format, self._duration = QLabel(), QLabel(), QLabel()
        self._anchor = Chip("Anchor", "anchor")
        self._play = PlayButton()
        self._buttons = {name: self._new_button(name, action) for name, action in ACTIONS.items()}
        self._connect()
        self._lay_out()
        self._dress()
        self.setAccessibleName("Transport")

    # For the owner

    def set_timecode(self, text: str) -> None:
        """Where the playhead is, for example "00:00:06:23"."""
        self._timecode.setText(text)

    def set_duration(self, text: str) -> None:
        """How long the timeline is, as a timecode."""
        self._duration.setText(text)

    def set_format(self, text: str) -> None:
        """Size and rate, for example "1280 × 720, 25 fps"."""
        self._format.setText(text)

    def set_anchor(self, on_anchor: bool) -> None:
        """Whether the playhead stands on an anchor frame."""
        self._anchor.setVisible(on_anchor)

    def set_playing(self, playing: bool) -> None:
        """Play or pause on the button."""
        if playing is not self._playing:
            self._playing = playing
            self._dress()

    def set_looping(self, looping: bool) -> None:
        """Lights the loop button without reporting it."""
        button = self._buttons["loop"]
        button.blockSignals(True)
        button.setChecked(looping)
        button.blockSignals(False)

    def set_available(self, available: bool) -> None:
        """Whether there is anything to play; the tooltips say why not."""
        if available is not self._available:
            self._available = available
            for button in self._buttons.values():
                button.setEnabled(available)
            self._dress()

    def set_compact(self, compact: bool) -> None:
        """The lower bar for small windows: without in and out buttons and the format."""
        self._compact = compact
        for name in LEFT_OUT_WHEN_COMPACT:
            self._buttons[name].setVisible(not compact)
        self._format.setVisible(not compact)
        self._dress()

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Other keys in the tooltips, by the names in `ACTIONS`."""
        self._keys.update(keys)
        self._dress()

    def button(self, name: str) -> IconButton:
        """One of the buttons, by the names in `ACTIONS`."""
        return self._buttons[name]

    # Inside

    def _new_button(self, name: str, action: Action) -> IconButton:
        return self._play if name == "play" else IconButton(action.icon, action.text)

    def _connect(self) -> None:
        signals = {
            "mark_in": self.mark_in,
            "go_start": self.go_start,
            "step_back": self.step_back,
            "play": self.play_clicked,
            "step_forward": self.step_forward,
            "go_end": self.go_end,
            "mark_out": self.mark_out,
        }
        for name, signal in signals.items():
            self._buttons[name].clicked.connect(lambda _checked=False, reported=signal: reported.emit())
        for name in ("step_back", "step_forward"):
            self._buttons[name].setAutoRepeat(True)
        self._buttons["loop"].setCheckable(True)
        self._buttons["loop"].toggled.connect(self.loop_toggled)

    def _lay_out(self) -> None:
        theme = theme_of(self)
        left, middle, right = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        left.addWidget(self._timecode)
        left.addWidget(self._anchor)
        left.addStretch(1)
        for button in self._buttons.values():
            middle.addWidget(button)
        right.addStretch(1)
        right.addWidget(self._format)
        right.addWidget(self._duration)
        for row, spacing in ((left, 12), (middle, 4), (right, 12)):
            row.setSpacing(theme.px(spacing))
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        grid.setHorizontalSpacing(theme.px(8))
        for column, row in enumerate((left, middle, right)):
            grid.addLayout(row, 0, column)
            grid.setColumnStretch(column, int(column != 1))
        self._anchor.hide()
        self._timecode.setAccessibleName("Timecode")
        self._duration.setAccessibleName("Duration")
        for label in (self._format, self._duration):
            label.setProperty("role", "text")
        self._format.setAccessibleName("Size and rate")

    def _dress(self) -> None:
        """Sizes, icons, tips and fonts for the present theme and state."""
        theme = theme_of(self)
        self.setFixedHeight(theme.px(COMPACT_HEIGHT if self._compact else HEIGHT))
        self._play.set_look(playing=self._playing, compact=self._compact)
        for name, action in ACTIONS.items():
            button = self._buttons[name]
            text = "Pause" if name == "play" and self._playing else action.text
            button.setAccessibleName(text)
            button.set_tooltip(f"{text} ({self._keys[name]})" if button.isEnabled() else NOTHING)
        self._timecode.setFont(font(theme, 14 if self._compact else 16, 600))
        self._format.setFont(font(theme, 12))
        self._duration.setFont(font(theme, 12))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg2"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("line"))
        painter.end()
