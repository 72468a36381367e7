"""What Kling's answers mean, in both of its interfaces: the task, how far it is, and the codes that say more than the status.

Success is spelled `succeed` in one and `succeeded` in the other; a number of seconds is a text in both answers. Knows no network.
"""

import re
from datetime import datetime
from typing import Any

from engine.providers.generation import Accepted, Ended, Look, Ready, Working
from engine.providers.online.answers import later, retry_time, rows, strings, table
from engine.providers.online.failures import FailureKind, ProviderFailure, redacted
from engine.providers.online.google_errors import quoted
from engine.providers.online.prices import settled_usd, unit_usd
from engine.providers.online.transport import Reply

ID, NAME = "kling", "Kling"
CLOCK_CODES = frozenset({1003, 1004})
_TASK = re.compile(r"[A-Za-z0-9][\w.-]{0,199}")
_UNPAID = frozenset({1100, 1101, 1102})
_SAFETY = frozenset({1300, 1301})
_THEIR_TROUBLE = frozenset({5000, 5001, 5002})
_RISK = re.compile(r"risk|policy|sensitive|violat|moderat|prohibit|safety", re.IGNORECASE)
_BACKOFF_S, _PARALLEL_S = 10.0, 15.0


def code_of(body: dict[str, Any]) -> int:
    """The answer's code; -1 where it has none."""
    code = body.get("code")
    if isinstance(code, str) and code.isdigit():
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else -1


def accepted(body: dict[str, Any]) -> Accepted:
    """Raises: ProviderFailure where the answer names no task: it may have been taken all the same."""
    data = task_of(body) or {}
    task = strings(data.get("task_id")) or strings(data.get("id"))
    if not _TASK.fullmatch(task):
        raise ProviderFailure(
            FailureKind.OUTCOME_UNKNOWN, ID, f"{NAME} took the request and did not say under which name.",
            "It may have been charged; it is looked for by our own name.", may_have_billed=True,
        )
    return Accepted(task, strings(body.get("request_id"))[:100])


def task_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The task that an answer tells of: `data` itself, or the first of its list."""
    data = body.get("data")
    found = [table(data)] if isinstance(data, dict) else rows(data)
    return next((one for one in found if one), None)


def looked(task: dict[str, Any], secrets: tuple[str, ...]) -> Look:
    """How far a task is; `task` is `data` of the older interface, an item of `data` of the newer one."""
    status = (strings(task.get("task_status")) or strings(task.get("status"))).lower()
    if status in {"succeed", "succeeded"}:
        return _made(task)
    if status == "failed":
        said = quoted(redacted(strings(task.get("task_status_msg")) or strings(task.get("message")), secrets))
        return Ended(_failed(said))
    return Working({"submitted": "Waiting at Kling"}.get(status, ""))


def _made(task: dict[str, Any]) -> Look:
    videos = rows(table(task.get("task_result")).get("videos"))
    videos = videos or [one for one in rows(task.get("outputs")) if strings(one.get("type")) in {"video", ""}]
    url = strings(videos[0].get("url")) if videos else ""
    if not url:
        return Ended(ProviderFailure(
            FailureKind.PROVIDER_BUG, ID, f"{NAME} says it is done and gave no video.", "Retry, or use another provider.",
            may_have_billed=True,
        ))
    return Ready(url, _cost(task), _number(videos[0].get("duration")))


def _cost(task: dict[str, Any]) -> float | None:
    """By the units that were taken, where the answer says how many."""
    units = _number(task.get("final_unit_deduction"))
    if units is None:
        amounts = [_number(one.get("amount")) for one in rows(task.get("billing")) if "unit" in strings(one.get("charge_type"))]
        known = [amount for amount in amounts if amount is not None]
        units = sum(known) if known else None
    price = unit_usd(ID)
    return None if units is None or price is None else settled_usd(units * price)


def _number(value: object) -> float | None:
    """Numbers come as numbers and as texts."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e9 else None


def _failed(said: str) -> ProviderFailure:
    more = f": {said}" if said else ""
    if _RISK.search(said):
        text, hint = f"{NAME} withheld the video by its policy{more}.", "Change the words or the picture."
        return ProviderFailure(FailureKind.SAFETY, ID, text, hint, raw_code="failed")
    text, hint = f"{NAME} could not make the video{more}.", "Retry sends a new request, or use another provider."
    return ProviderFailure(FailureKind.PROVIDER_BUG, ID, text, hint, raw_code="failed")


def failure_of(
    reply: Reply, body: dict[str, Any], model: str, secrets: tuple[str, ...], now: datetime | None = None
) -> ProviderFailure:
    """What an answer means that is no success: by its code, and by its status where it has none."""
    code, message = code_of(body), quoted(redacted(strings(body.get("message")), secrets))
    name, more = f"{reply.status} {code}" if code >= 0 else str(reply.status), f": {message}" if message else ""
    request_id = strings(body.get("request_id"))[:100]

    def failure(kind: FailureKind, text: str, hint: str, at: datetime | None = None, *, lost: bool = False) -> ProviderFailure:
        return ProviderFailure(
            kind, ID, text, hint, retry_at=at, raw_code=name, request_id=request_id, may_have_billed=lost
        )

    if code in CLOCK_CODES:
        hint = "Check the date and time of this computer, then the keys."
        return failure(FailureKind.AUTH, f"{NAME} says that the signed key is not valid at this time.", hint)
    if code in _UNPAID:
        return failure(FailureKind.AUTH, f"The {NAME} account has nothing left to pay with{more}.", "Check its packs.")
    if code == 1304:
        return failure(FailureKind.AUTH, f"{NAME} does not take requests from this address.", "Check the account's allowed IPs.")
    if code == 1103 or (code < 0 and reply.status == 403):
        return failure(FailureKind.AUTH, f"The keys for {NAME} have no right to this model{more}.", "Check the account.")
    if 1000 <= code <= 1002 or (code < 0 and reply.status == 401):
        return failure(FailureKind.AUTH, f"{NAME} refused the keys.", "Check them: one may be mistyped, expired or blocked.")
    if code in _SAFETY:
        text = f"{NAME} did not take the request: its policy stopped the words or the picture{more}."
        return failure(FailureKind.SAFETY, text, "It is not charged. Change the words or the picture.")
    if code == 1203 or (code < 0 and reply.status == 404):
        return failure(FailureKind.MODEL_GONE, f"{NAME} has no model “{model}” (any more).", "Choose another model.")
    if code in {1302, 1303} or (code < 0 and reply.status == 429):
        wait = _PARALLEL_S if code == 1303 else _BACKOFF_S
        what = "works on as many as the account allows" if code == 1303 else "takes no more requests for now"
        at = retry_time(reply.headers, message, now) or later(wait, now)
        return failure(FailureKind.QUOTA, f"{NAME} {what}.", "It goes on by itself later, or use another provider.", at)
    if code in _THEIR_TROUBLE or (code < 0 and reply.status >= 500) or reply.status == 408:
        lost = code < 0 and reply.status in {502, 504} and reply.is_to_post  # a gateway's word, not the service's own
        text = f"{NAME} has trouble of its own just now ({name})."
        return failure(FailureKind.TRANSIENT, text, "Try again in a moment.", retry_time(reply.headers, "", now), lost=lost)
    return failure(FailureKind.INVALID, f"{NAME} did not take the request ({name}){more}.", "Change the words or the settings.")
