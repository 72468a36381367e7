"""A key is tested over real HTTP by a call that costs nothing; the answer says whether it is taken, and never holds any of it."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.errors import BadInputError, Cancelled
from engine.providers.online import key_test
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.key_test import try_key
from engine.providers.online.table import Table, provider_table
from engine.running import ThreadCancelToken
from engine.vault import Keys, Source
from tests.engine.providers.online import kling_service
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.server import Answer, FaithfulServer, Received, json_answer, serving

pytestmark = pytest.mark.security
GOOD = {"gemini": "AIza" + "G" * 35, "openai": "sk-" + "g" * 30, "elevenlabs": "sk_" + "a" * 48}
BAD = "AIzaPLANTED0123456789abcdefghijklmnopqr"


def services(request: Received) -> Answer:
    """The three calls that cost nothing, each with its own header and its own way to refuse."""
    sent = request.headers
    if request.path == "/v1beta/models":
        if sent.get("x-goog-api-key") == GOOD["gemini"]:
            return json_answer({"models": []})
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
        return json_answer({"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": details}}, 400)
    if request.path == "/v1/models":
        if sent.get("authorization") == f"Bearer {GOOD['openai']}":
            return json_answer({"object": "list", "data": []})
        said = f"Incorrect API key provided: {sent.get('authorization', '')[7:]}"
        return json_answer({"error": {"message": said, "code": "invalid_api_key"}}, 401)
    if request.path == "/v1/user":
        if sent.get("xi-api-key") == GOOD["elevenlabs"]:
            return json_answer({"detail": {"status": "missing_permissions"}}, 401)
        return json_answer({"detail": {"status": "invalid_api_key"}}, 401)
    return json_answer({}, 404)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaithfulServer]:
    with serving(services) as one:
        for provider in GOOD:
            monkeypatch.setenv(f"PATCHREEL_{provider.upper()}_BASE_URL", one.base_url)
        yield one


def _keys(provider: str, value: str) -> Keys:
    return Keys(provider, {"key": value}, Source.REQUEST)


@pytest.mark.parametrize(("fields", "says"), [
    (("access_key", "secret_key"), "these keys"), (("key",), "this key"), (("access_key", "secret_key", "key"), "these keys"),
])
def test_klings_keys_of_both_kinds_are_tested_by_a_look_for_nothing(
    monkeypatch: pytest.MonkeyPatch, fields: tuple[str, ...], says: str
) -> None:
    with serving(KlingService()) as one:
        monkeypatch.setenv("PATCHREEL_KLING_BASE_URL", one.base_url)
        good = {name: kling_service.KEYS[name] for name in fields}
        assert says in try_key("kling", Keys("kling", good, Source.REQUEST))
        bad = {name: value[::-1] for name, value in good.items()}
        with pytest.raises(ProviderFailure) as caught:
            try_key("kling", Keys("kling", bad, Source.REQUEST))
        assert caught.value.kind is FailureKind.AUTH and not any(value in str(caught.value) for value in bad.values())
        assert {received.method for received in one.received} == {"GET"} and one.bill_usd == 0


@pytest.mark.parametrize("provider", GOOD)
def test_a_key_that_is_taken_is_said_to_be(server: FaithfulServer, provider: str) -> None:
    assert "this key" in try_key(provider, _keys(provider, GOOD[provider]))
    (asked,) = server.received
    assert asked.method == "GET" and asked.body == b"" and GOOD[provider] not in asked.target


@pytest.mark.parametrize("provider", GOOD)
def test_a_key_that_is_refused_is_never_quoted(server: FaithfulServer, provider: str) -> None:
    with pytest.raises(ProviderFailure) as caught:
        try_key(provider, _keys(provider, BAD))
    assert caught.value.kind is FailureKind.AUTH and not caught.value.may_have_billed
    assert BAD[:8] not in str(caught.value)


@pytest.mark.parametrize("fault", [
    faults.html_page, faults.bad_gateway, faults.status(503), faults.status(429), faults.reset_at_once, faults.reset_mid_body,
])  # fmt: skip
def test_trouble_on_the_way_says_nothing_about_the_key(server: FaithfulServer, fault: faults.Fault) -> None:
    server.then(fault)
    with pytest.raises(ProviderFailure) as caught:
        try_key("gemini", _keys("gemini", GOOD["gemini"]))
    assert caught.value.kind is not FailureKind.AUTH


def test_a_service_that_never_answers_has_its_time(server: FaithfulServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_test, "LIMIT_S", 0.3)
    server.then(faults.endless_wait)
    before = time.monotonic()
    with pytest.raises(ProviderFailure):
        try_key("gemini", _keys("gemini", GOOD["gemini"]))
    assert time.monotonic() - before < 5


def test_it_can_be_cancelled_and_needs_a_call_that_is_free(server: FaithfulServer, monkeypatch: pytest.MonkeyPatch) -> None:
    token = ThreadCancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        try_key("gemini", _keys("gemini", GOOD["gemini"]), token)
    assert key_test.testable() == {"gemini", "openai", "elevenlabs", "kling"}
    known = provider_table()
    without = Table(known.as_of, {**known.providers, "openai": replace(known.facts("openai"), key_test="")})
    monkeypatch.setattr(key_test, "provider_table", lambda: without)
    with pytest.raises(BadInputError, match="OpenAI"):
        try_key("openai", _keys("openai", GOOD["openai"]))
    assert not server.received and "openai" not in key_test.testable()
