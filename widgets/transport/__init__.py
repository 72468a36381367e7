"""The transport bar."""

from widgets.transport.transport import ACTIONS, Transport

__all__ = ["ACTIONS", "Transport"]
