"""The patch panel: everything about the patch that is chosen, and its one next step at the foot.

Made of sections that each show plain values and report what the hand does; the controller fills them and answers.
"""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from editor.panels.patch_carrying import CarryingForm
from editor.panels.patch_foot import PatchFoot
from editor.panels.patch_header import PatchHeader
from editor.panels.patch_recipe import RecipeForm
from editor.panels.patch_results import Results
from editor.panels.patch_review import ReviewView
from editor.panels.patch_sent import SentView
from editor.panels.patch_versions import Versions
from editor.panels.patch_window import WindowForm
from engine.providers.protocol import ProviderInfo
from widgets.controls import EmptyState
from widgets.theme import theme_of

EMPTY = "Stop on a frame and draw a box or a lasso to start a patch."
NONE_CHOSEN = "Choose a patch on the timeline, or draw a box or a lasso to start one."


class PatchPanel(QWidget):
    """`header`, `review`, `recipe`, `sent`, `window_form`, `versions`, `foot` are for the controllers."""

    box_wanted = Signal()

    def __init__(self, providers: Sequence[ProviderInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Patch")
        self.header, self.foot = PatchHeader(), PatchFoot()
        self.review, self.recipe, self.sent = ReviewView(), RecipeForm(providers), SentView()
        self.window_form, self.versions = WindowForm(), Versions()
        self.carrying = CarryingForm()
        self.results, self.results_alone = Results(), Results()
        self.empty = EmptyState("patch", EMPTY, "Draw a box", "box", "R")
        self.empty.activated.connect(self.box_wanted)
        self._reviewing: bool | None = None
        self._lay_out()
        self.show_empty()
        self.set_reviewing(False)

    def show_empty(self, sentence: str = EMPTY, can_draw: bool = False) -> None:
        """No patch is chosen; the button is there where there is a picture to draw on."""
        self.empty.set_sentence(sentence)
        self.empty.button.setVisible(can_draw)
        self._pages.setCurrentIndex(0)

    def show_patch(self) -> None:
        """The sections, after they were filled."""
        self._pages.setCurrentIndex(1)

    def is_empty(self) -> bool:
        return self._pages.currentIndex() == 0

    def set_reviewing(self, reviewing: bool) -> None:
        """With a result its numbers come first and what was asked for moves below."""
        if reviewing == self._reviewing:
            return
        self._reviewing = reviewing
        asked = [self.recipe, self.sent, self.window_form, self.carrying]
        order = [self.review, self.versions, *asked] if reviewing else [*asked, self.versions]
        for section in order:
            self._sections.removeWidget(section)
        for place, section in enumerate(order):
            self._sections.insertWidget(place, section)
        self.review.setVisible(reviewing)
        self._scroll.verticalScrollBar().setValue(0)

    def set_compact(self, compact: bool) -> None:
        """For a small window: second lines and pictures go, names and costs stay."""
        for part in (self.header, self.recipe, self.sent, self.carrying, self.versions, self.foot):
            part.set_compact(compact)

    def sizeHint(self) -> QSize:
        return QSize(theme_of(self).px(348), theme_of(self).px(640))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme_of(self).px(280), theme_of(self).px(240))

    def _lay_out(self) -> None:
        sections = QWidget()
        self._sections = QVBoxLayout(sections)
        self._sections.setContentsMargins(0, 0, 0, 0)
        self._sections.setSpacing(0)
        for section in (self.review, self.recipe, self.sent, self.window_form, self.carrying, self.versions):
            self._sections.addWidget(section)
        self._sections.addWidget(self.results)
        self._sections.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("The patch in detail")
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(sections)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.foot)
        self._pages = QStackedWidget()
        alone = QWidget()
        beside = QVBoxLayout(alone)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(_padded(self.empty), 1)
        beside.addWidget(self.results_alone)
        self._pages.addWidget(_scrolled(alone))
        self._pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)


def _scrolled(page: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setAccessibleName("No patch chosen")
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(page)
    return scroll


def _padded(widget: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    margin = theme_of(widget).px(24)
    column.setContentsMargins(margin, margin, margin, margin)
    column.addWidget(widget)
    return holder
