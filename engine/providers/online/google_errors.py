"""What Google's services mean by an error status: google.rpc.Status in its spellings, for every service of that house.

Knows no network; which service it was is said by a `Service`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.providers.online.answers import camel_cased, duration_s, json_error, later, retry_time, rows, strings
from engine.providers.online.failures import FailureKind, ProviderFailure, redacted
from engine.providers.online.transport import Reply


@dataclass(frozen=True, slots=True)
class Service:
    """Which one: its id, and its name for people."""

    id: str
    name: str


GEMINI, VEO = Service("gemini", "Gemini"), Service("veo", "Veo")
_QUOTED = 240
_BACKOFF_S = 30.0
_NOTHING_OF_IT = re.compile(r"limit: ?0(?![.\d])")
_NO_MODEL = re.compile(
    r"\bmodels?\b.{0,120}\b(not found|does not exist|no longer (available|supported)|(been|was|is) (shut ?down|retired))",
    re.IGNORECASE | re.DOTALL,
)
"""What a 400 may say of a model that has ended."""
_RESETS_LATE = timezone(timedelta(hours=-8))
"""Pacific time without its summer: an hour late at worst, where the system has no time zones."""


def failure_of(
    reply: Reply, model: str, secrets: tuple[str, ...], now: datetime | None = None, who: Service = GEMINI
) -> ProviderFailure:
    """What an answer with an error status means."""
    error = camel_cased(json_error(reply))
    status, message = strings(error.get("status")), quoted(redacted(strings(error.get("message")), secrets))
    details = rows(error.get("details"))
    code = " ".join(filter(None, [str(reply.status), status]))
    reasons = {strings(detail.get("reason")) for detail in details}
    is_about_key = "API_KEY_INVALID" in reasons or "api key" in message.lower()
    if reply.status in {401, 403} or (reply.status == 400 and (is_about_key or status == "FAILED_PRECONDITION")):
        return _auth(status, message, is_about_key, code, who)
    if reply.status == 404 or (reply.status == 400 and _NO_MODEL.search(message)):
        return ProviderFailure(
            FailureKind.MODEL_GONE, who.id, f"{who.name} has no model “{model}” (any more).",
            "Choose another model for this provider.", raw_code=code,
        )
    if reply.status == 429:
        return _quota(details, message, reply, code, now or datetime.now(UTC), who)
    if reply.status in {408, 499} or reply.status >= 500:
        lost = not error and reply.status in {502, 504} and reply.is_to_post  # a gateway's word, not the service's own
        return ProviderFailure(
            FailureKind.TRANSIENT, who.id, f"{who.name} has trouble of its own just now ({code}).", "Try again in a moment.",
            retry_at=retry_time(reply.headers, ""), raw_code=code, may_have_billed=lost,
        )
    return ProviderFailure(
        FailureKind.INVALID, who.id, f"{who.name} did not take the request ({code}){': ' + message if message else ''}.",
        "Change the words or the parameters.", raw_code=code,
    )


def _auth(status: str, message: str, is_about_key: bool, code: str, who: Service) -> ProviderFailure:
    if status == "FAILED_PRECONDITION":
        text, hint = f"{who.name} does not serve this account: {message}.", "Its region or its billing does not allow it."
    elif is_about_key or code.startswith("401"):
        text, hint = f"{who.name} refused the key.", "Check the key: it may be mistyped, expired or blocked."
    else:
        text, hint = f"The key for {who.name} has no permission for this.", "Check the key and its project."
    return ProviderFailure(FailureKind.AUTH, who.id, text, hint, raw_code=code)


def _quota(
    details: list[dict[str, Any]], message: str, reply: Reply, code: str, now: datetime, who: Service
) -> ProviderFailure:
    if _NOTHING_OF_IT.search(message):
        return ProviderFailure(
            FailureKind.AUTH, who.id, f"The plan of this {who.name} key includes nothing of this model.",
            "Turn on billing for the key's project, or choose another model.", raw_code=code,
        )
    violations = [row for detail in details for row in rows(detail.get("violations"))]
    is_daily = any("PerDay" in strings(row.get(name)) for row in violations for name in ("quotaId", "quotaMetric"))
    at = _next_midnight(now) if is_daily else _told(details, reply, message, now)
    what = "for today" if is_daily else "for now"
    return ProviderFailure(
        FailureKind.QUOTA, who.id, f"{who.name} takes no more requests {what}.",
        "Run it again later, or use another provider.", retry_at=at, raw_code=code,
    )


def _told(details: list[dict[str, Any]], reply: Reply, message: str, now: datetime) -> datetime:
    for detail in details:
        wait = duration_s(detail.get("retryDelay"))
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


def quoted(text: str) -> str:
    """Somebody else's words, on one line and not too many."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _QUOTED else line[:_QUOTED].rstrip() + " …"
