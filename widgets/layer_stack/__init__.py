"""The layer stack: rows in, wishes out."""

from widgets.layer_stack.stack import LayerStack
from widgets.layer_stack.values import LayerRow

__all__ = ["LayerRow", "LayerStack"]
