"""How long a service is waited for and how much it is sent at most, by the table of services."""

from engine.providers.online.table import provider_facts
from engine.providers.online.transport import Patience

_ANSWER_S, _REQUEST_BYTES = 360.0, 20_971_520
"""Where the table says nothing."""
_BASE64 = 0.7
"""Of a request's bytes are at most this share a picture's: the rest is base64 and words."""


def patience_of(provider: str, to_send_s: float = 0.0) -> Patience:
    """For an answer. Where that comes at once, most of the time may be needed to send what it is about: so many seconds more."""
    answer_s = provider_facts(provider).limit("answer_seconds") or _ANSWER_S
    return Patience(read_s=answer_s, total_s=answer_s + to_send_s)


def pictures_max_bytes(provider: str) -> int:
    """Of all pictures of a request together, before base64."""
    return int((provider_facts(provider).limit("request_bytes") or _REQUEST_BYTES) * _BASE64)
