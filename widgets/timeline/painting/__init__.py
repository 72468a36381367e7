"""Draws the timeline, part by part, from its state. Asks nothing of the editor but thumbnails and peaks."""

from widgets.timeline.painting.row_pictures import RowPictures
from widgets.timeline.painting.scene import paint_timeline

__all__ = ["RowPictures", "paint_timeline"]
