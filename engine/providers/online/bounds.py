"""How long a service is waited for and how much it is sent at most, by the table of services."""

from engine.providers.online.table import provider_facts
from engine.providers.online.transport import Patience

_ANSWER_S, _REQUEST_BYTES = 360.0, 20_971_520
"""Where the table says nothing."""
_TO_SEND = 1.5
"""The request has to get there as well: everything together may take this many times as long as the answer."""
_BASE64 = 0.7
"""Of a request's bytes are at most this share a picture's: the rest is base64 and words."""


def patience_of(provider: str) -> Patience:
    """For an answer that is worked for."""
    answer_s = provider_facts(provider).limit("answer_seconds") or _ANSWER_S
    return Patience(read_s=answer_s, total_s=_TO_SEND * answer_s)


def pictures_max_bytes(provider: str) -> int:
    """Of all pictures of a request together, before base64."""
    return int((provider_facts(provider).limit("request_bytes") or _REQUEST_BYTES) * _BASE64)
