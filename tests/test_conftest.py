"""The guards of conftest.py can fail: each is shown a test that deserves it, and one that does not."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

LEAKS = '''
import socket
import threading

from PySide6.QtCore import QThread
from PySide6.QtWidgets import QWidget

kept = []


def test_clean(qtbot, patchreel_home, monkeypatch):
    window, thread = QWidget(), QThread()
    qtbot.addWidget(window)
    window.show()
    thread.start()
    thread.quit()
    assert thread.wait(1000)


def test_window(qapp):
    kept.append(QWidget(objectName="forgotten"))
    kept[-1].show()


def test_qthread(qapp):
    kept.append(QThread(objectName="loop"))
    kept[-1].start()


def test_thread(qapp):
    kept.append(threading.Thread(target=threading.Event().wait, args=(60,), name="waiter", daemon=True))
    kept[-1].start()


def test_network_swallowed(no_network):
    try:
        socket.create_connection(("127.0.0.1", 9))
    except OSError:
        pass


def test_stop_the_loop():
    kept[1].quit()
    assert kept[1].wait(1000)
'''


@pytest.mark.integration
def test_leaks_are_named_and_fail_the_test_that_made_them(pytester: pytest.Pytester) -> None:
    source = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    pytester.makeconftest(source.replace("PATIENCE_S = 10.0", "PATIENCE_S = 0.05"))
    pytester.makepyfile(LEAKS)

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist")

    result.assert_outcomes(passed=6, errors=4)
    result.stdout.fnmatch_lines_random([
        "*the test left behind: window QWidget 'forgotten'*",
        "*the test left behind: running QThread 'loop'*",
        "*the test left behind: thread 'waiter'*",
        "*network used:*127.0.0.1*",
    ])
