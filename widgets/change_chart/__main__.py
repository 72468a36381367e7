"""The chart by itself with the numbers of the design's picture: `python -m widgets.change_chart`."""

import math
import sys

from PySide6.QtWidgets import QWidget

from widgets.change_chart import ChangeChart, FrameChange
from widgets.demo import show


def change(frame: int) -> FrameChange:
    """Calm, but for the start and a fast moment near the end."""
    flicker = 0.9 + 0.3 * math.sin(frame / 5)
    if frame <= 40:
        flicker += 1.4 * abs(math.sin(frame * 1.7))
    flicker += 3.5 * math.exp(-((frame - 106) ** 2) / 4)
    area = 0.051 if frame < 42 or 103 < frame < 112 else 0.054
    if frame <= 39 or frame == 106:
        return FrameChange(frame, area, flicker, "red")
    return FrameChange(frame, area, flicker, "amber" if frame in {40, 105, 107, 108} else "green")


def make() -> QWidget:
    """91 frames round the anchor 70."""
    chart = ChangeChart()
    chart.set_changes([change(frame) for frame in range(30, 121)], anchors=(70,))
    chart.set_current(70)
    return chart


if __name__ == "__main__":
    sys.exit(show(make, (1280, 112)))
