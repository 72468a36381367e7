"""What Gemini's answers mean: the picture among its parts, a refusal at one of two stages.

Shapes: GenerateContentResponse of the Gemini API, v1beta. Knows no network and no pixels.
"""

from dataclasses import dataclass, field
from typing import Any

from engine.providers.online.answers import camel_cased, count, picture_bytes, rows, strings, table
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.google_errors import GEMINI, quoted
from engine.providers.online.prices import charged_usd, estimate_usd, settled_usd, unpriced_words

ID, NAME = GEMINI.id, GEMINI.name
_OUTPUT_SAFETY = frozenset({
    "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "PROHIBITED_CONTENT", "SAFETY", "BLOCKLIST", "SPII", "IMAGE_RECITATION",
    "RECITATION",
})
_OUR_FAULT = frozenset({"MAX_TOKENS", "LANGUAGE", "MALFORMED_FUNCTION_CALL"})
_GOOD = frozenset({"STOP", ""})


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
    is_priced: bool = True
    """False where the table knows no price of this model."""

    def told(self) -> tuple[str, ...]:
        """What the user should know of it, a sentence each."""
        odd = (f"{NAME} ended with “{self.reason}”; look at the result closely.",) if self.reason else ()
        return odd if self.is_priced else (*odd, unpriced_words(self.model))


class NoPicture(ProviderFailure):
    """An answer without a picture that may have one when asked in firmer words."""


def answered(body: dict[str, Any], model: str, size: str) -> Answered:
    """The last picture that is no thought: those before it are drafts. Raises: ProviderFailure, NoPicture."""
    body = camel_cased(body)
    blocked = strings(table(body.get("promptFeedback")).get("blockReason"))
    candidates = rows(body.get("candidates"))
    if not candidates:
        raise _blocked(blocked, body) if blocked else _no_picture("without a candidate", "", body, model)
    first = candidates[0]
    reason, said = strings(first.get("finishReason")), strings(first.get("finishMessage"))
    parts = rows(table(first.get("content")).get("parts"))
    if reason in _OUTPUT_SAFETY:
        raise _refused(reason, said, body)
    pictures = [part for part in parts if _data(part)]
    final = [part for part in pictures if not part.get("thought")]
    if final:
        return _picture(final[-1], len(pictures), reason, body, model, size)
    if blocked:
        raise _blocked(blocked, body)
    if reason in _OUR_FAULT:
        text = f"{NAME} could not answer: {quoted(said) or reason}."
        hint = "Say it in fewer or other words."
        raise ProviderFailure(FailureKind.INVALID, ID, text, hint, raw_code=reason, request_id=_id(body))
    words = " ".join(strings(part.get("text")) for part in parts if not part.get("thought")).strip()
    raise _no_picture(f"in words: “{quoted(words)}”" if words else "without a picture", reason, body, model, said)


def _data(part: dict[str, Any]) -> object:
    return table(part.get("inlineData")).get("data")


def _id(body: dict[str, Any]) -> str:
    return strings(body.get("responseId"))[:100]


def _tokens(body: dict[str, Any]) -> int:
    return count(table(body.get("usageMetadata")).get("totalTokenCount"))


def _picture(
    part: dict[str, Any], pictures: int, reason: str, body: dict[str, Any], model: str, size: str
) -> Answered:
    cost = cost_of(table(body.get("usageMetadata")), pictures, model, size)
    try:
        raw, _ = picture_bytes(_data(part))
    except ValueError:
        raise ProviderFailure(
            FailureKind.PROVIDER_BUG, ID, f"The picture in {NAME}'s answer is damaged.", "Asking again costs again.",
            request_id=_id(body), may_have_billed=True, cost_usd=cost, tokens=_tokens(body),
        ) from None
    return Answered(
        raw, strings(body.get("modelVersion")) or model, cost, _tokens(body), _id(body),
        reason="" if reason in _GOOD else reason, is_priced=_is_priced(model),
    )


def _is_priced(model: str) -> bool:
    return estimate_usd(ID, model, images=1).usd is not None


def cost_of(usage: dict[str, Any], pictures: int, model: str, size: str) -> float:
    """USD, 0 where no price is known. Every picture has its price, drafts too; the rest of the total is text and thinking.

    (The counts by kind that an answer gives do not add up to its total, and the total is what is billed.)
    """
    prompt, total = count(usage.get("promptTokenCount")), count(usage.get("totalTokenCount"))
    image = (estimate_usd(ID, model, images=pictures, variant=size).usd if pictures else 0.0) or 0.0
    per_million = charged_usd(ID, model, {"image_output": 1_000_000}).usd
    drawn = max(round(image / per_million * 1e6), _image_tokens(usage)) if per_million else 0
    rest = max(0, total - prompt - drawn) if per_million else 0
    words = charged_usd(ID, model, {"text_input": prompt, "text_output": rest}).usd or 0.0
    return settled_usd(image + words)


def _image_tokens(usage: dict[str, Any]) -> int:
    """What the answer says its pictures are, where it says so."""
    details = rows(usage.get("candidatesTokensDetails"))
    return sum(count(one.get("tokenCount")) for one in details if one.get("modality") == "IMAGE")


def _no_picture(what: str, reason: str, body: dict[str, Any], model: str, said: str = "") -> NoPicture:
    why = ", ".join(filter(None, ["" if reason in _GOOD else reason, quoted(said)]))
    more = f" ({why})" if why else ""
    used = table(body.get("usageMetadata"))
    return NoPicture(
        FailureKind.PROVIDER_BUG, ID, f"{NAME} answered {what}{more}.", "Say it in other words, or use another provider.",
        raw_code=reason, request_id=_id(body), tokens=_tokens(body),
        cost_usd=cost_of(used, 0, model, "") if used else 0.0, may_have_billed=bool(used) and not _is_priced(model),
    )


def _blocked(reason: str, body: dict[str, Any]) -> ProviderFailure:
    return ProviderFailure(
        FailureKind.SAFETY, ID, f"{NAME} did not take the request: its policy stopped the words or the picture ({reason}).",
        "It is not charged. Change the words or the region.", raw_code=reason, request_id=_id(body), tokens=_tokens(body),
    )


def _refused(reason: str, said: str, body: dict[str, Any]) -> ProviderFailure:
    """The tokens that such an answer names are said not to be charged; they are written down all the same."""
    more = f": {quoted(said)}" if said else ""
    return ProviderFailure(
        FailureKind.SAFETY, ID, f"{NAME} made a picture and withheld it by its policy ({reason}){more}.",
        "The picture is said not to be charged. Change the words or the region.", raw_code=reason, request_id=_id(body),
        tokens=_tokens(body),
    )
