"""The layer stack: rows in, wishes out."""

from widgets.layer_stack.stack import LayerStack
from widgets.layer_stack.values import LayerRow, is_sound

__all__ = ["LayerRow", "LayerStack", "is_sound"]
