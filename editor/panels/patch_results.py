"""Results that have no patch any more: kept because they cost money or time, to be put back or discarded."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from editor.panels.parts import Section, column, label, row
from editor.patch_facts import VersionFacts
from widgets.controls import IconButton, QuietButton
from widgets.theme import theme_of

WHY = "Kept, because they cost time or money. Their patches are gone."
WIDTH_PX, HEIGHT_PX = 52, 32


@dataclass(frozen=True, slots=True)
class KeptResult:
    """One of them: whose it was, and what is known of it."""

    patch_id: str
    number: int
    pixels: str
    facts: VersionFacts


class _Picture(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setFixedSize(self.sizeHint())

    def set_image(self, image: QImage | None) -> None:
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(WIDTH_PX), theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme_of(self).color("bg0"))
        if self._image is not None and not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(
                QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, size.width(), size.height()),
                self._image,
            )
        painter.end()


class Results(Section):
    """A row for each kept result; not there without any."""

    put_back = Signal(str, int)  # patch id, number
    discarded = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[KeptResult, ...] = ()
        self._pictures: dict[str, list[_Picture]] = {}
        self._rows = column(8)
        self.body.addWidget(label("Results", "section"))
        self.body.addWidget(label(WHY, "hint", wraps=True))
        self.body.addLayout(self._rows)
        self.setAccessibleName("Kept results")
        self.hide()

    def show_results(self, results: Sequence[KeptResult]) -> None:
        """Other ones."""
        self.setVisible(bool(results))
        if tuple(results) == self._shown:
            return
        self._shown, self._pictures = tuple(results), {}
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for result in results:
            self._rows.addWidget(self._row(result))

    def set_image(self, pixels: str, image: QImage | None) -> None:
        """The picture of every result with these pixels (asset hash)."""
        for picture in self._pictures.get(pixels, ()):
            picture.set_image(image)

    def _row(self, result: KeptResult) -> QWidget:
        picture, made = _Picture(), QWidget()
        self._pictures.setdefault(result.pixels, []).append(picture)
        words = column(0)
        for text, role in ((result.facts.name, "text"), (result.facts.cost, "hint")):
            line = label(text, role)
            line.setMinimumWidth(theme_of(self).px(40))
            words.addWidget(line)
        back = QuietButton("Put back", size="small")
        back.setAccessibleName(f"Put {result.facts.name} back")
        back.setToolTip("Show it again, in a patch of its own where its patch is gone")
        drop = IconButton("trash", f"Discard {result.facts.name}", size=24)
        back.clicked.connect(lambda: self.put_back.emit(result.patch_id, result.number))
        drop.clicked.connect(lambda: self.discarded.emit(result.patch_id, result.number))
        line_of = row(picture)
        line_of.addLayout(words, 1)
        for button in (back, drop):
            line_of.addWidget(button)
        made.setLayout(line_of)
        made.setToolTip(result.facts.lines)
        return made
