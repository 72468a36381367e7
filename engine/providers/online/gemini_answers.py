"""What Gemini's answers mean: the picture among its parts, a refusal at one of two stages, an error in Google's form.

Shapes: google.rpc.Status and GenerateContentResponse of the Gemini API, v1beta. Knows no network and no pixels.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.providers.online.answers import count, json_error, later, picture_bytes, retry_time, rows, seconds_in, strings, table
from engine.providers.online.failures import FailureKind, ProviderFailure, redacted
from engine.providers.online.prices import charged_usd, estimate_usd
from engine.providers.online.transport import Reply

ID, NAME = "gemini", "Gemini"
_OUTPUT_SAFETY = frozenset({
    "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "PROHIBITED_CONTENT", "SAFETY", "BLOCKLIST", "SPII", "IMAGE_RECITATION",
    "RECITATION",
})
_OUR_FAULT = frozenset({"MAX_TOKENS", "LANGUAGE", "MALFORMED_FUNCTION_CALL"})
_GOOD = frozenset({"STOP", ""})
_QUOTED = 240
_BACKOFF_S = 30.0
_RESETS_LATE = timezone(timedelta(hours=-8))
"""Pacific time without its summer: an hour late at worst, where the system has no time zones."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A picture as it came, and what it cost. `reason` is the service's word where it did not end as usual."""

    raw: bytes = field(repr=False)
    model: str
    cost_usd: float
    tokens: int = 0
    request_id: str = ""
    kept: str = ""
    """The asset that holds it."""
    reason: str = ""


class NoPicture(ProviderFailure):
    """An answer without a picture that may have one when asked in firmer words."""


def answered(body: dict[str, Any], model: str, size: str) -> Answered:
    """The last picture that is no thought: those before it are drafts. Raises: ProviderFailure, NoPicture."""
    blocked = strings(table(body.get("promptFeedback")).get("blockReason"))
    candidates = rows(body.get("candidates"))
    request_id = strings(body.get("responseId"))
    if not candidates:
        raise _blocked(blocked, request_id) if blocked else _no_picture("without a candidate", "", body, model)
    first = candidates[0]
    reason, said = strings(first.get("finishReason")), strings(first.get("finishMessage"))
    parts = rows(table(first.get("content")).get("parts"))
    if reason in _OUTPUT_SAFETY:
        raise _refused(reason, said, request_id)
    pictures = [part for part in parts if _data(part)]
    final = [part for part in pictures if not part.get("thought")]
    if final:
        return _picture(final[-1], len(pictures), reason, body, model, size)
    if reason in _OUR_FAULT:
        text = f"{NAME} could not answer: {_quoted(said) or reason}."
        hint = "Say it in fewer or other words."
        raise ProviderFailure(FailureKind.INVALID, ID, text, hint, raw_code=reason, request_id=request_id)
    words = " ".join(strings(part.get("text")) for part in parts if not part.get("thought")).strip()
    raise _no_picture(f"in words: “{_quoted(words)}”" if words else "without a picture", reason, body, model, said)


def _data(part: dict[str, Any]) -> object:
    return table(part.get("inlineData") or part.get("inline_data")).get("data")


def _picture(
    part: dict[str, Any], pictures: int, reason: str, body: dict[str, Any], model: str, size: str
) -> Answered:
    cost = cost_of(table(body.get("usageMetadata")), pictures, model, size)
    try:
        raw, _ = picture_bytes(_data(part))
    except ValueError:
        raise ProviderFailure(
            FailureKind.PROVIDER_BUG, ID, f"The picture in {NAME}'s answer is damaged.", "Asking again costs again.",
            request_id=strings(body.get("responseId")), may_have_billed=True, cost_usd=cost,
        ) from None
    return Answered(
        raw, strings(body.get("modelVersion")) or model, cost, count(table(body.get("usageMetadata")).get("totalTokenCount")),
        strings(body.get("responseId"))[:100], reason="" if reason in _GOOD else reason,
    )


def cost_of(usage: dict[str, Any], pictures: int, model: str, size: str) -> float:
    """USD, 0 where no price is known. Every picture has its price, drafts too; the rest of the total is text and thinking.

    (The counts by kind that an answer gives do not add up to its total, and the total is what is billed.)
    """
    prompt, total = count(usage.get("promptTokenCount")), count(usage.get("totalTokenCount"))
    image = (estimate_usd(ID, model, images=pictures, variant=size).usd if pictures else 0.0) or 0.0
    per_million = charged_usd(ID, model, {"image_output": 1_000_000}).usd
    rest = max(0, total - prompt - round(image / per_million * 1e6)) if per_million else 0
    words = charged_usd(ID, model, {"text_input": prompt, "text_output": rest}).usd or 0.0
    return round(image + words, 6)


def _no_picture(what: str, reason: str, body: dict[str, Any], model: str, said: str = "") -> NoPicture:
    more = f" ({_quoted(said)})" if said else ""
    return NoPicture(
        FailureKind.PROVIDER_BUG, ID, f"{NAME} answered {what}{more}.", "Say it in other words, or use another provider.",
        raw_code=reason, request_id=strings(body.get("responseId")),
        cost_usd=cost_of(table(body.get("usageMetadata")), 0, model, "") if body.get("usageMetadata") else 0.0,
    )


def _blocked(reason: str, request_id: str) -> ProviderFailure:
    return ProviderFailure(
        FailureKind.SAFETY, ID, f"{NAME} did not take the request: its policy stopped the words or the picture ({reason}).",
        "It is not charged. Change the words or the region.", raw_code=reason, request_id=request_id,
    )


def _refused(reason: str, said: str, request_id: str) -> ProviderFailure:
    more = f": {_quoted(said)}" if said else ""
    return ProviderFailure(
        FailureKind.SAFETY, ID, f"{NAME} made a picture and withheld it by its policy ({reason}){more}.",
        "The picture is said not to be charged. Change the words or the region.", raw_code=reason, request_id=request_id,
    )


def failure_of(reply: Reply, model: str, secrets: tuple[str, ...], now: datetime | None = None) -> ProviderFailure:
    """What an answer with an error status means."""
    error = json_error(reply)
    status, message = strings(error.get("status")), _quoted(redacted(strings(error.get("message")), secrets))
    details = rows(error.get("details"))
    code = " ".join(filter(None, [str(reply.status), status]))
    reasons = {strings(detail.get("reason")) for detail in details}
    is_about_key = "API_KEY_INVALID" in reasons or "api key" in message.lower()
    if reply.status in {401, 403} or (reply.status == 400 and (is_about_key or status == "FAILED_PRECONDITION")):
        return _auth(status, message, is_about_key, code)
    if reply.status == 404:
        return ProviderFailure(
            FailureKind.MODEL_GONE, ID, f"{NAME} has no model “{model}” (any more).",
            "Choose another model for this provider.", raw_code=code,
        )
    if reply.status == 429:
        return _quota(details, message, reply, code, now or datetime.now(UTC))
    if reply.status in {408, 499} or reply.status >= 500:
        lost = not error and reply.status in {502, 504} and reply.is_to_post  # a gateway's word, not the service's own
        return ProviderFailure(
            FailureKind.TRANSIENT, ID, f"{NAME} has trouble of its own just now ({code}).", "Try again in a moment.",
            retry_at=retry_time(reply.headers, ""), raw_code=code, may_have_billed=lost,
        )
    return ProviderFailure(
        FailureKind.INVALID, ID, f"{NAME} did not take the request ({code}){': ' + message if message else ''}.",
        "Change the words or the parameters.", raw_code=code,
    )


def _auth(status: str, message: str, is_about_key: bool, code: str) -> ProviderFailure:
    if status == "FAILED_PRECONDITION":
        text, hint = f"{NAME} does not serve this account: {message}.", "Its region or its billing does not allow it."
    elif is_about_key or code.startswith("401"):
        text, hint = f"{NAME} refused the key.", "Check the key: it may be mistyped, expired or blocked."
    else:
        text, hint = f"The key for {NAME} has no permission for this.", "Check the key and its project."
    return ProviderFailure(FailureKind.AUTH, ID, text, hint, raw_code=code)


def _quota(details: list[dict[str, Any]], message: str, reply: Reply, code: str, now: datetime) -> ProviderFailure:
    if "limit: 0" in message:
        return ProviderFailure(
            FailureKind.AUTH, ID, f"The plan of this {NAME} key includes nothing of this model.",
            "Turn on billing for the key's project, or choose another model.", raw_code=code,
        )
    violations = [row for detail in details for row in rows(detail.get("violations"))]
    is_daily = any("PerDay" in strings(row.get("quotaId")) for row in violations)
    at = _next_midnight(now) if is_daily else _told(details, reply, message, now)
    what = "for today" if is_daily else "for now"
    return ProviderFailure(
        FailureKind.QUOTA, ID, f"{NAME} takes no more requests {what}.", "It goes on by itself later, or use another provider.",
        retry_at=at, raw_code=code,
    )


def _told(details: list[dict[str, Any]], reply: Reply, message: str, now: datetime) -> datetime:
    for detail in details:
        wait = seconds_in(strings(detail.get("retryDelay")))
        if wait is not None:
            return later(wait, now)
    return retry_time(reply.headers, message, now) or later(_BACKOFF_S, now)


def _next_midnight(now: datetime) -> datetime:
    zone: tzinfo
    try:
        zone = ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        zone = _RESETS_LATE
    there = now.astimezone(zone)
    return (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _quoted(text: str) -> str:
    """Somebody else's words, on one line and not too many."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _QUOTED else line[:_QUOTED].rstrip() + " …"
