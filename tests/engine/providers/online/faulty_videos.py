"""What may go wrong with a video, by name, and how it is to end: while it is sent (as `faulty.Case`), looked at, fetched."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from engine.jobs.generation_values import GenerationState
from engine.providers.online.answers import camel_cased, snake_cased
from engine.providers.online.failures import FailureKind
from tests.engine.providers.online import gemini_service as google
from tests.engine.providers.online import kling_service as kling
from tests.engine.providers.online import server as way
from tests.engine.providers.online import veo_service as veo
from tests.engine.providers.online.faulty import GEMINI, ON_THE_WAY, Case
from tests.engine.providers.online.files import file_answer
from tests.engine.providers.online.films import film
from tests.engine.providers.online.server import Answer, Fault, Received, instead

K, G = FailureKind, GenerationState
_SHORT = tuple(replace(case, says="more than 1 MB") if case.name == "endless answer" else case for case in ON_THE_WAY)
_NAMELESS = Case(
    "an answer without a name", (instead(way.json_answer({})),), K.OUTCOME_UNKNOWN, "under which name", may_have_billed=True
)
_GOOGLES = frozenset({
    "429 with retryDelay", "429 with retryDelay as an object", "429 of the day", "429 with nothing",
    "429 of a plan without the model", "bad key, as 400", "expired key, as 400", "bad key, as 401",
    "no permission, as 403", "region not served, as 400", "error as a list",
    "error as a bare text", "invalid request", "model gone", "model gone, as 400",
})

VEO = (
    *_SHORT, *(
        replace(case, says="has no model") if case.kind is K.MODEL_GONE else case for case in GEMINI if case.name in _GOOGLES
    ),
    Case("a name it does not take", (instead(google.invalid("`fps` isn't supported by this model.")),), K.INVALID, "`fps`"),
    _NAMELESS,
)


def _coded(name: str, status: int, code: int, kind: FailureKind, says: str = "", **more: Any) -> Case:
    return Case(name, (instead(kling.error(status, code, "its own words")),) * more.get("requests", 1), kind, says, **more)


KLING = (
    *_SHORT,
    _coded("1000, authentication failed", 401, 1000, K.AUTH, "refused the keys"),
    _coded("1001, no key", 401, 1001, K.AUTH, "refused the keys"),
    _coded("1002, bad key", 401, 1002, K.AUTH, "refused the keys"),
    _coded("1003, token not valid yet, twice", 401, 1003, K.AUTH, "not valid at this time", requests=2),
    _coded("1004, token expired, twice", 401, 1004, K.AUTH, "not valid at this time", requests=2),
    _coded("1100, account fault, as 429", 429, 1100, K.AUTH, "pay"),
    _coded("1101, in arrears, as 429", 429, 1101, K.AUTH, "pay"),
    _coded("1102, pack used up, as 429", 429, 1102, K.AUTH, "pay"),
    _coded("1103, no right to the model", 403, 1103, K.AUTH, "no right"),
    _coded("1200, bad request", 400, 1200, K.INVALID, "its own words"),
    _coded("1201, bad value", 400, 1201, K.INVALID, "its own words"),
    _coded("1202, wrong method", 404, 1202, K.INVALID, "its own words"),
    _coded("1203, no such model", 404, 1203, K.MODEL_GONE, "has no model"),
    _coded("1300, platform policy", 400, 1300, K.SAFETY, "policy"),
    _coded("1301, content policy", 400, 1301, K.SAFETY, "policy"),
    _coded("1302, too fast", 429, 1302, K.QUOTA, "for now", is_repeatable=True, is_waited_for=True),
    _coded("1303, too many at once", 429, 1303, K.QUOTA, "as many as", is_repeatable=True, is_waited_for=True),
    _coded("1304, address not allowed, as 429", 429, 1304, K.AUTH, "this address"),
    _coded("5000, internal", 500, 5000, K.TRANSIENT, "trouble", is_repeatable=True),
    _coded("5001, maintenance", 503, 5001, K.TRANSIENT, "trouble", is_repeatable=True),
    _coded("5002, backlog", 504, 5002, K.TRANSIENT, "trouble", is_repeatable=True),
    _coded("a code in an answer with 200", 200, 1301, K.SAFETY, "policy"),
    _NAMELESS,
)


@dataclass(frozen=True)
class Step:
    """`looking` and `fetching` are the faults of those requests, one after another; `ends` is what comes of tasks instead of a
    video. `requests` is how many paid ones leave.
    """

    name: str
    state: GenerationState
    says: str = ""
    looking: tuple[Fault | None, ...] = ()
    fetching: tuple[Fault | None, ...] = ()
    ends: tuple[Any, ...] = ()
    looks: int = 0
    requests: int = 1
    may_have_billed: bool = False
    is_slow: bool = False
    """An answer never ends: patience is what ends it."""


def _bytes(data: bytes, mime: str = "video/mp4") -> Fault:
    return instead(Answer(200, data, {"Content-Type": mime}))


def _announces(length: int) -> Fault:
    def fault(handler: Any, _made: Callable[[], Answer]) -> None:
        handler.head(Answer(200, b"", {"Content-Type": "video/mp4"}), length)
        handler.close_connection = True

    return fault


def _other_file(handler: Any, _made: Callable[[], Answer]) -> None:
    """Another file by the same name, half of it: its tag is another one."""
    handler.head(Answer(200, b"", {"Content-Type": "video/mp4", "ETag": '"before"'}), 9999)
    handler.wfile.write(film()[:500])
    handler.reset()


def _other_spelling(body: Any) -> Any:
    """snake_case where the service writes camelCase, and the other way round."""
    return snake_cased(body) if snake_cased(body) != body else camel_cased(body)


LOOKING = (
    Step("looking: 500", G.DONE, looking=(way.status(500, b"{}"),)),
    Step("looking: 503", G.DONE, looking=(way.status(503, b"{}"),)),
    Step("looking: 429", G.DONE, looking=(way.status(429, b"{}"),)),
    Step("looking: 404", G.DONE, looking=(way.status(404, b"{}"),)),
    Step("looking: key refused for a while", G.DONE, looking=(way.status(401, b"{}"),)),
    Step("looking: reset", G.DONE, looking=(way.reset_at_once,)),
    Step("looking: reset in the middle", G.DONE, looking=(way.reset_mid_body,)),
    Step("looking: slow drip", G.DONE, looking=(way.slow_drip,), is_slow=True),
    Step("looking: endless wait", G.DONE, looking=(way.endless_wait,), is_slow=True),
    Step("looking: truncated JSON", G.DONE, looking=(way.truncated_json,)),
    Step("looking: web page", G.DONE, looking=(way.html_page,)),
    Step("looking: five bad ones in a row", G.DONE, looking=(way.html_page, way.reset_at_once, way.bad_gateway) * 2),
    Step("looking: names in the other spelling", G.DONE, looking=(None, way.renamed(_other_spelling)), looks=2),
    *(Step(f"looking: {name}", G.DONE, looking=(way_there,)) for name, way_there in way.OTHER_WAYS.items()),
    Step("looking: redirect to an unsafe place", G.DONE, looking=(way.redirect("http://192.0.2.7/"),)),
    Step("endless poll", G.STOPPED, "longer than usual", looks=10**6),
)
FETCHING = (
    Step("fetching: reset in the middle", G.DONE, fetching=(way.reset_mid_body,)),
    Step("fetching: shorter than announced, twice", G.DONE, fetching=(way.short_body, way.short_body)),
    Step("fetching: reset before an answer", G.DONE, fetching=(way.reset_at_once,)),
    Step("fetching: slow drip", G.DONE, fetching=(way.slow_drip,), is_slow=True),
    Step("fetching: endless wait", G.DONE, fetching=(way.endless_wait,), is_slow=True),
    Step("fetching: 500 and 503", G.DONE, fetching=(way.status(500), way.status(503))),
    *(Step(f"fetching: {name}", G.DONE, fetching=(way_there,)) for name, way_there in way.OTHER_WAYS.items()),
    Step("fetching: web page", G.DONE, fetching=(way.html_page,)),
    Step("fetching: another file meanwhile", G.DONE, fetching=(_other_file,)),
    Step("fetching: label of another kind", G.DONE, fetching=(_bytes(film(), "image/png"),)),
    Step("fetching: truncated MP4, then a whole one", G.DONE, fetching=(_bytes(film()[:-4000]),)),
    Step("fetching: truncated MP4 twice", G.FAILED, "It is kept", fetching=(_bytes(film()[:-4000]),) * 2),
    Step("fetching: a picture instead of a video, twice", G.FAILED, "It is kept", fetching=(_bytes(b"\x89PNG" + bytes(99)),) * 2),
    Step("fetching: empty, twice", G.FAILED, "It is kept", fetching=(_bytes(b""),) * 2),
    Step("fetching: 3 GB announced", G.STOPPED, "could not be fetched", fetching=(_announces(3 << 30),) * 8),
    Step("fetching: redirect to an unsafe place", G.STOPPED, "not safe", fetching=(way.redirect("http://192.0.2.7/"),) * 8),
    Step("fetching: redirect in a circle", G.STOPPED, "without end", fetching=(way.redirect("/round"),) * 48),
    Step("fetching: link run out, then a new one", G.DONE, fetching=(way.status(403),)),
    Step("fetching: gone", G.EXPIRED, "It was charged", fetching=(way.status(404), None, way.status(403))),
)
VEO_STEPS = (
    *LOOKING,
    Step("filtered", G.BLOCKED, "withheld", ends=(veo.filtered(),)),
    Step("filtered for its sound, then a video", G.DONE, ends=(veo.filtered_for_audio(),), requests=2),
    Step("filtered for its sound twice", G.BLOCKED, "false alarm", ends=(veo.filtered_for_audio(),) * 2, requests=2),
    Step("filtered, said beside the videos", G.BLOCKED, "withheld", ends=(veo.filtered_beside(),)),
    Step("error 3, invalid", G.FAILED, "could not use", ends=(veo.failed(3),)),
    Step("error 8, quota", G.FAILED, "quota", ends=(veo.failed(8),)),
    Step("error 13, internal", G.FAILED, "trouble", ends=(veo.failed(13),)),
    Step("error 14, unavailable", G.FAILED, "trouble", ends=(veo.failed(14),)),
    Step("error nobody knows", G.FAILED, "gRPC 99", ends=(veo.failed(99),)),
    Step("done without a video", G.FAILED, "no video and no reason", ends=(veo.nothing(),), may_have_billed=True),
    *FETCHING,
)
KLING_STEPS = (
    *LOOKING,
    Step("task failed", G.FAILED, "could not make", ends=("Internal generation failure",)),
    Step("task failed by risk control", G.BLOCKED, "policy", ends=("Failure to pass the risk control system",)),
    *FETCHING,
)


def elsewhere(request: Received) -> Answer:
    """Another host that hands out the same file to whoever comes."""
    return file_answer(request, film())
