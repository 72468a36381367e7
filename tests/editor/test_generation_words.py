"""What the gallery says of a generation and offers for it; the form as a request and back. Plain values, no window."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from editor.generate_asked import asked_of, from_text, kind_of, offer_of, request_of, settled, to_text
from editor.generation_words import Around, card_of, cost_words, file_name
from engine.jobs.generation_values import Cost, CostState, Generation, GenerationState, MadeFile
from engine.jobs.generations import Generations
from engine.providers.generation import GenerateKind, GenerateRequest
from engine.providers.online.outgoing import refuse
from engine.store.database import Store
from engine.vault import KeyStore
from widgets.gallery import Card, Look
from widgets.generate_form import Asked, Tab

S, K = GenerationState, GenerateKind
REQUEST = GenerateRequest("veo", K.TEXT_TO_VIDEO, "A red tulip: it opens, slowly, in one take and a garden/light", duration_s=8)
ONE = Generation(
    "g", REQUEST, "Veo", "veo-3.1", S.DONE, "", "", 108.0, 120.0, Cost(3.2, CostState.CHARGED), ("AI generated",),
    datetime(2026, 11, 20, tzinfo=UTC), None, MadeFile("h", Path("h.mp4"), "video/mp4", 1280, 720, Fraction(8), has_audio=True),
    0, is_trashed=False, can_cancel=False, can_look_again=False, may_cost_twice=False,
)  # fmt: skip
AROUND = Around(other_service="Kling", has_costs=True)


def shown(state: GenerationState, around: Around = AROUND, **more: object) -> Card:
    result = ONE.result if state is S.DONE else None
    return card_of(replace(ONE, state=state, result=result, **more), around)  # type: ignore[arg-type]


def offered(card: Card, *places: str) -> list[str]:
    return [action.key for action in card.actions if action.place in places]


def test_a_finished_one_says_what_it_is_what_it_cost_and_how_long_it_took() -> None:
    card = shown(S.DONE)
    assert card.look is Look.FINISHED and card.facts == "Veo, text to video, 8 s, 720p, $3.20, 1:48"
    assert offered(card, "main", "quiet") == ["add", "save"] and "sound" in offered(card, "menu")
    assert offered(shown(S.DONE, replace(AROUND, in_bin=frozenset({"g"}))), "main") == ["show"]
    assert shown(S.DONE, replace(AROUND, in_bin=frozenset({"g"}))).status == "Finished, in bin"


@pytest.mark.parametrize(
    ("state", "more", "look", "first"),
    [
        (S.SENDING, {"can_cancel": True}, Look.RUNNING, ["cancel"]),
        (S.RUNNING, {"can_cancel": True}, Look.RUNNING, ["cancel"]),
        (S.WAITING, {"can_cancel": True}, Look.WAITING, ["other", "cancel"]),
        (S.BLOCKED, {}, Look.BLOCKED, ["edit", "other"]),
        (S.UNKNOWN, {"can_look_again": True, "may_cost_twice": True}, Look.UNKNOWN, ["look", "costs"]),
        (S.UNKNOWN, {"may_cost_twice": True}, Look.UNKNOWN, ["retry"]),
        (S.FAILED, {}, Look.FAILED, ["retry"]),
        (S.STOPPED, {"can_look_again": True}, Look.STOPPED, ["look", "retry"]),
        (S.EXPIRED, {}, Look.FAILED, ["retry"]),
    ],
)
def test_every_state_offers_what_helps(state: GenerationState, more: dict[str, bool], look: Look, first: list[str]) -> None:
    card = shown(state, AROUND, **more)
    assert card.look is look and offered(card, "main", "quiet", "far", "end") == first
    assert card.headline and (state in {S.SENDING, S.RUNNING, S.WAITING} or "trash" in [a.key for a in card.actions])
    if state is S.UNKNOWN:
        assert next(a for a in card.actions if a.key == "retry").text == "Send again"
        priced = shown(state, replace(AROUND, again="about $3.20"), **more)
        assert next(a for a in priced.actions if a.key == "retry").text == "Send again, about $3.20"


def test_where_nobody_else_makes_it_and_there_are_no_costs_to_see_neither_is_offered() -> None:
    card = shown(S.UNKNOWN, Around(), can_look_again=True)
    assert {"other", "costs"}.isdisjoint(action.key for action in card.actions)


def test_a_deleted_one_can_only_be_brought_back_or_asked_anew() -> None:
    card = shown(S.DONE, is_trashed=True)
    assert card.look is Look.DELETED and [action.key for action in card.actions] == ["restore", "edit"]


def test_words_of_money_and_files() -> None:
    assert [cost_words(Cost(0.35, state)) for state in CostState] == ["about $0.35", "$0.35", "nothing charged", "up to $0.35"]
    assert file_name(ONE) == "A red tulip it opens slowly in one.mp4"
    assert file_name(replace(ONE, request=replace(REQUEST, prompt="…"), result=None)) == "Generated"


@pytest.fixture
def generating(tmp_path: Path) -> Generations:
    return Generations(Store(tmp_path / "store.sqlite"), "film", KeyStore(environ={}).keys_for, refuse)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (Asked(Tab.TEXT_TO_VIDEO), K.TEXT_TO_VIDEO), (Asked(Tab.TEXT_TO_IMAGE), K.TEXT_TO_IMAGE),
        (Asked(Tab.IMAGE_TO_VIDEO, first="a"), K.IMAGE_TO_VIDEO),
        (Asked(Tab.IMAGE_TO_VIDEO, first="a", last="b"), K.FIRST_AND_LAST),
        (Asked(Tab.IMAGE_TO_VIDEO, first="a", continues=True), K.CONTINUATION),
    ],
)
def test_what_stands_in_the_form_is_a_request_and_comes_back(asked: Asked, kind: GenerateKind, generating: Generations) -> None:
    full = settled(replace(asked, prompt="rain"), generating, "9:16")
    assert kind_of(full) is kind and generating.problem(request_of(full)) == ""
    assert kind is K.TEXT_TO_IMAGE or full.shape == "9:16"
    again = asked_of(request_of(full))
    assert request_of(again) == request_of(full)
    assert from_text(to_text(full, {"a": "meadow", "z": "gone"}))[0] == full
    assert offer_of(full, generating, {full.provider: "your key"}).services[0].note == "your key"


def test_what_cannot_be_read_is_the_usual_form() -> None:
    assert from_text("") == from_text('{"asked": {"tab": "NO"}}') == from_text("[1]") == (Asked(), {})
