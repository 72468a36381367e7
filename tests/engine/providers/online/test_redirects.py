"""Whatever is asked of whichever service: a host that it sends the request on to sees no key, and gets nothing that was sent."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from engine.errors import PatchreelError
from engine.providers.generation import GenerateKind, GenerateRequest, ImageGenerator, VideoGenerator
from engine.providers.online.elevenlabs import ElevenLabs
from engine.providers.online.gemini import Gemini
from engine.providers.online.gemini_images import GeminiImages
from engine.providers.online.key_test import try_key
from engine.providers.online.kling import Kling
from engine.providers.online.openai import OpenAi
from engine.providers.online.openai_images import OpenAiImages
from engine.providers.online.transport import Transport
from engine.providers.online.veo import Veo
from engine.providers.protocol import RegionEditRequest
from engine.providers.transcriber import TranscribeRequest
from engine.running import ThreadCancelToken, ignore
from engine.store.operation_values import Download
from engine.vault import Keys, Source
from tests.engine.jobs.generating import KEYS
from tests.engine.providers.online import elevenlabs_service
from tests.engine.providers.online.server import Answer, Received, redirect, serving

pytestmark = [pytest.mark.integration, pytest.mark.security]
ALL_KEYS = {**KEYS, "elevenlabs": {"key": elevenlabs_service.KEY}}
FRAME = np.full((320, 320, 3), 90, np.uint8)
K = GenerateKind
_CANCEL = ThreadCancelToken()


def _keys(provider: str) -> Keys:
    return Keys(provider, ALL_KEYS[provider], Source.REQUEST)


def _transport(provider: str, url: str) -> Transport:
    return Transport(provider, provider.title(), url)


def _edit(provider: str, url: str) -> None:
    kind = Gemini if provider == "gemini" else OpenAi
    editor = kind(_transport(provider, url), lambda: _keys(provider), "gpt-image-2", gate=lambda *_: None)
    editor.edit(RegionEditRequest(FRAME, np.ones((320, 320), np.float32), "paint it"), None, cancel=_CANCEL, report=ignore)


def _draw(provider: str, url: str) -> None:
    kind = GeminiImages if provider == "gemini" else OpenAiImages
    service: ImageGenerator = kind(_transport(provider, url), lambda: _keys(provider))
    request = GenerateRequest(provider, K.TEXT_TO_IMAGE, "rain", aspect="16:9", resolution="1K")
    service.generate(service.prepared(request), insists=False, cancel=_CANCEL)


def _video(provider: str, url: str) -> VideoGenerator:
    if provider == "veo":
        return Veo(_transport("veo", url), lambda: _keys("veo"), url)
    return Kling(_transport("kling", url), lambda: _keys("kling"))


def _submit(provider: str, url: str, model: str = "") -> None:
    more = {"resolution": "1080p", "duration_s": 5} if provider == "kling" else {}
    service = _video(provider, url)
    request = GenerateRequest(provider, K.IMAGE_TO_VIDEO, "rain", first_image="asset", model=model, **more)  # type: ignore[arg-type]
    service.submit(service.prepared(request, FRAME, None), "our-name", cancel=_CANCEL)


def _hear(_provider: str, url: str) -> None:
    service = ElevenLabs(
        _transport("elevenlabs", url), lambda: _keys("elevenlabs"), "scribe_v2", gate=lambda *_: None,
    )
    service.transcribe(TranscribeRequest(bytes(32_000), {}), cancel=_CANCEL, report=ignore)


def _fetch(provider: str, url: str) -> None:
    service = _video(provider, url)
    part = Path("/nowhere/there")
    service.fetch(Download(f"{url}/file"), part, noted=lambda _known: None, cancel=_CANCEL, report=ignore)


ASKED: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "gemini edit": ("gemini", _edit), "gemini picture": ("gemini", _draw), "openai edit": ("openai", _edit),
    "openai picture": ("openai", _draw), "veo": ("veo", _submit), "kling": ("kling", _submit),
    "kling 3.0": ("kling", lambda name, url: _submit(name, url, "kling-3.0")), "elevenlabs": ("elevenlabs", _hear),
    "looking at veo": ("veo", lambda name, url: _video(name, url).look("models/m/operations/7", "m", cancel=_CANCEL)),
    "looking at kling": ("kling", lambda name, url: _video(name, url).look("task7", "kling-v2-6", cancel=_CANCEL)),
    "looking at kling 3.0": ("kling", lambda name, url: _video(name, url).look("task7", "kling-3.0", cancel=_CANCEL)),
    "finding at kling": ("kling", lambda name, url: _video(name, url).find("ours", "kling-v2-6", cancel=_CANCEL)),
    "fetching from veo": ("veo", _fetch), "fetching from kling": ("kling", _fetch),
    **{f"testing a key of {name}": (name, lambda name, _url: try_key(name, _keys(name))) for name in ALL_KEYS if name != "veo"},
}


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("what", ASKED)
def test_no_key_reaches_another_host(what: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    provider, ask = ASKED[what]
    nothing = Answer(404, b"{}", {"Content-Type": "application/json"})
    with serving(lambda _request: nothing) as other, serving(lambda _request: nothing) as server:
        server.then(*(redirect(f"{other.base_url}/there?kept=1", code) for _ in range(4)))
        monkeypatch.setenv(f"PATCHREEL_{provider.upper()}_BASE_URL", server.base_url)
        with suppress(PatchreelError):
            ask(provider, server.base_url)
        assert server.received, "it was asked"
        for received in other.received:
            _has_nothing_of_ours(received, provider)
        assert all(secret not in one.target for one in server.received for secret in ALL_KEYS[provider].values())


def _has_nothing_of_ours(received: Received, provider: str) -> None:
    assert received.method == "GET" and not received.body, "what was meant for the service was sent on"
    assert not {"authorization", "x-goog-api-key", "xi-api-key", "cookie", "referer"} & set(received.headers)
    assert not any(secret.encode() in received.everything() for secret in ALL_KEYS[provider].values())
