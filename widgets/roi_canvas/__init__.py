"""Regions on the picture: a plain value and the overlay on which it is drawn and changed."""

from widgets.roi_canvas.canvas import Presentation, RoiCanvas
from widgets.roi_canvas.editing import ALL, TOOLS, Combine, Tool
from widgets.roi_canvas.region import Other, Point, Region, RegionKind, Shape
from widgets.roi_canvas.tool_rail import ToolRail

__all__ = [
    "ALL", "TOOLS", "Combine", "Other", "Point", "Presentation", "Region", "RegionKind", "RoiCanvas", "Shape", "Tool", "ToolRail",
]  # fmt: skip
