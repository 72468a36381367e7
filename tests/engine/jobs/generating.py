"""A desk to generate at: a store, a service on this machine, keys, a gate that notes what it was shown, and time that flies."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from engine.jobs.generation_values import Generation
from engine.jobs.generations import Generations
from engine.providers.generation import GenerateKind, GenerateRequest
from engine.providers.online.attempts import Clock
from engine.providers.online.outgoing import Sending, png
from engine.running import ThreadCancelToken, ignore
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerRow
from engine.vault import Keys, Source
from tests.engine.providers.online import kling_service
from tests.engine.providers.online.gemini_service import KEY
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.openai_service import KEY as OPENAI_KEY
from tests.engine.providers.online.server import FaithfulServer, Service, serving
from tests.engine.providers.online.veo_service import VeoService

KEYS = {"veo": {"key": KEY}, "gemini": {"key": KEY}, "kling": kling_service.KEYS, "openai": {"key": OPENAI_KEY}}


def keys_for(provider: str) -> Keys:
    return Keys(provider, KEYS[provider], Source.REQUEST)


class FastClock:
    """Sleeping takes a moment and moves the time by eight times as much as was asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._time = datetime.now(UTC)

    def now(self) -> datetime:
        with self._lock:
            return self._time

    def sleep(self, seconds: float) -> None:
        self.move(8 * seconds)
        time.sleep(0.0005)  # others get their turn

    def move(self, seconds: float) -> None:
        with self._lock:
            self._time += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep, lambda: 0.0)


@dataclass
class Desk:
    store: Store
    server: FaithfulServer
    clock: FastClock = field(default_factory=FastClock)
    shown: list[Sending] = field(default_factory=list)
    opened: list[Generations] = field(default_factory=list)
    keys: Callable[[str], Keys] = keys_for

    def generations(self, **more: object) -> Generations:
        made = Generations(
            self.store, "film", lambda provider: self.keys(provider), lambda sending, _cancel: self.shown.append(sending),
            clock=self.clock.clock, **more,  # type: ignore[arg-type]
        )
        self.opened.append(made)
        return made

    @property
    def ledger(self) -> tuple[LedgerRow, ...]:
        return Ledger(self.store).rows()


@contextmanager
def desk(folder: Path, service: Service, monkeypatch: object, provider: str) -> Iterator[Desk]:
    with serving(service) as server:
        if isinstance(service, (VeoService, KlingService)):
            service.base_url = server.base_url
        monkeypatch.setenv(f"PATCHREEL_{provider.upper()}_BASE_URL", server.base_url)  # type: ignore[attr-defined]
        store = Store(folder / "store.sqlite")
        made = Desk(store, server)
        try:
            yield made
        finally:
            for one in made.opened:
                one.close()
            store.close()


def picture(width: int = 320, height: int = 180, seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (height // 10, width // 10, 3), np.uint8)
    return png(np.repeat(np.repeat(noise, 10, 0), 10, 1))


def asked(
    generations: Generations, provider: str, kind: GenerateKind = GenerateKind.TEXT_TO_VIDEO, **more: object
) -> GenerateRequest:
    pictures = {}
    if kind.needs_first:
        pictures["first_image"] = generations.keep_picture(picture(seed=1))
    if kind.needs_last:
        pictures["last_image"] = generations.keep_picture(picture(seed=2))
    usual = {"resolution": "1K"} if kind is GenerateKind.TEXT_TO_IMAGE else (
        {"resolution": "1080p", "duration_s": 5} if provider == "kling" else {}
    )
    words = {"prompt": "rain on a window"}
    return GenerateRequest(provider, kind, **{**words, **usual, **pictures, **more})  # type: ignore[arg-type]


def sent(generations: Generations, request: GenerateRequest) -> str:
    return generations.submit(request, cancel=ThreadCancelToken(), report=ignore)


def ended(generations: Generations, operation: str) -> Generation:
    """Its card once nobody works on it any more."""
    until = time.monotonic() + 30
    while generations._workers.is_at(operation):
        assert time.monotonic() < until, f"it does not end: {generations.get(operation)}"
        with generations._moved:
            generations._moved.wait(0.05)
    return generations.get(operation)
