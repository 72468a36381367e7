"""Veo and Kling against servers that behave like them: every fault while a video is sent, looked at and fetched, by the table."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.jobs.generation_values import GenerationState
from engine.providers.generation import GenerateKind, GenerateRequest, VideoGenerator, Working
from engine.providers.online import downloads
from engine.providers.online.failures import ProviderFailure
from engine.providers.online.kling import Kling
from engine.providers.online.transport import Patience, Transport
from engine.providers.online.veo import Veo
from engine.running import ThreadCancelToken, ignore
from engine.store.ledger import LedgerState
from engine.store.operation_values import Download
from tests.engine.jobs.generating import KEYS, Desk, asked, desk, ended, keys_for, sent
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.faulty import Case
from tests.engine.providers.online.faulty_videos import KLING, KLING_STEPS, VEO, VEO_STEPS, Step, elsewhere
from tests.engine.providers.online.files import file_answer
from tests.engine.providers.online.films import film
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.server import Answer, FaithfulServer, Received, serving
from tests.engine.providers.online.veo_service import OFFICIAL, VeoService

pytestmark = pytest.mark.integration
IMPATIENT, PATIENT, HASTY = Patience(0.5, 0.9), Patience(20, 30), Patience(0.4, 0.5)
G = GenerationState
FRAME = np.full((320, 320, 3), 90, np.uint8)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[FaithfulServer]:
    with serving(VeoService() if request.param == "veo" else KlingService()) as one:
        assert isinstance(one.service, (VeoService, KlingService))
        one.service.base_url = one.base_url
        yield one


def adapter(provider: str, server: FaithfulServer, patience: Patience = PATIENT) -> VideoGenerator:
    if provider == "veo":
        return Veo(Transport("veo", "Veo", server.base_url), lambda: keys_for("veo"), OFFICIAL, send=patience, look=patience)
    return Kling(Transport("kling", "Kling", server.base_url), lambda: keys_for("kling"), send=patience, look=patience)


def submitted(provider: str, service: VideoGenerator) -> str:
    words = {"prompt": "rain", "first_image": "asset"}
    more: dict[str, Any] = {"resolution": "1080p", "duration_s": 5} if provider == "kling" else {}
    prepared = service.prepared(GenerateRequest(provider, GenerateKind.IMAGE_TO_VIDEO, **{**words, **more}), FRAME, None)
    return service.submit(prepared, "our-name", cancel=ThreadCancelToken()).remote_id


SENDING = [*(("veo", case) for case in VEO), *(("kling", case) for case in KLING)]


@pytest.mark.parametrize(("server", "case"), SENDING, ids=lambda one: getattr(one, "name", one), indirect=["server"])
def test_every_fault_of_sending_is_one_sentence_and_a_choice(
    server: FaithfulServer, case: Case, request: pytest.FixtureRequest
) -> None:
    provider = "veo" if isinstance(server.service, VeoService) else "kling"
    server.then(*case.faults)
    with pytest.raises(ProviderFailure) as caught:
        submitted(provider, adapter(provider, server, IMPATIENT if case.is_slow else PATIENT))
    failure = caught.value
    assert failure.kind is case.kind and case.says in failure.text, failure
    assert failure.hint and failure.text.endswith(".")
    assert failure.is_repeatable == case.is_repeatable and (failure.retry_at is not None) == case.is_waited_for
    assert failure.may_have_billed == case.may_have_billed and len(server.received) == case.requests
    shown = str(failure) + repr(vars(failure))
    assert not any(secret in shown for secret in KEYS[provider].values())


STEPS = [*(("veo", step) for step in VEO_STEPS), *(("kling", step) for step in KLING_STEPS)]


@pytest.mark.parametrize(("provider", "step"), STEPS, ids=lambda one: getattr(one, "name", one))
def test_every_fault_after_sending_ends_in_a_result_or_a_clear_choice(
    provider: str, step: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = VeoService() if provider == "veo" else KlingService()
    service.ends, service.looks = list(step.ends), step.looks
    if step.is_slow:
        for function, name in (((Veo if provider == "veo" else Kling).__init__, "look"), (downloads.fetch, "patience")):
            monkeypatch.setattr(function, "__kwdefaults__", {**(function.__kwdefaults__ or {}), name: HASTY})
    with desk(tmp_path, service, monkeypatch, provider) as bench:
        bench.server.then(None, *(step.looking or ((None,) if step.fetching else ())), *step.fetching)
        generations = bench.generations()
        kind = GenerateKind.TEXT_TO_VIDEO if provider == "veo" else GenerateKind.IMAGE_TO_VIDEO
        card = ended(generations, sent(generations, asked(generations, provider, kind)))
        assert card.state is step.state and step.says in card.message, card
        assert sum(one.method == "POST" for one in bench.server.received) == step.requests
        _settled(bench, service, step)
        if step.state is G.DONE:
            assert card.result is not None and card.result.path.read_bytes() == film()


def _settled(bench: Desk, service: VeoService | KlingService, step: Step) -> None:
    """What is settled is what was billed; only what nobody knows may be more."""
    settled = sum(row.actual_usd for row in bench.ledger)
    unknown = sum(row.upper_usd for row in bench.ledger if row.state is LedgerState.UNKNOWN)
    running = sum(row.upper_usd for row in bench.ledger if row.state is LedgerState.STARTED)
    assert settled <= service.bill_usd + 1e-9 and service.bill_usd <= settled + unknown + running + 1e-9
    assert bool(unknown) == step.may_have_billed and bool(running) == (step.name == "endless poll")


@pytest.mark.parametrize("server", ["veo", "kling"], indirect=True)
@pytest.mark.parametrize("fault", [faults.slow_drip, faults.endless_wait], ids=["slow drip", "endless wait"])
def test_a_look_has_its_patience(server: FaithfulServer, fault: faults.Fault) -> None:
    provider = "veo" if isinstance(server.service, VeoService) else "kling"
    service = adapter(provider, server)
    name, impatient = submitted(provider, service), adapter(provider, server, IMPATIENT)
    server.then(fault)
    with pytest.raises(ProviderFailure, match=r"took longer|did not answer|broke off"):
        impatient.look(name, service.info.models[0], cancel=ThreadCancelToken())
    assert isinstance(service.look(name, service.info.models[0], cancel=ThreadCancelToken()), Working)


@pytest.mark.security
@pytest.mark.parametrize("provider", ["veo", "kling"])
def test_no_key_reaches_the_host_that_a_fetch_is_sent_on_to(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = VeoService() if provider == "veo" else KlingService()
    service.looks = 0
    with desk(tmp_path, service, monkeypatch, provider) as bench, serving(elsewhere) as other:
        bench.server.then(None, None, faults.redirect(f"{other.base_url}/file", 302))
        other.then(faults.short_body)
        bench.server.then(faults.redirect(f"{other.base_url}/file", 302))
        generations = bench.generations()
        kind = GenerateKind.TEXT_TO_VIDEO if provider == "veo" else GenerateKind.IMAGE_TO_VIDEO
        assert ended(generations, sent(generations, asked(generations, provider, kind))).state is G.DONE
        assert len(other.received) == 2 and other.received[1].headers["range"].startswith("bytes=")
        secrets = [secret.encode() for secret in KEYS[provider].values()]
        for received in other.received:
            assert not {"x-goog-api-key", "authorization", "cookie"} & set(received.headers)
            assert not any(secret in received.everything() for secret in secrets)
        assert not any(secret.decode() in one.target for secret in secrets for one in bench.server.received)


def test_a_broken_fetch_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = VeoService()
    service.looks = 0
    with desk(tmp_path, service, monkeypatch, "veo") as bench:
        bench.server.then(None, None, faults.short_body)  # a reset may take what was sent before it along
        generations = bench.generations()
        assert ended(generations, sent(generations, asked(generations, "veo"))).state is G.DONE
        first, second = (one for one in bench.server.received if one.path.endswith(":download"))
        half = len(film()) // 2
        assert "range" not in first.headers and second.headers["range"] == f"bytes={half}-" and second.headers["if-range"]


@pytest.mark.parametrize("fault", [faults.slow_drip, faults.endless_wait], ids=["slow drip", "endless wait"])
def test_a_fetch_has_its_patience_and_goes_on_with_what_it_got(fault: faults.Fault, tmp_path: Path) -> None:
    part, known = tmp_path / "film.part", [Download()]
    with serving(elsewhere) as server:
        transport = Transport("veo", "Veo", server.base_url)

        def fetched(patience: Patience) -> None:
            downloads.fetch(
                transport, replace(known[0], url=f"{server.base_url}/film"), part, keys={}, noted=lambda one: known.append(one),
                cancel=ThreadCancelToken(), report=ignore, patience=patience,
            )

        server.then(fault)
        with pytest.raises(ProviderFailure, match=r"took longer|did not answer|broke off"):
            fetched(IMPATIENT)
        known[0] = known[-1]
        fetched(PATIENT)
        assert part.read_bytes() == film()
        assert ("range" in server.received[1].headers) == (fault is faults.slow_drip)
        transport.close()


@pytest.mark.parametrize("is_same", [True, False], ids=["the same file", "another one meanwhile"])
def test_a_fetch_goes_on_where_the_server_gives_no_tag(is_same: bool, tmp_path: Path) -> None:
    part, known, name = tmp_path / "film.part", [Download()], {"ETag"}

    def without_tag(request: Received) -> Answer:
        whole = film() if is_same or len(known) < 2 else film(12)
        made = file_answer(request, whole)
        return Answer(made.status, made.body, {key: value for key, value in made.headers.items() if key not in name})

    with serving(without_tag) as server:
        transport = Transport("kling", "Kling", server.base_url)
        server.then(faults.short_body)
        for _ in range(3):
            link = replace(known[-1], url=f"{server.base_url}/film")
            try:
                downloads.fetch(
                    transport, link, part, keys={}, noted=lambda one: known.append(one), cancel=ThreadCancelToken(), report=ignore
                )
                break
            except ProviderFailure:
                known[-1] = known[-1] if part.exists() else Download()
        assert part.read_bytes() == (film() if is_same else film(12))
        assert server.received[1].headers["range"] and "if-range" not in server.received[1].headers
        transport.close()


def test_a_fetch_of_a_whole_file_asks_nobody(tmp_path: Path) -> None:
    part = tmp_path / "film.part"
    part.write_bytes(film())
    link = Download("http://127.0.0.1:9/gone", "film.part", '"tag"', len(film()))
    service = Veo(Transport("veo", "Veo", "http://127.0.0.1:9"), lambda: keys_for("veo"), OFFICIAL)
    service.fetch(link, part, noted=lambda _known: None, cancel=ThreadCancelToken(), report=ignore)


@pytest.mark.parametrize("url", ["http://192.0.2.7/x", "ftp://127.0.0.1/x", "https://user@host/x", "no address"])
def test_an_address_that_is_none_or_not_safe_is_not_fetched(url: str, tmp_path: Path) -> None:
    service = Veo(Transport("veo", "Veo", "http://127.0.0.1:9"), lambda: keys_for("veo"), OFFICIAL)
    with pytest.raises(ProviderFailure, match=r"not safe|no address"):
        service.fetch(
            Download(url), tmp_path / "p", noted=lambda _known: None, cancel=ThreadCancelToken(), report=ignore
        )


def test_a_service_elsewhere_cannot_lead_to_this_machine(tmp_path: Path) -> None:
    service = Veo(Transport("veo", "Veo", "https://service.example"), lambda: keys_for("veo"), OFFICIAL)
    with pytest.raises(ProviderFailure, match="not safe"):
        service.fetch(
            Download("https://127.0.0.1/x"), tmp_path / "p", noted=lambda _known: None, cancel=ThreadCancelToken(), report=ignore
        )
