"""What may go wrong with a request, by name, and how it is to end: the lines of the README's table. One list per adapter."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.providers.online.answers import snake_cased
from engine.providers.online.failures import FailureKind
from tests.engine.providers.online import elevenlabs_service as elevenlabs
from tests.engine.providers.online import gemini_service as gemini
from tests.engine.providers.online import openai_service as openai
from tests.engine.providers.online import server as way
from tests.engine.providers.online.server import Fault, instead

K = FailureKind


@dataclass(frozen=True)
class Case:
    """`faults` are those of the requests one after another. `kind` None is a result. `requests` is how many leave."""

    name: str
    faults: tuple[Fault, ...]
    kind: FailureKind | None
    says: str = ""
    requests: int = 1
    is_repeatable: bool = False
    is_waited_for: bool = False
    """The failure says when to come back."""
    may_have_billed: bool = False
    is_slow: bool = False
    """The answer never ends: patience is what ends it."""
    at_the_door: Callable[[Any], None] | None = None
    """What goes wrong before the request is read; it is one of many megabytes then."""


def _lost(name: str, fault: Fault, *, is_slow: bool = False) -> Case:
    return Case(name, (fault,), K.OUTCOME_UNKNOWN, "may have been c", may_have_billed=True, is_slow=is_slow)


def _unproven(name: str, fault: Fault, kind: FailureKind, says: str) -> Case:
    return Case(name, (fault,), kind, says, may_have_billed=True)


ON_THE_WAY = (
    _lost("reset before an answer", way.reset_at_once),
    _lost("reset in the middle of an answer", way.reset_mid_body),
    _lost("answer shorter than announced", way.short_body),
    _lost("slow drip", way.slow_drip, is_slow=True),
    _lost("endless wait", way.endless_wait, is_slow=True),
    Case("truncated JSON", (way.truncated_json,), K.OUTCOME_UNKNOWN, "incomplete", may_have_billed=True),
    _unproven("web page with 200", way.html_page, K.TRANSIENT, "web page"),
    _unproven("web page of a gateway with 502", way.bad_gateway, K.TRANSIENT, "trouble"),
    Case("500", (way.status(500, b'{"error":{"code":500,"message":"Internal","status":"INTERNAL","type":"server_error"}}'),),
         K.TRANSIENT, "trouble", is_repeatable=True),
    Case("503", (way.status(503, b'{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}'),),
         K.TRANSIENT, "trouble", is_repeatable=True),
    Case("503 with Retry-After", (way.status(503, b"", Retry_After="9"),), K.TRANSIENT, is_repeatable=True, is_waited_for=True),
    _unproven("endless answer", way.huge_body(192 << 20), K.PROVIDER_BUG, "more than 128 MB"),
    Case("redirect to another host", (way.redirect("http://192.0.2.7/v1"),), K.PROVIDER_BUG, "not followed"),
    Case("redirect in a circle", (way.redirect("/round"),) * 6, K.PROVIDER_BUG, "without end", requests=6),
)

OTHER_WAYS = tuple(Case(f"an answer {name}", (fault,), None) for name, fault in way.OTHER_WAYS.items())

GEMINI = (
    *ON_THE_WAY,
    Case("429 with retryDelay", (instead(gemini.quota()),), K.QUOTA, "for now", is_repeatable=True, is_waited_for=True),
    Case("429 of the day", (instead(gemini.quota("2s", "GenerateRequestsPerDayPerProjectPerModel")),), K.QUOTA, "today",
         is_repeatable=True, is_waited_for=True),
    Case("429 with retryDelay as an object", (instead(gemini.quota({"seconds": "25", "nanos": 500_000_000})),), K.QUOTA,
         "for now", is_repeatable=True, is_waited_for=True),
    Case("429 with nothing", (way.status(429, b"{}"),), K.QUOTA, is_repeatable=True, is_waited_for=True),
    Case("429 of a plan without the model", (instead(gemini.quota(text="Quota exceeded, limit: 0")),), K.AUTH, "plan"),
    Case("bad key, as 400", (instead(gemini.bad_key()),), K.AUTH, "refused the key"),
    Case("expired key, as 400", (instead(gemini.invalid("API key expired. Please renew the API key.")),), K.AUTH, "key"),
    Case("bad key, as 401", (instead(gemini.error(401, "UNAUTHENTICATED", "invalid credentials")),), K.AUTH, "key"),
    Case("no permission, as 403", (instead(gemini.error(403, "PERMISSION_DENIED", "reported as leaked")),), K.AUTH, "permission"),
    Case("region not served, as 400", (instead(gemini.error(400, "FAILED_PRECONDITION", "User location is not supported")),),
         K.AUTH, "location"),
    Case("error as a list", (way.status(400, b'[{"error":{"code":400,"message":"no such thing","status":"INVALID_ARGUMENT"}}]'),),
         K.INVALID, "no such thing"),
    Case("error as a bare text", (way.status(400, b'{"error": "no such thing"}'),), K.INVALID, "no such thing"),
    Case("invalid request", (instead(gemini.invalid('Unknown name "x": Cannot find field.')),), K.INVALID, "Cannot find field"),
    Case("model gone", (instead(gemini.gone("gemini-3-pro-image")),), K.MODEL_GONE, "gemini-3-pro-image"),
    Case("model gone, as 400", (instead(gemini.invalid("models/gemini-3-pro-image is not found for API version v1beta.")),),
         K.MODEL_GONE, "gemini-3-pro-image"),
    Case("safety block of the input", (gemini.blocked_input(),), K.SAFETY, "did not take"),
    Case("safety block of the input beside an empty candidate", (gemini.blocked_beside(),), K.SAFETY, "OTHER"),
    Case("safety block of the output", (gemini.blocked_output(),), K.SAFETY, "withheld"),
    Case("answer in words, then a picture", (gemini.words_only(),), None, requests=2),
    Case("answer in words twice", (gemini.words_only(), gemini.words_only()), K.PROVIDER_BUG, "in words", requests=2),
    Case("NO_IMAGE, then a picture", (gemini.words_only("NO_IMAGE"),), None, requests=2),
    Case("IMAGE_OTHER twice", (gemini.blocked_output("IMAGE_OTHER"),) * 2, K.PROVIDER_BUG, "without a picture", requests=2),
    Case("an end nobody knows, twice", (gemini.blocked_output("SOMETHING_NEW"),) * 2, K.PROVIDER_BUG, "SOMETHING_NEW",
         requests=2),
    Case("MAX_TOKENS", (gemini.blocked_output("MAX_TOKENS", ""),), K.INVALID, "MAX_TOKENS"),
    Case("no candidates and no reason, twice", (instead(way.json_answer({})),) * 2, K.PROVIDER_BUG, requests=2),
    Case("an answer with names in snake_case", (way.renamed(snake_cased),), None),
    *OTHER_WAYS,
)

OPENAI = (
    *ON_THE_WAY,
    Case("429 with Retry-After", (instead(openai.rate_limited({"retry-after": "7"})),), K.QUOTA, "for now",
         is_repeatable=True, is_waited_for=True),
    Case("429 with retry-after-ms", (instead(openai.rate_limited({"retry-after-ms": "1500"})),), K.QUOTA,
         is_repeatable=True, is_waited_for=True),
    Case("429 that says it in words", (instead(openai.rate_limited()),), K.QUOTA, is_repeatable=True, is_waited_for=True),
    Case("429 without credit", (instead(openai.unpaid()),), K.AUTH, "pay"),
    Case("400 of a billing limit", (instead(openai.unpaid(400, "billing_hard_limit_reached")),), K.AUTH, "pay"),
    Case("bad key, as 401", (instead(openai.bad_key(openai.KEY)),), K.AUTH, "refused the key"),
    Case("no permission, as 403", (instead(openai.error(403, None, "Your organization must be verified to use the model")),),
         K.AUTH, "verified"),
    Case("invalid request", (instead(openai.error(400, "invalid_value", "Invalid value: 'x'.")),), K.INVALID, "Invalid value"),
    Case("model gone", (instead(openai.gone("gpt-image-1")),), K.MODEL_GONE, "no model"),
    Case("model gone, as 400", (instead(openai.error(400, "invalid_value", "Invalid value: 'gpt-image-1'.", param="model")),),
         K.MODEL_GONE, "no model"),
    Case("safety block of the input", (openai.blocked("input"),), K.SAFETY, "did not take"),
    Case("safety block without a code", (instead(openai.error(400, None, "rejected", kind="image_generation_user_error")),),
         K.SAFETY, "policy"),
    Case("safety block of the output", (openai.blocked("output"),), K.SAFETY, "withheld"),
    Case("older safety block", (instead(openai.error(400, "content_policy_violation", "rejected")),), K.SAFETY, "policy"),
    Case("answer without a picture", (instead(way.json_answer({"created": 1, "data": []})),), K.PROVIDER_BUG, "without a picture",
         may_have_billed=True),
    Case("picture that is no base64", (instead(way.json_answer({"data": [{"b64_json": "%%%"}]})),), K.PROVIDER_BUG, "damaged",
         may_have_billed=True),
    *OTHER_WAYS,
)

ELEVENLABS = (
    *ON_THE_WAY,
    Case("sending: it takes no more of it", (), K.TRANSIENT, "while the request was being sent", requests=0, is_repeatable=True,
         is_slow=True, at_the_door=way.reads_nothing),
    Case("sending: slow drip", (), K.TRANSIENT, "while the request was being sent", requests=0, is_repeatable=True,
         is_slow=True, at_the_door=way.reads_slowly),
    Case("sending: reset in the middle", (), K.TRANSIENT, "while the request was being sent", requests=0, is_repeatable=True,
         at_the_door=way.reset_while_reading),
    Case("429 of the rate", (instead(elevenlabs.rate_limited()),), K.QUOTA, "for now", is_repeatable=True, is_waited_for=True),
    Case("429 of the rate with Retry-After", (instead(elevenlabs.rate_limited(retry_after="7")),), K.QUOTA, "for now",
         is_repeatable=True, is_waited_for=True),
    Case("429 of too many at once", (instead(elevenlabs.too_many_at_once()),), K.QUOTA, "at once",
         is_repeatable=True, is_waited_for=True),
    Case("429 of too many at once, older", (instead(elevenlabs.older_too_many()),), K.QUOTA, "at once",
         is_repeatable=True, is_waited_for=True),
    Case("429 of a busy system", (instead(elevenlabs.busy()),), K.TRANSIENT, "trouble", is_repeatable=True),
    Case("401 without credit", (instead(elevenlabs.out_of_credit()),), K.QUOTA, "no credit"),
    Case("401 of a payment that failed, older", (instead(elevenlabs.unpaid()),), K.QUOTA, "no credit"),
    Case("bad key, as 401", (instead(elevenlabs.bad_key()),), K.AUTH, "refused the key"),
    Case("bad key, as 401, older", (instead(elevenlabs.older(401, "invalid_api_key", "Invalid API key")),), K.AUTH,
         "refused the key"),
    Case("no permission, as 401", (instead(elevenlabs.no_permission()),), K.AUTH, "speech_to_text"),
    Case("no permission, as 403", (instead(elevenlabs.older(403, "forbidden", "Workspace access denied")),), K.AUTH, "Workspace"),
    Case("invalid parameter", (instead(elevenlabs.error(400, "invalid_parameters", "must be 1 to 32.", param="num_speakers")),),
         K.INVALID, "num_speakers"),
    Case("sound that cannot be read", (instead(elevenlabs.unreadable()),), K.INVALID, "could not be read"),
    Case("invalid form, as 422", (instead(elevenlabs.unprocessable("diarize", "Input should be a valid boolean")),), K.INVALID,
         "body.diarize Input should be"),
    Case("model gone", (instead(elevenlabs.gone("scribe_v1")),), K.MODEL_GONE, "no model"),
    Case("answer without words", (instead(way.json_answer({"message": "Request accepted"})),), K.PROVIDER_BUG,
         "without a transcript", may_have_billed=True),
    Case("error of 200", (instead(way.json_answer({"detail": {"status": "x", "message": "y"}})),), K.PROVIDER_BUG,
         "without a transcript", may_have_billed=True),
)
