"""OpenAI's image edits against a server that behaves like them: what leaves, what comes back, what it costs, how it fails."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import BadInputError
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.openai import OpenAi
from engine.providers.online.outgoing import Sending, SendingRefused, refuse
from engine.providers.online.transport import Patience, Transport
from engine.providers.protocol import RegionEditReply, RegionEditRequest
from engine.running import ThreadCancelToken, ignore
from engine.vault import Keys, Source
from tests.engine.providers.online import openai_service as service
from tests.engine.providers.online import pictures
from tests.engine.providers.online.faulty import OPENAI, Case
from tests.engine.providers.online.openai_service import OpenAiService
from tests.engine.providers.online.server import FaithfulServer, serving

pytestmark = pytest.mark.integration
IMPATIENT, PATIENT = Patience(0.5, 0.9), Patience(20, 30)
MODEL = "gpt-image-2.5-sunburst"


@pytest.fixture
def server() -> Iterator[FaithfulServer]:
    with serving(OpenAiService()) as one:
        yield one


def faithful(server: FaithfulServer) -> OpenAiService:
    assert isinstance(server.service, OpenAiService)
    return server.service


def openai(server: FaithfulServer, **other: object) -> OpenAi:
    transport = Transport("openai", "OpenAI", server.base_url)
    keys = Keys("openai", {"key": service.KEY}, Source.REQUEST)
    return OpenAi(transport, lambda: keys, MODEL, **{"gate": lambda *_: None, **other})  # type: ignore[arg-type]


def edit(editor: OpenAi, request: RegionEditRequest) -> RegionEditReply:
    return editor.edit(request, None, cancel=ThreadCancelToken(), report=ignore)


def test_an_edit_comes_back_at_the_price_that_the_service_writes_on_its_bill(
    server: FaithfulServer, region: RegionEditRequest
) -> None:
    reply = edit(openai(server), region)
    assert pictures.decoded(reply.raw).shape == (1024, 1536, 3) and reply.model == MODEL
    assert reply.cost_usd == pytest.approx(server.bill_usd, abs=1e-6) and server.bill_usd > 0.1


def test_the_crop_fills_a_size_of_the_service_and_the_reply_says_where(server: FaithfulServer, region: RegionEditRequest) -> None:
    reply = edit(openai(server), region)
    (asked,) = faithful(server).asked
    assert asked.size == (1536, 1024) == asked.picture.shape[1::-1] and asked.text == "remove the cup" and asked.quality == "high"
    left, top, right, bottom = reply.shown
    assert (left, right) == (0, 1) and bottom - top == pytest.approx(0.9, abs=0.01)
    rows = slice(round(top * 1024) + 3, round(bottom * 1024) - 3)
    small = pictures.painted(asked.picture[rows], (200, 120))
    outside = region.mask == 0
    outside[40:80, 70:130] = False
    assert np.abs(small[outside].astype(float) - region.crop[outside]).mean() < 6


def test_the_mask_is_transparent_where_something_may_change(server: FaithfulServer, region: RegionEditRequest) -> None:
    reply = edit(openai(server), region)
    (asked,) = faithful(server).asked
    height, width = asked.mask.shape
    ours = np.zeros((height, width), bool)
    rows, columns = np.nonzero(region.mask)
    top, scale = reply.shown[1] * height, width / 200
    for row, column in zip(rows, columns, strict=True):
        y, x = round(top + (row + 0.5) * scale), round((column + 0.5) * scale)
        ours[y, x] = True
    assert set(np.unique(asked.mask)) == {0, 255}
    assert (asked.mask[ours] == 0).all(), "a part of the region may not be changed"
    assert 0.8 < (asked.mask == 0).sum() / (region.mask.sum() * scale**2) < 1.2


SHAPES = [((100, 100), (1024, 1024)), ((50, 200), (1024, 1536)), ((2000, 1200), (1536, 1024))]


@pytest.mark.parametrize(("size", "wanted"), SHAPES)
def test_every_shape_finds_a_size(server: FaithfulServer, size: tuple[int, int], wanted: tuple[int, int]) -> None:
    crop = np.full((size[1], size[0], 3), 90, np.uint8)
    reply = edit(openai(server), RegionEditRequest(crop, np.ones(crop.shape[:2], np.float32), "paint it"))
    assert faithful(server).asked[0].size == wanted
    assert bool(reply.warnings) == (size[0] > wanted[0])


def test_quality_and_model_can_be_chosen(server: FaithfulServer, plain_region: RegionEditRequest) -> None:
    editor = openai(server)
    cheap = edit(editor, replace(plain_region, params={"quality": "low", "model": "gpt-image-2"}))
    assert cheap.model == "gpt-image-2" and cheap.cost_usd < 0.02
    with pytest.raises(ProviderFailure) as caught:
        edit(editor, replace(plain_region, params={"model": "gpt-image-1"}))
    assert caught.value.kind is FailureKind.MODEL_GONE
    with pytest.raises(BadInputError):
        edit(editor, replace(plain_region, params={"model": "a b"}))


@pytest.mark.parametrize("case", OPENAI, ids=lambda case: case.name)
def test_every_fault_ends_in_a_result_or_a_clear_choice(
    server: FaithfulServer, plain_region: RegionEditRequest, case: Case
) -> None:
    server.then(*case.faults)
    faithful(server).made = lambda _asked: b"no picture is looked at here"
    if case.kind is None:
        assert edit(openai(server), plain_region).raw == b"no picture is looked at here" and len(server.received) == case.requests
        return
    with pytest.raises(ProviderFailure) as caught:
        edit(openai(server, patience=IMPATIENT if case.is_slow else PATIENT), plain_region)
    failure = caught.value
    assert failure.kind is case.kind and case.says in failure.text, failure
    assert failure.hint and failure.text.endswith(".")
    assert failure.is_repeatable == case.is_repeatable and (failure.retry_at is not None) == case.is_waited_for
    assert failure.may_have_billed == case.may_have_billed and len(server.received) == case.requests
    shown = str(failure) + repr(vars(failure))
    assert service.KEY not in shown and service.KEY[-4:] not in shown


def test_nothing_leaves_without_leave_and_the_gate_sees_it(server: FaithfulServer, plain_region: RegionEditRequest) -> None:
    with pytest.raises(SendingRefused, match="1536 × 1024"):
        edit(openai(server, gate=refuse), plain_region)
    assert server.received == []
    seen: list[Sending] = []
    edit(openai(server, gate=lambda sending, _cancel: seen.append(sending)), plain_region)
    assert seen[0].picture in server.received[0].body and seen[0].text.encode() in server.received[0].body
