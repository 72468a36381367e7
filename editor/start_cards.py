"""The parts of the start page: the card of the sample with its picture and steps, and the cards of choices."""

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from resources import path
from widgets.controls import Chip, PrimaryButton
from widgets.icons import pixmap
from widgets.theme import theme_of

STEPS = (
    ("box", "Draw a box around the sign", "R"),
    ("patch", "Run the patch, offline", "Enter"),
    ("heatmap", "Look at the heatmap", "D"),
    ("export", "Export and read the check", "Ctrl+E"),
)
LOGO_BOX = (0.74246, 0.39205, 0.14688, 0.175)
"""Where the sign stands on the sample's frame 150, with some air; the picture of the card shows it being selected."""


def label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


class SampleCard(QFrame):
    """The picture of the sample with its sign selected, the four steps, and the one filled button of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        theme = theme_of(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self.picture = _SamplePicture()
        row.addWidget(self.picture, 1)
        side = QVBoxLayout()
        side.setContentsMargins(theme.px(24), theme.px(24), theme.px(24), theme.px(20))
        side.setSpacing(theme.px(4))
        side.addWidget(label("The sample", "title"))
        words = label("A short clip with a sign that should go. Nothing to download, no key, no network.", "text")
        words.setWordWrap(True)
        side.addWidget(words)
        side.addSpacing(theme.px(20))
        for number, step in enumerate(STEPS, start=1):
            side.addLayout(self._step(number, *step))
        side.addSpacing(theme.px(12))
        side.addStretch(1)
        self.button = PrimaryButton("Try the sample", "play")
        side.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(side, 1)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Lower in a small window, so that the button is seen without scrolling."""
        self.setMinimumHeight(theme_of(self).px(248 if compact else 296))

    def _step(self, number: int, icon_name: str, words: str, key: str) -> QHBoxLayout:
        theme = theme_of(self)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        mark = QLabel()
        mark.setPixmap(pixmap(icon_name, theme, "t2", theme.px(16), 3.0))
        count = label(str(number), "hint")
        count.setFixedWidth(theme.px(12))
        for widget in (count, mark, QLabel(words)):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(Chip(key, "key"))
        row.setContentsMargins(0, theme.px(5), 0, theme.px(5))
        return row


class _SamplePicture(QWidget):
    """The frame with the sign, filling the left half of the card, a dashed box round the sign."""

    def __init__(self) -> None:
        super().__init__()
        file = path("sample/poster.jpg")
        self._image = QImage(str(file)) if file.is_file() else QImage()
        self.setMinimumWidth(theme_of(self).px(200))
        self.setAccessibleName("The sample: a lake at dusk with a sign")

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        radius = theme.px(5)
        shape.addRoundedRect(QRectF(self.rect()).adjusted(0, 0, radius, 0), radius, radius)
        painter.setClipPath(shape)
        painter.setClipRect(self.rect(), Qt.ClipOperation.IntersectClip)
        painter.fillRect(self.rect(), theme.color("bg0"))
        if not self._image.isNull():
            target = _covering(self._image.size(), self.rect())
            painter.drawImage(target, self._image)
            _paint_selection(painter, target)
        painter.end()


def _covering(size: QSize, space: QRect) -> QRectF:
    """The rectangle in which a picture covers a space; the side with the sign stays in sight."""
    scale = max(space.width() / size.width(), space.height() / size.height())
    width, height = size.width() * scale, size.height() * scale
    return QRectF((space.width() - width) * 0.92, (space.height() - height) / 2, width, height)


def _paint_selection(painter: QPainter, picture: QRectF) -> None:
    """The outline and handles of a selected box, as the viewer draws them."""
    x, y, w, h = LOGO_BOX
    box = QRectF(picture.x() + x * picture.width(), picture.y() + y * picture.height(), w * picture.width(), h * picture.height())
    black, white = QPen(Qt.GlobalColor.black, 3), QPen(Qt.GlobalColor.white, 1.5)
    white.setDashPattern([4, 3])
    for pen in (black, white):
        painter.setPen(pen)
        painter.drawRect(box)
    painter.setPen(QPen(Qt.GlobalColor.black, 1))
    painter.setBrush(Qt.GlobalColor.white)
    for across in (0.0, 0.5, 1.0):
        for down in (0.0, 0.5, 1.0):
            if (across, down) != (0.5, 0.5):
                at = box.x() + across * box.width(), box.y() + down * box.height()
                painter.drawRect(QRectF(at[0] - 4, at[1] - 4, 8, 8))


class Card(QFrame):
    """A choice: a little frame of the picture's shape (a file for none), name and detail. Keyboard: Tab, then Space or Enter."""

    clicked = Signal()

    def __init__(self, name: str, detail: str, shape: QSize) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._shape = shape
        theme = theme_of(self)
        self.setFixedHeight(theme.px(72))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(72) if not shape.isEmpty() else theme.px(44), 0, theme.px(8), 0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(label(name, "name"))
        self._detail = label(detail, "hint")
        words.addWidget(self._detail)
        words.addStretch(1)
        row.addLayout(words)
        self._name = name
        self.set_detail(detail)

    def set_detail(self, text: str) -> None:
        """Another second line."""
        self._detail.setText(text)
        self._detail.setToolTip(text)
        self.setAccessibleName(f"{self._name}, {text}")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.setPen(QPen(theme.color("line2"), 1))
            painter.setBrush(theme.color("bg3"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        middle = self.height() / 2
        if self._shape.isEmpty():
            side = theme.px(16)
            mark = pixmap("file", theme, "t1", side, self.devicePixelRatioF())
            painter.drawPixmap(theme.px(16), round(middle - side / 2), mark)
        else:
            scale = theme.px(44 if self._shape.width() > 3000 else 32) / max(self._shape.width(), self._shape.height())
            frame = QRectF(0, 0, self._shape.width() * scale, self._shape.height() * scale)
            frame.moveCenter(QRectF(theme.px(12), 0, theme.px(48), self.height()).center())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("t1"), 1.2))
            painter.drawRoundedRect(frame, 1.5, 1.5)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Enter, QEvent.Type.Leave}:
            self.update()
        if event.type() == QEvent.Type.MouseButtonRelease and self.underMouse():
            self.clicked.emit()
            return True
        if event.type() in {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress} and _presses(event):
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.clicked.emit()
            return True
        return super().event(event)


def _presses(event: QEvent) -> bool:
    keys = {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}
    return isinstance(event, QKeyEvent) and event.key() in keys and not event.modifiers()
