"""PyAV's generic packet, which has type parameters in its stubs only."""

from typing import TYPE_CHECKING, Any

from av.packet import Packet

if TYPE_CHECKING:
    AnyPacket = Packet[Any]
else:
    AnyPacket = Packet
