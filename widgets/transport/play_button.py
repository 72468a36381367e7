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
        self.set_look(playing=False, compact=False)

    def set_look(self, *, playing: bool, compact: bool) -> None:
        """Takes the icon and the size."""
        self._compact = compact
        self.set_icon_name("pause" if playing else "play", "t1")

    def _dress(self) -> None:
        super()._dress()
        theme = theme_of(self)
        size = COMPACT_SIZE if self._compact else SIZE
        self.setFixedSize(theme.px(size.width()), theme.px(size.height()))
        style = (
            f"QToolButton {{ background: {theme.bg3}; border: 1px solid {theme.line2}; }}"
            f"QToolButton:hover {{ background: {theme.bg4}; }} QToolButton:pressed {{ background: {theme.bg1}; }}"
            f"QToolButton:disabled {{ background: transparent; border-color: {theme.line}; }}"
        )
        if self.styleSheet() != style:  # setting it is a change of style itself
            self.setStyleSheet(style)
