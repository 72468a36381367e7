"""How the patch is carried over its window: the method, the fade at the ends, grain; further anchors; what stays in front."""

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from editor.panels.parts import CalmChoice, Section, column, label, row
from editor.panels.patch_window import FrameCount
from engine.limits import FALLOFF_MAX_FRAMES
from engine.project.model import Carrying, Method
from widgets.controls import IconButton, QuietButton, Toggle
from widgets.theme import theme_of

METHODS = {
    Method.FLOW: ("Follow the motion", "The changed pixels move with what they lie on."),
    Method.HOLD: ("Hold still", "The changed pixels stay where they are. For a still camera."),
    Method.TRACK: ("Track the region", "The region moves along and every frame is made anew. For blurs and colours."),
    Method.REBUILD: (
        "Rebuild between anchors", "Between two anchors it is made from these alone, elsewhere it follows. For damaged frames.",
    ),
}
FADE_HELP = "Frames over which it fades in at the start and out at the end of the window."
GRAIN_HELP = "The patch gets the grain of the picture around it."
ANCHOR_HELP = "Put the region right on this frame; the next run makes it an anchor (Shift+K)"
BETWEEN = "Let a service move it…"
BETWEEN_HELP = "A paid service makes the frames between the anchors; what is sent and its cost are shown first"
FRONT_HELP = "Draw round something that passes in front: it stays in front of the patch"


class CarryingForm(Section):
    """Shows a `Carrying`; reports the whole of it when the hand has changed something."""

    carrying_edited = Signal(object)  # Carrying
    anchor_added = Signal()
    anchor_removed = Signal()
    anchor_wanted = Signal(int)  # -1 the previous, 1 the next
    between_wanted = Signal()
    between_cancelled = Signal()
    front_wanted = Signal()
    front_removed = Signal(object)  # source time, Fraction

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._carrying = Carrying()
        self.method = CalmChoice("How it is carried")
        for method, (name, help_) in METHODS.items():
            self.method.addItem(name, method)
            self.method.setItemData(self.method.count() - 1, help_, 3)  # Qt.ItemDataRole.ToolTipRole
        self._help = label("", "hint", wraps=True)
        self.fade = FrameCount("Fade at the ends, in frames")
        self.fade.setMaximum(FALLOFF_MAX_FRAMES)
        self.fade.setToolTip(FADE_HELP)
        self.grain = Toggle(accessible="Match grain")
        self.grain.setToolTip(GRAIN_HELP)
        self._anchors = label("", "text")
        self.add = QuietButton("Add here", size="small")
        self.remove = QuietButton("Remove", size="small")
        self.previous = IconButton("chevron-left", "Previous anchor", "Ctrl+Shift+Up", size=24)
        self.next = IconButton("chevron-right", "Next anchor", "Ctrl+Shift+Down", size=24)
        self.between = QuietButton(BETWEEN, size="small")
        self._between_words, self._between_row, self._is_moving = label("Between anchors"), QWidget(), False
        self.front = QuietButton("Draw “in front”", size="small")
        self._fronts: tuple[tuple[Fraction, int], ...] = ()
        self._front_rows = column(4)
        self._lay_out()
        self._connect()

    def show_carrying(self, carrying: Carrying, *, is_still: bool, locked: bool) -> None:
        """Another patch, or the same one changed."""
        self._carrying = carrying
        self.method.setCurrentIndex(list(METHODS).index(carrying.method))
        self._help.setText(METHODS[carrying.method][1])
        self.fade.show_count(carrying.falloff_frames)
        self.grain.blockSignals(True)
        self.grain.setChecked(carrying.matches_grain)
        self.grain.blockSignals(False)
        for field in (self.method, self.fade, self.grain, self.front):
            field.setEnabled(not locked)
        self.setVisible(not is_still)

    def show_anchors(self, count: int, *, can_add: bool, can_remove: bool) -> None:
        """How many there are, and what can be done on the frame at the playhead."""
        self._anchors.setText("1 anchor" if count == 1 else f"{count} anchors")
        self.add.setVisible(not can_remove)
        self.add.setEnabled(can_add)
        self.remove.setVisible(can_remove)
        for button in (self.previous, self.next):
            button.setEnabled(count > 1)

    def show_between(self, *, can: bool, working: str) -> None:
        """Whether a service may move what lies between the anchors; how far one is, in a few words, while it does."""
        self._is_moving = bool(working)
        self._between_row.setVisible(can)
        self._between_words.setText(working or "Between anchors")
        self.between.setText("Cancel" if working else BETWEEN)
        self.between.setAccessibleName("Cancel moving between anchors" if working else "Let a service move it between anchors")

    def show_fronts(self, fronts: Sequence[tuple[Fraction, int]], *, is_drawing: bool) -> None:
        """(source time, frame from 1) of what stays in front; whether the next drawn shape becomes one."""
        self.front.setText("Draw it now" if is_drawing else "Draw “in front”")
        if tuple(fronts) == self._fronts:
            return
        self._fronts = tuple(fronts)
        while (item := self._front_rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for time, frame in fronts:
            made, drop = QWidget(), IconButton("close", f"Take away what is in front from frame {frame}", size=24)
            drop.clicked.connect(lambda _=False, at=time: self.front_removed.emit(at))
            made.setLayout(row(label(f"In front, drawn on frame {frame}", "hint"), None, drop))
            self._front_rows.addWidget(made)

    def set_compact(self, compact: bool) -> None:
        """In a small window the help is in the tool tips."""
        self._help.setVisible(not compact)

    def _lay_out(self) -> None:
        theme = theme_of(self)
        self.fade.setFixedWidth(theme.px(96))
        line = row(label("Carried by"))
        line.addWidget(self.method, 1)
        self.body.addLayout(line)
        self.body.addWidget(self._help)
        self.body.addLayout(row(label("Fade at the ends"), None, self.fade))
        self.body.addLayout(row(label("Match grain"), None, self.grain))
        self.body.addLayout(row(self._anchors, None, self.add, self.remove, self.previous, self.next, spacing=theme.px(2)))
        self._between_row.setLayout(row(self._between_words, None, self.between))
        self.body.addWidget(self._between_row)
        self.body.addLayout(row(label("Stays in front"), None, self.front))
        self.body.addLayout(self._front_rows)
        self.add.setToolTip(ANCHOR_HELP)
        self.add.setAccessibleName("Add an anchor on this frame")
        self.remove.setToolTip("Take the anchor of this frame away; the region follows by itself again")
        self.remove.setAccessibleName("Remove the anchor on this frame")
        self.front.setToolTip(FRONT_HELP)
        self.between.setToolTip(BETWEEN_HELP)
        self.show_between(can=False, working="")

    def _connect(self) -> None:
        self.method.activated.connect(lambda _place: self._emit())
        self.fade.valueChanged.connect(lambda _count: self._emit())
        self.grain.toggled.connect(lambda _on: self._emit())
        self.add.clicked.connect(lambda: self.anchor_added.emit())
        self.remove.clicked.connect(lambda: self.anchor_removed.emit())
        self.previous.clicked.connect(lambda: self.anchor_wanted.emit(-1))
        self.next.clicked.connect(lambda: self.anchor_wanted.emit(1))
        self.between.clicked.connect(lambda: (self.between_cancelled if self._is_moving else self.between_wanted).emit())
        self.front.clicked.connect(lambda: self.front_wanted.emit())

    def _emit(self) -> None:
        self.carrying_edited.emit(
            Carrying(self.method.currentData(), self.fade.value(), self.grain.isChecked(), self._carrying.in_front)
        )
