"""How a request shows Kling that it may: a token signed with the secret key, or a plain API key, both as a bearer.

The token is a JSON Web Token (HS256) with nothing in it but who, until when and from when; the secret key itself never leaves.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from engine.vault import Keys

LASTS_S = 1800
_BEFORE_S = 5
"""A token is valid from a little earlier on, for clocks that differ."""
_RENEW_S = 60


def token(access_key: str, secret_key: str, now_s: int) -> str:
    """Header, payload and signature, each in base64url without padding."""
    head = _packed({"alg": "HS256", "typ": "JWT"})
    load = _packed({"iss": access_key, "exp": now_s + LASTS_S, "nbf": now_s - _BEFORE_S})
    signature = hmac.new(secret_key.encode(), f"{head}.{load}".encode(), hashlib.sha256).digest()
    return f"{head}.{load}.{_url64(signature)}"


def _packed(value: Mapping[str, object]) -> str:
    return _url64(json.dumps(value, separators=(",", ":")).encode())


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class Bearer:
    """The header of a request. Thread-safe. A plain key serves the newer interface, access and secret key the older; where
    only the other kind is there, that is tried: which kinds each interface takes is not certain.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self._lock = now, threading.Lock()
        self._offset_s = 0.0
        self._made: tuple[bytes, str] = (b"", "")
        self._until_s = 0.0

    def header(self, keys: Keys, *, is_second: bool) -> dict[str, str]:
        is_plain = "key" in keys and (is_second or "secret_key" not in keys)
        return {"Authorization": f"Bearer {keys['key'] if is_plain else self._token(keys)}"}

    def _token(self, keys: Keys) -> str:
        access, secret = keys["access_key"], keys["secret_key"]
        of_keys = hashlib.sha256(f"{access} {secret}".encode()).digest()
        with self._lock:
            now = self._now() + self._offset_s
            if self._made[0] != of_keys or now > self._until_s:
                self._made = of_keys, token(access, secret, int(now))
                self._until_s = now + LASTS_S - _RENEW_S
            return self._made[1]

    def corrected(self, date: str) -> None:
        """The service says that a token is not valid now; `date` is its own clock, by which the next one is made."""
        with self._lock:
            self._made, self._until_s = (b"", ""), 0.0
            try:
                self._offset_s = parsedate_to_datetime(date).timestamp() - self._now()
            except ValueError:
                self._offset_s = 0.0
