"""How many frames of all patches need a look, beside the timeline's tools, and the button that goes to the next one."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from editor.panels.parts import Mark, label, row
from editor.patch_facts import TrustSummary
from editor.view_models import Trusted
from widgets.controls import SecondaryButton
from widgets.theme import theme_of


class TimelineLooks(QWidget):
    """Seen only while a frame needs a look."""

    next_wanted = Signal()

    def __init__(self, next_key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        rule = QFrame()
        rule.setProperty("surface", "rule")
        rule.setFixedSize(1, theme.px(16))
        self._words = label("", "body")
        self.next = SecondaryButton("Next", key=next_key, size="small")
        self.next.setAccessibleName("Next frame that needs a look")
        self.next.clicked.connect(self.next_wanted)
        line = row(rule, Mark("warning", "am"), self._words, self.next)
        line.insertSpacing(1, theme.px(4))
        line.setContentsMargins(0, 0, 0, 0)
        self.setLayout(line)
        self.hide()

    def show_trust(self, levels: Mapping[str, Trusted]) -> None:
        """Count the levels of every patch's frames."""
        found = [level for trusted in levels.values() for _, level in trusted]
        summary = TrustSummary(found.count("green"), found.count("amber"), found.count("red"))
        self._words.setText(summary.sentence)
        self.setVisible(summary.check + summary.doubtful > 0)

    def text(self) -> str:
        """The sentence that is shown."""
        return self._words.text()
