"""Handles on the picture for what a provider is told in numbers: a place to take from, four corners to lay something into."""

from widgets.picture_handles.handle import Grip
from widgets.picture_handles.handles import Look, PictureHandles, Spot

__all__ = ["Grip", "Look", "PictureHandles", "Spot"]
