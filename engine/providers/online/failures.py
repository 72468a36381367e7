"""How a call to a service can fail, as one value that says what may be done next; and how secrets are kept out of its words.

Knows no service and no network: an adapter reads its service's errors and says which kind each is.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from engine.errors import Cancelled, ProviderError

HIDDEN = "•••"
_PIECE = 8
"""Pieces of a secret this long are hidden as well: a service may quote a part of the key that it refuses."""
_STARRED = re.compile(r"[\w.-]*\*{3,}[\w.*-]*")
_LOOKS_LIKE_KEY = re.compile(r"\b(?:AIza[\w-]{10,}|sk[-_][\w-]{10,}|eyJ[\w-]{10,}(?:\.[\w-]+)*)")


class FailureKind(Enum):
    """What kind of failure it is decides who does something about it: the user, time, another service, or nobody."""

    AUTH = "auth"
    """Key missing, refused or without permission; an account that cannot pay. Never repeated."""
    QUOTA = "quota"
    """Too many requests; `retry_at` says when it may go on, where that is known."""
    SAFETY = "safety"
    """Refused for what the words or the picture show. The same input is never sent again."""
    INVALID = "invalid"
    """A request that the service does not take."""
    MODEL_GONE = "model gone"
    """The model's id is not (any more) one that the service has."""
    TRANSIENT = "transient"
    """Trouble on their side or on the way, with an answer that says so."""
    PROVIDER_BUG = "provider bug"
    """An answer that keeps no promise: done without a result, words instead of a picture, a picture that cannot be read."""
    OUTCOME_UNKNOWN = "outcome unknown"
    """The request may have been carried out, and its answer was lost. Never repeated by itself."""
    OFFLINE = "offline"
    """The service was not reached; nothing was sent."""


class ProviderFailure(ProviderError):  # noqa: N818 - a failure has a kind, an error has none
    """A call that brought no result. `text` is one sentence without any secret, `hint` what to do."""

    code = "PR-4100"

    def __init__(
        self, kind: FailureKind, provider: str, text: str, hint: str = "", *, retry_at: datetime | None = None,
        raw_code: str = "", request_id: str = "", may_have_billed: bool = False, cost_usd: float = 0.0, asks_user: bool = False,
        tokens: int = 0,
    ) -> None:
        super().__init__(text, hint)
        self.kind, self.provider = kind, provider
        self.retry_at = retry_at
        """When it may be sent again, with a time zone; None where nobody said."""
        self.raw_code, self.request_id = raw_code, request_id
        """The service's own words for the fault and for the request, to be quoted to its support."""
        self.may_have_billed = may_have_billed
        """False only where the answer (or its being unsent) proves that the request was not carried out."""
        self.cost_usd = cost_usd
        """What the service says, or its prices say, this failure has cost."""
        self.asks_user = asks_user
        """A quota that no time brings back: only the user can, who has to pay."""
        self.tokens = tokens
        """What a refusal or an empty answer says that it has used."""

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (
            self.kind, self.provider, self.text, self.hint, self.retry_at, self.raw_code, self.request_id, self.may_have_billed,
            self.cost_usd, self.asks_user, self.tokens,
        )

    @property
    def is_repeatable(self) -> bool:
        """Whether the same request may be sent again without asking anybody."""
        is_passing = self.kind in {FailureKind.QUOTA, FailureKind.TRANSIENT, FailureKind.OFFLINE}
        return is_passing and not (self.may_have_billed or self.asks_user)


class CancelledInFlight(Cancelled):
    """Cancelled after the request had left: the service may carry it out and bill it."""


def _rebuilt(
    kind: FailureKind, provider: str, text: str, hint: str, retry_at: datetime | None, raw_code: str, request_id: str,
    may_have_billed: bool, cost_usd: float, asks_user: bool, tokens: int,
) -> ProviderFailure:
    return ProviderFailure(
        kind, provider, text, hint, retry_at=retry_at, raw_code=raw_code, request_id=request_id, may_have_billed=may_have_billed,
        cost_usd=cost_usd, asks_user=asks_user, tokens=tokens,
    )


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the secrets, without longer pieces of them, and without what looks like somebody's key."""
    for secret in secrets:
        text = _without(text, secret)
    return _LOOKS_LIKE_KEY.sub(HIDDEN, _STARRED.sub(HIDDEN, text))


def _without(text: str, secret: str) -> str:
    size = min(_PIECE, len(secret))
    if not size:
        return text
    hidden = [False] * len(text)
    for piece in {secret[at : at + size] for at in range(len(secret) - size + 1)}:
        start = text.find(piece)
        while start >= 0:
            hidden[start : start + size] = [True] * size
            start = text.find(piece, start + 1)
    kept = "".join("\0" if is_hidden else character for character, is_hidden in zip(text, hidden, strict=True))
    return re.sub("\0+", HIDDEN, kept)
