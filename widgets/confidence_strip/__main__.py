"""The strip by itself: `python -m widgets.confidence_strip`."""

import sys

from PySide6.QtWidgets import QWidget

from widgets.confidence_strip import ConfidenceBar, ConfidenceStrip, Level
from widgets.demo import show


def level(frame: int) -> Level:
    """The levels of the patch in the pictures of the design."""
    if frame <= 39 or frame == 106:
        return "red"
    return "amber" if frame in {40, 105, 107, 108} else "green"


def make() -> QWidget:
    """91 frames, 11 of them doubtful at the start."""
    strip = ConfidenceStrip()
    strip.set_bars([ConfidenceBar(frame, level(frame), 0.2 if frame == 33 else 0.5) for frame in range(30, 121)])
    return strip


if __name__ == "__main__":
    sys.exit(show(make, (600, 24)))
