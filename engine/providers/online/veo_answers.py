"""What Veo's answers mean: the name of an operation, and the four ends that one may have, all with the status 200.

Shapes: Operation and PredictLongRunningResponse of the Gemini API, v1beta. Knows no network.
"""

import re
from typing import Any

from engine.providers.generation import Ended, Look, Ready, Working
from engine.providers.online.answers import camel_cased, count, rows, strings, table
from engine.providers.online.failures import FailureKind, ProviderFailure, redacted
from engine.providers.online.google_errors import VEO, quoted

ID, NAME = VEO.id, VEO.name
_OPERATION = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*){0,7}")
_INVALID, _QUOTA = 3, 8
_THEIR_TROUBLE = frozenset({4, 13, 14})
"""Codes of gRPC: deadline exceeded, internal, unavailable."""
_NO_LEAVE = frozenset({7, 16})


def operation_name(body: dict[str, Any]) -> str:
    """Raises: ProviderFailure where the answer names none: the request may have been taken all the same."""
    name = strings(body.get("name"))
    if not is_operation_name(name):
        raise ProviderFailure(
            FailureKind.OUTCOME_UNKNOWN, ID, f"{NAME} took the request and did not say under which name.",
            "It may have been charged. Asking again may cost twice.", may_have_billed=True,
        )
    return name


def is_operation_name(name: str) -> bool:
    """What may stand in an address: a path of plain words."""
    return len(name) <= 300 and bool(_OPERATION.fullmatch(name))


def looked(body: dict[str, Any], secrets: tuple[str, ...]) -> Look:
    """How far an operation is."""
    body = camel_cased(body)
    error = table(body.get("error"))
    if error:
        return Ended(_failed(error, secrets))
    if body.get("done") is not True:
        return Working()
    response = table(body.get("response"))
    made = table(response.get("generateVideoResponse")) or response
    samples = rows(made.get("generatedSamples")) or rows(made.get("generatedVideos"))
    links = [link for sample in samples if (link := strings(table(sample.get("video")).get("uri")))]
    if links:
        return Ready(links[0])
    reasons = made.get("raiMediaFilteredReasons")
    said = [strings(reason) for reason in reasons] if isinstance(reasons, list) else []
    if count(made.get("raiMediaFilteredCount")) or said:
        return _filtered(" ".join(filter(None, said)), secrets)
    return Ended(ProviderFailure(
        FailureKind.PROVIDER_BUG, ID, f"{NAME} says it is done and gave no video and no reason.",
        "Videos that do not come are said not to be charged. Retry, or use another provider.", may_have_billed=True,
    ))


def _filtered(said: str, secrets: tuple[str, ...]) -> Ended:
    is_about_sound = "audio" in said.lower()
    words = quoted(redacted(said, secrets))
    hint = "It is not charged. Change the words or the picture."
    if is_about_sound:
        hint = "It is not charged. This is often a false alarm about the sound: the same request may pass."
    text = f"{NAME} made a video and withheld it by its policy{': ' + words if words else ''}."
    return Ended(ProviderFailure(FailureKind.SAFETY, ID, text, hint, raw_code="raiMediaFiltered"), may_pass_again=is_about_sound)


def _failed(error: dict[str, Any], secrets: tuple[str, ...]) -> ProviderFailure:
    code = count(error.get("code"))
    message = quoted(redacted(strings(error.get("message")), secrets))
    more = f": {message}" if message else ""
    raw = f"gRPC {code}"
    if code == _INVALID:
        text, hint, kind = f"{NAME} could not use the request{more}.", "Change the words or the settings.", FailureKind.INVALID
    elif code == _QUOTA:
        text, kind = f"{NAME} stopped because the account's quota is used up{more}.", FailureKind.QUOTA
        hint = "It is not charged. Try again later, or use another provider."
    elif code in _THEIR_TROUBLE:
        text, kind = f"{NAME} had trouble of its own and made no video{more}.", FailureKind.TRANSIENT
        hint = "It is not charged. Retry sends a new request."
    elif code in _NO_LEAVE:
        text, hint, kind = f"{NAME} does not allow this to the account{more}.", "Check the key.", FailureKind.AUTH
    else:
        text, hint, kind = f"{NAME} ended without a video{more} ({raw}).", "Retry sends a new request.", FailureKind.PROVIDER_BUG
    return ProviderFailure(kind, ID, text, hint, raw_code=raw)
