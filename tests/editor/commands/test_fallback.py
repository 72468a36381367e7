"""A service that is asked too often: another one stands in, then what was made before, then the user is told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.jobs import generations
from engine.providers.fallback import Chain
from engine.providers.online.fallbacks import REGION_EDIT, Fallbacks
from tests.engine.jobs.generating import FastClock, picture
from tests.engine.providers.online import gemini_service, kling_service, openai_service
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.openai_service import OpenAiService
from tests.engine.providers.online.server import FaithfulServer, serving
from tests.engine.providers.online.veo_service import VeoService

pytestmark = pytest.mark.integration
Patch = Callable[..., Any]
BUSY = faults.instead(gemini_service.quota("900s"))
FULL = faults.status(429, b'{"error":{"message":"Rate limit","type":"requests","code":"rate_limit_exceeded"}}', retry_after="600")


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FaithfulServer, FaithfulServer]]:
    with serving(GeminiService()) as gemini, serving(OpenAiService()) as openai:
        for name, server, key in (("GEMINI", gemini, gemini_service.KEY), ("OPENAI", openai, openai_service.KEY)):
            monkeypatch.setenv(f"PATCHREEL_{name}_BASE_URL", server.base_url)
            monkeypatch.setenv(f"{name}_API_KEY", key)
        yield gemini, openai


@pytest.fixture
def patch(run: Any, clip: Path, tmp_path: Path, servers: object) -> Patch:
    film = tmp_path / "film.patchreel"
    assert run("new", film, clip).code == 0

    def call(*more: str) -> Any:
        return run("patch", film, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--before", "0", "--after", "0",
                   "--prompt", "remove the white square", "--send", *more)  # fmt: skip

    return call


def test_the_one_that_was_named_stands_in_and_the_patch_says_so(
    run: Any, patch: Patch, servers: tuple[FaithfulServer, FaithfulServer]
) -> None:
    gemini, openai = servers
    gemini.then(BUSY)
    made = patch("--provider", "gemini", "--fallback", "openai", "--json").data
    assert made["provider"] == "openai" and made["state"] == "published" and made["cost_usd"] > 0
    assert any("OpenAI was asked instead" in warning for warning in made["warnings"])
    assert len(gemini.received) == len(openai.received) == 1, "who has another one to ask does not wait a quarter of an hour"
    states = {row["provider"]: row["state"] for row in run("ledger", "--json").data["rows"]}
    assert states == {"gemini": "failed_free", "openai": "settled"}


def test_without_a_word_nobody_stands_in_and_the_order_of_the_settings_is_one(
    patch: Patch, servers: tuple[FaithfulServer, FaithfulServer]
) -> None:
    gemini, openai = servers
    gemini.then(BUSY)
    refused = patch("--provider", "gemini")
    assert refused.code == 1 and "Gemini takes no more requests for now" in refused.sentence and openai.received == []
    Fallbacks().choose(REGION_EDIT, Chain(("openai",)))
    assert patch("--provider", "gemini", "--json").data["provider"] == "openai", "the pause of the first holds, and is passed"
    assert len(gemini.received) == 1
    assert patch("--provider", "gemini", "--fallback", "none").code == 1
    assert patch("--provider", "gemini", "--fallback", "nobody").code == 2


def test_where_both_are_busy_what_was_made_before_is_taken_and_else_the_first_time_is_told(
    run: Any, patch: Patch, servers: tuple[FaithfulServer, FaithfulServer]
) -> None:
    gemini, openai = servers
    gemini.then(BUSY)
    openai.then(FULL)
    refused = patch("--provider", "gemini", "--fallback", "openai,made before")
    assert refused.code == 1 and "Gemini" in refused.sentence and "OpenAI" in refused.sentence
    assert all(row["actual_usd"] == 0 for row in run("ledger", "--json").data["rows"])


def test_running_a_patch_again_follows_the_order_too(
    run: Any, patch: Patch, servers: tuple[FaithfulServer, FaithfulServer], tmp_path: Path
) -> None:
    gemini, openai = servers
    made = patch("--provider", "gemini", "--json").data
    gemini.then(BUSY)
    film = tmp_path / "film.patchreel"
    retried = run("review", film, "--patch", made["patch_id"], "--retry", "--send", "--fallback", "openai", "--json").data
    assert retried["provider"] == "openai" and retried["version"] == 2 and len(openai.received) == 1
    assert any("OpenAI was asked instead" in warning for warning in retried["warnings"])


@pytest.fixture
def films(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FaithfulServer, FaithfulServer]]:
    """Veo and Kling."""
    monkeypatch.setattr(generations, "Clock", lambda: FastClock().clock)
    veo, kling = VeoService(), KlingService()
    with serving(veo) as first, serving(kling) as second:
        veo.base_url, kling.base_url = first.base_url, second.base_url
        for name, value in (
            ("PATCHREEL_VEO_BASE_URL", first.base_url), ("PATCHREEL_KLING_BASE_URL", second.base_url),
            ("GEMINI_API_KEY", gemini_service.KEY), ("KLING_ACCESS_KEY", kling_service.ACCESS),
            ("KLING_SECRET_KEY", kling_service.SECRET),
        ):
            monkeypatch.setenv(name, value)
        yield first, second


def test_another_service_makes_the_video_where_the_first_is_full(
    run: Any, films: tuple[FaithfulServer, FaithfulServer], tmp_path: Path
) -> None:
    veo, kling = films
    (tmp_path / "first.png").write_bytes(picture(480, 320))
    words = ("generate", "--provider", "veo", "--prompt", "rain", "--image", tmp_path / "first.png", "--duration", "4",
             "--negative", "people", "-o", tmp_path / "rain.mp4", "--send", "--json")  # fmt: skip
    veo.then(BUSY)
    refused = run(*words)
    assert refused.code == 1 and "Veo takes no more requests for now" in refused.sentence and kling.received == []
    made = run(*words, "--fallback", "kling,made before").data
    assert made["provider"] == "kling" and made["cost_usd"] == pytest.approx(kling.bill_usd) and made["cost_usd"] > 0
    assert any("Kling was asked instead, for 720p, 5 s" in warning for warning in made["warnings"])
    again = run(*words, "--fallback", "kling,made before").data
    assert again["provider"] == "kling" and sum(one.method == "POST" for one in kling.received) == 2, "asked anew, as it was told"
    kling.then(faults.status(503), faults.status(503), faults.status(503))
    known = run(*words, "--fallback", "kling,made before").data
    assert known["provider"] == "kling" and any("made before" in warning for warning in known["warnings"])
    assert len({row["id"] for row in run("ledger", "--json").data["rows"] if row["state"] == "settled"}) == 2
    assert run(*words, "--fallback", "gemini").code == 1, "who makes no videos stands in for nobody"
    assert run(*words, "--fallback", "nobody").code == 2


def test_another_service_moves_what_lies_between_two_anchors(
    run: Any, films: tuple[FaithfulServer, FaithfulServer], clip: Path, tmp_path: Path
) -> None:
    veo, kling = films
    film = tmp_path / "film.patchreel"
    assert run("new", film, clip).code == 0
    veo.then(BUSY)
    made = run("patch", film, "--at", "f:45", "--box", "0.45,0.4,0.08,0.1", "--provider", "local.inpaint", "--before", "0",
               "--after", "3", "--prompt", "nothing", "--key", "f:47 box 0.445,0.4,0.08,0.1", "--between", "veo", "--send",
               "--fallback", "kling", "--json").data  # fmt: skip
    assert made["cost_usd"] == pytest.approx(kling.bill_usd) and kling.bill_usd > 0 and veo.bill_usd == 0
    for words in ("Kling was asked instead", "moved by Kling", "Veo takes no more requests"):
        assert any(words in warning for warning in made["warnings"]), words


def test_a_lost_answer_is_passed_on_to_nobody(
    run: Any, films: tuple[FaithfulServer, FaithfulServer], tmp_path: Path
) -> None:
    veo, kling = films
    (tmp_path / "first.png").write_bytes(picture(480, 320))
    veo.then(faults.reset_mid_body)
    lost = run("generate", "--provider", "veo", "--prompt", "rain", "--image", tmp_path / "first.png", "-o",
               tmp_path / "rain.mp4", "--send", "--fallback", "kling")  # fmt: skip
    assert lost.code == 1 and "charged" in lost.sentence and kling.received == [], "it may be paid for twice"


def test_what_the_other_one_made_before_costs_nothing(
    patch: Patch, servers: tuple[FaithfulServer, FaithfulServer]
) -> None:
    gemini, openai = servers
    assert patch("--provider", "openai", "--json").data["cost_usd"] > 0
    gemini.then(BUSY)
    made = patch("--provider", "gemini", "--fallback", "openai,made before", "--json").data
    assert made["provider"] == "openai" and made["cached"] and made["cost_usd"] == 0 and len(openai.received) == 1
