"""The left side of the export window: what to write, where, and how much of it. Reports choices; looks at no file."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from editor.panels.parts import CalmChoice, Mark, label
from editor.plan_words import SEAM_NAMES
from engine.encoding.presets import PRESETS, preset_named
from engine.encoding.result import CaptionsAs, Seam
from widgets.controls import SegmentedControl, mark_error
from widgets.icons import icon
from widgets.theme import theme_of

WIDTH_PX, PADDING_PX = 288, 20
BROWSE = "browse"
RANGES = (("whole", "Whole sequence"), ("marks", "In to out"))
CAPTIONS = ((CaptionsAs.SOFT.value, "Track"), (CaptionsAs.BURN.value, "Burnt in"), (CaptionsAs.NONE.value, "None"))
CAPTION_WORDS = {
    CaptionsAs.SOFT: "Players show or hide them.",
    CaptionsAs.BURN: "Encodes the frames they show on.",
    CaptionsAs.NONE: "The file has none.",
}  # fmt: skip
SEAMS = tuple((seam.value, words) for seam, words in SEAM_NAMES.items())
SEAM_TIPS = {
    Seam.FAST: "Only the frames that changed are encoded again, as quickly as a good picture allows",
    Seam.BEST: "Only the frames that changed are encoded again, slowly and as close to the source as can be",
    Seam.FULL: "Every frame is encoded again: one encoder for the whole film, and the slowest way",
}


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """What the user chose; `name` has its ending."""

    preset: str
    name: str
    folder: Path
    only_marked: bool = False
    accept_losses: bool = False
    seam: Seam = Seam.FAST
    captions: CaptionsAs = CaptionsAs.NONE

    @property
    def output(self) -> Path:
        """The file to write."""
        return self.folder / self.name


KNOWN_SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".ts"})


def with_suffix(name: str, suffix: str) -> str:
    """A file name with the ending it needs; one that was typed is kept where it is of a video file."""
    return name if not name or Path(name).suffix.lower() in KNOWN_SUFFIXES | {suffix} else f"{name}{suffix}"


def name_problem(name: str) -> str:
    """Why a text is no file name, one sentence; empty where it is one."""
    if not name:
        return "Give the file a name."
    bad = next((sign for sign in '/\\\0' if sign in name), "")
    return f"A file name cannot contain “{bad}”." if bad else ""


class ChoicesForm(QWidget):
    """Emits `changed` after each choice and `browse_requested` for another folder."""

    changed = Signal()
    browse_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self.setFixedWidth(theme.px(WIDTH_PX))
        self._source_suffix = ".mp4"
        self.preset, self.folder = CalmChoice("Preset"), CalmChoice("Folder")
        self.form_words = label(" ", "label")
        self.form_words.setMinimumWidth(0)
        self.name = QLineEdit()
        self.name.setAccessibleName("File name")
        self.wrong = label("", "bad", wraps=True)
        self.range = SegmentedControl(RANGES, fills=True)
        self.seam = SegmentedControl(SEAMS, fills=True)
        self.seam_words = label(" ", "label", wraps=True)
        self.captions = SegmentedControl(CAPTIONS, fills=True)
        self.caption_words = label(" ", "label", wraps=True)
        self._caption_row: list[QWidget] = []
        for button in (*map(self.range.button, dict(RANGES)), *map(self.seam.button, dict(SEAMS)),
                       *map(self.captions.button, dict(CAPTIONS))):  # fmt: skip
            button.setAutoDefault(False)  # Enter is for the export
        for seam, tip in SEAM_TIPS.items():
            self.seam.button(seam.value).setToolTip(tip)
        self._lay_out()
        for preset in PRESETS:
            self.preset.addItem(preset.name, preset.name)
        self._draw_marks()
        self.preset.currentIndexChanged.connect(self._preset_chosen)
        self.folder.currentIndexChanged.connect(self._folder_chosen)
        self.name.textChanged.connect(self.changed)
        self.range.chosen.connect(self.changed)
        self.seam.chosen.connect(self.changed)
        self.captions.chosen.connect(self._captions_chosen)

    # What it shows

    def offer_captions(self, has_captions: bool, chosen: CaptionsAs) -> None:
        """Whether there is something to choose for captions; `chosen` is what was chosen last."""
        for widget in self._caption_row:
            widget.setVisible(has_captions)
        self.captions.set_current(chosen.value if has_captions else CaptionsAs.NONE.value)
        self.caption_words.setText(CAPTION_WORDS[CaptionsAs(self.captions.current)])

    def begin(
        self, name: str, folders: tuple[Path, ...], source_suffix: str, has_marks: bool, seam: Seam = Seam.FAST
    ) -> None:
        """Start over with a proposal; `folders` are where files went before, the likeliest first; `seam` the one chosen last."""
        self._source_suffix = source_suffix
        for widget in (self.preset, self.folder, self.name):
            widget.blockSignals(True)
        self.preset.setCurrentIndex(0)
        self.name.setText(name)
        self._fill_folders(folders)
        for widget in (self.preset, self.folder, self.name):
            widget.blockSignals(False)
        self.range.set_current("whole")
        self.seam.set_current(seam.value)
        marks = self.range.button("marks")
        marks.setEnabled(has_marks)
        marks.setToolTip("" if has_marks else "Set an in and an out point first (I and O)")

    def add_folder(self, folder: Path) -> None:
        """Choose a folder that may not be in the list yet."""
        known = [self.folder.itemData(i) for i in range(self.folder.count())]
        if folder not in known:
            self.folder.insertItem(0, icon("download", theme_of(self), "t1"), folder.name or str(folder), folder)
            self.folder.setItemData(0, str(folder), Qt.ItemDataRole.ToolTipRole)
            known = [folder, *known]
        self.folder.setCurrentIndex(known.index(folder))

    def choices(self, accept_losses: bool = False) -> ExportChoices:
        """What is chosen now."""
        preset = preset_named(str(self.preset.currentData()))
        name = with_suffix(self.name.text().strip(), preset.suffix or self._source_suffix)
        only_marked, seam = self.range.current == "marks", Seam(self.seam.current)
        captions = CaptionsAs(self.captions.current)
        return ExportChoices(preset.name, name, Path(self.folder.currentData()), only_marked, accept_losses, seam, captions)

    def problem(self) -> str:
        """Why the name cannot be used, one sentence; empty where it can."""
        return name_problem(self.name.text().strip())

    def show_wrong(self, sentence: str) -> None:
        """Why the name or the folder cannot be used; empty where it can."""
        mark_error(self.name, bool(sentence))
        self.wrong.setText(sentence)
        self.wrong.setVisible(bool(sentence))

    def take_focus(self) -> None:
        """The name, its stem selected: typing replaces it."""
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.setSelection(0, len(Path(self.name.text()).stem))

    # Inside

    def _captions_chosen(self, chosen: str) -> None:
        self.caption_words.setText(CAPTION_WORDS[CaptionsAs(chosen)])
        self.changed.emit()

    def _preset_chosen(self) -> None:
        """The ending follows the preset."""
        suffix = preset_named(str(self.preset.currentData())).suffix or self._source_suffix
        name = Path(self.name.text().strip())
        self.name.blockSignals(True)
        self.name.setText(f"{name.stem}{suffix}" if name.name else "")
        self.name.blockSignals(False)
        self.changed.emit()

    def _folder_chosen(self) -> None:
        if self.folder.currentData() == BROWSE:
            self.folder.blockSignals(True)
            self.folder.setCurrentIndex(0)
            self.folder.blockSignals(False)
            self.browse_requested.emit()
        else:
            self.folder.setToolTip(str(self.folder.currentData()))
            self.changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "folder"):
            self._draw_marks()
        super().changeEvent(event)

    def _draw_marks(self) -> None:
        """The icons of both lists in the colour of the theme."""
        theme = theme_of(self)
        for place in range(self.preset.count()):
            self.preset.setItemIcon(place, icon("film", theme, "t1"))
        for place in range(self.folder.count()):
            mark = "folder" if self.folder.itemData(place) == BROWSE else "download"
            self.folder.setItemIcon(place, icon(mark, theme, "t1"))

    def _fill_folders(self, folders: tuple[Path, ...]) -> None:
        self.folder.clear()
        for folder in folders:
            self.folder.addItem(folder.name or str(folder), folder)
            self.folder.setItemData(self.folder.count() - 1, str(folder), Qt.ItemDataRole.ToolTipRole)
        self.folder.addItem("Another folder…", BROWSE)
        self._draw_marks()
        self.folder.setToolTip(str(folders[0]))

    def _lay_out(self) -> None:
        theme = theme_of(self)
        column = QVBoxLayout(self)
        padding = theme.px(PADDING_PX)
        column.setContentsMargins(padding, theme.px(16), padding, theme.px(12))
        column.setSpacing(theme.px(4))
        for words, field, below in (
            ("Preset", self.preset, self.form_words), ("File name", self.name, self.wrong), ("Folder", self.folder, None),
            ("Range", self.range, None), ("Encoding", self.seam, self.seam_words),
            ("Captions", self.captions, self.caption_words),
        ):  # fmt: skip
            name = label(words, "text")
            column.addWidget(name)
            column.addWidget(field)
            if below is not None:
                column.addWidget(below)
            if field is self.captions:
                self._caption_row = [name, self.captions, self.caption_words]
            column.addSpacing(theme.px(5))
        self.offer_captions(False, CaptionsAs.NONE)
        column.addLayout(self._verify_row())
        column.addStretch(1)
        self.wrong.hide()

    def _verify_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme_of(self).px(6))
        always = label("Always", "text")
        for widget in (label("Verify after export", "plain"), None, Mark("lock", "t3"), always):
            if widget is None:
                row.addStretch(1)
            else:
                row.addWidget(widget)
        always.setToolTip("The written file is read back and compared before it takes its name")
        return row
