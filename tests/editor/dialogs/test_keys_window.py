"""The key dialog by real events: a key is kept and only its end is shown, and nothing waits for a store or a service."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from editor.application import make_application
from editor.controllers.keys_controller import KeysController
from editor.dialogs.key_row import KeyRow
from editor.dialogs.keys_dialog import KeysDialog
from editor.key_work import KeyTest, KeyWorker
from editor.services import make_services
from editor.wiring import Wiring
from engine.errors import ProviderError
from engine.vault import CREDENTIALS, Keys, KeyStore
from engine.vault.file import FileVault
from engine.vault.sealed import ScryptCost
from engine.vault.system import SystemVault
from tests.editor.conftest import PATIENCE_MS
from tests.editor.stalls import NoStalls, no_stalls
from widgets.theme import THEMES, apply_theme

__all__ = ["no_stalls"]  # a fixture

pytestmark = [pytest.mark.integration, pytest.mark.security]
GEMINI = "AIza" + "Planted0123456789abcdefghijklmn7Q2F"
Open = Callable[..., KeysDialog]


@pytest.fixture
def environ() -> dict[str, str]:
    """The environment that the store looks into."""
    return {"KEY_VAULT_MASTER_KEY": "ab" * 32}


@pytest.fixture
def store(environ: dict[str, str], tmp_path: Path) -> KeyStore:
    file = FileVault(tmp_path / "keys.vault", environ, ScryptCost(1 << 14, 8, 1))
    return KeyStore(system=SystemVault(lambda: None), file=file, environ=environ)


@pytest.fixture
def keys(store: KeyStore, qtbot: QtBot) -> Iterator[KeysController]:
    """The controller over an empty window: the rest of the program has no part in it."""
    make_application()
    services, window = make_services(), QWidget()
    window.resize(1200, 800)
    with qtbot.waitExposed(window):
        window.show()
    made = KeysController(services, window, store=store)
    yield made
    made.dialog.reject()
    services.close()
    window.close()
    window.deleteLater()


@pytest.fixture
def opened(keys: KeysController, store: KeyStore, qtbot: QtBot) -> Open:
    """Opens the dialog and waits until it knows how it stands."""

    def open_it(test: KeyTest | None = None, **more: float) -> KeysDialog:
        keys.worker = KeyWorker(store, test or (lambda _provider, _keys: "The service takes this key."), **more)
        keys.open()
        qtbot.waitUntil(lambda: keys.dialog.isVisible() and is_idle(keys.dialog), timeout=PATIENCE_MS)
        return keys.dialog

    return open_it


def is_idle(dialog: KeysDialog) -> bool:
    return dialog.lock.isEnabled() and bool(dialog.rows["gemini"].accessibleName())


def click(button: QAbstractButton) -> None:
    assert button.isEnabled(), button.accessibleName()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(widget: QWidget) -> str:
    """All that a widget shows or says."""
    texts = [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]
    return " | ".join(texts + [child.accessibleName() for child in widget.findChildren(QWidget)] + [widget.accessibleName()])


def done(qtbot: QtBot, dialog: KeysDialog, act: Callable[[], None]) -> None:
    act()
    qtbot.waitUntil(lambda: is_idle(dialog), timeout=PATIENCE_MS)


def test_a_key_is_typed_kept_shown_by_its_end_and_removed(opened: Open, store: KeyStore, qtbot: QtBot) -> None:
    dialog = opened()
    gemini = dialog.rows["gemini"]
    assert "not set" in words(gemini) and not gemini.save.isEnabled() and not gemini.test.isEnabled()
    QTest.keyClicks(gemini.fields["key"], f" {GEMINI} ")
    assert gemini.fields["key"].echoMode() is QLineEdit.EchoMode.Password
    done(qtbot, dialog, lambda: click(gemini.save))
    assert store.keys_for("gemini")["key"] == GEMINI
    assert "set · ••••7Q2F" in words(gemini) and gemini.fields["key"].text() == ""
    assert GEMINI[:8] not in words(dialog)
    done(qtbot, dialog, lambda: click(gemini.remove))
    assert "not set" in words(gemini) and store.state("gemini").source is None


def test_enter_keeps_and_the_clipboard_can_be_pasted(opened: Open, store: KeyStore, qtbot: QtBot) -> None:
    dialog = opened()
    QGuiApplication.clipboard().setText(f"GEMINI_API_KEY='{GEMINI}'\n")
    field = dialog.rows["gemini"].fields["key"]
    buttons = {button.accessibleName(): button for button in dialog.findChildren(QAbstractButton)}
    click(buttons["Paste the API key of Google Gemini and Veo"])
    done(qtbot, dialog, lambda: QTest.keyClick(field, Qt.Key.Key_Return))
    assert store.keys_for("gemini")["key"] == GEMINI
    QGuiApplication.clipboard().clear()


def test_what_cannot_be_a_key_is_refused_and_stays_to_be_mended(opened: Open, store: KeyStore, qtbot: QtBot) -> None:
    dialog = opened()
    row = dialog.rows["kling"]
    QTest.keyClicks(row.fields["access_key"], "a" * 32)
    done(qtbot, dialog, lambda: click(row.save))
    assert "Secret key" in words(row) and row.fields["access_key"].text() == "a" * 32
    QTest.keyClicks(row.fields["secret_key"], "b" * 32)
    done(qtbot, dialog, lambda: click(row.save))
    assert store.keys_for("kling")["secret_key"] == "b" * 32


def test_a_key_of_the_environment_is_shown_and_cannot_be_removed_here(opened: Open, environ: dict[str, str]) -> None:
    environ["OPENAI_API_KEY"] = "sk-" + "o" * 26 + "wxyz"
    row = opened().rows["openai"]
    assert "from environment · ••••wxyz" in words(row) and not row.remove.isEnabled() and row.test.isEnabled()


def test_a_test_asks_with_what_was_typed_or_kept(opened: Open, store: KeyStore, qtbot: QtBot) -> None:
    asked: list[tuple[str, str]] = []

    def test(provider: str, keys: Keys) -> str:
        assert threading.current_thread() is not threading.main_thread()
        asked.append((provider, keys["key"]))
        if keys["key"] != GEMINI:
            raise ProviderError("Gemini refuses this key.", "Make a new one.")
        return "Gemini takes this key."

    store.save("gemini", {"key": GEMINI})
    dialog = opened(test)
    row = dialog.rows["gemini"]
    done(qtbot, dialog, lambda: click(row.test))
    assert "Gemini takes this key." in words(row)
    QTest.keyClicks(row.fields["key"], "AIza" + "x" * 35)
    done(qtbot, dialog, lambda: click(row.test))
    assert "Gemini refuses this key. Make a new one." in words(row) and row.fields["key"].property("error") == "true"
    assert asked == [("gemini", GEMINI), ("gemini", "AIza" + "x" * 35)]


def test_a_test_that_hangs_ends_by_itself(opened: Open, store: KeyStore, qtbot: QtBot, no_stalls: NoStalls) -> None:
    released = threading.Event()

    def test(_provider: str, _keys: Keys) -> str:
        released.wait(30)
        return ""

    store.save("gemini", {"key": GEMINI})
    dialog = opened(test, limit_s=0.4)
    row = dialog.rows["gemini"]
    try:
        with no_stalls(50):
            done(qtbot, dialog, lambda: click(row.test))
        assert "No answer within 0.4 s." in words(row)
    finally:
        released.set()


def test_the_window_closes_while_a_store_hangs(
    keys: KeysController, opened: Open, environ: dict[str, str], tmp_path: Path
) -> None:
    released = threading.Event()

    def backend() -> None:
        released.wait(30)

    hanging = SystemVault(backend)
    try:
        dialog = opened()
        keys.worker = KeyWorker(KeyStore(system=hanging, file=FileVault(tmp_path / "other.vault", environ), environ=environ))
        dialog.look()
        dialog.reject()
        before = time.monotonic()
        keys.worker_thread.close()
        assert time.monotonic() - before < 5, "it waited for the store"
    finally:
        released.set()


def test_its_key_opens_it(desk: Wiring, qtbot: QtBot) -> None:
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow, timeout=PATIENCE_MS)
    QTest.keyClick(desk.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: desk.keys.dialog.isVisible() and is_idle(desk.keys.dialog), timeout=PATIENCE_MS)
    desk.keys.dialog.reject()


def test_the_passphrase_of_a_new_file_and_of_a_locked_one(
    opened: Open, keys: KeysController, environ: dict[str, str], tmp_path: Path, qtbot: QtBot
) -> None:
    environ.clear()
    dialog = opened()
    assert dialog.lock.isVisible() and "Choose a passphrase" in words(dialog)
    QTest.keyClicks(dialog.lock.field, "short")
    done(qtbot, dialog, lambda: click(dialog.lock.button))
    assert "fewer than" in words(dialog) and dialog.lock.isVisible()
    dialog.lock.field.clear()
    QTest.keyClicks(dialog.lock.field, "correct horse battery")
    done(qtbot, dialog, lambda: QTest.keyClick(dialog.lock.field, Qt.Key.Key_Return))
    assert not dialog.lock.isVisible() and dialog.lock.field.text() == ""
    row = dialog.rows["gemini"]
    QTest.keyClicks(row.fields["key"], GEMINI)
    done(qtbot, dialog, lambda: click(row.save))
    dialog.reject()

    file = FileVault(tmp_path / "keys.vault", environ, ScryptCost(1 << 14, 8, 1))
    keys.worker = KeyWorker(KeyStore(system=SystemVault(lambda: None), file=file, environ=environ))
    keys.open()
    qtbot.waitUntil(lambda: is_idle(dialog) and dialog.lock.isVisible(), timeout=PATIENCE_MS)
    assert "locked" in words(row)
    QTest.keyClicks(dialog.lock.field, "another horse battery")
    done(qtbot, dialog, lambda: click(dialog.lock.button))
    assert "does not open" in words(dialog)
    dialog.lock.field.clear()
    QTest.keyClicks(dialog.lock.field, "correct horse battery")
    done(qtbot, dialog, lambda: click(dialog.lock.button))
    assert "set · ••••7Q2F" in words(row)


def test_what_was_typed_goes_with_the_window(opened: Open) -> None:
    dialog = opened()
    QTest.keyClicks(dialog.rows["gemini"].fields["key"], GEMINI)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and dialog.rows["gemini"].values() == {}


@pytest.mark.parametrize("theme", THEMES)
def test_every_control_has_a_name_and_is_reached_by_tab(opened: Open, theme: str) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    dialog = opened()
    controls = [c for c in dialog.findChildren(QWidget) if isinstance(c, QAbstractButton | QLineEdit) and c.isVisible()]
    for control in controls:
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text, control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    names = [control.accessibleName() for control in controls if control.accessibleName()]
    assert len(set(names)) == len(names) and all(known.name in " ".join(names) for known in CREDENTIALS)


def test_the_focus_stays_in_the_row(opened: Open, qtbot: QtBot) -> None:
    dialog = opened()
    row: KeyRow = dialog.rows["openai"]
    QTest.keyClicks(row.fields["key"], "sk-" + "o" * 30)
    row.save.setFocus()
    done(qtbot, dialog, lambda: QTest.keyClick(row.save, Qt.Key.Key_Space))
    focused = QApplication.focusWidget()
    assert focused is not None and row.isAncestorOf(focused)
