"""What providers made of a patch: a thumbnail per version, one of them shown. In a small window a list that opens."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QScrollArea, QWidget

from editor.panels.parts import CalmChoice, Mark, Section, column, label, row
from editor.patch_facts import VersionFacts, cost_words, facts_of
from engine.project.model import PatchVersion
from widgets.controls import IconButton, Menu, QuietButton
from widgets.icons import pixmap
from widgets.theme import font, theme_of

WIDTH_PX, PICTURE_PX, TEXT_PX = 100, 56, 34


class VersionCard(QAbstractButton):
    """One version: its picture, its number and provider, what it cost."""

    def __init__(self, version: PatchVersion, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = version.number
        self.facts = facts_of(version, name)
        self._name, self._detail = self.facts.name, self.facts.cost
        self._is_compared = False
        self._image: QImage | None = None
        self.setCheckable(True)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(f"Version {version.number}, {name}, {self._detail}")
        self.setToolTip(self.facts.lines)
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def set_image(self, image: QImage | None) -> None:
        """Its pixels, when they have been read."""
        self._image = image
        self.update()

    def set_compared(self, compared: bool) -> None:
        """Whether it lies beside the one that is shown."""
        self._is_compared = compared
        self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(WIDTH_PX), theme.px(PICTURE_PX + TEXT_PX + 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(0, 0, self.width(), theme.px(PICTURE_PX)).adjusted(2, 2, -2, -2)
        self._paint_picture(painter, frame)
        if self.isChecked() or self.underMouse():
            painter.setPen(QPen(theme.color("sel" if self.isChecked() else "line2"), theme.px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(-1, -1, 1, 1), theme.px(3), theme.px(3))
        if self.isChecked() or self._is_compared:
            self._paint_mark(painter, frame, "eye" if self.isChecked() else "split-view")
        if self.facts.warnings:
            self._paint_mark(painter, frame, "warning", left=True)
        self._paint_words(painter)
        painter.end()

    def _paint_picture(self, painter: QPainter, frame: QRectF) -> None:
        theme = theme_of(self)
        clip = QPainterPath()
        clip.addRoundedRect(frame, theme.px(3), theme.px(3))
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(frame, theme.color("bg0"))
        if self._image is not None and not self._image.isNull():
            size = self._image.size().scaled(frame.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(frame.center())
            painter.drawImage(target, self._image)
        painter.restore()

    def _paint_mark(self, painter: QPainter, frame: QRectF, icon_name: str, *, left: bool = False) -> None:
        theme = theme_of(self)
        side = theme.px(18)
        plate = QRectF(frame.x() + 3 if left else frame.right() - side - 3, frame.bottom() - side - 3, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bg0", 0.8) if theme.is_dark else theme.color("bg3", 0.9))
        painter.drawRoundedRect(plate, theme.px(3), theme.px(3))
        mark = theme.px(14)
        drawing = pixmap(icon_name, theme, "am" if icon_name == "warning" else "t1", mark, self.devicePixelRatioF())
        painter.drawPixmap(round(plate.center().x() - mark / 2), round(plate.center().y() - mark / 2), drawing)

    def _paint_words(self, painter: QPainter) -> None:
        theme = theme_of(self)
        top = theme.px(PICTURE_PX)
        lines = ((self._name, 600 if self.isChecked() else 400, "t1"), (self._detail, 400, "t3"))
        for line, (text, weight, role) in enumerate(lines):
            used = font(theme, 11, weight)
            painter.setFont(used)
            painter.setPen(theme.color(role))
            cut = QFontMetrics(used).elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 2)
            painter.drawText(2, top + line * theme.px(16), self.width(), theme.px(16), Qt.AlignmentFlag.AlignVCenter, cut)


class Versions(Section):
    """The versions, newest first, and what is known of the one that is shown.

    `chosen` carries the number of the one that shall be shown, `compare_wanted` that of the one to lay beside it (0: none).
    """

    chosen = Signal(int)
    compare_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[PatchVersion, ...] = ()
        self._current = self._compared = 0
        self._compact = False
        self._cards: dict[int, VersionCard] = {}
        self._group = QButtonGroup(self)
        self.compare = QuietButton("Compare", size="small")
        self.compare.setCheckable(True)
        self._title = QWidget()
        self._title.setLayout(row(label("Versions", "section"), None, self.compare))
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setFixedHeight(theme_of(self).px(PICTURE_PX + TEXT_PX + 14))
        self.facts = VersionDetails()
        self.list = CalmChoice("Version")
        self.compare_small = IconButton("split-view", "Compare with another version", "Alt+D", checkable=True)
        self._list_row = QWidget()
        line = row(label("Version"))
        line.addWidget(self.list, 1)
        line.addWidget(self.compare_small)
        self._list_row.setLayout(line)
        for widget in (self._title, self._scroll, self._list_row, self.facts):
            self.body.addWidget(widget)
        self.list.activated.connect(lambda _place: self.chosen.emit(int(self.list.currentData())))
        for button in (self.compare, self.compare_small):
            button.clicked.connect(lambda _=False, source=button: self._compare(source))
        self.set_compact(False)

    def show_versions(self, versions: Sequence[PatchVersion], current: int, names: Mapping[str, str], compared: int = 0) -> None:
        """Another set; `names` are those of providers by id, `compared` the version that lies beside the current one."""
        self.setVisible(bool(versions))
        if tuple(versions) != self._shown:
            self._shown = tuple(versions)
            self._rebuild(names)
        self._current, self._compared = current, compared
        for number, card in self._cards.items():
            card.setChecked(number == current)
            card.set_compared(number == compared)
        self.list.setCurrentIndex(self.list.findData(current))
        self.facts.show_facts(self._cards[current].facts if current in self._cards else None)
        words = f"Comparing with v{compared}" if compared else "Compare"
        self.compare.setText(words)
        for button in (self.compare, self.compare_small):
            button.setChecked(bool(compared))
            button.setEnabled(len(versions) > 1)
            button.setAccessibleName(words if compared else "Compare with another version")
            button.setToolTip("Lay another version beside this one (Alt+D)" if len(versions) > 1 else "There is one version only")
        self.compare.updateGeometry()

    def set_image(self, pixels: str, image: QImage | None) -> None:
        """The picture of every version that has these pixels (asset hash)."""
        for version in self._shown:
            if version.pixels == pixels:
                self._cards[version.number].set_image(image)

    def cards(self) -> dict[int, VersionCard]:
        return dict(self._cards)

    def set_compact(self, compact: bool) -> None:
        """One line instead of pictures."""
        self._compact = compact
        self._list_row.setVisible(compact)
        for widget in (self._title, self._scroll):
            widget.setVisible(not compact)
        self.facts.set_compact(compact)

    def _rebuild(self, names: Mapping[str, str]) -> None:
        self._cards = {}
        self.list.clear()
        holder = QWidget()
        line = row(spacing=theme_of(self).px(6))
        for version in reversed(self._shown):
            name = names.get(version.recipe.provider, version.recipe.provider)
            card = VersionCard(version, name)
            card.clicked.connect(lambda _=False, number=version.number: self.chosen.emit(number))
            self._group.addButton(card)
            self._cards[version.number] = card
            line.addWidget(card)
            self.list.addItem(f"v{version.number}, {name}, {cost_words(version).lower()}", version.number)
            self.list.setItemData(self.list.count() - 1, card.facts.lines, Qt.ItemDataRole.ToolTipRole)
        line.addStretch(1)
        holder.setLayout(line)
        self._scroll.setWidget(holder)

    def _compare(self, source: QWidget) -> None:
        """Stop; or with the other version; or, where there are several, with the one chosen from a menu."""
        others = [number for number in self._cards if number != self._current]
        if self._compared or len(others) == 1:
            self.compare_wanted.emit(0 if self._compared else others[0])
            return
        menu = Menu("Compare with", self)
        for number in others:
            action = menu.addAction(self._cards[number].facts.name)
            action.triggered.connect(lambda _=False, n=number: self.compare_wanted.emit(n))
        menu.aboutToHide.connect(menu.deleteLater)
        for button in (self.compare, self.compare_small):
            button.setChecked(False)
        menu.popup(source.mapToGlobal(QPoint(0, source.height())))


class VersionDetails(QWidget):
    """How the shown version was made, and what was put right about its reply."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made, self._asked = label("", "hint", wraps=True), label("", "hint", wraps=True)
        self._asked.setMaximumHeight(self._asked.fontMetrics().lineSpacing() * 3)
        self._warnings = column(4)
        outer = column(2)
        for words in (self._made, self._asked):
            outer.addWidget(words)
        outer.addLayout(self._warnings)
        self.setLayout(outer)
        self._shown: VersionFacts | None = None
        self._compact = False

    def show_facts(self, facts: VersionFacts | None) -> None:
        """Those of another version."""
        if facts == self._shown:
            return
        self._shown = facts
        self._made.setText(facts.made if facts else "")
        self._asked.setText(facts.asked if facts else "")
        self.setAccessibleName(facts.lines if facts else "")
        while (item := self._warnings.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for warning in facts.warnings if facts else ():
            self._warnings.addWidget(_warning(warning))
        self.set_compact(self._compact)

    def warnings(self) -> tuple[str, ...]:
        return self._shown.warnings if self._shown else ()

    def set_compact(self, compact: bool) -> None:
        """In a small window only what was wrong is said; the rest is in the tool tips."""
        self._compact = compact
        self._made.setVisible(not compact and bool(self._made.text()))
        self._asked.setVisible(not compact and bool(self._asked.text()))
        self.setVisible(not compact or bool(self.warnings()))


def _warning(text: str) -> QWidget:
    made = QWidget()
    words = label(text, "hint", wraps=True)
    line = row(Mark("warning", "am", 14), spacing=6)
    line.addWidget(words, 1)
    made.setLayout(line)
    return made
