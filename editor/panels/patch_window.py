"""The propagation window in frames, the anchor, and their two padlocks. A padlock holds what it stands beside."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSpinBox, QWidget

from editor.panels.parts import Section, label, row
from editor.patch_facts import Extent
from widgets.controls import IconButton, QuietButton
from widgets.controls.fields import NumberManners
from widgets.theme import theme_of

MOST_FRAMES = 99_999
NO_WINDOW = "A still has one picture: the patch shows as long as the still does."


class FrameCount(QSpinBox):
    """A number of frames that takes the wheel only with the focus and reports when the hand is done."""

    def __init__(self, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, MOST_FRAMES)
        self.setAccessibleName(accessible)
        self.setProperty("density", "small")
        self.setKeyboardTracking(False)
        NumberManners(self)
        margin = theme_of(self).px(5)
        self.lineEdit().setTextMargins(margin, 0, margin, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def show_count(self, count: int) -> None:
        """Another number, without a signal; 1 frame, 2 frames."""
        self.blockSignals(True)
        self.setSuffix(" frame" if count == 1 else " frames")
        self.setValue(count)
        self.blockSignals(False)


class WindowForm(Section):
    """Before and after the anchor, in frames."""

    window_edited = Signal(int, int)  # frames before, frames after
    window_locked = Signal(bool)
    anchor_locked = Signal(bool)
    anchor_wanted = Signal()
    round_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before, self.after = FrameCount("Frames before the anchor"), FrameCount("Frames after the anchor")
        self.lock_window = IconButton("unlock", "Lock the window", accessible="Lock the window", checkable=True, size=24)
        self.lock_anchor = IconButton("unlock", "Lock the anchor", accessible="Lock the anchor", checkable=True, size=24)
        self.round = IconButton("loop", "Play the window round", "Shift+Space", size=24)
        self.go = QuietButton("Go there", size="small")
        self._anchor = QLabel()
        self._still = label(NO_WINDOW, "hint", wraps=True)
        self._lay_out()
        self.before.valueChanged.connect(self._edited)
        self.after.valueChanged.connect(self._edited)
        self.lock_window.clicked.connect(self.window_locked)
        self.lock_anchor.clicked.connect(self.anchor_locked)
        self.go.clicked.connect(lambda: self.anchor_wanted.emit())
        self.round.clicked.connect(lambda: self.round_wanted.emit())

    def show_window(self, extent: Extent | None, *, window_locked: bool, anchor_locked: bool, on_anchor: bool) -> None:
        """`extent` is None for a still, and while the frames are not known."""
        for field in (self._fields, self._anchor_row):
            field.setVisible(extent is not None)
        self._still.setVisible(extent is None)
        if extent is not None:
            self.before.show_count(extent.before)
            self.after.show_count(extent.after)
            self._anchor.setText(f"Frame {extent.anchor + 1}")
        for field in (self.before, self.after):
            field.setEnabled(not window_locked)
            field.setToolTip("The window is locked" if window_locked else "")
        self.go.setEnabled(not on_anchor)
        _show_lock(self.lock_window, window_locked, "window")
        _show_lock(self.lock_anchor, anchor_locked, "anchor")

    def _lay_out(self) -> None:
        theme = theme_of(self)
        self.body.addLayout(row(label("Window", "section"), None, self.round))
        self._fields, self._anchor_row = QWidget(), QWidget()
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(4))
        for place, (text, field) in enumerate((("Before", self.before), ("After", self.after))):
            grid.addWidget(label(text, "label"), 0, place)
            grid.addWidget(field, 1, place)
            grid.setColumnStretch(place, 1)
        grid.addWidget(self.lock_window, 1, 2)
        self._anchor_row.setLayout(row(label("Anchor"), self._anchor, None, self.go, self.lock_anchor))
        for widget in (self._fields, self._anchor_row, self._still):
            self.body.addWidget(widget)

    def _edited(self) -> None:
        self.window_edited.emit(self.before.value(), self.after.value())


def _show_lock(button: IconButton, locked: bool, what: str) -> None:
    button.setChecked(locked)
    button.set_icon_name("lock" if locked else "unlock", "t1" if locked else "t3")
    button.set_tooltip(f"Unlock the {what}" if locked else f"Lock the {what}: nothing may change it, trims neither")
