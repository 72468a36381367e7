"""What the result does to the picture, in numbers: nothing outside, how much inside, and which frames need a look."""

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from editor.panels.parts import PADDING_PX, Figure, Mark, Rule, Section, column, label, row
from editor.patch_facts import LookRange, ReviewFigures, TrustSummary
from engine.motion.confidence import Reason
from widgets.controls import QuietButton
from widgets.icons import pixmap
from widgets.theme import font, theme_of

ICONS = {"amber": ("warning", "am"), "red": ("doubtful", "rd")}
MOST_ROWS = 12
BEYOND_HELP = {Reason.CUT.value, Reason.LEFT.value}
ROW_PX = 44


class ShareBar(QWidget):
    """How many frames hold, need a check, are doubtful: shares of one bar, the worse the thicker."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = TrustSummary()
        self.setFixedHeight(theme_of(self).px(6))

    def show_summary(self, summary: TrustSummary) -> None:
        """Other counts."""
        self._summary = summary
        self.setAccessibleName(summary.sentence)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, summary = theme_of(self), self._summary
        painter = QPainter(self)
        x = 0.0
        for count, role, height in ((summary.hold, "gr", 2), (summary.check, "am", 4), (summary.doubtful, "rd", 6)):
            width = self.width() * count / max(1, summary.total)
            if count:
                thick = theme.px(height)
                right = round(x + max(width, 2.0))
                painter.fillRect(round(x), (self.height() - thick) // 2, right - round(x) - 1, thick, theme.color(role))
            x += width
        painter.end()


class LookRow(QAbstractButton):
    """A range of frames that needs a look and why; a click goes to its worst frame."""

    def __init__(self, item: LookRange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        frames = f"{item.frames} {'frame' if item.frames == 1 else 'frames'}"
        self._bold = str(item.first + 1) if item.frames == 1 else f"{item.first + 1} to {item.last + 1}"
        self._plain = frames
        self.setAccessibleName(f"Frames {self._bold}, {frames}, {item.reason}")
        self.setToolTip(f"{item.reason}. Go to the worst of these frames")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme_of(self).px(ROW_PX))

    def sizeHint(self) -> QSize:
        return QSize(theme_of(self).px(200), theme_of(self).px(ROW_PX))

    def minimumSizeHint(self) -> QSize:
        """Narrower than the words: they are cut, and stand in the tool tip."""
        return QSize(theme_of(self).px(96), theme_of(self).px(ROW_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        if self.underMouse() or self.isDown():
            painter.fillRect(self.rect(), theme.color("bg3" if not self.isDown() else "bg1"))
        side, left = theme.px(16), theme.px(12)
        icon_name, role = ICONS[self.item.level]
        painter.drawPixmap(left, theme.px(6), pixmap(icon_name, theme, role, side, self.devicePixelRatioF()))
        x = left + side + theme.px(10)
        x = self._words(painter, x, theme.px(5), self._bold, 600, "t1")
        self._words(painter, x + theme.px(6), theme.px(5), self._plain, 400, "t3")
        self._words(painter, left + side + theme.px(10), theme.px(22), self.item.reason, 400, "t3")
        painter.end()

    def _words(self, painter: QPainter, x: int, y: int, text: str, weight: int, role: str) -> int:
        theme = theme_of(self)
        painter.setFont(font(theme, 12 if weight == 600 else 11, weight))
        painter.setPen(theme.color(role))
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, self.width() - x))
        painter.drawText(x, y, self.width() - x, theme.px(16), Qt.AlignmentFlag.AlignVCenter, text)
        return x + painter.fontMetrics().horizontalAdvance(text)


class ReviewView(Section):
    """The claim, the figures, the frames that need a look, each with what would help."""

    frame_wanted = Signal(object)  # source time, Fraction
    front_wanted = Signal()
    anchor_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self._shield = Mark("shield", "gr", 20)
        self.claim, self._scope = label("", "name"), label("", "hint")
        words = column(0)
        words.addWidget(self.claim)
        words.addWidget(self._scope)
        line = row(self._shield, spacing=theme.px(10))
        line.addLayout(words, 1)
        self.area, self.largest = Figure("Changed area"), Figure("Largest change")
        self.mean, self.flicker = Figure("Mean change in the region"), Figure("Flicker")
        self.sentence, self._key = label("", "section"), label("F8", "hint")
        self.bar = ShareBar()
        self._rows = column(0)
        self._shown: tuple[LookRange, ...] = ()
        self.body.addLayout(line)
        self.body.addSpacing(theme.px(2))
        for figure in (self.area, self.largest, self.mean, self.flicker):
            self.body.addWidget(figure)
        self._counts = _Counts()
        frames = column(theme.px(8))
        padding = theme.px(PADDING_PX)
        frames.setContentsMargins(padding, padding, padding, padding)
        frames.addLayout(row(self.sentence, None, self._key))
        for widget in (self.bar, self._counts):
            frames.addWidget(widget)
        self._frames = QWidget()
        whole = column(0)
        whole.addWidget(Rule())
        whole.addLayout(frames)
        self._frames.setLayout(whole)
        self.outer.addWidget(self._frames)
        self.outer.addLayout(self._rows)

    def show_review(self, figures: ReviewFigures | None, summary: TrustSummary, *, is_stopped: bool = False) -> None:
        """`figures` None while they are being measured, or where that was stopped."""
        self._show_claim(figures, is_stopped)
        for figure, text in (
            (self.area, figures.changed_area if figures else "–"), (self.largest, figures.largest if figures else "–"),
            (self.mean, figures.mean if figures else "–"), (self.flicker, figures.flicker if figures else "–"),
        ):  # fmt: skip
            figure.show_value(text)
        self.sentence.setText(summary.sentence)
        self._key.setVisible(bool(summary.ranges))
        self._frames.setVisible(bool(summary.total))  # nothing is known yet: no empty band
        self.bar.show_summary(summary)
        self._counts.show_summary(summary)
        if summary.ranges != self._shown:
            self._show_rows(summary.ranges)

    def rows(self) -> list[LookRow]:
        return [row for place in range(self._rows.count()) if (item := self._widget(place)) for row in item.findChildren(LookRow)]

    def _look_row(self, found: LookRange) -> QWidget:
        """The range, and the button that helps: it goes to the worst frame and begins the correction there."""
        made, words = QWidget(), LookRow(found)
        is_covered = found.reason.lower() == Reason.COVERED.value
        help_ = QuietButton("Draw “in front”" if is_covered else "Add anchor", size="small")
        help_.setAccessibleName(f"{help_.text()} for frames {found.first + 1} to {found.last + 1}")
        wanted = self.front_wanted if is_covered else self.anchor_wanted
        words.clicked.connect(lambda _=False, time=found.time: self.frame_wanted.emit(time))
        help_.clicked.connect(lambda _=False, time=found.time: self._help(time, wanted))
        line = row(spacing=0)
        line.addWidget(words, 1)
        if found.reason.lower() not in BEYOND_HELP:
            line.addWidget(help_)
        line.setContentsMargins(0, 0, theme_of(self).px(8), 0)
        made.setLayout(line)
        return made

    def _help(self, time: Fraction, wanted: SignalInstance) -> None:
        self.frame_wanted.emit(time)
        wanted.emit()

    def _widget(self, place: int) -> QWidget | None:
        item = self._rows.itemAt(place)
        return item.widget() if item is not None else None

    def _show_claim(self, figures: ReviewFigures | None, is_stopped: bool) -> None:
        if figures is None:
            self.claim.setText("Not measured yet" if is_stopped else "Measuring the change")
            compared = "Measured once every frame is carried" if is_stopped else "Every frame is compared with the original"
            self._scope.setText(compared)
            self._shield.set_icon("shield", "t3")
            return
        good = figures.outside == 0
        self.claim.setText(figures.claim)
        frames = f"all {figures.frames} frames" if figures.frames > 1 else "the frame"
        self._scope.setText(f"Computed on {frames}, before encoding")
        self._shield.set_icon("shield" if good else "warning", "gr" if good else "am")

    def _show_rows(self, ranges: Sequence[LookRange]) -> None:
        self._shown = tuple(ranges)
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for found in ranges[:MOST_ROWS]:
            self._rows.addWidget(self._look_row(found))
        if len(ranges) > MOST_ROWS:
            more = label(f"and {len(ranges) - MOST_ROWS} more, F8 goes through all", "hint")
            more.setContentsMargins(theme_of(self).px(12), 0, 0, theme_of(self).px(8))
            self._rows.addWidget(more)


class _Counts(QWidget):
    """ "76 hold, 4 check, 11 doubtful", each with its icon."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = TrustSummary()
        self.setFixedHeight(theme_of(self).px(16))

    def show_summary(self, summary: TrustSummary) -> None:
        self._summary = summary
        words = f"{summary.hold} hold, {summary.check} check, {summary.doubtful} doubtful"
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, summary = theme_of(self), self._summary
        painter = QPainter(self)
        painter.setFont(font(theme, 11))
        x, side = 0, theme.px(12)
        for count, word, icon_name, role in (
            (summary.hold, "hold", "check", "gr"), (summary.check, "check", "warning", "am"),
            (summary.doubtful, "doubtful", "doubtful", "rd"),
        ):  # fmt: skip
            if not count:
                continue
            painter.drawPixmap(x, (self.height() - side) // 2, pixmap(icon_name, theme, role, side, self.devicePixelRatioF()))
            x += side + theme.px(4)
            text = f"{count} {word}"
            painter.setPen(theme.color(role))
            painter.drawText(x, 0, self.width() - x, self.height(), Qt.AlignmentFlag.AlignVCenter, text)
            x += painter.fontMetrics().horizontalAdvance(text) + theme.px(14)
        painter.end()
