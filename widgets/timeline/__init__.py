"""The timeline widget: plain values in, signals out."""

from widgets.timeline.drops import MEDIA_MIME
from widgets.timeline.empty import EmptyTimeline
from widgets.timeline.overview import Overview
from widgets.timeline.values import (
    ClipKind,
    ClipView,
    ConfidenceBar,
    DroppedFiles,
    DroppedMedia,
    Hit,
    HitKind,
    Landing,
    Level,
    Marker,
    PatchView,
    Peaks,
    SpanMode,
    StripSpan,
    Thumbnails,
    TimelineView,
    TrackKind,
    TrackView,
)
from widgets.timeline.widget import Timeline

__all__ = [
    "Timeline", "Overview", "EmptyTimeline",
    "TimelineView", "TrackView", "ClipView", "PatchView", "ConfidenceBar", "StripSpan", "Marker",
    "Hit", "HitKind", "DroppedFiles", "DroppedMedia", "Landing", "MEDIA_MIME", "Thumbnails", "Peaks",
    "ClipKind", "TrackKind", "SpanMode", "Level",
]  # fmt: skip
