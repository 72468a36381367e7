"""Makes what takes a moment to make before anybody asks for it: one part in each turn of the window's events, while it rests.

Nothing depends on it: what is asked for earlier is made then.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Slot

REST_MS, STEP_MS = 1_500, 40


class WarmUp(QObject):
    """`start` it once the window is shown. A part is any call that takes less than a glance."""

    def __init__(self, parts: Sequence[Callable[[], object]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts = list(parts)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._make_next)

    @property
    def is_done(self) -> bool:
        return not self._parts

    def start(self) -> None:
        self._timer.start(REST_MS)

    def stop(self) -> None:
        """The window closes."""
        self._timer.stop()
        self._parts.clear()

    @Slot()
    def _make_next(self) -> None:
        if self._parts:
            self._parts.pop(0)()
            self._timer.start(STEP_MS)
