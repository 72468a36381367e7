"""One background job: what it is, how far, how long still, and a way to stop it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from widgets.controls.buttons import IconButton
from widgets.controls.elided import ElidedLabel
from widgets.icons import pixmap
from widgets.theme import theme_of

HEIGHT_PX, STEPS = 44, 1000


class JobRow(QFrame):
    """Emits `cancel_requested` while running and `menu_requested` once finished."""

    cancel_requested = Signal()
    menu_requested = Signal()

    def __init__(self, icon_name: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self._finished = False
        self._mark, self._name, self._rest = QLabel(), ElidedLabel(name), QLabel()
        self._rest.setProperty("role", "hint")
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setRange(0, STEPS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(name)
        self._end = IconButton("close", "Cancel", accessible=f"Cancel {name}")
        self._end.clicked.connect(self._ended)
        self._set_mark(icon_name, "t1")
        self._lay_out()
        self.setFixedHeight(theme.px(HEIGHT_PX))

    def set_name(self, name: str) -> None:
        """Another name, where the job goes on with something else; the tool tip has all of a long one."""
        self._name.setText(name)
        self._bar.setAccessibleName(name)

    def set_progress(self, share: float, remaining: str = "") -> None:
        """`share` 0..1 of the work, `remaining` in words: "57 of 91 frames, 4 s left"."""
        self._bar.setValue(round(min(1.0, max(0.0, share)) * STEPS))
        self._rest.setText(remaining)

    def set_finished(self, result: str, icon_name: str = "check", role: str = "gr") -> None:
        """Replace the bar by the outcome: "Verified, 5.3 s"."""
        self._finished = True
        self._bar.hide()
        self._grid.removeWidget(self._bar)
        self._grid.setVerticalSpacing(0)
        self._grid.setRowStretch(0, 1)
        self._rest.setText(result)
        self._set_mark(icon_name, role)
        self._end.set_icon_name("more")
        self._end.set_tooltip("More")
        self._end.setAccessibleName(f"More for {self._name.text()}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline below."""
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme_of(self).color("line"))
        painter.end()

    def _set_mark(self, icon_name: str, role: str) -> None:
        theme = theme_of(self)
        self._mark.setPixmap(pixmap(icon_name, theme, role, theme.px(16), 3.0))

    def _lay_out(self) -> None:
        theme = theme_of(self)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(12), theme.px(6), theme.px(8), theme.px(6))
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(4))
        grid.addWidget(self._mark, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._name, 0, 1)
        grid.addWidget(self._rest, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._bar, 1, 1, 1, 2, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._end, 0, 3, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(1, 1)

    def _ended(self) -> None:
        (self.menu_requested if self._finished else self.cancel_requested).emit()
