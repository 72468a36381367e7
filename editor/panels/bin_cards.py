"""Draws a file of the bin: as a card with its picture and badges, or as a line. Knows `BinItem` values only."""

from pathlib import PurePath

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from editor.panels.bin_item import ITEM_ROLE, BinItem, PictureOf, ScrubOf
from widgets.icons import pixmap
from widgets.palettes import Theme
from widgets.theme import font, theme_of

GAP_PX, NAME_PX, LINE_PX, CARD_PX = 8, 22, 32, 100
SIDE_PX = 6
"""Of the gap between two cards, what lies left of a picture; the rest has room for the outline of the one before."""
ASPECT = 16 / 9
SCRUB_STEPS = 24
"""So many frames of a video are seen under a pointer that goes over its card."""
BARE_BELOW_PX = 112
"""Narrower cards show a name without its ending: the little room is for what tells files apart."""
ICONS = {"video": "film", "image": "image", "audio": "music"}
PLATE = QColor(14, 14, 15, 230)


class CardDelegate(QStyledItemDelegate):
    """Two columns of 16:9 cards that fill the width, or lines."""

    def __init__(self, picture_of: PictureOf, view: QListView) -> None:
        super().__init__(view)
        self._picture_of, self._view = picture_of, view
        self.is_grid = True
        self.scrub_of: ScrubOf = lambda media_id, share: None
        self._scrubbed: tuple[str, float] = ("", 0.0)

    def scrub(self, rect: QRect, item: BinItem | None, x: int) -> bool:
        """The pointer is over a card: a video shows the frame at that share of its length. True where that is another."""
        before, self._scrubbed = self._scrubbed, ("", 0.0)
        if self.is_grid and item is not None and item.kind == "video" and not item.is_offline:
            place = self._picture_rect(rect)
            share = min(1.0, max(0.0, (x - place.left()) / max(1, place.width() - 1)))
            self._scrubbed = (item.id, round(share * SCRUB_STEPS) / SCRUB_STEPS)
        return self._scrubbed != before

    def _picture_rect(self, rect: QRect) -> QRect:
        """Where the picture lies on a card."""
        theme = theme_of(self._view)
        gap = theme.px(GAP_PX)
        inside = rect.adjusted(theme.px(SIDE_PX), theme.px(4), -(gap - theme.px(SIDE_PX)), 0)
        return QRect(inside.left(), inside.top(), inside.width(), rect.height() - theme.px(NAME_PX) - theme.px(8))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        theme = theme_of(self._view)
        width = self._view.viewport().width()
        if not self.is_grid:
            return QSize(width, theme.px(LINE_PX))
        if not self._view.verticalScrollBar().isVisible():  # the view keeps its place free when it breaks rows
            width -= self._view.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self._view.verticalScrollBar())
        columns = max(1, width // theme.px(CARD_PX))
        card = (width - 2) // columns  # the view breaks a row that fits to the pixel
        return QSize(card, round((card - theme.px(GAP_PX)) / ASPECT) + theme.px(NAME_PX + 4))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        item = index.data(ITEM_ROLE)
        if not isinstance(item, BinItem):
            return
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        state = option.state
        rect: QRect = option.rect
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if self.is_grid:
            self._paint_card(painter, rect, item, is_chosen)
        else:
            self._paint_line(painter, rect, item, is_chosen, is_hovered)
        painter.restore()

    def _paint_card(self, painter: QPainter, rect: QRect, item: BinItem, is_chosen: bool) -> None:
        theme = theme_of(self._view)
        picture = self._picture_rect(rect)
        media_id, share = self._scrubbed
        self._paint_picture(painter, picture, item, theme, self.scrub_of(item.id, share) if media_id == item.id else None)
        if media_id == item.id:
            x = picture.left() + round(share * (picture.width() - 1))
            painter.fillRect(QRect(x, picture.top(), 1, picture.height()), theme.color("head"))
        self._paint_badges(painter, picture, item, theme)
        if is_chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("sel"), 2))
            painter.drawRoundedRect(QRectF(picture).adjusted(-1, -1, 1, 1), theme.px(4), theme.px(4))
        name = QRect(picture.left(), picture.bottom() + theme.px(3), picture.width(), theme.px(18))
        used = font(theme, 11, 600 if is_chosen else 400)
        words = PurePath(item.name).stem if rect.width() < theme.px(BARE_BELOW_PX) else item.name
        _text(painter, name, words, used, theme.color("t1" if is_chosen else "t2"))

    def _paint_picture(
        self, painter: QPainter, rect: QRect, item: BinItem, theme: Theme, instead: QImage | None = None
    ) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(rect), theme.px(3), theme.px(3))
        painter.save()
        painter.setClipPath(shape)
        is_audio = item.kind == "audio"
        painter.fillRect(rect, theme.color("aud" if is_audio else "well"))
        image = None if item.is_offline else instead or self._picture_of(item.id)
        if image is not None and not image.isNull():
            scale = max(rect.width() / image.width(), rect.height() / image.height())
            target = QRectF(0, 0, image.width() * scale, image.height() * scale)
            target.moveCenter(QRectF(rect).center())
            painter.drawImage(target, image)
        else:
            self._paint_icon(painter, rect, item, theme)
        painter.restore()

    def _paint_icon(self, painter: QPainter, rect: QRect, item: BinItem, theme: Theme) -> None:
        side = theme.px(16)
        name = "warning" if item.is_offline else ICONS[item.kind]
        role = "rd" if item.is_offline else "t3"
        mark = pixmap(name, theme, role, side, self._view.devicePixelRatioF())
        painter.drawPixmap(rect.center().x() - side // 2, rect.center().y() - side // 2, mark)

    def _paint_badges(self, painter: QPainter, rect: QRect, item: BinItem, theme: Theme) -> None:
        used = font(theme, 11, 500)
        left = theme.px(4)
        if item.is_offline:
            _plate(painter, rect.left() + left, rect.top() + left, "Offline", used, theme)
        elif item.is_cut_off:
            _plate(painter, rect.left() + left, rect.top() + left, "Cut off", used, theme)
        elif item.is_vfr:
            _plate(painter, rect.left() + left, rect.top() + left, "VFR", used, theme)
        badge = item.badge
        if badge:
            width = QFontMetrics(used).horizontalAdvance(badge) + theme.px(8)
            _plate(painter, rect.right() - width - theme.px(3), rect.bottom() - theme.px(18) - theme.px(2), badge, used, theme)
        if item.is_used:
            side = theme.px(18)
            plate = QRectF(rect.left() + left, rect.bottom() - side - theme.px(2), side, side)
            _round(painter, plate, theme)
            mark = pixmap("check", theme, "t1" if theme.is_dark else "ink", theme.px(12), self._view.devicePixelRatioF())
            painter.drawPixmap(plate.topLeft().toPoint() + QPoint(theme.px(3), theme.px(3)), mark)

    def _paint_line(self, painter: QPainter, rect: QRect, item: BinItem, is_chosen: bool, is_hovered: bool) -> None:
        theme = theme_of(self._view)
        row = rect.adjusted(theme.px(SIDE_PX - 4), 0, -theme.px(8), 0)
        if is_chosen or is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bg4" if is_chosen else "bg3"))
            painter.drawRoundedRect(row, theme.px(3), theme.px(3))
        picture = QRect(row.left() + theme.px(4), row.top() + theme.px(4), theme.px(42), row.height() - theme.px(8))
        self._paint_picture(painter, picture, item, theme)
        used = font(theme, 11)
        badge = "Offline" if item.is_offline else item.badge
        width = QFontMetrics(used).horizontalAdvance(badge)
        right = QRect(row.right() - width - theme.px(6), row.top(), width + 2, row.height())
        _text(painter, right, badge, used, theme.color("rd" if item.is_offline else "t3"))
        name = QRect(picture.right() + theme.px(8), row.top(), right.left() - picture.right() - theme.px(16), row.height())
        _text(painter, name, item.name, font(theme, 12, 600 if is_chosen else 400), theme.color("t1"))


def _text(painter: QPainter, rect: QRect, words: str, used: QFont, color: QColor) -> None:
    painter.setFont(used)
    painter.setPen(color)
    shown = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideMiddle, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _plate(painter: QPainter, x: int, y: int, words: str, used: QFont, theme: Theme) -> None:
    painter.setFont(used)
    width = QFontMetrics(painter.font()).horizontalAdvance(words) + theme.px(8)
    rect = QRectF(x, y, width, theme.px(18))
    _round(painter, rect, theme)
    painter.setPen(Qt.GlobalColor.white)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)


def _round(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(rect, theme.px(3), theme.px(3))
