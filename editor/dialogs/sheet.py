"""A dialog without the platform's frame, over a dimmed window: head, body, foot. Knows nothing of what stands in it."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QRegion, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from editor.panels.parts import Mark, Rule, label
from widgets.controls import IconButton
from widgets.theme import theme_of

RADIUS_PX, HEAD_PX, PADDING_PX = 8, 68, 20
DIM, DIMS_AFTER_MS = 0.55, 16
"""The window is painted again to be dimmed: not in the turn in which the dialog is."""


class Dimmer(QWidget):
    """Darkens a window while a dialog is over it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme_of(self).color("bg0", DIM))
        painter.end()


class SheetHead(QFrame):
    """Icon, title, a sentence, and the way out. Dragging it moves the dialog."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self.setFixedHeight(theme.px(HEAD_PX))
        self._mark = Mark("shield", "gr", 20)
        self.title, self.sentence = label("", "title"), label("", "text")
        self.close_button = IconButton("close", "Close", "Esc")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.sentence)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(PADDING_PX), 0, theme.px(PADDING_PX), 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self._mark)
        row.addLayout(words, 1)
        row.addWidget(self.close_button)

    def show_words(self, title: str, sentence: str, icon_name: str = "", role: str = "t1") -> None:
        """Another title and sentence; an icon only where the title is a verdict."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.setToolTip(sentence)
        self._mark.setVisible(bool(icon_name))
        if icon_name:
            self._mark.set_icon(icon_name, role)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        handle = self.window().windowHandle()
        if event.button() == Qt.MouseButton.LeftButton and handle is not None:
            handle.startSystemMove()


class Sheet(QDialog):
    """Modal for its window, which goes on working behind it. `pages` is the part between head and foot."""

    def __init__(self, window: QWidget, size: tuple[int, int]) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        theme = theme_of(self)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("surface", "sheet")
        self.setFixedSize(theme.px(size[0]), theme.px(size[1]))
        if QGuiApplication.platformName() == "xcb":  # elsewhere windows are always composed
            self.setMask(_rounded(self.rect(), theme.px(RADIUS_PX)))
        self._dimmer: Dimmer | None = None
        self.head, self.pages = SheetHead(), QStackedWidget()
        self.head.close_button.clicked.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addWidget(Rule())
        outer.addWidget(self.pages, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line2"), 1))
        painter.setBrush(theme.color("pop"))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()

    def open(self) -> None:
        """Show it in a turn of the window's events of its own: making it was one."""
        QTimer.singleShot(0, self, super().open)

    def prepare(self) -> None:
        """Dress and lay out all of it, which showing it would do else."""
        for widget in self.findChildren(QWidget):
            widget.ensurePolished()
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        parent = self.parentWidget()
        if parent is not None:
            QTimer.singleShot(DIMS_AFTER_MS, self, self._dim)
            middle = QPointF(parent.window().geometry().center())
            self.move(round(middle.x() - self.width() / 2), round(middle.y() - self.height() / 2))

    def _dim(self) -> None:
        parent = self.parentWidget()
        if parent is not None and self._dimmer is None and self.isVisible():
            self._dimmer = Dimmer(parent.window())
            self._dimmer.show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._dimmer is not None:
            self._dimmer.hide()
            self._dimmer.deleteLater()
            self._dimmer = None


def _rounded(rect: QRect, radius: int) -> QRegion:
    """The dialog's shape: where nothing composes windows, what is transparent would be black."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(rect), radius, radius)
    return QRegion(path.toFillPolygon().toPolygon())


def foot(*left: QWidget) -> tuple[QWidget, QHBoxLayout]:
    """The foot of a page with a hairline above: what stands at the left; the row to add the buttons to."""
    made = QWidget()
    theme = theme_of(made)
    outer = QVBoxLayout(made)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.setSpacing(0)
    outer.addWidget(Rule())
    row = QHBoxLayout()
    row.setContentsMargins(theme.px(PADDING_PX), theme.px(12), theme.px(PADDING_PX), theme.px(12))
    row.setSpacing(theme.px(8))
    for widget in left:
        row.addWidget(widget)
    outer.addLayout(row)
    return made, row


NOTICE_LOOKS = {"check": ("ams", "am", "warning"), "bad": ("rds", "rd", "warning"), "info": ("bg3", "t2", "info")}
"""kind: (plate, edge and icon colour, icon)"""


class Notice(QFrame):
    """One sentence on a tinted plate with its icon, and at most one thing to do about it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self._kind = "check"
        self._mark = Mark("warning", "am")
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        self._row.setSpacing(theme.px(10))
        self._row.addWidget(self._mark)
        self._row.addWidget(self.sentence, 1)

    def add_button(self, button: QWidget) -> None:
        """What can be done, at the right end."""
        self._row.addWidget(button)

    def say(self, text: str, kind: str = "check") -> None:
        """Another sentence; `kind` is check, bad or info."""
        self._kind = kind
        self.sentence.setText(text)
        self.setAccessibleName(text)
        _, role, icon_name = NOTICE_LOOKS[kind]
        self._mark.set_icon(icon_name, role)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        plate, edge, _ = NOTICE_LOOKS[self._kind]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(edge), 1) if theme.has_borders else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(plate))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(4), theme.px(4))
        painter.end()
