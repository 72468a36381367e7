"""One card as a widget: draws a `Card` value and reports what is wished. Plays nothing itself: it is handed pictures."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QWidget

from widgets.gallery import painting
from widgets.gallery.card_buttons import PADDING_PX, CardButtons, OnPicture
from widgets.gallery.values import Card, Look
from widgets.theme import font, theme_of

ASPECT = 16 / 9
BODY_PX, ROW_PX, ROW_PICTURE_PX = 156, 76, 120
"""Of a card in the grid what lies below the picture; the height of a card in the list, and of its picture the width."""
PLAY_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class CardWidget(QFrame):
    """A card of the grid, or a line of the list. `now` gives seconds since 1970."""

    wished = Signal(str, str)  # card's id, action's key
    play_wished = Signal(str)
    seek_wished = Signal(str, float)  # 0..1 of the length
    judged = Signal(str, int)
    reached = Signal(str)
    """The keyboard came to it."""

    def __init__(self, card: Card, now: Callable[[], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._card, self._now, self._is_grid = card, now, True
        self._image: QImage | None = None
        self._frame: QImage | None = None
        self._scaled: QPixmap | None = None
        self._position: float | None = None
        self._play = OnPicture("play", "Play")
        self._play.setParent(self)
        self._play.setObjectName("play")
        self._play.clicked.connect(lambda: self.play_wished.emit(self._card.id))
        self._buttons = CardButtons(self, self._wish, self._judge)
        self._buttons.make(card)
        self._dress()

    @property
    def card(self) -> Card:
        return self._card

    def show_card(self, card: Card) -> None:
        """Other facts of the same card; its buttons stay where they are the same."""
        self._card = card
        self._buttons.show_card(card)
        if not card.can_play:
            self.stop()
        self._dress()
        self._place()

    def set_grid(self, grid: bool) -> None:
        """A card of the grid, or a line; its new size places its parts."""
        self._is_grid, self._scaled = grid, None

    def show_picture(self, image: QImage | None) -> None:
        """The still one; None while there is none."""
        if image is not self._image:
            self._image, self._scaled = image, None
            self.update(self.picture_rect)

    def show_frame(self, image: QImage | None, position_s: float) -> None:
        """It plays: this frame, at this time. `stop` ends it."""
        was_playing, self._position = self._position is not None, position_s
        self._frame = image or self._frame
        if not was_playing:
            self._dress()
        self.update(self.picture_rect)

    def stop(self) -> None:
        """It plays no more."""
        self._frame = self._position = None
        self._dress()

    @property
    def is_playing(self) -> bool:
        return self._position is not None

    def tick(self) -> None:
        """Time has passed: what counts up or down is drawn again."""
        if self._card.look in {Look.RUNNING, Look.WAITING}:
            self.update(self.picture_rect)

    @property
    def picture_rect(self) -> QRect:
        """Where the picture lies."""
        theme = theme_of(self)
        if self._is_grid:
            return QRect(1, 1, self.width() - 2, self.height() - theme.px(BODY_PX) - 1)
        return QRect(theme.px(4), theme.px(4), theme.px(ROW_PICTURE_PX), self.height() - theme.px(8))

    def button(self, key: str) -> QAbstractButton:
        """That of an action by its key, or “play”, “up”, “down”, “more”. Raises: KeyError."""
        return {button.objectName(): button for button in self.buttons()}[key]

    def buttons(self) -> tuple[QAbstractButton, ...]:
        """All of them."""
        return (self._play, *self._buttons.all)

    def _wish(self, key: str) -> None:
        self.wished.emit(self._card.id, key)

    def _judge(self, thumb: int) -> None:
        """The same thumb again takes it back."""
        self.judged.emit(self._card.id, 0 if self._card.thumb == thumb else thumb)
        self._dress()

    # Places

    def _place(self) -> None:
        theme = theme_of(self)
        picture, padding = self.picture_rect, theme.px(PADDING_PX)
        side = theme.px(28)
        if self._is_grid:
            self._play.move(picture.left() + padding, picture.bottom() - theme.px(12) - side)
        else:
            self._play.move(picture.center().x() - side // 2, picture.center().y() - side // 2)
        self._words_end = self._buttons.place(self._is_grid)

    def _dress(self) -> None:
        playing = self._position is not None
        self._play.setVisible(self._card.can_play)
        self._play.set_icon_name("pause" if playing else "play", "t1")
        self._play.set_tooltip("Pause" if playing else "Play")
        self._play.setAccessibleName("Pause" if playing else "Play")
        self._buttons.dress()
        self.setAccessibleName(self._card.spoken)
        self.setToolTip(self._card.prompt)
        self.update()

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_buttons"):
            self._place()

    def focusInEvent(self, event: object) -> None:
        self.reached.emit(self._card.id)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in PLAY_KEYS and self._card.can_play:
            self.play_wished.emit(self._card.id)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._buttons.pop_up(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the line of a playing video goes there."""
        groove = self.groove_rect
        at = event.position().toPoint()
        if self._position is not None and groove.adjusted(0, -8, 0, 8).contains(at):
            self.seek_wished.emit(self._card.id, (at.x() - groove.left()) / max(1, groove.width()))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._card.can_play and self.picture_rect.contains(event.position().toPoint()):
            self.play_wished.emit(self._card.id)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(360), theme.px(360))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.save()
        rect = self.picture_rect
        painting.clip_round_top(painter, rect, theme_of(self).px(5))
        self._paint_picture(painter, rect)
        painter.restore()
        if not rect.contains(event.rect()):
            self._paint_words(painter)
        painter.end()

    def _paint_picture(self, painter: QPainter, rect: QRect) -> None:
        theme, card = theme_of(self), self._card
        image = self._frame or self._image
        if self._frame is not None:
            painting.paint_picture(painter, rect, self._frame)
        elif self._image is not None:
            painter.drawPixmap(rect.topLeft(), self._fitted(self._image, rect.size()))
        else:
            painter.fillRect(rect, theme.color("well"))
        if not self._is_grid:
            if image is None:
                painting.paint_icon(painter, rect.center().x(), rect.center().y(), card.look.icon, "t3", theme)
            return
        if card.look is Look.RUNNING:
            painting.paint_running(painter, rect, card, self._now(), image is not None, theme)
        elif card.look is Look.WAITING:
            painting.paint_waiting(painter, rect, card, self._now(), image is not None, theme)
        elif card.look is Look.DELETED:
            painting.paint_away(painter, rect, card, theme)
        elif card.look is not Look.FINISHED:
            painting.paint_message(painter, rect, card, theme)
        elif self._position is not None:
            painting.paint_time(painter, rect, f"{self._position:.1f} / {card.duration_s:.1f}", theme)
            painting.paint_position(painter, self.groove_rect, self._position / max(card.duration_s, 0.01), theme)
        elif card.duration_s:
            painting.paint_time(painter, rect, f"{card.duration_s:.1f} s", theme)

    def _fitted(self, image: QImage, size: QSize) -> QPixmap:
        """The still picture in the size it is shown in, scaled once."""
        ratio = self.devicePixelRatioF()
        if self._scaled is None or self._scaled.size() != size * ratio:
            self._scaled = painting.fitted(image, size, ratio)
        return self._scaled

    @property
    def groove_rect(self) -> QRect:
        """The line that shows how far a playing video is."""
        theme, rect = theme_of(self), self.picture_rect
        left = rect.left() + theme.px(PADDING_PX + 28 + 12)
        return QRect(left, rect.bottom() - theme.px(27), rect.right() - theme.px(96) - left, theme.px(4))

    def _paint_words(self, painter: QPainter) -> None:
        theme, card = theme_of(self), self._card
        padding = theme.px(PADDING_PX)
        left = padding if self._is_grid else self.picture_rect.right() + padding
        width = self.width() - 2 * padding if self._is_grid else max(theme.px(40), self._words_end - left)
        top = self.picture_rect.bottom() + theme.px(10) if self._is_grid else theme.px(10)
        painting.paint_status(painter, left, top, card, width, theme)
        prompt = QRect(left, top + theme.px(20), width, theme.px(34))
        painting.paint_words(painter, prompt, card.prompt, font(theme, 12), theme.color("t1"), 2 if self._is_grid else 1)
        below = top + theme.px(58 if self._is_grid else 40)
        facts = ", ".join((card.facts, *card.badges)) if not self._is_grid else card.facts
        painting.paint_words(painter, QRect(left, below, width, 0), facts, font(theme, 11), theme.color("t3"), 1)
        if not self._is_grid:
            return
        painting.paint_badges(painter, left, below + theme.px(20), card.badges, theme)
        if card.hint:
            foot = QRect(left, self.height() - theme.px(31), max(0, self._words_end - left), theme.px(16))
            painting.paint_words(painter, foot, card.hint, font(theme, 11), theme.color("t3"), 1)
