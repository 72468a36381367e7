"""Reads an answer of a service: whole, up to a bound; or piece by piece into somebody's hands, where it is too large for memory.

Knows no service; who asked and what a failure is called is `transport.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import requests
from urllib3.exceptions import HTTPError

ERROR_MAX_BYTES = 256 << 10
"""An error is read this far; a longer one is a page, not an error."""
_CHUNK = 64 << 10


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of whatever status; header names are in small letters. `body` is whole (of an error: its beginning)."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    is_to_post: bool

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


class Taker(Protocol):
    """Takes a body piece by piece, in the request's thread. What it raises ends the request."""

    def begin(self, head: Reply) -> None: ...

    def take(self, piece: bytes) -> None: ...


Read = Callable[[requests.Response, str], Reply]
"""Reads an answer; the second is the method of the first request."""


def read_whole(
    response: requests.Response, max_bytes: int, method: str, too_much: Callable[[], Exception]
) -> Reply:
    """An answer as a value. Raises: what `too_much` makes, for a good answer without end; what `requests` raises."""
    is_ok = response.status_code < 400
    limit = max_bytes if is_ok else ERROR_MAX_BYTES
    body = bytearray()
    try:
        for piece in response.iter_content(_CHUNK):
            body += piece
            if len(body) > limit:
                break
    except (requests.RequestException, HTTPError):
        if is_ok:
            raise  # of an error the beginning is enough
    response.close()
    if is_ok and len(body) > limit:
        raise too_much()
    return Reply(response.status_code, _names_small(response.headers), bytes(body[:limit]), method == "POST")


def in_pieces(taker: Taker) -> Read:
    """A good answer goes to `taker`; every other one is read."""

    def read(response: requests.Response, method: str) -> Reply:
        if response.status_code not in {200, 206}:
            return read_whole(response, ERROR_MAX_BYTES, method, lambda: requests.RequestException("an answer without end"))
        reply = Reply(response.status_code, _names_small(response.headers), b"", is_to_post=False)
        with response:
            taker.begin(reply)
            # As much as is there: what `iter_content` gathers for a whole piece is lost where the connection breaks.
            while piece := response.raw.read1(_CHUNK, decode_content=True):
                taker.take(piece)
        return reply

    return read


def _names_small(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
