"""The Generate workspace: the form at the left, the gallery beside it, at the right room for whatever waits for a decision."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QWidget

from widgets.gallery import Gallery
from widgets.gallery.flow import PictureOf
from widgets.generate_form import GenerateForm
from widgets.theme import theme_of

FORM_PX, SMALL_FORM_PX, GUTTER_PX = 320, 296, 4
SMALL_BELOW_PX = 1500
EXAMPLES = (
    "A red tulip opens in one take, shallow focus, soft garden light",
    "Slow push in over a misty lake at dawn, the camera stays level",
    "Rain on a window at night, street lights out of focus behind it",
)
EMPTY = ("Videos and pictures that you generate will be here.", "Write a prompt")


class GeneratePage(QFrame):
    """`form` and `gallery` by name."""

    def __init__(self, picture_of: PictureOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "window")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Generate")
        self.form, self.gallery = GenerateForm(), Gallery(picture_of, EMPTY, examples=EXAMPLES)
        self._is_small: bool | None = None
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setHandleWidth(theme_of(self).px(GUTTER_PX))
        self._columns.setChildrenCollapsible(False)
        for place, widget in enumerate((self.form, self.gallery)):
            self._columns.addWidget(widget)
            self._columns.setStretchFactor(place, place)
        self.form.setMinimumWidth(theme_of(self).px(SMALL_FORM_PX))
        self.gallery.setMinimumWidth(theme_of(self).px(340))
        self._free = QWidget()
        self._free.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._columns, 1)
        row.addWidget(self._free)
        self.gallery.begin_wished.connect(self.write_prompt)
        self.gallery.example_wished.connect(self.begin_with)

    def keep_free(self, width_px: int) -> None:
        """Leave so much free at the right, for what lies over the window there while it waits for a decision; 0 for nothing."""
        self._free.setFixedWidth(width_px)
        self._free.setVisible(width_px > 0)

    def write_prompt(self) -> None:
        """Put the cursor in the prompt."""
        self.form.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin_with(self, words: str) -> None:
        """Put an example in the prompt, to be changed; what stood there comes back with Ctrl+Z."""
        self.write_prompt()
        self.form.prompt.selectAll()
        self.form.prompt.insertPlainText(words)

    # Inside

    def _share(self) -> None:
        form = theme_of(self).px(SMALL_FORM_PX if self._is_small else FORM_PX)
        self._columns.setSizes([form, max(1, self._columns.width() - form)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        small = self.width() < theme_of(self).px(SMALL_BELOW_PX)
        if small is not self._is_small:
            self._is_small = small
            self.form.set_compact(small)
            self.gallery.set_compact(small)
            self._share()
