"""What providers made of a patch: a thumbnail per version, one of them shown. In a small window a list that opens."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QScrollArea, QWidget

from editor.panels.parts import CalmChoice, Section, label, row
from editor.patch_facts import cost_words
from engine.project.model import PatchVersion
from widgets.icons import pixmap
from widgets.theme import font, theme_of

WIDTH_PX, PICTURE_PX, TEXT_PX = 100, 56, 34


class VersionCard(QAbstractButton):
    """One version: its picture, its number and provider, what it cost."""

    def __init__(self, version: PatchVersion, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = version.number
        self._name, self._detail = f"v{version.number} {name}", cost_words(version)
        self._image: QImage | None = None
        self.setCheckable(True)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(f"Version {version.number}, {name}, {self._detail}")
        self.setToolTip(f"Show v{version.number}. {name}: {self._detail}")
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def set_image(self, image: QImage | None) -> None:
        """Its pixels, when they have been read."""
        self._image = image
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
        if self.isChecked():
            self._paint_eye(painter, frame)
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

    def _paint_eye(self, painter: QPainter, frame: QRectF) -> None:
        theme = theme_of(self)
        side = theme.px(18)
        plate = QRectF(frame.right() - side - 3, frame.bottom() - side - 3, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bg0", 0.8) if theme.is_dark else theme.color("bg3", 0.9))
        painter.drawRoundedRect(plate, theme.px(3), theme.px(3))
        mark = theme.px(14)
        drawing = pixmap("eye", theme, "t1", mark, self.devicePixelRatioF())
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
    """The versions, newest first; `chosen` carries the number of the one that shall be shown."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[PatchVersion, ...] = ()
        self._cards: dict[int, VersionCard] = {}
        self._group = QButtonGroup(self)
        self._title = label("Versions", "section")
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFixedHeight(theme_of(self).px(PICTURE_PX + TEXT_PX + 14))
        self.list = CalmChoice("Version")
        self._list_row = QWidget()
        line = row(label("Version"))
        line.addWidget(self.list, 1)
        self._list_row.setLayout(line)
        for widget in (self._title, self._scroll, self._list_row):
            self.body.addWidget(widget)
        self.list.activated.connect(lambda _place: self.chosen.emit(int(self.list.currentData())))
        self.set_compact(False)

    def show_versions(self, versions: Sequence[PatchVersion], current: int, names: Mapping[str, str]) -> None:
        """Another set; `names` are those of providers by id."""
        self.setVisible(bool(versions))
        if tuple(versions) != self._shown:
            self._shown = tuple(versions)
            self._rebuild(names)
        for number, card in self._cards.items():
            card.setChecked(number == current)
        self.list.setCurrentIndex(self.list.findData(current))

    def set_image(self, pixels: str, image: QImage | None) -> None:
        """The picture of every version that has these pixels (asset hash)."""
        for version in self._shown:
            if version.pixels == pixels:
                self._cards[version.number].set_image(image)

    def cards(self) -> dict[int, VersionCard]:
        return dict(self._cards)

    def set_compact(self, compact: bool) -> None:
        """One line instead of pictures."""
        self._list_row.setVisible(compact)
        for widget in (self._title, self._scroll):
            widget.setVisible(not compact)

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
        line.addStretch(1)
        holder.setLayout(line)
        self._scroll.setWidget(holder)
