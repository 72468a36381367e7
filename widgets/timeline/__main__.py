"""python -m widgets.timeline: the timeline with made-up values, whose gestures really change them."""

import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.timeline.example import at, example_peaks, example_thumbnail, example_view
from widgets.timeline.values import ClipView, PatchView, TrackView
from widgets.timeline.widget import Timeline

MOCK_PX_PER_S = 99.0


def demo() -> QWidget:
    """A timeline that follows its own requests."""
    timeline = Timeline(example_thumbnail, example_peaks)
    timeline.set_view(example_view())
    timeline.set_pixels_per_second(MOCK_PX_PER_S)
    timeline.set_visible_start(Fraction(0))
    timeline.set_playhead(at(173))
    Follower(timeline)
    return timeline


class Follower:
    """Stands in for the editor: does what the timeline asks for and shows it the result."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        timeline.clip_move_requested.connect(self._move)
        timeline.clip_trim_requested.connect(self._trim)
        timeline.patch_window_requested.connect(self._window)
        timeline.visible_toggled.connect(lambda track_id: self._toggle(track_id, "visible"))
        timeline.locked_toggled.connect(lambda track_id: self._toggle(track_id, "locked"))

    def _move(self, clip_id: str, track_id: str, start: Fraction, gesture: int) -> None:
        self._change(clip_id, lambda clip: {"start": start})

    def _trim(self, clip_id: str, edge: str, time: Fraction, gesture: int) -> None:
        self._change(clip_id, lambda clip: _trimmed(clip, edge, time))

    def _window(self, patch_id: str, start: Fraction, end: Fraction, gesture: int) -> None:
        self._change(patch_id, lambda patch: {"start": start, "duration": end - start})

    def _change(self, item_id: str, fields: Callable[[Any], dict[str, Any]]) -> None:
        def one(item: Any) -> Any:
            return replace(item, **fields(item)) if item.id == item_id else item

        def track(old: TrackView) -> TrackView:
            clips: tuple[ClipView, ...] = tuple(map(one, old.clips))
            patches: tuple[PatchView, ...] = tuple(map(one, old.patches))
            return replace(old, clips=clips, patches=patches)

        view = self._timeline.view
        self._timeline.set_view(replace(view, tracks=tuple(map(track, view.tracks))))

    def _toggle(self, track_id: str, name: str) -> None:
        view = self._timeline.view
        tracks = tuple(
            replace(track, **{name: not getattr(track, name)}) if track.id == track_id else track  # type: ignore[arg-type]
            for track in view.tracks
        )
        self._timeline.set_view(replace(view, tracks=tracks))


def _trimmed(clip: ClipView, edge: str, time: Fraction) -> dict[str, Any]:
    if edge == "end":
        return {"duration": time - clip.start}
    moved = time - clip.start
    return {"start": time, "duration": clip.duration - moved, "source_start": clip.source_start + moved}


if __name__ == "__main__":
    sys.exit(show(demo, (1876, 312)))
