"""Gemini against a server that behaves like it: what leaves, what comes back, what it costs, and every way it fails."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from engine.errors import BadInputError, Cancelled
from engine.providers.online.attempting import PaidRequest
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.gemini import Gemini
from engine.providers.online.google_errors import failure_of
from engine.providers.online.outgoing import Sending, SendingRefused, refuse
from engine.providers.online.transport import Patience, Reply, Transport
from engine.providers.protocol import RegionEditReply, RegionEditRequest
from engine.running import ThreadCancelToken, ignore
from engine.vault import Keys, Source
from tests.engine.providers.online import gemini_service as service
from tests.engine.providers.online import pictures
from tests.engine.providers.online.faulty import GEMINI, Case
from tests.engine.providers.online.gemini_service import Asked, GeminiService
from tests.engine.providers.online.server import Answer, FaithfulServer, html_page, serving

pytestmark = pytest.mark.integration
IMPATIENT, PATIENT = Patience(0.5, 0.9), Patience(20, 30)
MODEL = "gemini-3-pro-image"


@pytest.fixture
def server() -> Iterator[FaithfulServer]:
    with serving(GeminiService()) as one:
        yield one


def faithful(server: FaithfulServer) -> GeminiService:
    assert isinstance(server.service, GeminiService)
    return server.service


def edit(editor: Gemini, request: RegionEditRequest) -> RegionEditReply:
    return editor.edit(request, None, cancel=ThreadCancelToken(), report=ignore)


def gemini(server: FaithfulServer, **other: object) -> Gemini:
    transport = Transport("gemini", "Gemini", server.base_url)
    keys = Keys("gemini", {"key": service.KEY}, Source.REQUEST)
    return Gemini(transport, lambda: keys, MODEL, **{"gate": lambda *_: None, **other})  # type: ignore[arg-type]


def test_an_edit_comes_back_with_its_price_and_where_the_crop_lies_in_it(
    server: FaithfulServer, region: RegionEditRequest
) -> None:
    reply = edit(gemini(server), region)
    (asked,) = faithful(server).asked
    assert reply.raw.startswith(b"\xff\xd8\xff") and reply.model == MODEL
    # 615 tokens in, one picture, and 328 tokens of text and thinking
    assert reply.cost_usd == pytest.approx((615 * 2 + 331 * 12) / 1e6 + 0.134, abs=5e-5)
    made = pictures.decoded(reply.raw)
    assert made.shape[:2] == (672, 1584) or made.shape[1] / made.shape[0] > 1.5
    left, top, right, bottom = reply.shown
    whole = asked.picture.shape
    assert (round((right - left) * whole[1]), round((bottom - top) * whole[0])) == (200, 120)


def test_the_crop_is_padded_with_its_own_rim_to_the_nearest_ratio(server: FaithfulServer, region: RegionEditRequest) -> None:
    reply = edit(gemini(server), region)
    (asked,) = faithful(server).asked
    height, width = asked.picture.shape[:2]
    assert asked.ratio == "16:9" and (width, height) == (213, 120)
    x = round(reply.shown[0] * width)
    assert np.array_equal(asked.picture[:, x : x + 200], region.crop)
    assert np.array_equal(asked.picture[:, :x], np.repeat(region.crop[:, :1], x, axis=1)), "the padding holds foreign pixels"


@pytest.mark.parametrize(("size", "ratio"), [
    ((100, 100), "1:1"), ((100, 300), "9:16"), ((300, 100), "21:9"), ((40, 30), "4:3"), ((33, 47), "2:3"), ((2, 1), "16:9"),
])
def test_every_shape_finds_a_ratio_and_comes_back_whole(server: FaithfulServer, size: tuple[int, int], ratio: str) -> None:
    crop = np.full((size[1], size[0], 3), 90, np.uint8)
    reply = edit(gemini(server), RegionEditRequest(crop, np.ones(crop.shape[:2], np.float32), "paint it"))
    asked = faithful(server).asked[0]
    assert asked.ratio == ratio
    left, top, right, bottom = reply.shown
    sent = asked.picture.shape
    assert round((right - left) * sent[1]) == size[0] and round((bottom - top) * sent[0]) == size[1]


def test_the_region_is_said_in_words(server: FaithfulServer, region: RegionEditRequest) -> None:
    edit(gemini(server), region)
    text = faithful(server).asked[0].text
    assert "remove the cup" in text
    assert "from 31% to 69% of the width" in text and "from 30% to 71% of the height" in text


def test_larger_crops_are_answered_at_2k_and_the_size_can_be_chosen(server: FaithfulServer) -> None:
    crop = np.zeros((1100, 1200, 3), np.uint8)
    request = RegionEditRequest(crop, np.ones(crop.shape[:2], np.float32), "x")
    editor = gemini(server)
    edit(editor, request)
    edit(editor, replace(request, params={"size": "4K"}))
    assert [asked.size for asked in faithful(server).asked] == ["2K", "4K"]


def test_a_crop_too_large_to_send_is_shrunk_and_that_is_said(server: FaithfulServer) -> None:
    crop = np.random.default_rng(0).integers(0, 255, (2100, 2400, 3)).astype(np.uint8)
    seen: list[Sending] = []
    editor = gemini(server, gate=lambda sending, _cancel: seen.append(sending))
    reply = edit(editor, RegionEditRequest(crop, np.ones(crop.shape[:2], np.float32), "x"))
    assert len(server.received[0].body) < 20_971_520
    assert "shrunk" in reply.warnings[0] and seen[0].notes == reply.warnings


def test_drafts_and_thoughts_are_passed_over_and_paid(server: FaithfulServer, region: RegionEditRequest) -> None:
    draft = np.zeros((16, 16, 3), np.uint8)
    faithful(server).parts = lambda asked: [
        service.image_part(draft, thought=True), {"text": "a draft"}, service.image_part(draft),
        service.image_part(service.drawn(asked)), service.image_part(draft, thought=True), {"text": "done"},
    ]
    reply = edit(gemini(server), region)
    assert pictures.decoded(reply.raw).shape == (768, 1376, 3)
    assert reply.cost_usd == pytest.approx(4 * 0.134, rel=0.05)


def test_a_label_that_lies_is_not_believed(server: FaithfulServer, region: RegionEditRequest) -> None:
    faithful(server).parts = lambda asked: [service.image_part(service.drawn(asked), "image/png", "JPEG")]
    assert edit(gemini(server), region).raw.startswith(b"\xff\xd8\xff")


def test_other_models_may_be_named_also_ended_ones(server: FaithfulServer, region: RegionEditRequest) -> None:
    editor = gemini(server)
    faithful(server).models.append("gemini-3-pro-image-preview")
    for model in ("gemini-nano-banana-2.1", "gemini-3-pro-image-preview"):
        assert edit(editor, replace(region, params={"model": model})).model == model
    with pytest.raises(ProviderFailure, match="gemini-9") as caught:
        edit(editor, replace(region, params={"model": "gemini-9"}))
    assert caught.value.kind is FailureKind.MODEL_GONE
    with pytest.raises(BadInputError, match="model id"):
        edit(editor, replace(region, params={"model": "../../v1/files?x="}))


@pytest.mark.parametrize("case", GEMINI, ids=lambda case: case.name)
def test_every_fault_ends_in_a_result_or_a_clear_choice(
    server: FaithfulServer, plain_region: RegionEditRequest, case: Case
) -> None:
    server.then(*case.faults)
    faithful(server).parts = lambda _asked: [service.raw_part(b"no picture is looked at here")]
    editor = gemini(server, patience=IMPATIENT if case.is_slow else PATIENT)
    if case.kind is None:
        assert edit(editor, plain_region).raw
    else:
        with pytest.raises(ProviderFailure) as caught:
            edit(editor, plain_region)
        failure = caught.value
        assert failure.kind is case.kind and case.says in failure.text, failure
        assert failure.hint and service.KEY not in str(failure) and failure.text.endswith(".")
        assert failure.is_repeatable == case.is_repeatable and (failure.retry_at is not None) == case.is_waited_for
        assert failure.may_have_billed == case.may_have_billed
    assert len(server.received) == case.requests


def test_a_firmer_request_says_so_and_both_answers_are_paid(server: FaithfulServer, region: RegionEditRequest) -> None:
    server.then(service.words_only())
    paid = edit(gemini(server), region).cost_usd
    first, second = (one.json()["contents"][0]["parts"][0]["text"] for one in server.received)
    assert second.startswith(first) and "no words" in second.removeprefix(first)
    assert paid > edit(gemini(server), region).cost_usd


def test_when_to_come_back() -> None:
    def at(answer: Answer, now: datetime) -> datetime | None:
        return failure_of(Reply(429, {}, answer.body, True), MODEL, (), now).retry_at

    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert at(service.quota("25s"), now) == datetime(2026, 11, 20, 12, 0, 25, tzinfo=UTC)
    assert at(service.quota("1.5s"), now) == datetime(2026, 11, 20, 12, 0, 1, 500_000, tzinfo=UTC)
    assert at(service.quota("", text="Please retry in 7s."), now) == datetime(2026, 11, 20, 12, 0, 7, tzinfo=UTC)
    daily = service.quota("3s", "GenerateRequestsPerDayPerProjectPerModel")
    assert at(daily, now) == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert at(daily, datetime(2026, 7, 1, 6, 30, tzinfo=UTC)) == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_nothing_leaves_without_leave(server: FaithfulServer, region: RegionEditRequest) -> None:
    with pytest.raises(SendingRefused) as caught:
        edit(gemini(server, gate=refuse), region)
    said = str(caught.value)
    assert "213 × 120" in said and "200 × 120" in said and "127.0.0.1" in said and "remove the cup" in said and "$0.1" in said
    assert "nothing was sent" in said and server.received == []


def test_the_gate_sees_what_leaves(server: FaithfulServer, region: RegionEditRequest) -> None:
    seen: list[Sending] = []
    edit(gemini(server, gate=lambda sending, _cancel: seen.append(sending)), region)
    parts = server.received[0].json()["contents"][0]["parts"]
    assert parts[0]["text"] == seen[0].text and base64.b64decode(parts[1]["inlineData"]["data"]) == seen[0].picture


@pytest.mark.parametrize("prompt", ["", "  \n", "x" * 10_001])
def test_no_words_or_too_many_are_refused_here(server: FaithfulServer, region: RegionEditRequest, prompt: str) -> None:
    with pytest.raises(BadInputError):
        edit(gemini(server), replace(region, prompt=prompt))
    assert server.received == []


def test_each_request_is_announced_with_its_price_and_named_by_its_content(
    server: FaithfulServer, region: RegionEditRequest
) -> None:
    asked: list[PaidRequest] = []

    def noted(request: PaidRequest, call: object, **_more: object) -> object:
        asked.append(request)
        return call()  # type: ignore[operator]

    editor = gemini(server, attempts=noted)
    server.then(service.words_only())
    edit(editor, region)
    edit(editor, region)
    assert asked[0].estimate_usd == pytest.approx(0.135, abs=0.01) and asked[0].model == MODEL
    assert asked[0].upper_usd is not None and asked[0].upper_usd > 3 * 0.134
    assert asked[0] == asked[2] and asked[0].request_hash != asked[1].request_hash
    assert len(asked) == len(server.received) == 3


def test_cancelling_while_it_thinks(server: FaithfulServer, region: RegionEditRequest) -> None:
    token = ThreadCancelToken()

    def parts(asked: Asked) -> list[dict[str, object]]:
        token.cancel()
        server.is_closing.wait(1)
        return []

    faithful(server).parts = parts
    with pytest.raises(Cancelled):
        gemini(server).edit(region, None, cancel=token, report=ignore)


def test_the_second_request_goes_on_where_the_first_met_a_web_page(server: FaithfulServer, region: RegionEditRequest) -> None:
    server.then(html_page)
    editor = gemini(server)
    with pytest.raises(ProviderFailure):
        edit(editor, region)
    assert edit(editor, region).raw
