"""Requests over real HTTP: what happens to the key, to the time and to the memory when the other end does not behave."""

import itertools
import pickle
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInputError, Cancelled
from engine.providers.online.addresses import address, moved_base_url, origin_of
from engine.providers.online.answers import duration_s, json_of, retry_time, seconds_in
from engine.providers.online.failures import HIDDEN, CancelledInFlight, FailureKind, ProviderFailure, redacted
from engine.providers.online.forms import Part
from engine.providers.online.transport import Patience, Reply, Transport
from engine.running import ThreadCancelToken
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.server import Answer, FaithfulServer, Fault, Received, json_answer, serving

pytestmark = pytest.mark.security
SECRET = "AIzaSyPlantedPlantedPlantedPlanted0wxyz"
KEYS = {"x-goog-api-key": SECRET}
QUICK = Patience(read_s=0.4, total_s=0.8, connect_s=0.5)
PATIENT = Patience(read_s=10, total_s=20)


def echo(request: Received) -> Answer:
    return json_answer({"path": request.target, "length": len(request.body)}, bill_usd=1.0)


@pytest.fixture
def server() -> Iterator[FaithfulServer]:
    with serving(echo) as one:
        yield one


@pytest.fixture
def transport(server: FaithfulServer) -> Iterator[Transport]:
    made = Transport("test", "Test", server.base_url)
    yield made
    made.close()


def post(transport: Transport, patience: Patience = PATIENT, max_bytes: int = 1 << 20) -> Reply:
    return transport.post_json("/v1/do", {"a": 1}, keys=KEYS, patience=patience, max_bytes=max_bytes, cancel=ThreadCancelToken())


def get(transport: Transport, path: str = "/v1/look", patience: Patience = PATIENT) -> Reply:
    return transport.get(path, keys=KEYS, patience=patience, max_bytes=1 << 20, cancel=ThreadCancelToken())


def test_json_forms_and_gets_arrive_as_they_were_meant_over_one_connection(server: FaithfulServer, transport: Transport) -> None:
    assert json_of(post(transport), "test", "Test") == {"path": "/v1/do", "length": 7}
    assert get(transport, "/v1/look?after=3").body
    part = Part("image", "image.png", "image/png", b"\x89PNG\0\xff")
    transport.post_form("/v1/form", {"n": "1"}, [part], keys=KEYS, patience=PATIENT, max_bytes=9999, cancel=ThreadCancelToken())
    do, look, form = server.received
    assert do.json() == {"a": 1} and do.headers["content-type"] == "application/json" and do.headers["x-goog-api-key"] == SECRET
    assert look.method == "GET" and look.target == "/v1/look?after=3" and not look.body
    assert form.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="image"; filename="image.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\0\xff' in form.body
    assert all("cookie" not in one.headers and one.headers["user-agent"] == "patchreel" for one in server.received)


LOST = [faults.reset_mid_body, faults.short_body, faults.reset_at_once, faults.slow_drip, faults.endless_wait]


@pytest.mark.parametrize("fault", LOST)
def test_a_post_whose_answer_was_lost_is_of_unknown_outcome_and_a_get_is_not(
    server: FaithfulServer, transport: Transport, fault: Fault
) -> None:
    server.then(fault, fault)
    started = time.monotonic()
    with pytest.raises(ProviderFailure) as lost:
        post(transport, QUICK)
    assert lost.value.kind is FailureKind.OUTCOME_UNKNOWN and lost.value.may_have_billed and not lost.value.is_repeatable
    assert server.bill_usd == 1.0 and lost.value.hint
    with pytest.raises(ProviderFailure) as free:
        get(transport, patience=QUICK)
    assert free.value.kind is FailureKind.TRANSIENT and not free.value.may_have_billed and free.value.is_repeatable
    assert time.monotonic() - started < 6


def test_an_error_whose_text_breaks_off_is_still_an_error(server: FaithfulServer, transport: Transport) -> None:
    def broken(handler: faults._Handler, _made: object) -> None:
        handler.head(Answer(503, b""), 1000)
        handler.wfile.write(b'{"error": ')
        handler.reset()

    server.then(broken)
    assert post(transport).status == 503


def test_nobody_there_is_offline_and_may_be_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    transport = Transport("test", "Test", f"http://127.0.0.1:{port}")
    with pytest.raises(ProviderFailure, match=f"127.0.0.1:{port}") as caught:
        post(transport, QUICK)
    assert caught.value.kind is FailureKind.OFFLINE and caught.value.is_repeatable and not caught.value.may_have_billed


@pytest.mark.parametrize("fault", [faults.endless_wait, faults.slow_drip])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_cancelling_answers_within_half_a_second_whatever_the_server_does(
    server: FaithfulServer, transport: Transport, fault: Fault, method: str
) -> None:
    server.then(fault)
    token, at = ThreadCancelToken(), [0.0]

    def cancel() -> None:
        server.came.wait(10)
        at[0] = time.monotonic()
        token.cancel()

    threading.Thread(target=cancel).start()
    with pytest.raises(Cancelled) as caught:
        if method == "POST":
            transport.post_json("/v1/do", {}, keys=KEYS, patience=PATIENT, max_bytes=9999, cancel=token)
        else:
            transport.get("/v1/look", keys=KEYS, patience=PATIENT, max_bytes=9999, cancel=token)
    assert time.monotonic() - at[0] < 0.5
    assert isinstance(caught.value, CancelledInFlight) == (method == "POST")
    assert not [one for one in threading.enumerate() if one.name.startswith("request to")]


def test_what_was_cancelled_before_is_never_sent(server: FaithfulServer, transport: Transport) -> None:
    token = ThreadCancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        transport.post_json("/v1/do", {}, keys=KEYS, patience=PATIENT, max_bytes=9999, cancel=token)
    assert server.received == []


def test_answers_without_end_are_not_taken(server: FaithfulServer, transport: Transport) -> None:
    server.then(faults.huge_body(64 << 20), faults.huge_body(64 << 20))
    with pytest.raises(ProviderFailure, match="more than 1 MB") as caught:
        post(transport)
    assert caught.value.kind is FailureKind.PROVIDER_BUG and caught.value.may_have_billed


def test_a_packed_answer_is_measured_unpacked(server: FaithfulServer, transport: Transport) -> None:
    import gzip

    packed = gzip.compress(b" " * (40 << 20))
    server.then(faults.instead(Answer(200, packed, {"Content-Encoding": "gzip"})))
    with pytest.raises(ProviderFailure, match="more than 1 MB"):
        post(transport)


def test_a_redirect_elsewhere_gets_neither_the_key_nor_what_was_meant_for_the_service(
    server: FaithfulServer, transport: Transport
) -> None:
    with serving(echo) as other:
        server.then(faults.redirect(f"{other.base_url}/take"), faults.redirect(f"{other.base_url}/take"))
        assert get(transport).is_ok
        assert "x-goog-api-key" not in other.received[0].headers and SECRET.encode() not in other.received[0].everything()
        with pytest.raises(ProviderFailure, match="another address") as caught:
            post(transport)
    assert caught.value.kind is FailureKind.PROVIDER_BUG and len(other.received) == 1


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_at_home_keeps_key_and_body(server: FaithfulServer, transport: Transport, code: int) -> None:
    server.then(faults.redirect("/v2/do", code))
    assert json_of(post(transport), "test", "Test")["path"] == "/v2/do"
    assert server.received[1].headers["x-goog-api-key"] == SECRET and server.received[1].body == server.received[0].body


def test_another_port_is_another_place_and_there_is_no_way_back_to_the_key(server: FaithfulServer, transport: Transport) -> None:
    with serving(echo) as other:
        server.then(faults.redirect(f"{other.base_url}/there"))
        other.then(faults.redirect(f"{server.base_url}/back"))
        assert get(transport).is_ok
    assert "x-goog-api-key" not in server.received[1].headers


@pytest.mark.parametrize("target", ["http://192.0.2.1/x", "ftp://127.0.0.1/x", "http://user:pw@127.0.0.1/x", "http://[bad/"])
def test_redirects_to_unsafe_places_are_not_followed(server: FaithfulServer, transport: Transport, target: str) -> None:
    server.then(faults.redirect(target))
    with pytest.raises(ProviderFailure) as caught:
        get(transport)
    assert caught.value.kind is FailureKind.PROVIDER_BUG and "pw@" not in str(caught.value)


def test_redirects_end(server: FaithfulServer, transport: Transport) -> None:
    server.then(*[faults.redirect("/again")] * 9)
    with pytest.raises(ProviderFailure, match="without end"):
        get(transport)
    assert len(server.received) == 6


def test_a_netrc_and_cookies_change_nothing(
    server: FaithfulServer, transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password hunter2hunter2\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    server.then(faults.instead(json_answer({}, Set_Cookie="id=1; Path=/")))
    transport.get("/", keys={"Authorization": "Bearer k"}, patience=PATIENT, max_bytes=99, cancel=ThreadCancelToken())
    get(transport)
    assert server.received[0].headers["authorization"] == "Bearer k"
    assert "cookie" not in server.received[1].headers and "authorization" not in server.received[1].headers


@pytest.mark.parametrize("bad", [SECRET + "\nX: 1", "ключ-" + SECRET])
def test_a_key_that_cannot_be_sent_is_said_to_be_one_without_being_shown(transport: Transport, bad: str) -> None:
    with pytest.raises(ProviderFailure) as caught:
        transport.get("/", keys={"x-goog-api-key": bad}, patience=PATIENT, max_bytes=99, cancel=ThreadCancelToken())
    assert caught.value.kind is FailureKind.AUTH and SECRET not in str(caught.value)


@pytest.mark.parametrize("fault", [*LOST, faults.redirect("http://192.0.2.1/"), faults.huge_body(4 << 20)])
def test_no_failure_holds_the_key_in_its_words_its_values_or_its_causes(
    server: FaithfulServer, transport: Transport, fault: Fault
) -> None:
    server.then(fault)
    with pytest.raises(ProviderFailure) as caught:
        post(transport, QUICK)
    chain: list[BaseException] = [caught.value]
    while (more := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(more)
    for error in chain:
        assert SECRET not in repr(error) + str(error) + repr(vars(error)), type(error)
        request = getattr(error, "request", None)
        assert request is None, "the request holds the key"
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.kind is caught.value.kind


def test_web_pages_and_half_answers_by_what_was_asked() -> None:
    page = Reply(200, {}, faults.SIGN_IN, is_to_post=True)
    half = Reply(200, {}, b'{"candidates": [{"con', is_to_post=True)
    for reply, kind, billed in ((page, FailureKind.TRANSIENT, True), (half, FailureKind.OUTCOME_UNKNOWN, True)):
        with pytest.raises(ProviderFailure) as caught:
            json_of(reply, "test", "Test")
        assert (caught.value.kind, caught.value.may_have_billed) == (kind, billed)
        with pytest.raises(ProviderFailure) as free:
            json_of(Reply(200, {}, reply.body, is_to_post=False), "test", "Test")
        assert free.value.kind is FailureKind.TRANSIENT and free.value.is_repeatable


@pytest.mark.parametrize(("given_url", "is_good"), [
    ("https://example.org", True), ("https://example.org:8443/gate/", True), ("http://127.0.0.1:9", True),
    ("http://[::1]:9", True), ("http://localhost:9", True), ("http://example.org", False), ("http://127.0.0.1.x.org", False),
    ("https://k:v@example.org", False), ("file:///etc", False), ("https://example.org/?key=1", False), ("nonsense", False),
    ("https://example.org:99999", False),
])
def test_services_are_moved_to_safe_places_only(given_url: str, is_good: bool) -> None:
    environ = {"PATCHREEL_GEMINI_BASE_URL": given_url}
    if is_good:
        assert moved_base_url("gemini", "https://default.example", environ) == given_url.rstrip("/")
    else:
        with pytest.raises(BadInputError, match="PATCHREEL_GEMINI_BASE_URL"):
            moved_base_url("gemini", "https://default.example", environ)
    assert moved_base_url("gemini", "https://default.example/", {}) == "https://default.example"


def test_veo_moves_with_gemini_unless_it_is_told_where_to() -> None:
    environ = {"PATCHREEL_GEMINI_BASE_URL": "https://gate.example.org/g"}
    assert moved_base_url("veo", "https://default.example", environ) == "https://gate.example.org/g"
    environ["PATCHREEL_VEO_BASE_URL"] = "https://films.example.org"
    assert moved_base_url("veo", "https://default.example", environ) == "https://films.example.org"
    assert moved_base_url("gemini", "https://default.example", {"PATCHREEL_VEO_BASE_URL": "https://films.example.org"}) == (
        "https://default.example"
    )


def test_the_version_in_an_address_is_not_said_twice() -> None:
    assert address("https://api.example.org", "/v1/images/edits") == "https://api.example.org/v1/images/edits"
    assert address("https://gate.example.org/ai/v1", "/v1/images/edits") == "https://gate.example.org/ai/v1/images/edits"
    assert address("https://gate.example.org/v1", "/v1beta/models") == "https://gate.example.org/v1/v1beta/models"


def test_an_origin_is_scheme_host_and_port() -> None:
    same = ["https://Example.org/a", "https://example.org:443/b?c"]
    others = ["http://example.org", "https://example.org:444", "https://www.example.org"]
    assert len({origin_of(url) for url in same}) == 1
    assert len({origin_of(url) for url in [*same, *others]}) == 4


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_", min_size=12, max_size=60), st.data())
def test_no_long_piece_of_a_secret_survives(secret: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(secret) - 8))
    end = data.draw(st.integers(start + 8, len(secret)))
    text = f"key {secret[start:end]} refused; {secret}"
    shown = redacted(text, [secret])
    pieces = [secret[at : at + 8] for at in range(len(secret) - 7)]
    assert HIDDEN in shown and not any(piece in shown for piece in pieces if piece not in "key  refused; ")


@pytest.mark.parametrize("text", ["Incorrect API key provided: sk-proj-****wxyz.", "AIzaSyA12345678901234567890 refused"])
def test_what_looks_like_a_key_is_hidden_too(text: str) -> None:
    shown = redacted(text)
    assert "wxyz" not in shown and "SyA1" not in shown and HIDDEN in shown


@pytest.mark.parametrize(("headers", "text", "seconds"), [
    ({"retry-after": "7"}, "", 7), ({"retry-after-ms": "1500", "retry-after": "7"}, "", 1.5),
    ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, "", 30), ({"x-ratelimit-reset-requests": "1m30s"}, "", 90),
    ({}, "Please try again in 12.5s.", 12.5), ({}, "Retry after 20 seconds, please", 20), ({}, "try again in 2 minutes", 120),
    ({}, "slow down", None), ({"retry-after": "-3"}, "", None),
    ({"retry-after": "99999999999"}, "", 2 * 86400),
])
def test_times_to_wait_in_every_spelling(headers: dict[str, str], text: str, seconds: float | None) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    at = retry_time(headers, text, now)
    assert (at - now).total_seconds() == seconds if at is not None and seconds is not None else at is None and seconds is None


def test_durations() -> None:
    for (number, unit), factor in itertools.product([(25, "s"), (1.5, "s"), (200, "ms")], [1]):
        assert seconds_in(f"{number}{unit}") == pytest.approx(number * factor * (0.001 if unit == "ms" else 1))
    assert seconds_in("soon") is None and seconds_in("6m0s") == 360
    good: list[object] = ["25.5s", {"seconds": "25", "nanos": 500_000_000}, {"seconds": 3}, 7, "7"]
    bad: list[object] = [None, {}, "soon", True, {"seconds": "x"}, -1, []]
    assert [duration_s(one) for one in good] == [25.5, 25.5, 3, 7, 7] and [duration_s(one) for one in bad] == [None] * 7
