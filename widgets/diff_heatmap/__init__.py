"""The legend of the heatmap and the dark name plates that lie on the picture."""

from widgets.diff_heatmap.legend import HeatLegend, HeatStop
from widgets.diff_heatmap.tag import Tag

__all__ = ["HeatLegend", "HeatStop", "Tag"]
