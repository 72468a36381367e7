"""What the timeline is showing right now: the view, its geometry, and what a gesture has laid over it.

Plain data between hit test, gestures and painting. Emits nothing, draws nothing.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from PySide6.QtCore import QPoint, QRect

from widgets.palettes import DARK, Theme
from widgets.timeline.confidence import BarCache
from widgets.timeline.metrics import Metrics, item_rect
from widgets.timeline.rows import KeptSpans, Row, Rows, Spans, lay_out
from widgets.timeline.scale import TimeScale
from widgets.timeline.snapping import STRENGTH_PX, SnapPoints
from widgets.timeline.values import ClipView, Hit, HitKind, PatchView, StripSpan, TimelineView

FREE_BEYOND_END = 0.25  # part of the lane that may stay empty after the last frame, so that there is room to drop


@dataclass(frozen=True, slots=True)
class ReadOut:
    """Two pieces of text beside the pointer during a drag: what changed, and what results."""

    at: QPoint
    change: str
    result: str


@dataclass(frozen=True, slots=True)
class Ghost:
    """Where a drop would land; `track_id` is "" between tracks; `is_known` where start and length are what they will be."""

    start: Fraction
    duration: Fraction
    track_id: str
    label: str
    is_known: bool = False


@dataclass
class State:
    """Everything hit test, gestures and painting share. Call `relay` after view, theme or size changed."""

    theme: Theme = DARK
    view: TimelineView = field(default_factory=TimelineView)
    compact: bool = False
    stretch: float = 1.0
    width: int = 800
    height: int = 300
    scroll_y: int = 0
    playhead: Fraction = Fraction(0)
    selection: tuple[str, ...] = ()
    selected: frozenset[str] = frozenset()
    snapping: bool = True
    hover: Hit = field(default_factory=lambda: Hit(HitKind.NOTHING))
    blocked_edge: str = ""  # id of the clip whose dragged edge has no more source
    snap_time: Fraction | None = None
    read_out: ReadOut | None = None
    box: QRect | None = None
    ghost: Ghost | None = None

    def __post_init__(self) -> None:
        self.bars = BarCache()
        self._spans = KeptSpans()
        self.scale = TimeScale()
        self.relay()

    def relay(self) -> None:
        """Compute the geometry again."""
        self.metrics = Metrics.of(self.theme.scale, self.compact)
        self.rows: Rows = lay_out(self.view, self.theme.scale, self.compact, self.stretch, self._spans)
        self.bars.keep_only({patch.id for track in self.view.tracks for patch in track.patches})
        self.plan: Spans[StripSpan] = self._spans.plan(self.view.plan)
        self.scale = replace(self.scale, left_px=self.metrics.head_width)
        self.scroll_y = min(self.scroll_y, self.hidden_height)

    def select(self, ids: tuple[str, ...]) -> None:
        """`selection` keeps the order of choosing; `selected` answers quickly."""
        self.selection, self.selected = ids, frozenset(ids)

    @property
    def lane_width(self) -> int:
        return max(1, self.width - self.metrics.head_width)

    @property
    def hidden_height(self) -> int:
        """How far the rows can be scrolled."""
        return max(0, self.rows.height - (self.height - self.metrics.top_height))

    @property
    def content_px(self) -> float:
        """Width of the whole timeline at this zoom, with some free room after the end."""
        return float(self.view.duration) * self.scale.px_per_s + self.lane_width * FREE_BEYOND_END

    @property
    def frame(self) -> Fraction:
        return 1 / self.view.rate

    def row_of(self, track_id: str, kind: str) -> Row | None:
        return next((row for row in self.rows.rows if row.track.id == track_id and row.kind == kind), None)

    def row_at(self, y: int) -> Row | None:
        """The row under a widget y, None above and below the rows."""
        return None if y < self.metrics.top_height else self.rows.at(y - self.metrics.top_height + self.scroll_y)

    def rect_of(self, item_id: str) -> QRect:
        """Where a clip or patch is drawn; empty for an unknown id. May lie outside the widget."""
        found = self.rows.find(item_id)
        return self.rect(*found) if found else QRect()

    def rect(self, row: Row, item: ClipView | PatchView) -> QRect:
        m = self.metrics
        band = m.patch_band(row, self.scroll_y, item.id) if row.kind == "patch" else m.clip_band(row, self.scroll_y)
        return item_rect(self.scale.x_at(item.start), self.scale.x_at(item.end), band)

    def snap_points(self, moving: frozenset[str]) -> SnapPoints:
        return SnapPoints.of(self.view, self.playhead, moving)

    @property
    def reach(self) -> Fraction:
        """How far snapping reaches at this zoom, in seconds."""
        return self.scale.seconds(STRENGTH_PX * self.theme.scale)

    def clear_overlays(self) -> None:
        """Take away everything a gesture showed."""
        self.snap_time, self.read_out, self.box, self.ghost, self.blocked_edge = None, None, None, None, ""
