"""Cards of what was generated, or is being: python -m widgets.gallery."""

from widgets.gallery.gallery import Gallery
from widgets.gallery.values import Action, Card, Group, Look, Place, Section, View

__all__ = ["Action", "Card", "Gallery", "Group", "Look", "Place", "Section", "View"]
