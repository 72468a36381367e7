"""What the user looks at and has chosen: state that undo must not touch and no file keeps. Plain values with signals."""

from enum import Enum
from fractions import Fraction

from PySide6.QtCore import QObject, Signal, Slot

from engine.project.model import Project
from engine.rational_time import ZERO, TimeRange

ZOOM_MIN_PX_PER_S, ZOOM_MAX_PX_PER_S = 0.01, 20_000.0
"""A day in a thousand pixels; a frame of 1000 per second in twenty."""


class Tool(Enum):
    SELECT = "select"
    RAZOR = "razor"
    BOX = "box"
    LASSO = "lasso"
    ELLIPSE = "ellipse"
    BRUSH = "brush"
    HAND = "hand"


class ViewMode(Enum):
    RESULT = "result"
    ORIGINAL = "original"
    SPLIT = "split"
    HEATMAP = "heatmap"
    LOCATION = "location"
    DIFFERENCE = "difference"
    MAGNITUDE = "magnitude"


class Session(QObject):
    """The state of one window. Setting a value that it has already emits nothing.

    Signals carry the new value: playhead_changed(Fraction), range_changed(TimeRange | None), selection_changed(frozenset of
    ids of clips, patches, captions and media), zoom_changed(pixels per second), tool_changed(Tool), view_mode_changed(ViewMode).
    """

    playhead_changed = Signal(object)
    range_changed = Signal(object)
    selection_changed = Signal(object)
    zoom_changed = Signal(float)
    tool_changed = Signal(object)
    view_mode_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._playhead = ZERO
        self._in_point: Fraction | None = None
        self._out_point: Fraction | None = None
        self._selection: frozenset[str] = frozenset()
        self._zoom = 100.0
        self._tool = Tool.SELECT
        self._view_mode = ViewMode.RESULT

    @property
    def playhead(self) -> Fraction:
        """Timeline seconds, never below 0."""
        return self._playhead

    def set_playhead(self, time: Fraction) -> None:
        time = max(time, ZERO)
        if time != self._playhead:
            self._playhead = time
            self.playhead_changed.emit(time)

    @property
    def in_point(self) -> Fraction | None:
        return self._in_point

    @property
    def out_point(self) -> Fraction | None:
        """The first time after the marked range."""
        return self._out_point

    @property
    def marked_range(self) -> TimeRange | None:
        """The range between in and out point; None until both are set."""
        if self._in_point is None or self._out_point is None:
            return None
        return TimeRange.between(self._in_point, self._out_point)

    def set_in_point(self, time: Fraction | None) -> None:
        """Mark the beginning; an out point that is not after it is taken away."""
        if time is not None and self._out_point is not None and self._out_point <= time:
            self._set_points(time, None)
        else:
            self._set_points(time, self._out_point)

    def set_out_point(self, time: Fraction | None) -> None:
        """Mark the end; an in point that is not before it is taken away."""
        if time is not None and self._in_point is not None and self._in_point >= time:
            self._set_points(None, time)
        else:
            self._set_points(self._in_point, time)

    def clear_points(self) -> None:
        self._set_points(None, None)

    def _set_points(self, in_point: Fraction | None, out_point: Fraction | None) -> None:
        if (in_point, out_point) != (self._in_point, self._out_point):
            self._in_point, self._out_point = in_point, out_point
            self.range_changed.emit(self.marked_range)

    @property
    def selection(self) -> frozenset[str]:
        return self._selection

    def select(self, *ids: str) -> None:
        """Choose exactly these."""
        chosen = frozenset(ids)
        if chosen != self._selection:
            self._selection = chosen
            self.selection_changed.emit(chosen)

    def toggle(self, item: str) -> None:
        """Add one to the chosen, or take it away."""
        self.select(*(self._selection ^ {item}))

    @property
    def zoom(self) -> float:
        """Pixels per second of the timeline."""
        return self._zoom

    def set_zoom(self, px_per_s: float) -> None:
        px_per_s = min(max(px_per_s, ZOOM_MIN_PX_PER_S), ZOOM_MAX_PX_PER_S)
        if px_per_s != self._zoom:
            self._zoom = px_per_s
            self.zoom_changed.emit(px_per_s)

    @property
    def tool(self) -> Tool:
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        if tool is not self._tool:
            self._tool = tool
            self.tool_changed.emit(tool)

    @property
    def view_mode(self) -> ViewMode:
        return self._view_mode

    def set_view_mode(self, mode: ViewMode) -> None:
        if mode is not self._view_mode:
            self._view_mode = mode
            self.view_mode_changed.emit(mode)

    @Slot(object, object)
    def follow_project(self, _before: Project, after: Project) -> None:
        """Connect to `Document.project_changed`: what is gone cannot stay chosen."""
        present = {clip.id for track in after.tracks for clip in track.clips}
        present |= {patch.id for patch in after.patches} | {media.id for media in after.media}
        present |= {cue.id for cue in after.captions.cues}
        self.select(*(self._selection & present))
