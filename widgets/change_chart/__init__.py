"""Change per frame of a patch, as a small chart."""

from widgets.change_chart.chart import ChangeChart
from widgets.change_chart.values import FrameChange

__all__ = ["ChangeChart", "FrameChange"]
