"""What every test may rely on: a private home, nothing left running, real test media where they exist.

Must not know any room of the program: a broken import there must not take the whole suite down.
"""

import gc
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE_S = 10.0
"""How long a thread that was told to stop may take to do so after its test, on a busy machine. Only a leak waits that long."""

# A shared or slow machine must not turn a slow example into a failure; a hang is what pytest-timeout is for.
# With CI in the environment hypothesis takes its own profile, which repeats the same examples on every run.
settings.register_profile("local", deadline=None)
if not os.environ.get("CI"):
    settings.load_profile("local")

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


SUITES = ("integration", "performance", "security")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that names no suite is a unit test, so that `-m unit` runs all of those."""
    for item in items:
        if not any(item.get_closest_marker(suite) for suite in SUITES):
            item.add_marker(pytest.mark.unit)


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of real test clips beside the checkout. Skips the test where there is none."""
    folder = REPOSITORY.parent / "shared" / "media"
    if not folder.is_dir():
        pytest.skip("the real test clips are not on this machine (../shared/media)")
    return folder


@pytest.fixture(autouse=True)
def patchreel_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private PATCHREEL_HOME: no test reads or writes the settings, caches and keys of this machine."""
    home = tmp_path / "patchreel-home"
    monkeypatch.setenv("PATCHREEL_HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return home


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuses every connection and name lookup. Fails the test even if its code swallowed the refusal.

    Sockets between processes of this machine (AF_UNIX) go on working: multiprocessing needs them.
    """
    attempts: list[str] = []

    def refuse(what: str) -> NoReturn:
        attempts.append(what)
        raise OSError(f"this test allows no network, but something asked for {what}")

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: socket.socket, address: object) -> Any:
            if self.family == getattr(socket, "AF_UNIX", None):
                return real(self, address)
            return refuse(f"a connection to {address}")

        return call

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_args, **_kw: refuse(f"the address of {host}"))
    yield
    assert not attempts, f"network used: {attempts}"


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with a QApplication leaves no thread, QThread or window behind: the next one would pay for it."""
    if "qapp" not in request.fixturenames:
        yield
        return
    threads_before = set(threading.enumerate())
    windows_before = _windows()
    started, restore = _record_started_qthreads()
    yield
    restore()
    leaks = [
        *_running_threads(threads_before),
        *_running_qthreads(started),
        *_open_windows(windows_before),
    ]
    if leaks:
        pytest.fail("the test left behind: " + "; ".join(leaks), pytrace=False)


def _running_threads(before: set[threading.Thread]) -> list[str]:
    new = [thread for thread in threading.enumerate() if thread not in before]
    for thread in new:
        # A QThread that ran Python shows up here as a dummy, which cannot be joined; it is checked as QThread.
        if not isinstance(thread, threading._DummyThread):
            thread.join(PATIENCE_S)
    return [
        f"thread {thread.name!r}"
        for thread in new
        if thread.is_alive() and not isinstance(thread, threading._DummyThread)
    ]


def _record_started_qthreads() -> tuple[list[Any], Callable[[], None]]:
    """Notes every QThread started from Python. Returns the list and the function that ends the recording."""
    from PySide6.QtCore import QThread

    started: list[Any] = []
    real_start = QThread.start

    def start(self: QThread, *args: Any) -> None:
        started.append(self)
        real_start(self, *args)

    QThread.start = start  # type: ignore[method-assign, assignment]

    def restore() -> None:
        QThread.start = real_start  # type: ignore[method-assign]

    return started, restore


def _running_qthreads(started: list[Any]) -> list[str]:
    from PySide6.QtCore import QThreadPool
    from shiboken6 import isValid

    alive = [t for t in started if isValid(t) and t.isRunning() and not t.wait(int(PATIENCE_S * 1000))]
    leaks = [f"running {type(thread).__name__} {thread.objectName()!r}" for thread in alive]
    if not QThreadPool.globalInstance().waitForDone(int(PATIENCE_S * 1000)):
        leaks.append("work in the global QThreadPool")
    return leaks


def _windows() -> list[Any]:
    """Top-level widgets that nobody owns. A tool tip's label is Qt's own and stays for the next tip."""
    from PySide6.QtWidgets import QApplication

    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.parent() is None and widget.metaObject().className() != "QTipLabel"
    ]


def _open_windows(before: list[Any]) -> list[str]:
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    def new_windows() -> list[Any]:
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return [widget for widget in _windows() if widget not in before]

    if not new_windows():
        return []
    gc.collect()  # a window in a reference cycle is garbage, not a leak; to collect always would be slow
    leaked = new_windows()
    names = [f"window {type(w).__name__} {w.objectName() or w.windowTitle()!r}" for w in leaked]
    for widget in leaked:  # the next test must not be blamed
        widget.close()
        widget.deleteLater()
    return names
