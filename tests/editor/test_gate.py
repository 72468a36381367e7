"""The gate by real events: a job asks from its thread, the user sees all that would leave, and only a yes lets it out."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from editor.application import make_application
from editor.controllers.gate_controller import GateController
from editor.online import Online, small_picture
from editor.sending_desk import Question, SendingDesk
from engine.errors import Cancelled
from engine.providers.online.outgoing import Enclosed, Sending, SendingDeclined, SendingRefused, png
from engine.providers.online.prices import Estimate
from engine.running import ThreadCancelToken
from engine.store.budget import BudgetError
from engine.store.consents import Consents
from engine.store.ledger import Intent, Ledger
from engine.store.projects import Privacy, Projects
from engine.vault import KeyMissingError, KeyStore
from engine.vault.file import FileVault
from engine.vault.system import SystemVault
from tests.editor.conftest import PATIENCE_MS
from tests.editor.stalls import NoStalls, no_stalls
from widgets.frame_image import from_qimage

__all__ = ["no_stalls"]  # a fixture

pytestmark = [pytest.mark.integration, pytest.mark.security]
KEY = "AIza" + "Planted0123456789abcdefghijklmn7Q2F"
PIXELS = np.random.default_rng(5).integers(0, 255, (90, 160, 3), np.uint8)
SENDING = Sending(
    "veo", "Veo", "https://api.example", "veo-3", png(PIXELS), (160, 90), (0, 0), "He walks out of the picture.",
    Estimate(0.8, True, "2026-11"), "hash-1", leave_out="text, logos", gives="8 s, 720p, with audio", upper_usd=0.8,
    notes=("The picture was shrunk from 4500 × 2532 to 160 × 90 px to be sent.",),
)  # fmt: skip
Send = Callable[..., "Future[None]"]


@pytest.fixture
def online(tmp_path: Any) -> Iterator[Online]:
    environ = {"GEMINI_API_KEY": KEY}
    keys = KeyStore(system=SystemVault(lambda: None), file=FileVault(tmp_path / "keys", environ), environ=environ)
    made = Online(keys, SendingDesk())
    Projects(made.store).set_privacy("film", Privacy.ASK)
    Projects(made.store).set_cap("film", 10.0)
    yield made
    made.close()


@pytest.fixture
def gate(online: Online, qtbot: QtBot) -> Iterator[GateController]:
    """The gate over an empty window with a field to type in."""
    make_application()
    window = QWidget()
    window.resize(1280, 720)
    field = QLineEdit(window)
    field.setObjectName("field")
    field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
    yield GateController(online.desk, window, window)
    window.close()
    window.deleteLater()


@pytest.fixture
def send(online: Online) -> Iterator[Send]:
    """A job's thread that comes to the gate."""
    token = ThreadCancelToken()
    pool = ThreadPoolExecutor(2)

    def go(sending: Sending = SENDING, cancel: ThreadCancelToken = token, project: str = "film") -> "Future[None]":
        return pool.submit(online.services(project).means.gate, sending, cancel)

    yield go
    token.cancel()
    pool.shutdown()


def shown(gate: GateController, qtbot: QtBot) -> None:
    qtbot.waitUntil(gate.panel.isVisible, timeout=PATIENCE_MS)


def ended(job: "Future[None]", qtbot: QtBot) -> BaseException | None:
    qtbot.waitUntil(job.done, timeout=PATIENCE_MS)
    return job.exception()


def test_the_gate_shows_the_very_picture_the_words_the_host_the_keys_end_and_the_cost(
    gate: GateController, send: Send, qtbot: QtBot
) -> None:
    mask = np.zeros((30, 40, 4), np.uint8)
    job = send(Sending(**{**_fields(SENDING), "enclosed": (Enclosed("Mask", png(mask), (40, 30)),)}))
    shown(gate, qtbot)
    words = gate.panel.words()
    for piece in (
        "Send this to Veo?", f"160 × 90 px, PNG, {len(SENDING.picture) / 1000:.0f} kB", "No file name, no metadata",
        "“He walks out of the picture.”", "Leave out: text, logos", "api.example", "••••7Q2F", "8 s, 720p, with audio",
        "About $0.80", "$0.80 of $10.00 after this", "Sending stops at the cap.", "Do not ask again for Veo in this project",
        "Send, about $0.80", "Mask: 40 × 30 px", *SENDING.notes,
    ):  # fmt: skip
        assert piece in words, piece
    assert KEY not in words and KEY[:8] not in words
    assert np.array_equal(from_qimage(gate.panel.pictures()[0]), PIXELS) and len(gate.panel.pictures()) == 2
    assert gate.panel.decline.hasFocus(), "the safe answer is the one that a key press gives"
    QTest.keyClick(gate.panel.decline, Qt.Key.Key_Space)
    assert isinstance(ended(job, qtbot), SendingDeclined)


def test_yes_lets_it_out_once_and_the_next_is_asked_for_again(
    gate: GateController, send: Send, online: Online, qtbot: QtBot
) -> None:
    for _ in range(2):
        job = send()
        shown(gate, qtbot)
        QTest.mouseClick(gate.panel.send, Qt.MouseButton.LeftButton)
        assert ended(job, qtbot) is None
        assert not gate.panel.isVisible()
    assert [one.how.value for one in Consents(online.store).sendings("film")] == ["once", "once"]


def test_not_to_be_asked_again_holds_for_this_service_in_this_project_only(
    gate: GateController, send: Send, online: Online, qtbot: QtBot
) -> None:
    Projects(online.store).set_privacy("other", Privacy.ASK)
    first = send()
    shown(gate, qtbot)
    QTest.keyClick(gate.panel.remember, Qt.Key.Key_Space)
    QTest.mouseClick(gate.panel.send, Qt.MouseButton.LeftButton)
    assert ended(first, qtbot) is None and ended(send(), qtbot) is None and not gate.panel.isVisible()
    for sending, project in ((Sending(**{**_fields(SENDING), "provider": "gemini"}), "film"), (SENDING, "other")):
        job = send(sending, project=project)
        shown(gate, qtbot)
        assert not gate.panel.remember.isChecked()
        QTest.keyClick(gate.panel, Qt.Key.Key_Escape)
        assert isinstance(ended(job, qtbot), SendingDeclined)
    assert len(Consents(online.store).sendings("film")) == 2


def test_a_job_that_is_cancelled_takes_its_question_back_and_the_next_one_is_shown(
    gate: GateController, send: Send, qtbot: QtBot
) -> None:
    token = ThreadCancelToken()
    first = send(cancel=token)
    shown(gate, qtbot)
    second = send(Sending(**{**_fields(SENDING), "name": "Kling", "provider": "veo"}))
    token.cancel()
    assert isinstance(ended(first, qtbot), Cancelled)
    qtbot.waitUntil(lambda: gate.panel.title.text() == "Send this to Kling?", timeout=PATIENCE_MS)
    gate.panel.decline.click()
    assert isinstance(ended(second, qtbot), SendingDeclined)


def test_what_was_asked_before_the_window_listened_is_shown(online: Online, send: Send, qtbot: QtBot) -> None:
    make_application()
    job = send()
    qtbot.waitUntil(lambda: bool(online.desk.waiting), timeout=PATIENCE_MS)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    gate = GateController(online.desk, window, window)
    shown(gate, qtbot)
    gate.panel.decline.click()
    assert isinstance(ended(job, qtbot), SendingDeclined)


def test_what_was_answered_is_not_shown_again_however_slow_its_job_is(online: Online, gate: GateController, qtbot: QtBot) -> None:
    desk, account = online.desk, online.account("film")
    shown_small = (small_picture(SENDING.picture),)
    slow, next_one = (Question(SENDING, account, "7Q2F", pictures=shown_small) for _ in range(2))
    desk._waiting[slow] = SimpleQueue()  # its job is at the desk, and takes no answer yet
    desk.asked.emit(slow)
    shown(gate, qtbot)
    gate.panel.send.click()
    assert not gate.panel.isVisible()
    desk._waiting[next_one] = SimpleQueue()
    desk.asked.emit(next_one)
    assert gate.question is next_one and desk.waiting == (next_one,)
    gate.panel.decline.click()


def test_what_cannot_be_shown_is_refused_and_keeps_nobody_waiting(
    online: Online, gate: GateController, send: Send, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    without_its_picture = Question(SENDING, online.account("film"), "7Q2F")
    answers: SimpleQueue[Any] = SimpleQueue()
    online.desk._waiting[without_its_picture] = answers
    online.desk.asked.emit(without_its_picture)
    assert isinstance(answers.get_nowait(), SendingRefused) and not gate.panel.isVisible() and "could not be shown" in caplog.text
    job = send()
    shown(gate, qtbot)
    gate.panel.decline.click()
    assert isinstance(ended(job, qtbot), SendingDeclined)


def test_whoever_types_goes_on_typing(gate: GateController, send: Send, qtbot: QtBot) -> None:
    field = gate.panel.window().findChild(QLineEdit, "field")
    assert isinstance(field, QLineEdit)
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=PATIENCE_MS)
    job = send()
    shown(gate, qtbot)
    QTest.keyClicks(field, "ab cd")
    assert field.text() == "ab cd" and not job.done()
    gate.panel.decline.click()
    assert isinstance(ended(job, qtbot), SendingDeclined)


def test_offline_is_the_default_and_a_missing_key_or_a_spent_budget_is_said_before_anybody_is_asked(
    gate: GateController, send: Send, online: Online, qtbot: QtBot
) -> None:
    assert isinstance(ended(send(project="new"), qtbot), SendingRefused)
    assert isinstance(ended(send(Sending(**{**_fields(SENDING), "provider": "openai"})), qtbot), KeyMissingError)
    Projects(online.store).set_cap("film", 0.5)
    assert isinstance(ended(send(), qtbot), BudgetError)
    assert not gate.panel.isVisible()


def test_what_may_be_charged_twice_is_asked_for_with_its_warning_also_where_all_is_allowed(
    gate: GateController, send: Send, online: Online, qtbot: QtBot
) -> None:
    Projects(online.store).set_privacy("film", Privacy.ALLOW)
    ledger = Ledger(online.store)
    ledger.lose(ledger.begin(Intent("veo", "veo-3", "text to video", "film", SENDING.request_hash, 0.8)))
    job = send()
    shown(gate, qtbot)
    assert "charged twice" in gate.panel.warning.sentence.text() and gate.panel.send.text() == "Send again, about $0.80"
    assert "$1.60 of $10.00 after this" in gate.panel.words(), "what may have been charged counts"
    gate.panel.decline.click()
    assert isinstance(ended(job, qtbot), SendingDeclined)
    assert ended(send(Sending(**{**_fields(SENDING), "request_hash": "hash-2"})), qtbot) is None


def test_a_large_picture_is_made_small_in_the_jobs_thread(
    gate: GateController, send: Send, no_stalls: NoStalls, qtbot: QtBot
) -> None:
    large = cv2.resize(PIXELS, (1920, 1080), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    sending = Sending(**{**_fields(SENDING), "picture": png(large), "size": (1920, 1080)})
    with no_stalls(50):
        job = send(sending)
        shown(gate, qtbot)
        gate.panel.repaint()
    assert max(gate.panel.pictures()[0].width(), gate.panel.pictures()[0].height()) <= 720
    assert "1920 × 1080 px" in gate.panel.words()
    gate.panel.decline.click()
    assert isinstance(ended(job, qtbot), SendingDeclined)


def _fields(sending: Sending) -> dict[str, Any]:
    return {name: getattr(sending, name) for name in sending.__slots__}
