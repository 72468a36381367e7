"""The layer stack by itself: `python -m widgets.layer_stack`."""

import sys

from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.layer_stack import LayerRow, LayerStack

ROWS = (
    LayerRow("p", "motion patch", "Motion patch", "Remove boulders", version=3, versions=("Blur", "Inpaint", "Gemini")),
    LayerRow("c", "captions", "Captions", "English, 14 cues"),
    LayerRow("o", "overlay", "Overlay", "logo.png, 80 %", version=2, versions=("", ""), movable=True),
    LayerRow("s", "subject", "Subject", "meadow_take3.mp4", locked=True),
    LayerRow("b", "background", "Background", "Sequence picture", locked=True, visible=False),
)


def make() -> QWidget:
    """The five layers of the design's pictures."""
    stack = LayerStack()
    stack.set_rows(ROWS)
    stack.set_selected("p")
    return stack


if __name__ == "__main__":
    sys.exit(show(make, (288, 184)))
