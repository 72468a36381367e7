"""Regions on the picture: a plain value and the overlay on which it is drawn and changed."""

from widgets.roi_canvas.canvas import Presentation, RoiCanvas
from widgets.roi_canvas.editing import TOOLS, Tool
from widgets.roi_canvas.region import Point, Region, RegionKind

__all__ = ["TOOLS", "Point", "Presentation", "Region", "RegionKind", "RoiCanvas", "Tool"]
