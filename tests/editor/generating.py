"""A window whose services are on this machine: faithful servers, keys in the environment, time that stands until it is let go."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu
from pytestqt.qtbot import QtBot

from editor.application import Closing
from editor.services import make_services
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
from widgets.controls import Toast
from widgets.gallery import Card, Gallery, Look
from widgets.gallery.card import CardWidget
from widgets.generate_form import GenerateForm

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
    folder: Path
    veo: VeoService
    veo_server: FaithfulServer
    kling: KlingService
    kling_server: FaithfulServer
    gemini_server: FaithfulServer
    clock: HeldClock = field(default_factory=HeldClock)
    later: list[Wiring] = field(default_factory=list)
    """Windows that were opened after this one was closed."""

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

    @property
    def form(self) -> GenerateForm:
        return self.desk.generate.page.form

    @property
    def gallery(self) -> Gallery:
        return self.desk.generate.page.gallery

    def tab(self, at: int) -> QAbstractButton:
        """A tab of the form."""
        return self.form.tabs.findChildren(QAbstractButton)[at]

    def until(self, look: Look, count: int = 1) -> CardWidget:
        """The widget of the newest of so many cards, once it looks so."""
        self.wait(lambda: len(self.cards) >= count and self.cards[0].look is look)
        widget = self.gallery.reach(self.cards[0].id)
        assert widget is not None
        return widget

    def write(self, prompt: str) -> None:
        """Type a prompt anew."""
        self.form.prompt.setFocus()
        self.form.prompt.selectAll()
        QTest.keyClicks(self.form.prompt, prompt)

    def sent(self, prompt: str, look: Look) -> CardWidget:
        """The card of a prompt that was typed and sent, once it looks so."""
        count = len(self.cards)
        self.write(prompt)
        QTest.mouseClick(self.form.send, Qt.MouseButton.LeftButton)
        return self.until(look, count + 1)

    def choose(self, card: CardWidget, key: str) -> None:
        """A line of the card's menu."""
        QTest.mouseClick(card.button("more"), Qt.MouseButton.LeftButton)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        text = next(action.text for action in card.card.actions if action.key == key)
        next(action for action in menu.actions() if action.text() == text).trigger()
        menu.close()
        self.desk.window.activateWindow()
        self.wait(self.desk.window.isActiveWindow)

    def toast(self, text: str) -> QAbstractButton:
        """A button of a message that is shown."""
        return next(
            button for toast in self.desk.window.findChildren(Toast) if toast.isVisible()
            for button in toast.findChildren(QAbstractButton) if button.text() == text
        )  # fmt: skip

    def tabbed(self, times: int) -> set[str]:
        """Names of what the Tab key reaches."""
        names: set[str] = set()
        for _ in range(times):
            focused = QApplication.focusWidget()
            assert focused is not None
            names.add(focused.accessibleName() or (focused.text() if isinstance(focused, QAbstractButton) else ""))
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        return names

    def restarted(self, project: Path | None = None) -> "Studio":
        """Another window after this one was closed, with the same services, settings and store."""
        Closing(self.desk).finish()
        desk = Wiring(make_services())
        desk.generate.clock = self.clock.clock
        self.later.append(desk)
        desk.window.resize(1600, 1000)
        with self.qtbot.waitExposed(desk.window):
            desk.window.show()
        if project is not None:
            desk.open([str(project)])
            self.wait(lambda: desk.services.document.path == project)
        desk.generate.start()
        desk.window.show_workspace("generate")
        self.wait(desk.generate.page.form.isEnabled)
        return replace(self, desk=desk)


@contextmanager
def studio(desk: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Studio]:
    """`desk` is a window with whatever project; `folder` is for files of the test."""
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
        made = Studio(desk, qtbot, folder, veo, veo_server, kling, kling_server, gemini_server)
        desk.generate.clock = made.clock.clock
        yield made
        made.clock.held.clear()
        desk.generate.stop()
        for later in made.later:
            Closing(later).finish()
            later.window.deleteLater()
            later.deleteLater()
