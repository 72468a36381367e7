"""A window whose services are on this machine: faithful servers, keys in the environment, time that stands until it is let go."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.jobs.generation_values import Generation
from engine.project.model import Project
from engine.providers.online.attempts import Clock
from engine.store.projects import Privacy, Projects
from tests.editor.conftest import PATIENCE_MS
from tests.engine.providers.online import kling_service
from tests.engine.providers.online.gemini_service import KEY, GeminiService
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.server import FaithfulServer, serving
from tests.engine.providers.online.veo_service import VeoService
from widgets.gallery import Card, Look
from widgets.gallery.card import CardWidget

LOOK_S = 0.005


class HeldClock:
    """Sleeping moves the time by as much as was asked for; while it is `held` nothing moves, and sleepers look again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead = timedelta()
        self.held = threading.Event()

    def now(self) -> datetime:
        with self._lock:
            return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(LOOK_S)
        if not self.held.is_set():
            with self._lock:
                self._ahead += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep, lambda: 0.0)


@dataclass
class Studio:
    """The window's Generate workspace, and what it talks to."""

    desk: Wiring
    qtbot: QtBot
    veo: VeoService
    veo_server: FaithfulServer
    kling: KlingService
    kling_server: FaithfulServer
    gemini_server: FaithfulServer
    clock: HeldClock = field(default_factory=HeldClock)

    def allow(self, privacy: Privacy = Privacy.ALLOW) -> None:
        """What the user has said for the open project."""
        online = self.desk.services.online
        Projects(online.store).set_privacy(self.desk.generate.generating.project, privacy)

    def wait(self, true: object) -> None:
        self.qtbot.waitUntil(true, timeout=PATIENCE_MS)  # type: ignore[arg-type]

    @property
    def project(self) -> Project:
        return self.desk.services.document.project

    @property
    def cards(self) -> tuple[Card, ...]:
        """From the newest."""
        return self.desk.generate.page.gallery.cards

    def generation(self, card: Card) -> Generation:
        found = self.desk.generate.gallery.generation(card.id)
        assert found is not None
        return found

    def until(self, look: Look, at: int = 0) -> CardWidget:
        """The widget of the newest card once it looks so."""
        self.wait(lambda: len(self.cards) > at and self.cards[at].look is look)
        widget = self.desk.generate.page.gallery.reach(self.cards[at].id)
        assert widget is not None
        return widget

    def write(self, prompt: str) -> None:
        """Type a prompt anew."""
        field_ = self.desk.generate.page.form.prompt
        field_.setFocus()
        field_.selectAll()
        QTest.keyClicks(field_, prompt)


@contextmanager
def studio(desk: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """Opens nothing yet; `desk` is a window with whatever project."""
    veo, kling = VeoService(), KlingService()
    with ExitStack() as stack:
        veo_server, kling_server = stack.enter_context(serving(veo)), stack.enter_context(serving(kling))
        gemini_server = stack.enter_context(serving(GeminiService()))
        veo.base_url, kling.base_url = veo_server.base_url, kling_server.base_url
        for name, server in (("VEO", veo_server), ("KLING", kling_server), ("GEMINI", gemini_server)):
            monkeypatch.setenv(f"PATCHREEL_{name}_BASE_URL", server.base_url)
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setenv("KLING_ACCESS_KEY", kling_service.ACCESS)
        monkeypatch.setenv("KLING_SECRET_KEY", kling_service.SECRET)
        made = Studio(desk, qtbot, veo, veo_server, kling, kling_server, gemini_server)
        desk.generate.clock = made.clock.clock
        yield made
        made.clock.held.clear()
        desk.generate.stop()
