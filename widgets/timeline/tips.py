"""The tool tips of the timeline: one short sentence for what lies under the pointer."""

from engine.rational_time import timecode
from widgets.timeline.hits import plan_span_at
from widgets.timeline.state import State
from widgets.timeline.values import Hit, HitKind, PatchView

MODES = {"copy": "Copied", "cached": "Cached", "encode": "Encoded"}
LEVELS = {"green": "holds", "amber": "check", "red": "doubtful"}


def tip_for(state: State, hit: Hit, x: int) -> str:
    """The sentence for a hit, or "" where nothing needs saying."""
    if hit.kind is HitKind.PLAN:
        span = plan_span_at(state, x)
        return f"{MODES[span.mode]}. {span.reason}" if span is not None else ""
    if hit.kind in {HitKind.EYE, HitKind.PADLOCK}:
        return _button_tip(state, hit)
    found = state.rows.find(hit.id) if hit.id else None
    if found is None:
        return ""
    item = found[1]
    if isinstance(item, PatchView):
        return _patch_tip(state, hit, item)
    length = f"length {timecode(item.duration, state.view.rate)}"
    return f"{item.name}, offline. Relink" if item.offline else ", ".join(part for part in (item.name, length) if part)


def _button_tip(state: State, hit: Hit) -> str:
    track = next(track for track in state.view.tracks if track.id == hit.track_id)
    if hit.kind is HitKind.PADLOCK:
        return f"Unlock {track.name}" if track.locked else f"Lock {track.name}"
    if track.kind == "audio":
        return f"Mute {track.name}" if track.visible else f"Unmute {track.name}"
    return f"Hide {track.name}" if track.visible else f"Show {track.name}"


def _patch_tip(state: State, hit: Hit, patch: PatchView) -> str:
    if hit.kind is HitKind.ANCHOR:
        return f"Anchor, {timecode(patch.anchor, state.view.rate)}"
    if hit.kind is HitKind.CONFIDENCE and patch.confidence:
        before = [bar for bar in patch.confidence if bar.time <= hit.time]
        bar = before[-1] if before else patch.confidence[0]
        return f"{timecode(bar.time, state.view.rate)}: {LEVELS[bar.level]}"
    if patch.window_locked:
        return f"{patch.name}, window locked"
    return patch.name
