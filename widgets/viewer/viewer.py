"""The stage: one frame, or two with a wipe between them, at any zoom. Plain raster painting.

Gets finished images; knows nothing of time, files, patches or where images come from.
"""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap import HeatStop
from widgets.theme import font, theme_of
from widgets.viewer.geometry import Placement
from widgets.viewer.loupe import Look
from widgets.viewer.magnifier import Magnifier
from widgets.viewer.pictures import HEATMAP, MODES, ORIGINAL, OUTPUTS, RESULT, SPLIT, Naming, Pictures, Side
from widgets.viewer.plates import Plates
from widgets.viewer.zoomable import Zoomable

SEE_PIXELS_FROM = 2.0
NO_FRAME = "No frame here. Move the playhead over a clip."
NO_ORIGINAL = "The original of this frame is not loaded yet."


class PictureOverlay(Protocol):
    """A widget that lies over the whole viewer and follows the picture."""

    def set_view(self, image_rect: QRectF, picture_size: QSize) -> None:
        """Where the picture lies now (widget coordinates) and its size in its own pixels; empty without one."""
        ...


class Viewer(Zoomable):
    """Shows `set_images` in one of four modes (Result, Original, Split, Heatmap) or as one of the outputs of a patch."""

    mode_changed = Signal(str)  # the mode chosen
    shown_mode_changed = Signal(str)  # the mode seen: Original while `hold_original` holds
    wipe_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures, self._naming = Pictures(), Naming()
        self._picture_size: QSize | None = None
        self._mode = RESULT
        self._holding = self._playing = False
        self._message = NO_FRAME
        self._wipe_at = {SPLIT: 0.5, HEATMAP: 0.14}
        self._overlays: list[QWidget] = []
        self._for_the_mouse: list[QWidget] = []  # the others let it through at all times
        self._plates = Plates(self)
        self._plates.wipe.dragged.connect(self._wipe_to)
        self._plates.wipe.stepped.connect(lambda by: self.set_wipe_position(self.wipe_position() + by))
        self.magnifier = Magnifier(self, self._look_at, self.image_rect, self.picture_size)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Viewer")
        self.setMinimumSize(160, 90)
        self._describe()

    # Pictures

    def set_images(
        self, result: QImage | None, original: QImage | None, heat: QImage | None, extra: QImage | None = None,
        compared: QImage | None = None,
    ) -> None:  # fmt: skip
        """Shows another frame. All images have one size, or are proxies of `set_picture_size`.

        `heat` with alpha holds the change colours only and is laid over the grey picture; without it is complete. `extra` is
        the output that the mode names, `compared` what Split lays against the result instead of the original.
        """
        before, earlier = self.picture_size(), self._pictures
        self._pictures = Pictures(result, original, heat, extra, compared)
        self._pictures.keep_scaled(earlier)
        if self.picture_size() != before:
            self._arrange()
        else:
            self._show_again()

    def set_picture_size(self, size: QSize | None) -> None:
        """The size the percentages mean when the images are smaller proxies; None takes the images' own size."""
        self._picture_size = size
        self._arrange()

    def picture_size(self) -> QSize:
        own = self._pictures.size
        return (self._picture_size or own) if own else QSize()

    def set_playing(self, playing: bool) -> None:
        """While frames follow each other a picture shown much smaller is sampled instead of averaged: half the time."""
        self._playing = playing
        self.update()

    def set_message(self, text: str) -> None:
        """The sentence shown when there is no frame (a gap, an offline file); empty for the usual one."""
        self._message = text or NO_FRAME
        self._show_again()

    def set_badge(self, text: str, ok: bool, *, is_claim: bool = True) -> None:
        """The claim at the right top, for example "Outside: 0 px changed"; an empty text takes it away.

        Without `is_claim` it only informs: "Preview at a quarter of the size".
        """
        self._plates.set_badge(text, ok, is_claim=is_claim)
        self._show_again()

    def set_naming(self, naming: Naming) -> None:
        """What to call pictures whose mode alone does not say what they are."""
        if naming != self._naming:
            self._naming = naming
            self._show_again()

    def set_heat_stops(self, stops: Sequence[HeatStop]) -> None:
        """The colours of the heatmap for its legend."""
        self._plates.legend.set_stops(stops)

    # Modes

    def set_mode(self, mode: str) -> None:
        """Chooses Result, Original, Split, Heatmap or an output; ValueError for another word."""
        if mode not in MODES + OUTPUTS:
            raise ValueError(f"the viewer has no mode {mode!r}")
        if mode != self._mode:
            shown = self.shown_mode()
            self._mode = mode
            self.mode_changed.emit(mode)
            self._mode_seen(shown)

    def next_mode(self) -> None:
        """Goes on to the next of the four modes, round; from an output to the result."""
        place = MODES.index(self._mode) + 1 if self._mode in MODES else 0
        self.set_mode(MODES[place % len(MODES)])

    def mode(self) -> str:
        """The mode chosen."""
        return self._mode

    def shown_mode(self) -> str:
        """The mode seen now."""
        return ORIGINAL if self._holding else self._mode

    def hold_original(self, held: bool) -> None:
        """Shows the original while held, without moving anything."""
        shown = self.shown_mode()
        self._holding = held
        self._mode_seen(shown)

    def wipe_position(self) -> float:
        """The share of the picture left of the line in the present mode; 1.0 where there is no line."""
        return self._wipe_at.get(self.shown_mode(), 1.0)

    def set_wipe_position(self, share: float) -> None:
        """Moves the line, 0..1; does nothing in a mode without one."""
        mode = self.shown_mode()
        share = min(1.0, max(0.0, share))
        if mode in self._wipe_at and share != self._wipe_at[mode]:
            self._wipe_at[mode] = share
            self._show_again()
            self.wipe_changed.emit(share)

    # Overlays

    def add_overlay(self, overlay: QWidget) -> None:
        """Lays a widget over the whole viewer; one with `set_view` (`PictureOverlay`) is told where the picture lies."""
        overlay.setParent(self)
        self._overlays.append(overlay)
        if not overlay.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents):
            self._for_the_mouse.append(overlay)
        self.magnifier.watch(overlay)
        self._arrange()
        overlay.show()

    # Inside

    def _arrange(self) -> None:
        rect, size = self.image_rect(), self.picture_size()
        for overlay in self._overlays:
            overlay.setGeometry(self.rect())
            tell = getattr(overlay, "set_view", None)
            if tell is not None:
                tell(rect, size)
        self._show_again()
        super()._arrange()

    def _show_again(self) -> None:
        sides = self._sides()
        heat = self.shown_mode() == HEATMAP
        self._plates.arrange(self.image_rect(), sides, self.wipe_position(), heat=heat)
        self.magnifier.refresh()
        self._describe()
        self.update()

    def _sides(self) -> tuple[Side, ...]:
        return self._pictures.sides(self.shown_mode(), self._naming)

    def _look_at(self, pixel: QPoint) -> Look | None:
        """What the loupe sees: the picture on this side of the wipe, and the values before and after."""
        sides, size = self._sides(), self.picture_size()
        if not sides or size.isEmpty():
            return None
        is_right = len(sides) == 2 and pixel.x() + 0.5 > self.wipe_position() * size.width()
        shown = sides[int(is_right)]
        own = _scaled_point(pixel, size, shown.image.size())
        before, after = self._pictures.before_and_after()
        named = (("Before", before), ("After", after)) if before and after else ((shown.name, shown.image),)
        return Look(shown.image, own, tuple((name, image.pixelColor(own)) for name, image in named if image))

    def _describe(self) -> None:
        shown = self.shown_mode() if self._sides() else self._empty_text()
        self.setAccessibleDescription(shown)

    def _empty_text(self) -> str:
        return NO_ORIGINAL if self._pictures.size else self._message

    def _mode_seen(self, before: str) -> None:
        if self.shown_mode() != before:
            self.shown_mode_changed.emit(self.shown_mode())
        self._show_again()

    def _wipe_to(self, x: float) -> None:
        rect = self.image_rect()
        if rect.width() > 0:
            self.set_wipe_position((x - rect.x()) / rect.width())

    def _panning(self, active: bool) -> None:
        super()._panning(active)
        for overlay in self._for_the_mouse:
            overlay.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, active)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme_of(self).color("bg0"))
        placement = self._placement()
        sides = self._sides()
        if placement is None or not sides:
            self._paint_message(painter)
        else:
            self._paint_sides(painter, placement, sides)
        painter.end()

    def _paint_sides(self, painter: QPainter, placement: Placement, sides: Sequence[Side]) -> None:
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)  # from here on one unit is one pixel of the screen
        target = QRect(QPoint(int(placement.left), int(placement.top)), QSize(int(placement.width), int(placement.height)))
        share = self.wipe_position() if len(sides) == 2 else 1.0
        edge = target.left() + round(share * target.width())
        for index, side in enumerate(sides):
            left, right = (edge, target.right() + 1) if index else (target.left(), edge)
            painter.setClipRect(QRect(left, target.top(), right - left, target.height()))
            self._paint_image(painter, target, side.image)
        painter.restore()

    def _paint_image(self, painter: QPainter, target: QRect, image: QImage) -> None:
        if not self._playing:
            image = self._pictures.at_size(image, target.size())
        smooth = target.size() != image.size() and target.width() < image.width() * SEE_PIXELS_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        if target.size() == image.size():
            painter.drawImage(target.topLeft(), image)
        else:
            painter.drawImage(target, image)

    def _paint_message(self, painter: QPainter) -> None:
        theme = theme_of(self)
        painter.setFont(font(theme, 12))
        painter.setPen(theme.color("t2"))
        space = self.rect().adjusted(theme.px(24), 0, -theme.px(24), 0)
        painter.drawText(space, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty_text())


def _scaled_point(pixel: QPoint, size: QSize, own: QSize) -> QPoint:
    """A pixel of the picture as a pixel of an image of it, which may be a proxy."""
    x, y = pixel.x() * own.width() // size.width(), pixel.y() * own.height() // size.height()
    return QPoint(min(own.width() - 1, x), min(own.height() - 1, y))
