"""Bits of a raw byte sequence payload, read from the most significant one. Must not know what they mean.

Fixed-length, Exp-Golomb and signed Exp-Golomb codes of ITU-T H.264, 7.2 and 9.1.
"""

from engine.bitstream.errors import BitstreamError

MAX_LEADING_ZEROS = 32
"""An Exp-Golomb code of a 32-bit value has at most 32 leading zeros; more is damage."""


class BitReader:
    """Reads `data` from its first bit; every read past the end raises BitstreamError."""

    __slots__ = ("_bits", "_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._bits = len(data) * 8
        self._position = 0

    @property
    def bits_left(self) -> int:
        """Bits not yet read."""
        return self._bits - self._position

    def u(self, count: int) -> int:
        """An unsigned number of `count` bits (0 to 64)."""
        end = self._position + count
        if end > self._bits:
            raise BitstreamError("A header ends before its last field.")
        last = (end + 7) // 8
        value = int.from_bytes(self._data[self._position // 8 : last], "big") >> (last * 8 - end)
        self._position = end
        return value & ((1 << count) - 1)

    def flag(self) -> bool:
        """One bit."""
        return self.u(1) == 1

    def ue(self, maximum: int = (1 << 32) - 2) -> int:
        """An unsigned Exp-Golomb code; BitstreamError above `maximum`."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > MAX_LEADING_ZEROS:
                raise BitstreamError("A header holds an Exp-Golomb code that is too long.")
        value = (1 << zeros) - 1 + self.u(zeros)
        if value > maximum:
            raise BitstreamError(f"A header holds {value} where at most {maximum} is allowed.")
        return value

    def se(self) -> int:
        """A signed Exp-Golomb code: 0, 1, -1, 2, -2 …"""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)
