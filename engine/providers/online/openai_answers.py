"""What the answers of OpenAI's image edits mean: a picture in base64 with its usage, or an error in one of two tongues.

Shapes: ImagesResponse and the error object of the OpenAI API, v1. Knows no network and no pixels.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.providers.online.answers import count, json_error, later, picture_bytes, retry_time, rows, strings, table
from engine.providers.online.failures import FailureKind, ProviderFailure, redacted
from engine.providers.online.prices import charged_usd, settled_usd
from engine.providers.online.transport import Reply

ID, NAME = "openai", "OpenAI"
_REFUSALS = frozenset({"moderation_blocked", "content_policy_violation"})
_REFUSED_USER = "image_generation_user_error"
"""The kind of a refusal, also where no code stands beside it."""
_UNPAID = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_QUOTED = 240
_BACKOFF_S = 30.0


@dataclass(frozen=True, slots=True)
class Answered:
    """A picture as it came, and what it cost."""

    raw: bytes = field(repr=False)
    cost_usd: float
    tokens: int = 0
    request_id: str = ""
    kept: str = ""
    """The asset that holds it."""
    is_priced: bool = True
    """False where neither the answer nor the table says what it has cost."""


def answered(body: dict[str, Any], reply: Reply, model: str, estimate_usd: float | None) -> Answered:
    """Raises: ProviderFailure."""
    known = cost_of(table(body.get("usage")), model, estimate_usd)
    cost = known or 0.0
    made = rows(body.get("data"))
    encoded = made[0].get("b64_json") if made else None
    if not encoded:
        raise ProviderFailure(
            FailureKind.PROVIDER_BUG, ID, f"{NAME} answered without a picture.", "Use other words or another provider.",
            request_id=_request_id(reply), cost_usd=cost, may_have_billed=True,
        )
    try:
        raw, _ = picture_bytes(encoded)
    except ValueError:
        raise ProviderFailure(
            FailureKind.PROVIDER_BUG, ID, f"The picture in {NAME}'s answer is damaged.", "Asking again costs again.",
            request_id=_request_id(reply), cost_usd=cost, may_have_billed=True,
        ) from None
    tokens = count(table(body.get("usage")).get("total_tokens"))
    return Answered(raw, cost, tokens, _request_id(reply), is_priced=known is not None)


def cost_of(usage: dict[str, Any], model: str, estimate_usd: float | None) -> float | None:
    """USD by the tokens that the answer names; the estimate where it names none or a price is missing; None without either."""
    details = table(usage.get("input_tokens_details"))
    image_in, text_in = count(details.get("image_tokens")), count(details.get("text_tokens"))
    text_in = text_in if image_in or text_in else count(usage.get("input_tokens"))
    tokens = {"text_input": text_in, "image_input": image_in, "image_output": count(usage.get("output_tokens"))}
    charged = charged_usd(ID, model, tokens).usd if any(tokens.values()) else None
    usd = charged if charged is not None else estimate_usd
    return None if usd is None else settled_usd(usd)


def failure_of(reply: Reply, model: str, secrets: tuple[str, ...], now: datetime | None = None) -> ProviderFailure:
    """What an answer with an error status means."""
    error = json_error(reply)
    name, kind = strings(error.get("code")), strings(error.get("type"))
    message = _quoted(redacted(strings(error.get("message")), secrets))
    code = " ".join(filter(None, [str(reply.status), name or kind]))
    if name in _UNPAID or kind in _UNPAID:
        return _failure(
            FailureKind.AUTH, f"The {NAME} account has nothing left to pay with.", "Check its plan and its billing.", code, reply
        )
    if name in _REFUSALS or (kind == _REFUSED_USER and not name):
        return _refused(error, code, reply)
    if reply.status in {401, 403}:
        return _auth(reply, message, code)
    is_about_model = reply.status == 400 and strings(error.get("param")) == "model"
    if reply.status == 404 or name == "model_not_found" or is_about_model:
        text = f"{NAME} has no model “{model}” (any more)."
        return _failure(FailureKind.MODEL_GONE, text, "Choose another model for this provider.", code, reply)
    if reply.status == 429:
        at = retry_time(reply.headers, message, now) or later(_BACKOFF_S, now)
        hint = "Run it again later, or use another provider."
        return _failure(FailureKind.QUOTA, f"{NAME} takes no more requests for now.", hint, code, reply, retry_at=at)
    if reply.status in {408, 409} or reply.status >= 500:
        lost = not error and reply.status in {502, 504} and reply.is_to_post  # a gateway's word, not the service's own
        return _failure(
            FailureKind.TRANSIENT, f"{NAME} has trouble of its own just now ({code}).", "Try again in a moment.", code, reply,
            retry_at=retry_time(reply.headers, "", now), may_have_billed=lost,
        )
    text = f"{NAME} did not take the request ({code}){': ' + message if message else ''}."
    return _failure(FailureKind.INVALID, text, "Change the words or the parameters.", code, reply)


def _auth(reply: Reply, message: str, code: str) -> ProviderFailure:
    if reply.status == 403:
        text = f"{NAME} does not allow this to the account{': ' + message if message else ''}."
        hint = "The organisation may have to be verified for this model."
    else:
        text, hint = f"{NAME} refused the key.", "Check the key: it may be mistyped, expired or blocked."
    return _failure(FailureKind.AUTH, text, hint, code, reply)


def _refused(error: dict[str, Any], code: str, reply: Reply) -> ProviderFailure:
    stage = strings(table(error.get("moderation_details")).get("moderation_stage"))
    what = "made a picture and withheld it by its policy" if stage == "output" else (
        "did not take the request: its policy stopped the words or the picture"
    )
    hint = "Refusals are said not to be charged. Change the words or the region."
    return _failure(FailureKind.SAFETY, f"{NAME} {what}.", hint, code, reply)


def _failure(
    kind: FailureKind, text: str, hint: str, code: str, reply: Reply, *, retry_at: datetime | None = None,
    may_have_billed: bool = False,
) -> ProviderFailure:
    return ProviderFailure(
        kind, ID, text, hint, retry_at=retry_at, raw_code=code, request_id=_request_id(reply), may_have_billed=may_have_billed
    )


def _request_id(reply: Reply) -> str:
    return reply.headers.get("x-request-id", "")[:100]


def _quoted(text: str) -> str:
    """Somebody else's words, on one line and not too many."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _QUOTED else line[:_QUOTED].rstrip() + " …"
