"""How the window has sounds transcribed: language, speakers, sounds; chosen in a small menu, kept in the settings."""

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from widgets.controls import Menu

LANGUAGES = (
    ("", "Find the language"), ("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish"), ("it", "Italian"),
    ("pt", "Portuguese"), ("nl", "Dutch"), ("pl", "Polish"), ("uk", "Ukrainian"), ("tr", "Turkish"), ("ar", "Arabic"),
    ("hi", "Hindi"), ("zh", "Chinese"), ("ja", "Japanese"), ("ko", "Korean"),
)  # fmt: skip
SWITCHES = (("diarize", "Tell speakers apart", True), ("sounds", "Note sounds such as (laughter)", False))
_KEY = "captions/transcribe/"


class TranscribeOptions(QObject):
    """`params` are those of the provider; `menu` lets them be chosen."""

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings

    def params(self) -> dict[str, float | str | bool]:
        """What was chosen last."""
        found: dict[str, float | str | bool] = {name: self._is_on(name, usual) for name, _, usual in SWITCHES}
        language = str(self._settings.value(f"{_KEY}language", ""))
        return found | {"language": language if language in dict(LANGUAGES) else ""}

    def menu(self, parent: QWidget) -> Menu:
        """The choices, what is chosen ticked; choosing keeps."""
        menu, chosen = Menu("", parent), self.params()
        languages = QActionGroup(menu)
        for code, name in LANGUAGES:
            action = self._added(menu, name, code == chosen["language"])
            languages.addAction(action)
            action.triggered.connect(lambda _=False, code=code: self._settings.setValue(f"{_KEY}language", code))
        menu.addSeparator()
        for name, words, _ in SWITCHES:
            action = self._added(menu, words, bool(chosen[name]))
            action.toggled.connect(lambda on, name=name: self._settings.setValue(_KEY + name, str(on).lower()))
        return menu

    def _added(self, menu: Menu, words: str, is_on: bool) -> QAction:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(is_on)
        return action

    def _is_on(self, name: str, usual: bool) -> bool:
        return str(self._settings.value(_KEY + name, str(usual))).lower() == "true"
