"""What a provider gets to see, before it sees it: for offline ones, that nothing leaves the computer."""

from PySide6.QtWidgets import QWidget

from editor.panels.parts import Mark, Section, label, row
from widgets.theme import theme_of


class SentView(Section):
    """A sentence with a shield, and the size of the crop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label("What is sent", "section")
        self._promise, self._crop = label("", "good", wraps=True), label("", "hint", wraps=True)
        self._mark = Mark("shield", "gr", 14)
        line = row(self._mark, spacing=theme_of(self).px(6))
        line.addWidget(self._promise, 1)
        self.body.addWidget(self._title)
        self.body.addLayout(line)
        self.body.addWidget(self._crop)

    def show_sent(self, crop: tuple[int, int], provider: str, *, is_remote: bool) -> None:
        """`crop` in pixels of the picture as displayed."""
        size = f"{crop[0]} × {crop[1]} px"
        self._mark.set_icon("cloud" if is_remote else "shield", "t2" if is_remote else "gr")
        if is_remote:
            self._promise.setText(f"The crop and the text go to {provider}")
            self._crop.setText(f"Crop of {size}. Nothing else leaves this computer.")
        else:
            self._promise.setText("Nothing leaves this computer")
            self._crop.setText(f"{provider} works here, on a crop of {size}")

    def words(self) -> str:
        return f"{self._promise.text()}. {self._crop.text()}"

    def set_compact(self, compact: bool) -> None:
        """In a small window the title goes: the sentence says it."""
        self._title.setVisible(not compact)
