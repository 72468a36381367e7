"""What the answers of ElevenLabs' speech to text mean: words with times and speakers, or an error in one of three tongues.

Shapes: SpeechToTextChunkResponseModel, MultichannelSpeechToTextResponseModel and the `detail` of errors. Knows no network.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from engine.captions.transcript import Transcript, Word
from engine.providers.online.answers import later, retry_time, rows, strings, table
from engine.providers.online.failures import FailureKind, ProviderFailure, redacted
from engine.providers.online.prices import estimate_usd, settled_usd
from engine.providers.online.transport import Reply

ID, NAME = "elevenlabs", "ElevenLabs"
_UNPAID = frozenset({"quota_exceeded", "payment_issue", "payment_required", "insufficient_credits"})
_MODEL_GONE = frozenset({"model_not_found", "invalid_model_id", "invalid_model", "unsupported_model"})
_AT_ONCE = frozenset({"concurrent_limit_exceeded", "too_many_concurrent_requests"})
_BUSY = frozenset({"system_busy"})
_QUOTED = 240
_BACKOFF_S, _AT_ONCE_S = 30.0, 10.0
_GRAIN = 1_000_000
"""Times are read to the microsecond: they come as decimal fractions of a second."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came, and what it cost; `kept` is its asset."""

    raw: bytes = field(repr=False)
    cost_usd: float
    seconds: float
    """Of sound heard, as the service says."""
    tokens: int = 0
    request_id: str = ""
    kept: str = ""


def answered(body: dict[str, Any], reply: Reply, model: str, seconds: float) -> Answered:
    """`seconds` of sound were sent. Raises: ProviderFailure: there are no words in it, not even none."""
    heard = _heard(body, seconds)
    cost = settled_usd(estimate_usd(ID, model, sound_seconds=heard).usd or 0.0)
    if _channels(body) is None:
        raise ProviderFailure(
            FailureKind.PROVIDER_BUG, ID, f"{NAME} answered without a transcript.", "Asking again costs again.",
            request_id=_request_id(reply), may_have_billed=True,
        )
    return Answered(reply.body, cost, heard, request_id=_request_id(reply))


def _heard(body: dict[str, Any], seconds: float) -> float:
    parts = [body, *rows(body.get("transcripts"))]
    told = [_time(part.get("audio_duration_secs")) for part in parts]
    return float(max((time for time in told if time is not None and time > 0), default=Fraction(seconds)))


def transcript(raw: bytes) -> Transcript:
    """The words of an answer, several channels as one. Raises: ProviderFailure: it cannot be read."""
    try:
        body = table(json.loads(raw))
    except (ValueError, RecursionError):
        body = {}
    channels = _channels(body)
    if channels is None:
        raise ProviderFailure(
            FailureKind.PROVIDER_BUG, ID, f"What {NAME} sent cannot be read as a transcript.", "It is kept; try another provider."
        )
    words = [word for channel in channels for word in _words(rows(channel.get("words")))]
    language = next((strings(channel.get("language_code")) for channel in channels if channel.get("language_code")), "")
    duration = max((_time(channel.get("audio_duration_secs")) or Fraction(0) for channel in channels), default=Fraction(0))
    return Transcript(tuple(sorted(words, key=lambda word: (word.start, word.end))), language[:10], duration)


def _channels(body: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The parts that hold words: the answer itself, or one for each channel."""
    if isinstance(body.get("words"), list) or (body.get("words") is None and body.get("text") == ""):
        return [body]  # an empty text has no words
    several = rows(body.get("transcripts"))
    return several if several and all(isinstance(part.get("words"), list) for part in several) else None


def _words(found: list[dict[str, Any]]) -> list[Word]:
    """`spacing` is no word; a word without times has those of its neighbours, so that none is lost."""
    words: list[Word] = []
    has_space, last_end = True, Fraction(0)
    for place, item in enumerate(found):
        text = strings(item.get("text"))
        if item.get("type") == "spacing" or not text.strip():
            has_space = has_space or bool(text)
            continue
        start, end = _time(item.get("start")), _time(item.get("end"))
        start = last_end if start is None else start
        end = (_next_start(found, place) or start) if end is None else end
        end = max(start, end)
        is_event = item.get("type") == "audio_event"
        words.append(Word(text.strip(), start, end, strings(item.get("speaker_id")), has_space or is_event, is_event))
        has_space, last_end = False, end
    return words


def _next_start(found: list[dict[str, Any]], place: int) -> Fraction | None:
    return next((time for item in found[place + 1 :] if (time := _time(item.get("start"))) is not None), None)


def _time(value: object) -> Fraction | None:
    """Seconds of a field that may be missing, null or nonsense."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        return None
    return Fraction(round(value * _GRAIN), _GRAIN)


def failure_of(reply: Reply, model: str, secrets: tuple[str, ...], now: datetime | None = None) -> ProviderFailure:
    """What an answer with an error status means."""
    code, message, is_own = _error(reply)
    message = _quoted(redacted(message, secrets))
    raw = " ".join(filter(None, [str(reply.status), code]))
    says = f": {message}" if message else ""
    if code in _UNPAID or reply.status == 402:
        return _failure(
            FailureKind.QUOTA, f"The {NAME} account has no credit left for this sound{says}.",
            "Add credit there, or make captions by hand.", raw, reply, asks_user=True,
        )
    if reply.status in {401, 403}:
        return _auth(reply, code, says, raw)
    if code in _MODEL_GONE or (reply.status == 404 and code):  # without a code it is the address that is wrong
        text = f"{NAME} has no model “{model}” (any more)."
        return _failure(FailureKind.MODEL_GONE, text, "Choose another model for this provider.", raw, reply)
    if reply.status == 429 and code not in _BUSY:
        return _too_many(reply, code, message, raw, now)
    if reply.status in {408, 409, 429} or reply.status >= 500:
        lost = not is_own and reply.status in {502, 504} and reply.is_to_post  # a gateway's word, not the service's own
        return _failure(
            FailureKind.TRANSIENT, f"{NAME} has trouble of its own just now ({raw}).", "Try again in a moment.", raw, reply,
            retry_at=retry_time(reply.headers, "", now), may_have_billed=lost,
        )
    return _failure(
        FailureKind.INVALID, f"{NAME} did not take the request ({raw}){says}.", "Change the parameters.", raw, reply
    )


def _too_many(reply: Reply, code: str, message: str, raw: str, now: datetime | None) -> ProviderFailure:
    wait = _AT_ONCE_S if code in _AT_ONCE else _BACKOFF_S
    text = f"{NAME} takes no more requests for now."
    if code in _AT_ONCE:
        text = f"{NAME} works on as many requests of this account as it takes at once."
    at = retry_time(reply.headers, message, now) or later(wait, now)
    return _failure(FailureKind.QUOTA, text, "It goes on by itself later.", raw, reply, retry_at=at)


def _auth(reply: Reply, code: str, says: str, raw: str) -> ProviderFailure:
    if code == "missing_permissions" or reply.status == 403:
        text, hint = f"{NAME} does not allow this to the key{says}.", "Give the key the permission for speech to text."
    else:
        text, hint = f"{NAME} refused the key.", "Check the key: it may be mistyped, expired or blocked."
    return _failure(FailureKind.AUTH, text, hint, raw, reply)


def _error(reply: Reply) -> tuple[str, str, bool]:
    """(code, message, whether the service itself speaks) of an error: today's object, the older one, or a list of 422."""
    try:
        body = table(json.loads(reply.body))
    except (ValueError, RecursionError):
        return "", "", False
    detail = body.get("detail")
    if isinstance(detail, list):
        said = (f"{'.'.join(str(step) for step in _list(item.get('loc')))} {strings(item.get('msg'))}" for item in rows(detail))
        return "invalid_parameters", "; ".join(said), True
    if isinstance(detail, str):
        return "", detail, True
    fields = table(detail)
    code = strings(fields.get("code")) or strings(fields.get("status"))
    param = strings(fields.get("param"))
    message = strings(fields.get("message"))
    return code, f"{param}: {message}" if param and param not in message else message, bool(fields)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _failure(
    kind: FailureKind, text: str, hint: str, code: str, reply: Reply, *, retry_at: datetime | None = None,
    may_have_billed: bool = False, asks_user: bool = False,
) -> ProviderFailure:
    return ProviderFailure(
        kind, ID, text, hint, retry_at=retry_at, raw_code=code, request_id=_request_id(reply), may_have_billed=may_have_billed,
        asks_user=asks_user,
    )


def _request_id(reply: Reply) -> str:
    return (reply.headers.get("request-id", "") or reply.headers.get("x-request-id", ""))[:100]


def _quoted(text: str) -> str:
    """Somebody else's words, on one line and not too many."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _QUOTED else line[:_QUOTED].rstrip() + " …"
