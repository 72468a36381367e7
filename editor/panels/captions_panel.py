"""The captions panel: the list with its tools, how captions look, and at its foot where captions come from and go to.

Shows what it is told and reports wishes; knows no project and no job.
"""

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from editor.cue_rows import CueRow
from editor.panels.caption_look import CaptionLook
from editor.panels.cue_table import CueTable
from editor.panels.parts import Rule, label, row
from editor.panels.speaker_line import SpeakerLine
from widgets.controls import EmptyState, IconButton, PrimaryButton, SecondaryButton, SegmentedControl
from widgets.theme import theme_of

LIST, LOOK = "list", "look"
EMPTY = "No captions yet. Transcribe the sound, import a file, or write one at the playhead."
HEARS = "A service hears the words; what is sent and its cost are shown first"
FINDS = "Find offline when somebody speaks; the words are yours to write"
STEPS = 1000


class CaptionsPanel(QFrame):
    """`table` and `look` report for themselves; the rest is tools and foot."""

    add_wanted = Signal()
    split_wanted = Signal()
    merge_wanted = Signal()
    remove_wanted = Signal()
    transcribe_wanted = Signal()
    options_wanted = Signal()
    detect_wanted = Signal()
    import_wanted = Signal()
    export_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.table, self.look, self.speaker = CueTable(), CaptionLook(), SpeakerLine()
        self.tabs = SegmentedControl(((LIST, "Captions"), (LOOK, "Look")))
        self.add = IconButton("plus", "Add a caption at the playhead", "Ctrl+T")
        self.split = IconButton("blade", "Split at the playhead", "Alt+S")
        self.merge = IconButton("link", "Merge with the next, or the chosen ones", "Alt+M")
        self.remove = IconButton("trash", "Remove the chosen captions", "Del")
        self.count, self.trouble = label("", "section"), label("", "hint")
        self.empty = EmptyState("captions", EMPTY, "Add a caption", "plus")
        self.transcribe = PrimaryButton("Transcribe", "spark", size="foot")
        self.options = IconButton("sliders", "Language and speakers", size=32)
        self.detect = SecondaryButton("Detect speech", size="foot")
        self.import_file = SecondaryButton("Import…", "import", size="foot")
        self.export_file = SecondaryButton("Export…", "download", size="foot")
        self.cancel = SecondaryButton("Cancel", size="foot")
        self._bar, self._doing = QProgressBar(), label("", "text")
        self._pages, self._foot, self._lists = QStackedWidget(), QStackedWidget(), QStackedWidget()
        self._said, self._is_compact = QWidget(), False
        self._lay_out()
        self._connect()
        self.show_rows((), 0, locked=False, has_sound=False)

    def show_rows(self, rows: tuple[CueRow, ...], hidden: int, *, locked: bool, has_sound: bool) -> None:
        """Show other captions; `hidden` is how many do not show because what was said was cut away."""
        self.table.set_rows(rows, locked)
        self._lists.setCurrentIndex(int(bool(rows)))
        self._said.setVisible(bool(rows) and not self._is_compact)
        self.count.setText("1 caption" if len(rows) == 1 else f"{len(rows)} captions")
        wrong = sum(bool(one.faults) for one in rows)
        words = [f"{wrong} {'needs' if wrong == 1 else 'need'} a look" if wrong else "",
                 f"{hidden} cut away" if hidden else "", "locked" if locked else ""]  # fmt: skip
        self.trouble.setText(", ".join(word for word in words if word))
        writers: tuple[QWidget, ...] = (self.add, self.empty.button, self.import_file)
        for writer in writers:
            writer.setEnabled(not locked)
        for hearer, tip in ((self.transcribe, HEARS), (self.detect, FINDS)):
            hearer.setEnabled(has_sound and not locked)
            hearer.setToolTip(tip if has_sound else "There is no sound on the timeline")
        self.export_file.setEnabled(any(one.text for one in rows))
        self.show_choice(len(self.table.chosen_rows()), locked, can_split=False)

    def show_choice(self, chosen: int, locked: bool, *, can_split: bool) -> None:
        """What can be done with what is chosen, and under the playhead."""
        self.remove.setEnabled(bool(chosen) and not locked)
        self.merge.setEnabled(bool(chosen) and len(self.table.cues.rows) > 1 and not locked)
        self.split.setEnabled(can_split and not locked)

    def show_speakers(self, chosen: Sequence[str], known: Sequence[str], *, locked: bool) -> None:
        """Who says the chosen captions, and who is known."""
        self.speaker.show_speakers(chosen, known, locked=locked)

    def set_playhead(self, time: Fraction) -> None:
        self.table.set_playhead(time)

    def show_working(self, words: str, fraction: float) -> None:
        """How far a job is, in place of the buttons at the foot."""
        self._foot.setCurrentIndex(1)
        self._doing.setText(words)
        self._bar.setValue(round(fraction * STEPS))

    def show_ready(self) -> None:
        """The buttons again."""
        self._foot.setCurrentIndex(0)

    @property
    def is_working(self) -> bool:
        return self._foot.currentIndex() == 1

    def show_page(self, name: str) -> None:
        """The list or the look."""
        self.tabs.set_current(name)
        self._pages.setCurrentIndex(int(name == LOOK))

    def set_compact(self, compact: bool) -> None:
        """A small window has no room for how many there are, and a lower foot."""
        self._is_compact = compact
        theme = theme_of(self)
        self._said.setVisible(not compact and bool(self.table.cues.rows))
        self._foot.setFixedHeight(theme.px(80 if compact else 96))
        padding = theme.px(8 if compact else 12)
        self._grid.setContentsMargins(theme.px(12), padding, theme.px(12), padding)

    # Inside

    def _lay_out(self) -> None:
        theme = theme_of(self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        head = row(self.tabs, None, self.add, self.split, self.merge, self.remove, spacing=theme.px(4))
        head.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(4))
        said = row(self.count, None, self.trouble)
        said.setContentsMargins(theme.px(12), theme.px(2), theme.px(12), theme.px(4))
        self._said.setLayout(said)
        whole.addLayout(head)
        whole.addWidget(self._said)
        self._lists.addWidget(self.empty)
        listed = QWidget()
        self._lists.addWidget(listed)
        below = QVBoxLayout(listed)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.table, 1)
        below.addWidget(self.speaker)
        scroll = QScrollArea()
        scroll.setAccessibleName("Look of the captions")
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.look)
        self._pages.addWidget(self._lists)
        self._pages.addWidget(scroll)
        whole.addWidget(self._pages, 1)
        whole.addWidget(Rule())
        whole.addWidget(self._foot)
        self._foot.addWidget(self._buttons())
        self._foot.addWidget(self._working())
        self.set_compact(False)

    def _buttons(self) -> QWidget:
        theme, body = theme_of(self), QWidget()
        grid = self._grid = QGridLayout(body)
        grid.setContentsMargins(*(theme.px(12),) * 4)
        grid.setSpacing(theme.px(8))
        hear = row(self.transcribe, self.options, spacing=theme.px(4))
        hear.setStretch(0, 1)
        grid.addLayout(hear, 0, 0)
        for place, button in enumerate((self.detect, self.import_file, self.export_file), 1):
            grid.addWidget(button, place // 2, place % 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        return body

    def _working(self) -> QWidget:
        theme, body = theme_of(self), QWidget()
        self._bar.setRange(0, STEPS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the captions")
        words = QVBoxLayout()
        words.setSpacing(theme.px(6))
        words.addStretch(1)
        words.addWidget(self._doing)
        words.addWidget(self._bar)
        words.addStretch(1)
        line = row(spacing=theme.px(12))
        line.addLayout(words, 1)
        line.addWidget(self.cancel)
        line.setContentsMargins(*(theme.px(12),) * 4)
        body.setLayout(line)
        return body

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.show_page)
        self.empty.activated.connect(self.add_wanted)
        self.table.removed.connect(self.remove_wanted)
        for button, wanted in (
            (self.add, self.add_wanted), (self.split, self.split_wanted), (self.merge, self.merge_wanted),
            (self.remove, self.remove_wanted), (self.transcribe, self.transcribe_wanted), (self.detect, self.detect_wanted),
            (self.options, self.options_wanted),
            (self.import_file, self.import_wanted), (self.export_file, self.export_wanted), (self.cancel, self.cancel_wanted),
        ):  # fmt: skip
            button.clicked.connect(lambda _=False, signal=wanted: signal.emit())
