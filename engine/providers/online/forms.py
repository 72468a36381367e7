"""A form with files as it leaves (multipart/form-data), read piece by piece: a long sound is never copied into memory for it.

Knows no service and no HTTP.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Data = bytes | memoryview
"""Bytes, or a view of bytes that lie elsewhere: in a file that is mapped into memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a form. It has no name of ours: `filename` is what the service sees."""

    name: str
    filename: str
    mime: str
    data: Data = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """`pieces` one after another are its body."""

    content_type: str
    pieces: tuple[Data, ...] = field(repr=False)

    def opened(self) -> "FormReader":
        """From the beginning, as often as it has to be sent."""
        return FormReader(self.pieces)


class FormReader:
    """Reads a form as from a file; its length is known before."""

    def __init__(self, pieces: Sequence[Data]) -> None:
        self._views = [memoryview(piece).cast("B") for piece in pieces]
        self._length = sum(map(len, self._views))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """For who asks whether this can be read in pieces."""
        while piece := self.read(1 << 16):
            yield piece

    def read(self, size: int) -> bytes:
        """At most `size` bytes, none at the end."""
        while self._views and not self._views[0]:
            self._views.pop(0)
        if not self._views:
            return b""
        piece, self._views[0] = bytes(self._views[0][:size]), self._views[0][size:]
        return piece


def form(fields: Mapping[str, str], parts: Sequence[Part]) -> Form:
    """Names and values are ours: none holds a quotation mark or a line break where that would matter."""
    boundary = secrets.token_hex(16)
    pieces: list[Data] = []
    for name, value in fields.items():
        pieces.append(_head(boundary, f'name="{name}"', "") + value.encode("utf-8") + b"\r\n")
    for part in parts:
        pieces += [_head(boundary, f'name="{part.name}"; filename="{part.filename}"', part.mime), part.data, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode("ascii"))
    return Form(f"multipart/form-data; boundary={boundary}", tuple(pieces))


def _head(boundary: str, what: str, mime: str) -> bytes:
    kind = f"Content-Type: {mime}\r\n" if mime else ""
    return f"--{boundary}\r\nContent-Disposition: form-data; {what}\r\n{kind}\r\n".encode("ascii")
