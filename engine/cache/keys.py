"""Names of cache entries: a hash of everything that decides their content."""

import hashlib
import json
from fractions import Fraction
from typing import Any

Part = Any
"""str, int, float, bool, None, Fraction, bytes, or a tuple or list of such."""


def key(*parts: Part) -> str:
    """BLAKE2b (32 bytes, as hex) of the parts' canonical JSON. Equal values of other types (1, 1.0, True) give other keys.

    Raises: TypeError for anything else (a set, an object), ValueError for NaN and infinities: they name nothing for sure.
    """
    text = json.dumps([_plain(part) for part in parts], separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(text.encode("ascii"), digest_size=32).hexdigest()


def _plain(part: Part) -> Any:
    if part is None or isinstance(part, bool | int | float | str):
        return part
    if isinstance(part, Fraction):
        return {"fraction": [part.numerator, part.denominator]}
    if isinstance(part, bytes):
        return {"bytes": part.hex()}
    if isinstance(part, tuple | list):
        return [_plain(item) for item in part]
    raise TypeError(f"{type(part).__name__} cannot be part of a cache key")
