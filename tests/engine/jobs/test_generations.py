"""What is generated is sent once, followed to its end, safe before it is called done, and the same after a restart."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from engine.errors import BadInputError, StorageError
from engine.jobs.generation_values import CostState, Generating, GenerationState
from engine.jobs.generations import Generations
from engine.providers.generation import GenerateKind
from engine.providers.online.outgoing import Sending, SendingRefused
from engine.running import CancelToken, ThreadCancelToken, ignore
from engine.store.budget import BudgetError
from engine.store.ledger import LedgerState
from engine.store.operation_values import Operation
from engine.store.operations import Operations
from engine.store.projects import Projects
from engine.vault import KeyMissingError, Keys
from tests.engine.jobs.generating import Desk, asked, desk, ended, keys_for, picture, sent
from tests.engine.providers.online import gemini_service, pictures, veo_service
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.films import film
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.openai_service import OpenAiService
from tests.engine.providers.online.server import Received, Service
from tests.engine.providers.online.veo_service import VeoService

pytestmark = pytest.mark.integration
K, G, L = GenerateKind, GenerationState, LedgerState
SERVICES: dict[str, Callable[[], Service]] = {
    "veo": VeoService, "kling": KlingService, "gemini": GeminiService, "openai": OpenAiService,
}


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "veo"))


@pytest.fixture
def bench(provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk(tmp_path, SERVICES[provider](), monkeypatch, provider) as made:
        yield made


def _as_the_window_sees_it(generations: Generations) -> Generating:
    """For the type checker: the interface is implemented."""
    return generations


def veo(bench: Desk) -> VeoService:
    assert isinstance(bench.server.service, VeoService)
    return bench.server.service


def posts(bench: Desk) -> list[Received]:
    return [one for one in bench.server.received if one.method == "POST"]


VIDEOS = [
    ("veo", K.TEXT_TO_VIDEO, {}), ("veo", K.IMAGE_TO_VIDEO, {"aspect": "9:16"}), ("veo", K.FIRST_AND_LAST, {}),
    ("veo", K.CONTINUATION, {"resolution": "1080p"}), ("kling", K.IMAGE_TO_VIDEO, {"resolution": "720p", "duration_s": 10}),
    ("kling", K.FIRST_AND_LAST, {}), ("kling", K.FIRST_AND_LAST, {"model": "kling-3.0", "duration_s": 7}),
]


@pytest.mark.parametrize(("provider", "kind", "more"), VIDEOS, indirect=["provider"])
def test_a_video_is_sent_followed_fetched_and_kept(
    bench: Desk, provider: str, kind: GenerateKind, more: dict[str, object]
) -> None:
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, provider, kind, **more)))
    assert (card.state, card.message, card.can_look_again) == (G.DONE, "", False)
    made = card.result
    assert made is not None and made.path.read_bytes() == film() and made.duration == 1 and made.has_audio
    service = bench.server.service
    assert isinstance(service, (VeoService, KlingService)) and len(posts(bench)) == 1
    (row,) = bench.ledger
    assert (row.state, row.result) == (L.SETTLED, made.asset) and row.actual_usd == pytest.approx(service.bill_usd)
    assert card.cost.state is CostState.CHARGED and card.cost.usd == row.actual_usd > 0
    assert card.badges == (("AI generated", "SynthID", "Audio") if provider == "veo" else ("AI generated",))
    (seen,) = service.asked
    assert (seen.first is not None, seen.last is not None) == (kind.needs_first, kind.needs_last)
    (shown,) = bench.shown
    assert [shown.picture, shown.last_picture][: len(seen.raw)] == seen.raw, "the gate saw something else"
    assert not any((bench.store.path.parent / "patchreel-home/data/generated/incoming").glob("*"))


@pytest.mark.parametrize("provider", ["veo", "kling"], indirect=True)
def test_only_the_frames_leave_and_nothing_is_written_into_them(bench: Desk, provider: str) -> None:
    generations = bench.generations()
    request = asked(generations, provider, K.FIRST_AND_LAST)
    assert ended(generations, sent(generations, request)).state is G.DONE
    service = bench.server.service
    assert isinstance(service, (VeoService, KlingService))
    for raw, seed in zip(service.asked[0].raw, (1, 2), strict=True):
        assert set(pictures.chunks(raw)) <= {"IHDR", "IDAT", "IEND"}, "the PNG says more"
        meant = pictures.decoded(picture(seed=seed))
        there = pictures.resized(pictures.decoded(raw), meant.shape[1::-1])
        assert np.abs(there.astype(int) - meant).mean() < 12, "it is another picture"
    for received in bench.server.received:
        everything = received.everything()
        assert b"patchreel-home" not in everything and str(bench.store.path.parent).encode() not in everything
        known = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-type", "content-length",
                 "x-goog-api-key", "authorization"}  # fmt: skip
        assert set(received.headers) <= known


@pytest.mark.parametrize("provider", ["gemini", "openai"], indirect=True)
def test_a_picture_is_the_result_of_one_call(bench: Desk, provider: str) -> None:
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, provider, K.TEXT_TO_IMAGE)))
    size = (1376, 768) if provider == "gemini" else (1536, 864)
    assert card.state is G.DONE and card.result is not None and (card.result.width, card.result.height) == size, card
    (row,) = bench.ledger
    assert (row.state, row.result) == (L.SETTLED, card.result.asset) and 0 < row.actual_usd <= row.upper_usd
    assert "SynthID" in card.badges or provider == "openai"


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_a_picture_by_a_model_whose_price_nobody_knows_may_have_cost_as_much_as_any(bench: Desk) -> None:
    generations = bench.generations()
    request = asked(generations, "gemini", K.TEXT_TO_IMAGE, model="gemini-nano-banana-2.1")
    card = ended(generations, sent(generations, request))
    assert card.state is G.DONE and card.cost.state is CostState.UP_TO and "not known here" in card.warnings[0]
    (row,) = bench.ledger
    assert row.state is L.UNKNOWN and row.result and 0 < bench.server.bill_usd <= row.upper_usd == card.cost.usd


NO_PICTURES = [
    ("bomb", pictures.bomb(), "million pixels"), ("page", b"<html>busy</html>", "web page"),
    ("half", pictures.encoded(np.full((64, 64, 3), 200, np.uint8))[:60], "cannot be"),
]


@pytest.mark.parametrize(("name", "raw", "says"), NO_PICTURES, ids=[name for name, *_ in NO_PICTURES])
@pytest.mark.parametrize("provider", ["gemini", "openai"], indirect=True)
def test_a_picture_that_is_none_is_kept_and_said_to_be_paid(
    bench: Desk, provider: str, name: str, raw: bytes, says: str
) -> None:
    service: Any = bench.server.service
    service.parts, service.made = (lambda _asked: [gemini_service.raw_part(raw)]), (lambda _asked: raw)
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, provider, K.TEXT_TO_IMAGE)))
    assert card.state is G.FAILED and says in card.message and "kept" in card.message and card.result is None
    (row,) = bench.ledger
    assert row.state is L.SETTLED and generations.picture_path(row.result).read_bytes() == raw


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_a_label_that_lies_is_not_believed(bench: Desk) -> None:
    service: Any = bench.server.service
    service.parts = lambda one: [gemini_service.image_part(gemini_service.drawn(one), "image/png", "JPEG")]
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, "gemini", K.TEXT_TO_IMAGE)))
    assert card.result is not None and card.result.mime == "image/jpeg" and card.result.path.suffix == ".jpg"


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_an_answer_in_words_is_asked_for_a_picture_once_more(bench: Desk) -> None:
    bench.server.then(gemini_service.words_only())
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, "gemini", K.TEXT_TO_IMAGE)))
    assert card.state is G.DONE and len(posts(bench)) == 2
    assert posts(bench)[1].json()["contents"][0]["parts"][0]["text"].endswith("no words.")


def test_what_nobody_allows_leaves_no_trace(bench: Desk) -> None:
    def refuse(_sending: Sending, _cancel: CancelToken) -> None:
        raise SendingRefused("Nobody has allowed it.")

    generations = Generations(bench.store, "film", keys_for, refuse, clock=bench.clock.clock)
    bench.opened.append(generations)
    with pytest.raises(SendingRefused):
        sent(generations, asked(generations, "veo"))
    assert generations.listed() == () and bench.ledger == () and bench.server.received == []


def test_what_breaks_a_rule_is_said_before_anybody_is_asked(bench: Desk) -> None:
    generations = bench.generations()
    bad = [
        (asked(generations, "veo", resolution="1080p", duration_s=6), "8 s only"),
        (asked(generations, "veo", aspect="1:1"), "16:9"),
        (asked(generations, "veo", prompt=" "), "Say what"), (asked(generations, "kling", K.TEXT_TO_VIDEO), "does not do"),
        (asked(generations, "kling", K.FIRST_AND_LAST, resolution="720p"), "1080p"),
        (asked(generations, "kling", K.FIRST_AND_LAST, model="kling-v2-master"), "does not do"),
        (asked(generations, "kling", K.IMAGE_TO_VIDEO, first_image=""), "begins with"),
        (asked(generations, "veo", prompt="x" * 4001), "4000"), (asked(generations, "veo", model="../x"), "model id"),
    ]
    for request, says in bad:
        assert says in generations.problem(request)
        with pytest.raises(BadInputError):
            sent(generations, request)
    assert bench.shown == [] and bench.server.received == []


def test_over_the_budget_nothing_is_asked_or_sent(bench: Desk) -> None:
    Projects(bench.store).set_cap("film", 3.0)
    generations = bench.generations()
    with pytest.raises(BudgetError):
        sent(generations, asked(generations, "veo"))
    assert bench.shown == [] and bench.server.received == []


def test_the_same_request_joins_the_one_that_runs(bench: Desk) -> None:
    veo(bench).looks = 10**6
    generations, other = bench.generations(), bench.generations()
    request = asked(generations, "veo")
    first = sent(generations, request)
    assert sent(other, request) == first == sent(generations, request)
    veo(bench).looks = 0
    assert ended(generations, first).state is G.DONE and len(posts(bench)) == 1 == len(bench.shown)
    assert other.get(first).state is G.DONE
    again = generations.retry(first, cancel=ThreadCancelToken(), report=ignore)
    assert again != first and ended(generations, again).state is G.DONE and len(posts(bench)) == 2


def test_who_stops_waiting_can_look_again_and_pays_once(bench: Desk) -> None:
    veo(bench).looks = 10**6
    generations = bench.generations()
    name = sent(generations, asked(generations, "veo"))
    while not veo(bench).asked or veo(bench).asked[0].looks < 2:
        bench.server.came.wait(0.05)
    generations.cancel(name)
    card = ended(generations, name)
    assert card.state is G.STOPPED and card.can_look_again and "charge stands" in card.message
    assert card.cost.state is CostState.UP_TO and card.cost.usd == pytest.approx(3.2)
    veo(bench).looks = 0
    generations.look_again(name)
    assert ended(generations, name).state is G.DONE
    assert len(posts(bench)) == 1 and [row.state for row in bench.ledger] == [L.SETTLED]


def test_after_a_quarter_of_an_hour_the_user_is_asked(bench: Desk) -> None:
    veo(bench).looks = 10**6
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, "veo")))
    assert card.state is G.STOPPED and card.can_look_again and "longer than usual" in card.message
    looks = veo(bench).asked[0].looks
    assert 60 <= looks <= 100, "every 5 s for a minute, then every 10 s"


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_a_second_one_waits_for_its_slot(bench: Desk) -> None:
    service = bench.server.service
    assert isinstance(service, KlingService)
    service.looks = 10**6
    generations = bench.generations()
    first = sent(generations, asked(generations, "kling", K.FIRST_AND_LAST))
    while generations.get(first).state is not G.RUNNING:
        bench.server.came.wait(0.05)
    second = sent(generations, asked(generations, "kling", K.FIRST_AND_LAST, prompt="snow"))
    while generations.get(second).progress != "Waiting for a free slot":
        bench.server.came.wait(0.05)
    assert generations.get(second).state is G.WAITING and len(posts(bench)) == 1
    service.looks = 0
    assert ended(generations, first).state is ended(generations, second).state is G.DONE and len(posts(bench)) == 2


def test_a_waiting_one_can_be_left_and_costs_nothing(bench: Desk) -> None:
    bench.server.then(faults.instead(gemini_service.quota("200s")))
    waits = []
    generations = bench.generations()
    generations.changed = lambda name: waits.append((generations.get(name).state, generations.get(name).retry_at))
    card = ended(generations, sent(generations, asked(generations, "veo")))
    assert card.state is G.DONE and len(posts(bench)) == 2, "it went on by itself"
    assert any(state is G.WAITING and at is not None for state, at in waits), "the countdown is shown"
    assert [row.state for row in bench.ledger] == [L.FAILED_FREE, L.SETTLED]
    bench.server.then(faults.instead(gemini_service.quota("3600s")))
    short = bench.generations(longest_wait_s=60.0)
    failed = ended(short, sent(short, asked(short, "veo", prompt="a command does not wait an hour")))
    assert failed.state is G.FAILED and failed.cost.state is CostState.FREE


def test_closed_in_the_middle_it_goes_on_in_the_next_program(bench: Desk) -> None:
    veo(bench).looks = 10**6
    first = bench.generations()
    name = sent(first, asked(first, "veo", K.IMAGE_TO_VIDEO))
    while first.get(name).state is not G.RUNNING:
        bench.server.came.wait(0.05)
    first.close()
    bench.store.close()  # this process has another name from now on
    veo(bench).looks = 0
    second = bench.generations()
    assert second.resume() == 1
    card = ended(second, name)
    assert card.state is G.DONE and len(posts(bench)) == 1 and second.resume() == 0
    assert card.request.first_image and second.picture_path(card.request.first_image).exists()


def test_a_key_that_is_away_for_a_while_fails_nothing(bench: Desk) -> None:
    veo(bench).looks = 3
    asked_for: list[str] = []

    def sometimes(provider: str) -> Keys:
        asked_for.append(provider)
        if 4 <= len(asked_for) <= 5:
            raise KeyMissingError("There is no key for Veo.")
        return keys_for(provider)

    bench.keys = sometimes
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, "veo")))
    assert card.state is G.DONE and len(asked_for) > 5 and len(posts(bench)) == 1


def test_what_stopped_for_a_trouble_of_ours_is_gone_on_with(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    generations = bench.generations()
    with monkeypatch.context() as patched:
        patched.setattr(Operations, "polled", _full)
        name = sent(generations, asked(generations, "veo"))
        card = ended(generations, name)
        assert card.state is G.RUNNING and card.can_look_again and "disk is full" in card.message
        with pytest.raises(StorageError):
            generations.wait(name, cancel=ThreadCancelToken(), report=ignore)
    generations.look_again(name)
    assert ended(generations, name).state is G.DONE and len(posts(bench)) == 1


def _full(*_args: object, **_named: object) -> NoReturn:
    raise StorageError("The disk is full.")


def test_an_answer_waits_for_room_on_the_disk(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = Operations.accepted
    failed: list[bool] = []

    def full_at_first(operations: Operations, *args: Any, **named: Any) -> Operation:
        if len(failed) < 2:
            failed.append(True)
            raise StorageError("The disk is full.")
        return accepted(operations, *args, **named)

    monkeypatch.setattr(Operations, "accepted", full_at_first)
    generations = bench.generations()
    assert ended(generations, sent(generations, asked(generations, "veo"))).state is G.DONE
    assert len(failed) == 2 and len(posts(bench)) == 1 and [row.state for row in bench.ledger] == [L.SETTLED]


def test_thumbs_and_trash_stay_and_a_result_in_the_trash_is_kept(bench: Desk) -> None:
    generations = bench.generations()
    name = sent(generations, asked(generations, "veo"))
    made = ended(generations, name).result
    assert made is not None
    generations.rate(name, -1)
    generations.trash(name)
    again = bench.generations()
    assert again.listed() == () and made.path.exists()
    (card,) = again.listed(with_trash=True)
    assert (card.thumb, card.is_trashed, card.usual_s) == (-1, True, card.elapsed_s)
    again.restore(name)
    again.rate(name, 0)
    assert [(one.id, one.thumb) for one in generations.listed()] == [(name, 0)]


def test_a_false_alarm_about_the_sound_is_sent_once_more(bench: Desk) -> None:
    veo(bench).ends = [veo_service.filtered_for_audio()]
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, "veo")))
    assert card.state is G.DONE and len(posts(bench)) == 2 and len(bench.shown) == 1
    assert [row.state for row in bench.ledger] == [L.REFUSED, L.SETTLED]
    veo(bench).ends = [None, None, veo_service.filtered_for_audio(), veo_service.filtered_for_audio()]
    card = ended(generations, sent(generations, asked(generations, "veo", prompt="a song")))
    assert card.state is G.BLOCKED and len(posts(bench)) == 4 and "false alarm" in card.message


def test_a_negative_prompt_that_is_not_taken_is_left_out_and_said(bench: Desk) -> None:
    veo(bench).takes_negative = False
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, "veo", negative_prompt="text, logos")))
    assert card.state is G.DONE and "negative prompt" in card.warnings[0] and len(posts(bench)) == 2
    assert bench.shown[0].leave_out == "text, logos" and card.request.negative_prompt == "text, logos"


def test_a_link_home_is_fetched_where_the_service_was_moved_to(bench: Desk) -> None:
    veo(bench).links_home = True
    generations = bench.generations()
    assert ended(generations, sent(generations, asked(generations, "veo"))).state is G.DONE


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_a_lost_answer_is_found_by_our_own_name(bench: Desk) -> None:
    bench.server.then(faults.reset_at_once)
    generations = bench.generations()
    for model in ("kling-v2-6", "kling-3.0"):
        bench.server.then(*([faults.reset_mid_body] if model == "kling-3.0" else []))
        card = ended(generations, sent(generations, asked(generations, "kling", K.FIRST_AND_LAST, model=model)))
        assert card.state is G.DONE, card
    assert len(posts(bench)) == 2 and [row.state for row in bench.ledger] == [L.SETTLED, L.SETTLED]


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_what_the_service_never_took_is_free_once_it_says_so(bench: Desk) -> None:
    bench.server.then(lambda handler, _made: handler.reset())
    generations = bench.generations()
    name = sent(generations, asked(generations, "kling", K.FIRST_AND_LAST))
    card = ended(generations, name)
    assert card.state is G.UNKNOWN and card.may_cost_twice and card.can_look_again
    bench.clock.move(300)
    generations.look_again(name)
    card = ended(generations, name)
    assert card.state is G.FAILED and "not charged" in card.message and not card.may_cost_twice
    assert [row.state for row in bench.ledger] == [L.FAILED_FREE]


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_a_clock_that_is_wrong_is_set_right_by_the_services_own(bench: Desk) -> None:
    service = bench.server.service
    assert isinstance(service, KlingService)
    service.clock_s = -7200.0
    generations = bench.generations()
    assert ended(generations, sent(generations, asked(generations, "kling", K.FIRST_AND_LAST))).state is G.DONE
    assert len(posts(bench)) == 2, "the first token was not valid yet"


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_a_price_that_is_not_known_is_said_to_be_up_to_the_highest(bench: Desk) -> None:
    service = bench.server.service
    assert isinstance(service, KlingService)
    generations = bench.generations()
    card = ended(generations, sent(generations, asked(generations, "kling", K.IMAGE_TO_VIDEO, model="kling-v1-6")))
    (row,) = bench.ledger
    assert card.state is G.DONE and card.cost.state is CostState.UP_TO and not card.message
    assert card.result is not None and row.state is L.UNKNOWN and row.result == card.result.asset
    assert row.upper_usd == card.cost.usd >= service.bill_usd > 0
    assert bench.shown[0].upper_usd == pytest.approx(row.upper_usd)


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_units_that_were_taken_are_the_price(bench: Desk) -> None:
    service = bench.server.service
    assert isinstance(service, KlingService)
    service.says_units = True
    generations = bench.generations()
    for model, kind in (("kling-v2-6", K.FIRST_AND_LAST), ("kling-3.0", K.IMAGE_TO_VIDEO)):
        assert ended(generations, sent(generations, asked(generations, "kling", kind, model=model))).state is G.DONE
    assert sum(row.actual_usd for row in bench.ledger) == pytest.approx(service.bill_usd, abs=1e-5)
