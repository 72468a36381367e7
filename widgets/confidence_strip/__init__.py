"""Confidence per frame, as bars."""

from widgets.confidence_strip.bars import (
    ConfidenceBar,
    Level,
    bar_at,
    columns,
    paint_bars,
    paint_pointer,
    summary,
    worst_index,
)
from widgets.confidence_strip.strip import ConfidenceStrip

__all__ = [
    "ConfidenceBar",
    "ConfidenceStrip",
    "Level",
    "bar_at",
    "columns",
    "paint_bars",
    "paint_pointer",
    "summary",
    "worst_index",
]
