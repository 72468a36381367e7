"""The viewer: the picture on its stage, with modes, zoom and room for overlays."""

from widgets.viewer.pictures import HEATMAP, MODES, ORIGINAL, OUTPUTS, RESULT, SPLIT, Naming
from widgets.viewer.viewer import PictureOverlay, Viewer

__all__ = ["HEATMAP", "MODES", "ORIGINAL", "OUTPUTS", "RESULT", "SPLIT", "Naming", "PictureOverlay", "Viewer"]
