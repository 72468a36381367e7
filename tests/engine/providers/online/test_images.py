"""Pictures after words alone, by Gemini and OpenAI: what leaves, and every fault of the tables of their edits."""

import pytest

from engine.providers.generation import GeneratedImage, GenerateKind, GenerateRequest, ImageGenerator
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.gemini_images import GeminiImages
from engine.providers.online.openai_images import OpenAiImages
from engine.providers.online.transport import Patience, Transport
from engine.running import ThreadCancelToken
from tests.engine.jobs.generating import KEYS, keys_for
from tests.engine.providers.online import gemini_service, pictures
from tests.engine.providers.online.faulty import GEMINI, OPENAI, Case
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.openai_service import OpenAiService
from tests.engine.providers.online.server import FaithfulServer, serving

pytestmark = pytest.mark.integration
IMPATIENT, PATIENT = Patience(0.5, 0.9), Patience(20, 30)
CASES = [(name, case) for name, cases in (("gemini", GEMINI), ("openai", OPENAI)) for case in cases if "circle" not in case.name
         and (case.kind is not None or case.requests > 1)]


def generated(provider: str, server: FaithfulServer, *, patience: Patience = PATIENT, **more: str) -> GeneratedImage:
    transport = Transport(provider, provider.title(), server.base_url)
    service: ImageGenerator = (GeminiImages if provider == "gemini" else OpenAiImages)(
        transport, lambda: keys_for(provider), patience=patience
    )
    asked = {"aspect": "16:9", "resolution": "1K", **more}
    request = GenerateRequest(provider, GenerateKind.TEXT_TO_IMAGE, "rain on a window", **asked)  # type: ignore[arg-type]
    return service.generate(service.prepared(request), insists=False, cancel=ThreadCancelToken())


@pytest.mark.parametrize(("aspect", "resolution", "size"), [
    ("16:9", "1K", (1376, 768)), ("9:16", "2K", (1536, 2752)), ("21:9", "1K", (1584, 672)),
])
def test_gemini_draws_the_shape_and_size_that_was_asked_for(aspect: str, resolution: str, size: tuple[int, int]) -> None:
    with serving(GeminiService()) as server:
        made = generated("gemini", server, aspect=aspect, resolution=resolution)
        assert pictures.decoded(made.raw).shape[1::-1] == size
        body = server.received[0].json()
        assert body["contents"][0]["parts"] == [{"text": "rain on a window"}]
        assert made.cost_usd >= server.bill_usd > 0


@pytest.mark.parametrize(("aspect", "resolution", "size"), [
    ("16:9", "1K", (1536, 864)), ("9:16", "2K", (1152, 2048)), ("1:1", "1K", (1024, 1024)), ("3:2", "2K", (2048, 1360)),
])
def test_openai_draws_a_size_on_its_grid(aspect: str, resolution: str, size: tuple[int, int]) -> None:
    with serving(OpenAiService()) as server:
        made = generated("openai", server, aspect=aspect, resolution=resolution)
        assert pictures.decoded(made.raw).shape[1::-1] == size
        assert made.cost_usd == pytest.approx(server.bill_usd) and made.request_id == "req_1"


@pytest.mark.parametrize(("provider", "case"), CASES, ids=lambda one: getattr(one, "name", one))
def test_every_fault_ends_as_it_does_for_an_edit(provider: str, case: Case) -> None:
    service = GeminiService() if provider == "gemini" else OpenAiService()
    with serving(service) as server:
        server.then(case.faults[0])
        with pytest.raises(ProviderFailure) as caught:
            generated(provider, server, patience=IMPATIENT if case.is_slow else PATIENT)
        failure = caught.value
        assert failure.kind is (case.kind or FailureKind.PROVIDER_BUG), failure
        assert failure.may_have_billed == case.may_have_billed and failure.is_repeatable == case.is_repeatable
        assert len(server.received) == 1 and not any(secret in str(failure) for secret in KEYS[provider].values())


def test_an_insisting_request_says_so() -> None:
    with serving(GeminiService()) as server:
        service = GeminiImages(Transport("gemini", "Gemini", server.base_url), lambda: keys_for("gemini"))
        prepared = service.prepared(GenerateRequest("gemini", GenerateKind.TEXT_TO_IMAGE, "rain", resolution="1K"))
        server.then(gemini_service.words_only())
        with pytest.raises(ProviderFailure, match="in words"):
            service.generate(prepared, insists=False, cancel=ThreadCancelToken())
        assert service.generate(prepared, insists=True, cancel=ThreadCancelToken()).raw
        assert server.received[1].json()["contents"][0]["parts"][0]["text"].endswith("no words.")
