"""The services that generate: their adapters, each made when it is first asked for anything, with what it is used with."""

import threading
from collections.abc import Callable

from engine.errors import BadInputError
from engine.providers.generation import ImageGenerator, VideoGenerator
from engine.providers.online.addresses import moved_base_url
from engine.providers.online.table import provider_facts
from engine.vault import Keys


class Generators:
    """Adapters by id. `keys` is asked at each call. Thread-safe; `close` ends their connections."""

    def __init__(self, keys: Callable[[str], Keys]) -> None:
        self._keys = keys
        self._lock = threading.Lock()
        self._images: dict[str, ImageGenerator] = {}
        self._videos: dict[str, VideoGenerator] = {}
        self._closers: list[Callable[[], None]] = []

    def video(self, provider: str) -> VideoGenerator:
        """Raises: BadInputError: no such service, or an address that may not be used."""
        with self._lock:
            if provider not in self._videos:
                self._videos[provider] = self._made_video(provider)
            return self._videos[provider]

    def image(self, provider: str) -> ImageGenerator:
        """Raises: BadInputError, as `video`."""
        with self._lock:
            if provider not in self._images:
                self._images[provider] = self._made_image(provider)
            return self._images[provider]

    def check_keys(self, provider: str) -> None:
        """Before a request is written down. Raises: KeyMissingError, VaultError, BadInputError."""
        self._keys(provider)

    def close(self) -> None:
        with self._lock:
            for close in self._closers:
                close()
            self._closers, self._images, self._videos = [], {}, {}

    def _made_video(self, provider: str) -> VideoGenerator:
        from engine.providers.online.kling import Kling
        from engine.providers.online.transport import Transport
        from engine.providers.online.veo import Veo

        if provider not in {"veo", "kling"}:
            raise BadInputError(f"“{provider}” makes no videos.", "Choose one of: veo, kling.")
        facts = provider_facts(provider)
        transport = Transport(provider, "Veo" if provider == "veo" else "Kling", moved_base_url(provider, facts.base_url))
        self._closers.append(transport.close)
        if provider == "veo":
            return Veo(transport, lambda: self._keys(provider), facts.base_url)
        return Kling(transport, lambda: self._keys(provider))

    def _made_image(self, provider: str) -> ImageGenerator:
        from engine.providers.online.gemini_images import GeminiImages
        from engine.providers.online.openai_images import OpenAiImages
        from engine.providers.online.transport import Transport

        if provider not in {"gemini", "openai"}:
            raise BadInputError(f"“{provider}” makes no pictures.", "Choose one of: gemini, openai.")
        name = "Gemini" if provider == "gemini" else "OpenAI"
        transport = Transport(provider, name, moved_base_url(provider, provider_facts(provider).base_url))
        self._closers.append(transport.close)
        made = GeminiImages if provider == "gemini" else OpenAiImages
        return made(transport, lambda: self._keys(provider))
