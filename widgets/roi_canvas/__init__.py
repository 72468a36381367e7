"""Regions on the picture: a plain value and the overlay on which it is drawn and changed."""

from widgets.roi_canvas.canvas import Presentation, RoiCanvas
from widgets.roi_canvas.combine import Combine
from widgets.roi_canvas.editing import TOOLS, Tool
from widgets.roi_canvas.region import Point, Region, RegionKind
from widgets.roi_canvas.tool_rail import ToolRail

__all__ = ["TOOLS", "Combine", "Point", "Presentation", "Region", "RegionKind", "RoiCanvas", "Tool", "ToolRail"]
