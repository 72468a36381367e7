"""A place for a picture: dropped, chosen, pasted, or the frame under the playhead. Shows it with where it is from."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFontMetrics,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QWidget

from widgets.controls import IconButton, SecondaryButton
from widgets.dropped_files import local_files, take_copy
from widgets.palettes import Theme
from widgets.theme import font, theme_of

EMPTY_PX, ASPECT = 74, 16 / 9


class FrameSlot(QWidget):
    """`show_picture` fills it, `clear` empties it. `sentence` stands in the empty one."""

    choose_wished = Signal()
    current_wished = Signal()
    file_dropped = Signal(object)  # Path
    image_given = Signal(QImage)
    """Pasted, or dropped as a picture."""
    removed = Signal()

    def __init__(self, name: str, sentence: str, *, offers_current: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._tag, self._is_over = "", False
        self._name = name
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Drop a picture here, or press Ctrl+V to paste one")
        self._words = QLabel(sentence, self)
        self._words.setProperty("role", "hint")
        self._words.setWordWrap(True)
        self.current = SecondaryButton("Use current frame", parent=self)
        self.current.setAccessibleName(f"Use the current frame as {name.lower()}")
        self.choose = SecondaryButton("Choose", parent=self)
        self.choose.setAccessibleName(f"Choose a picture as {name.lower()}")
        self.current.setVisible(offers_current)
        self._offers_current = offers_current
        self.replace = IconButton("image", f"Choose another {name.lower()}", size=24, parent=self)
        self.remove = IconButton("close", f"Remove the {name.lower()}", size=24, parent=self)
        self.choose.clicked.connect(self.choose_wished)
        self.replace.clicked.connect(self.choose_wished)
        self.current.clicked.connect(self.current_wished)
        self.remove.clicked.connect(self._remove)
        self._dress()

    @property
    def is_empty(self) -> bool:
        return self._image is None

    def show_picture(self, image: QImage, tag: str = "") -> None:
        """A picture, and where it is from: “meadow_take3, frame 70”."""
        self._image, self._tag = image, tag
        self._dress()

    def clear(self) -> None:
        """No picture, without a signal."""
        self._image, self._tag = None, ""
        self._dress()

    def set_current_available(self, available: bool, why_not: str = "") -> None:
        """Whether there is a current frame."""
        self.current.setEnabled(available)
        self.current.setToolTip("" if available else why_not)

    # Inside

    def _remove(self) -> None:
        self.clear()
        self.removed.emit()
        self.choose.setFocus(Qt.FocusReason.OtherFocusReason)

    def _dress(self) -> None:
        filled = self._image is not None
        for widget in (self._words, self.choose):
            widget.setVisible(not filled)
        self.current.setVisible(self._offers_current and not filled)
        for tool in (self.replace, self.remove):
            tool.setVisible(filled)
        self.setAccessibleName(f"{self._name}: {self._tag or 'a picture'}" if filled else f"{self._name}: none")
        self.setFixedHeight(self.heightForWidth(self.width()))
        self._place()
        self.update()

    def heightForWidth(self, width: int) -> int:
        theme = theme_of(self)
        if self._image is not None:
            return max(theme.px(EMPTY_PX), round(width / ASPECT))
        return theme.px(EMPTY_PX)

    def sizeHint(self) -> QSize:
        return QSize(theme_of(self).px(200), self.heightForWidth(self.width()))

    def _place(self) -> None:
        theme = theme_of(self)
        margin, gap = theme.px(12), theme.px(8)
        side = theme.px(24)
        self.remove.move(self.width() - side - theme.px(6), theme.px(6))
        self.replace.move(self.remove.x() - side - theme.px(4), theme.px(6))
        buttons = [self.current, self.choose] if self._offers_current else [self.choose]
        if self._offers_current:  # the sentence above, the buttons side by side
            self._words.setGeometry(margin, theme.px(8), self.width() - 2 * margin, theme.px(18))
            left, top = margin, theme.px(36)
            for button in buttons:
                button.resize(button.sizeHint())
                button.move(left, top)
                left += button.width() + gap
            return
        self.choose.resize(self.choose.sizeHint())
        self.choose.move(self.width() - margin - self.choose.width(), (self.height() - self.choose.height()) // 2)
        self._words.setGeometry(margin, 0, max(0, self.choose.x() - margin - gap), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(self.heightForWidth(self.width()))
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "remove"):
            self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self._image is None:
            edge, width = ("sel", 2) if self._is_over else ("line2", 1)
            painter.setPen(QPen(theme.color(edge), width, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(shape, theme.px(4), theme.px(4))
        else:
            self._paint_picture(painter, shape, self._image, theme)
        painter.end()

    def _paint_picture(self, painter: QPainter, shape: QRectF, image: QImage, theme: Theme) -> None:
        clip = QPainterPath()
        clip.addRoundedRect(shape, theme.px(3), theme.px(3))
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        scale = min(self.width() / image.width(), self.height() / image.height())
        target = QRectF(0, 0, image.width() * scale, image.height() * scale)
        target.moveCenter(QRectF(self.rect()).center())
        painter.drawImage(target, image)
        painter.restore()
        if self._is_over:
            painter.setPen(QPen(theme.color("sel"), 2))
            painter.drawRoundedRect(shape, theme.px(3), theme.px(3))
        self._paint_plates(painter, theme)

    def _paint_plates(self, painter: QPainter, theme: Theme) -> None:
        """Below the tag and below the two buttons, so that they are read on any picture."""
        painter.setPen(Qt.PenStyle.NoPen)
        plate = theme.color("bg1")
        plate.setAlphaF(0.9)
        painter.setBrush(plate)
        for tool in (self.replace, self.remove):
            painter.drawRoundedRect(QRectF(tool.geometry()), theme.px(4), theme.px(4))
        if not self._tag:
            return
        used = font(theme, 11)
        room = self.replace.x() - theme.px(30)
        words = QFontMetrics(used).elidedText(self._tag, Qt.TextElideMode.ElideMiddle, room)
        rect = QRect(theme.px(6), theme.px(6), QFontMetrics(used).horizontalAdvance(words) + theme.px(12), theme.px(20))
        dark = theme.color("bg0") if theme.is_dark else theme.color("t1")
        dark.setAlphaF(0.9)
        painter.setBrush(dark)
        painter.drawRoundedRect(QRectF(rect), theme.px(3), theme.px(3))
        painter.setPen(Qt.GlobalColor.white)
        painter.setFont(used)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)

    # What is given

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()) or event.mimeData().hasImage():
            take_copy(event)
            self._is_over = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._is_over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._is_over = False
        self.update()
        if self._take(event.mimeData()):
            take_copy(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self._take(QGuiApplication.clipboard().mimeData())
        elif event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace} and self._image is not None:
            self._remove()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.choose_wished.emit()
        else:
            super().keyPressEvent(event)

    def _take(self, data: QMimeData) -> bool:
        files: tuple[Path, ...] = local_files(data)
        if files:
            self.file_dropped.emit(files[0])
            return True
        image = data.imageData() if data.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self.image_given.emit(image)
            return True
        return False
