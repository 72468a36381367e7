"""The line at the bottom of the window: what the tool in hand does, and whether anything may leave this computer."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from widgets.icons import pixmap
from widgets.theme import theme_of

HEIGHT_PX = 26


class StatusBar(QFrame):
    """`show_hint("Lasso", "Drag to draw …")`; `show_state` is the sentence at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "window")
        self._name, self._hint, self._state = QLabel(), QLabel(), QLabel("Offline. Nothing leaves this computer.")
        self._mark, self._icon_name = QLabel(), "offline"
        self._played, self._cache, self._kept = QLabel(), QLabel(), QLabel()
        self._sentence, self._is_compact = self._state.text(), False
        row = QHBoxLayout(self)
        theme = theme_of(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        row.setSpacing(theme.px(6))
        for widget in (self._name, self._hint):
            row.addWidget(widget)
        self._hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.setStretchFactor(self._hint, 1)
        row.addWidget(self._mark)
        row.addWidget(self._state)
        for figures in (self._played, self._cache, self._kept):
            figures.setContentsMargins(theme.px(10), 0, 0, 0)
            figures.hide()
            row.addWidget(figures)
        for label in (self._name, self._hint, self._state, self._played, self._cache, self._kept):
            label.setProperty("role", "hint")
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setProperty("role", "hint name")
        self._dress()

    def show_hint(self, name: str, hint: str) -> None:
        """The tool's name, bold, and what the hand can do with it."""
        self._name.setText(name)
        self._name.setVisible(bool(name))
        self._hint.setText(hint)

    @property
    def hint(self) -> tuple[str, str]:
        return self._name.text(), self._hint.text()

    def show_state(self, text: str, icon_name: str) -> None:
        """The sentence at the right, with its icon."""
        self._sentence = text
        self._show_sentence()
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self._show_mark()

    def show_playing(self, text: str) -> None:
        """How smooth playing is or was, for example “25.0 fps, 0 dropped”."""
        self._played.setText(text)
        self._played.setVisible(bool(text))

    def show_cache(self, text: str) -> None:
        """How full the cache is, for example “Cache 1.2 of 8 GB”."""
        self._cache.setText(text)
        self._cache.setVisible(bool(text) and not self._is_compact)

    @property
    def figures(self) -> tuple[str, str]:
        return self._played.text(), self._cache.text()

    def set_compact(self, compact: bool) -> None:
        """For a small window: the first sentence at the right, and no cache."""
        self._is_compact = compact
        self._cache.setVisible(bool(self._cache.text()) and not compact)
        self._show_sentence()

    def _show_sentence(self) -> None:
        short = f"{self._sentence.partition('. ')[0].rstrip('.')}."
        self._state.setText(short if self._is_compact else self._sentence)
        self._state.setToolTip(self._sentence)

    def show_kept(self, text: str) -> None:
        """When unsaved work was last kept, for example “Journal saved 14:32:08”."""
        self._kept.setText(text)
        self._kept.setVisible(bool(text))

    @property
    def kept(self) -> str:
        return self._kept.text()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._dress()

    def _dress(self) -> None:
        theme = theme_of(self)
        self.setFixedHeight(theme.px(HEIGHT_PX))
        self._show_mark()

    def _show_mark(self) -> None:
        theme = theme_of(self)
        self._mark.setPixmap(pixmap(self._icon_name, theme, "t3", theme.px(14), 3.0))
