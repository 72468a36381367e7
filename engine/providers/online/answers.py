"""Reads what services answer with: JSON that may be a web page, times to wait in five spellings, pictures in base64.

Knows no service; what the fields are called is the adapter's business.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.transport import Reply

_WAIT_MAX = timedelta(days=2)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_TRY_AGAIN = re.compile(r"(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)\b", re.IGNORECASE)
_TRY_AGAIN_WORDS = re.compile(r"(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?) ?(second|minute|hour)", re.IGNORECASE)
_WORDS_S = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
_COUNT_MAX = 1e9
_DEPTH = 24
"""Answers are not nested deeper than this."""
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def json_of(reply: Reply, provider: str, name: str) -> dict[str, Any]:
    """The object that a good answer holds.

    Raises: ProviderFailure. A web page is TRANSIENT: something on the way answered. Half a JSON is OUTCOME_UNKNOWN to a POST.
    """
    text = reply.body.decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    billed = reply.is_to_post and reply.is_ok
    if text[:1] == "<":
        raise ProviderFailure(
            FailureKind.TRANSIENT, provider, f"A web page came where {name} should have answered.",
            "Check the network: a sign-in page or a proxy may stand in between.", raw_code=f"HTTP {reply.status}",
            may_have_billed=billed,
        )
    raise ProviderFailure(
        FailureKind.OUTCOME_UNKNOWN if billed else FailureKind.TRANSIENT, provider,
        f"The answer of {name} arrived incomplete" + (", and may have been charged." if billed else "."),
        "Asking again may cost twice." if billed else "Try again.", raw_code=f"HTTP {reply.status}", may_have_billed=billed,
    )


def json_error(reply: Reply) -> dict[str, Any]:
    """The `error` object of a bad answer, {} where there is none."""
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    if isinstance(value, list):
        value = value[0] if value else {}
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def camel_cased(value: Any, depth: int = _DEPTH) -> Any:
    """Names as `finishReason`, where a gateway writes `finish_reason`."""
    return _renamed(value, lambda name: re.sub(r"(?<=[a-z0-9])_([a-z0-9])", lambda found: found[1].upper(), name), depth)


def snake_cased(value: Any, depth: int = _DEPTH) -> Any:
    """Names as `task_status`, where a gateway writes `taskStatus`."""
    return _renamed(value, lambda name: re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name), depth)


def _renamed(value: Any, how: Callable[[str], str], depth: int) -> Any:
    if depth and isinstance(value, dict):
        return {how(name): _renamed(item, how, depth - 1) for name, item in value.items()}
    if depth and isinstance(value, list):
        return [_renamed(item, how, depth - 1) for item in value]
    return value


def strings(value: object) -> str:
    """A field that should be a text, whatever it is."""
    return value if isinstance(value, str) else ""


def table(value: object) -> dict[str, Any]:
    """A field that should be an object, {} where it is something else."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a field that should be a list of objects."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def count(value: object) -> int:
    """A field that should count something, 0 where it does not, or counts more than there can be."""
    is_count = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _COUNT_MAX
    return int(value) if is_count else 0  # type: ignore[call-overload]  # it is a number where it counts


def duration_s(value: object) -> float | None:
    """A length of time in one of its forms: `"25s"`, `{"seconds": 25, "nanos": 500000000}`, a bare number; None for others."""
    if isinstance(value, dict):
        parts = [_plain(value.get("seconds", 0)), _plain(value.get("nanos", 0))]
        return parts[0] + parts[1] / 1e9 if value and parts[0] is not None and parts[1] is not None else None
    found = _plain(value)
    return seconds_in(value) if found is None and isinstance(value, str) else found


def _plain(value: object) -> float | None:
    """A number, also one written as a text, as JSON's forms of protocol buffers do."""
    if isinstance(value, str):
        return _number(value)
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) if is_one else None  # type: ignore[arg-type]  # it is a number where it is one


def seconds_in(text: str) -> float | None:
    """ "25s", "1.5s", "6m0s", "200ms" in seconds; None for other texts."""
    found = _DURATION.findall(text)
    if not found or "".join(f"{number}{unit}" for number, unit in found) != text.strip():
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in found)


def retry_time(headers: Mapping[str, str], text: str, now: datetime | None = None) -> datetime | None:
    """When an answer says it may be asked again: by its headers, else by the words of its text; None where by neither."""
    now = now or datetime.now(UTC)
    wait = _header_wait(headers, now)
    if wait is None and (found := _TRY_AGAIN.search(text)):
        wait = seconds_in(found.group(1))
    if wait is None and (found := _TRY_AGAIN_WORDS.search(text)):
        wait = float(found[1]) * _WORDS_S[found[2].lower()]
    return later(wait, now) if wait is not None else None


def later(seconds: float, now: datetime | None = None) -> datetime:
    """A time from now on, kept within two days: a service's slip must not hold a job for a year."""
    now = now or datetime.now(UTC)
    return now + min(max(timedelta(seconds=min(seconds, 1e6)), timedelta()), _WAIT_MAX)


def _header_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    given = headers.get("retry-after", "")
    if (seconds := _number(given)) is not None:
        return seconds
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return seconds_in(headers.get("x-ratelimit-reset-requests", ""))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*\d{1,12}(\.\d+)?\s*", text) else None


def picture_bytes(data: object) -> tuple[bytes, str]:
    """Base64 text as bytes and what they are by their first bytes (a label may lie): image/png, jpeg, webp, avif, or "".

    Raises: ValueError for what is no base64.
    """
    if not isinstance(data, str):
        raise ValueError("no base64")
    try:
        raw = base64.b64decode(data.translate({ord("-"): "+", ord("_"): "/"}) + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no base64") from error
    return raw, kind_of_picture(raw)


def kind_of_picture(raw: bytes) -> str:
    for magic, kind in _MAGIC:
        if raw.startswith(magic):
            return kind
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "image/webp"
    return "image/avif" if raw[4:12] in {b"ftypavif", b"ftypavis"} else ""
