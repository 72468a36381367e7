"""Starts the editor: the Qt application, its theme, the window, and a clean end by the window, Ctrl+C or SIGTERM."""

import gc
import signal
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from editor.services import Services, make_services
from editor.shortcuts import ShortcutGuard
from editor.wiring import THEME_KEY, Wiring
from engine import folders
from widgets.focus_ring import follow_focus
from widgets.icons import app_icon
from widgets.theme import THEMES, apply_theme

SIGNAL_POLL_MS = 200
"""Python sees a signal only when it runs; a waiting Qt loop lets it run this often."""

GIL_SWITCH_S = 0.001
"""How long a busy worker may keep the interpreter from the window; Python's own 5 ms add up to a stall within one event."""


def run_editor(arguments: Sequence[str]) -> int:
    """Open the editor with media files or a project; returns when its window was closed."""
    sys.setswitchinterval(GIL_SWITCH_S)
    app = make_application()
    services = make_services()
    wiring = Wiring(services)
    wiring.choose_theme(_theme_name(services))
    closing = Closing(wiring)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: closing.end())
    waker = QTimer(app, interval=SIGNAL_POLL_MS)
    waker.timeout.connect(closing.stay_awake)
    waker.start()
    show(wiring)
    gc.freeze()  # the window stays to the end: a search for garbage through all of it would hold it up for 60 ms
    wiring.open([argument for argument in arguments if not argument.startswith("-")])
    wiring.project.offer_recovery()
    wiring.generate.start()
    wiring.warm_up.start()
    return app.exec()


def make_application() -> QApplication:
    """The one QApplication, with the program's name and guarded keys."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Patchreel")
    app.setDesktopFileName("patchreel")
    app.setWindowIcon(app_icon())
    theme = apply_theme(app, "dark")
    follow_focus(app, theme)
    if not any(isinstance(child, ShortcutGuard) for child in app.children()):
        ShortcutGuard(app)
    return app


def show(wiring: Wiring) -> None:
    """The window where it was the last time, else filling the screen."""
    if wiring.window.restore_window():
        wiring.window.show()
    else:
        wiring.window.resize(1440, 900)
        wiring.window.showMaximized()


def _theme_name(services: Services) -> str:
    services.settings.fileName()
    folders.settings_file().parent.mkdir(parents=True, exist_ok=True)
    name = str(services.settings.value(THEME_KEY, "dark"))
    return name if name in THEMES else "dark"


class Closing(QObject):
    """Asks about unsaved work, then ends everything in the right order."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring)
        self._wiring = wiring
        wiring.window.close_wished.connect(self.ask)

    @Slot()
    def ask(self) -> None:
        """The window wants to close."""
        if self._wiring.export_side.export.may_close() and self._wiring.project.may_go_on():
            self.end()

    @Slot()
    def end(self) -> None:
        """Close without asking, and leave the program."""
        self.finish()
        app = QApplication.instance()
        if app is not None:
            app.quit()

    def finish(self) -> None:
        """Threads first, then the journal, then the window."""
        self._wiring.playback.player.stop()
        self._wiring.figures.stop()
        self._wiring.warm_up.stop()
        self._wiring.patch_side.stop()
        self._wiring.generate.stop()
        self._wiring.services.close()
        self._wiring.window.let_close()

    @Slot()
    def stay_awake(self) -> None:
        """Lets Python look at signals."""
