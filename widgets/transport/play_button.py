"""The one larger button of the transport: edged, and showing what a press would do."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from widgets.controls import IconButton
from widgets.theme import theme_of

SIZE = QSize(36, 32)
COMPACT_SIZE = QSize(36, 28)


class PlayButton(IconButton):
    """Play, or pause while playing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._compact = False
        super().__init__("play", "Play", parent=parent)
        self.setProperty("kind", "framed")
        self.set_look(playing=False, compact=False)

    def set_look(self, *, playing: bool, compact: bool) -> None:
        """Takes the icon and the size."""
        if compact is not self._compact:
            self._compact = compact
            self._dress()
        self.set_icon_name("pause" if playing else "play", "t1")

    def _dress(self) -> None:
        super()._dress()
        theme = theme_of(self)
        size = COMPACT_SIZE if self._compact else SIZE
        self.setFixedSize(theme.px(size.width()), theme.px(size.height()))
