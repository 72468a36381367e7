"""The stage: one frame, or two with a wipe between them, at any zoom. Plain raster painting.

Gets finished images; knows nothing of time, files, patches or where images come from.
"""

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap import HeatLegend, Tag
from widgets.theme import font, theme_of
from widgets.viewer import geometry
from widgets.viewer.geometry import Placement, Zoom
from widgets.viewer.pictures import HEATMAP, MODES, ORIGINAL, RESULT, SPLIT, Pictures, Side
from widgets.viewer.wipe import Wipe

MARGIN = 12
TAG_INSET = 12
WHEEL_NOTCH = 120
WHEEL_FACTOR = 1.25
SEE_PIXELS_FROM = 2.0
NO_FRAME = "No frame here. Move the playhead over a clip."
NO_ORIGINAL = "The original of this frame is not loaded."


class PictureOverlay(Protocol):
    """A widget that lies over the whole viewer and follows the picture."""

    def set_view(self, image_rect: QRectF, picture_size: QSize) -> None:
        """Where the picture lies now (widget coordinates) and its size in its own pixels; empty without one."""
        ...


class Viewer(QWidget):
    """Shows `set_images` in one of four modes; wheel zooms at the pointer, Space or the middle button pans."""

    mode_changed = Signal(str)  # the mode chosen
    shown_mode_changed = Signal(str)  # the mode seen: Original while `hold_original` holds
    zoom_text_changed = Signal(str)  # "77 %"
    view_changed = Signal()  # the picture lies elsewhere or has another size
    space_tapped = Signal()  # Space pressed and let go without panning
    wipe_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = Pictures()
        self._picture_size: QSize | None = None
        self._mode = RESULT
        self._holding = False
        self._zoom = Zoom()
        self._message = NO_FRAME
        self._wipe_at = {SPLIT: 0.5, HEATMAP: 0.14}
        self._overlays: list[QWidget] = []
        self._pan_from: QPointF | None = None
        self._space_down = False
        self._panned = False
        self._badge_ok: bool | None = None
        self._wipe = Wipe(self)
        self._left_tag, self._right_tag, self._badge = Tag(self), Tag(self), Tag(self)
        self._legend = HeatLegend(parent=self)
        self._set_up()

    def _set_up(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Viewer")
        self.setMinimumSize(160, 90)
        self._wipe.dragged.connect(self._wipe_to_x)
        self._wipe.stepped.connect(self._wipe_by)
        self._arrange()

    # Pictures and modes

    def set_images(self, result: QImage | None, original: QImage | None, heat: QImage | None) -> None:
        """Shows another frame. All images have one size, or are proxies of `set_picture_size`.

        `heat` with alpha holds the change colours only and is laid over the grey picture; without alpha it is complete.
        """
        before = self._natural_size()
        self._pictures = Pictures(result, original, heat)
        if self._natural_size() != before:
            self._arrange()
        else:
            self._arrange_plates()
        self.update()

    def set_picture_size(self, size: QSize | None) -> None:
        """The size the percentages mean when the images are smaller proxies; None takes the images' own size."""
        self._picture_size = size
        self._arrange()

    def set_message(self, text: str) -> None:
        """The sentence shown when there is no frame (a gap, an offline file)."""
        self._message = text or NO_FRAME
        self.update()

    def set_mode(self, mode: str) -> None:
        """Chooses Result, Original, Split or Heatmap; ValueError for another word."""
        if mode not in MODES:
            raise ValueError(f"the viewer has no mode {mode!r}")
        if mode == self._mode:
            return
        shown = self.shown_mode()
        self._mode = mode
        self.mode_changed.emit(mode)
        self._mode_seen(shown)

    def next_mode(self) -> None:
        """Goes on to the next mode, round."""
        self.set_mode(MODES[(MODES.index(self._mode) + 1) % len(MODES)])

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

    def set_badge(self, text: str, ok: bool) -> None:
        """The claim at the right top, for example "Outside: 0 px changed"; an empty text takes it away."""
        self._badge_ok = ok if text else None
        self._badge.set_parts(text, (), "shield" if ok else "warning", "gr" if ok else "am")
        self._arrange_plates()

    def legend(self) -> HeatLegend:
        """The heatmap's legend, to give it the stops of the colour map."""
        return self._legend

    # Zoom

    def zoom_fit(self) -> None:
        """Shows the whole picture, also after the window changes its size."""
        self._set_zoom(Zoom())

    def is_fit(self) -> bool:
        """Whether the picture follows the window's size."""
        return self._zoom.scale is None

    def set_zoom(self, scale: float) -> None:
        """Device pixels per picture pixel; 1.0 shows each pixel of the picture on one of the screen."""
        scale = min(geometry.MAX_SCALE, max(geometry.MIN_SCALE, scale))
        self._set_zoom(Zoom(scale, self._zoom.centre_x, self._zoom.centre_y))

    def zoom_in(self) -> None:
        """The next round percentage."""
        self.set_zoom(geometry.next_step(self.zoom(), 1))

    def zoom_out(self) -> None:
        """The next smaller round percentage."""
        self.set_zoom(geometry.next_step(self.zoom(), -1))

    def zoom(self) -> float:
        """The scale now; 1.0 without a picture."""
        placement = self._placement()
        return placement.scale if placement else 1.0

    def zoom_text(self) -> str:
        """The scale as the label says it."""
        return f"{round(self.zoom() * 100)} %"

    # Where things are

    def image_rect(self) -> QRectF:
        """The picture's rectangle in this widget's coordinates (it may reach outside); empty without a picture."""
        placement = self._placement()
        if placement is None:
            return QRectF()
        ratio = self.devicePixelRatioF()
        return QRectF(
            placement.left / ratio, placement.top / ratio, placement.width / ratio, placement.height / ratio
        )

    def picture_size(self) -> QSize:
        """The picture's size in its own pixels; empty without one."""
        return self._natural_size() or QSize()

    def add_overlay(self, overlay: QWidget) -> None:
        """Lays a widget over the whole viewer; if it has `set_view`, it is told where the picture lies."""
        overlay.setParent(self)
        self._overlays.append(overlay)
        self._arrange()
        overlay.show()

    def wipe_position(self) -> float:
        """The share of the picture left of the line in the present mode; 1.0 where there is no line."""
        return self._wipe_at.get(self.shown_mode(), 1.0)

    def set_wipe_position(self, share: float) -> None:
        """Moves the line, 0..1; does nothing in a mode without one."""
        mode = self.shown_mode()
        share = min(1.0, max(0.0, share))
        if mode in self._wipe_at and share != self._wipe_at[mode]:
            self._wipe_at[mode] = share
            self._arrange_plates()
            self.update()
            self.wipe_changed.emit(share)

    # Inside

    def _natural_size(self) -> QSize | None:
        return self._picture_size if self._pictures.size and self._picture_size else self._pictures.size

    def _view_size(self) -> geometry.Size:
        ratio = self.devicePixelRatioF()
        return geometry.Size(round(self.width() * ratio), round(self.height() * ratio))

    def _margin(self) -> int:
        return round(theme_of(self).px(MARGIN) * self.devicePixelRatioF())

    def _placement(self) -> Placement | None:
        size = self._natural_size()
        if size is None:
            return None
        picture = geometry.Size(size.width(), size.height())
        return geometry.place(self._view_size(), picture, self._zoom, self._margin())

    def _set_zoom(self, zoom: Zoom) -> None:
        self._zoom = zoom
        self._arrange()

    def _mode_seen(self, before: str) -> None:
        if self.shown_mode() != before:
            self.shown_mode_changed.emit(self.shown_mode())
        self._arrange_plates()
        self.update()

    def _arrange(self) -> None:
        """Puts everything that lies on the picture where the picture now is."""
        rect, size = self.image_rect(), self.picture_size()
        for overlay in self._overlays:
            overlay.setGeometry(self.rect())
            tell = getattr(overlay, "set_view", None)
            if tell is not None:
                tell(rect, size)
        self._arrange_plates()
        self.update()
        self.zoom_text_changed.emit(self.zoom_text())
        self.view_changed.emit()

    def _arrange_plates(self) -> None:
        from widgets.viewer.plates import arrange

        arrange(self, self._wipe, (self._left_tag, self._right_tag, self._badge), self._legend)
