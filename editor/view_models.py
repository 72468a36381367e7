"""Translates the project into what the timeline and the layer stack show. Pure functions; the widgets never meet the project.

Ids in the timeline's view: a clip keeps its own; the row of original sound shows `CLIP#sound`; a patch that several clips show is
`PATCH@CLIP` for each of them. `clip_id_of` and `patch_id_of` turn them back.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from operator import is_
from typing import Any, TypeVar

from editor.clip_places import ClipPlaces, KeptPlaces
from editor.cue_rows import KeptCues, layer_words
from engine.planning.plan import Mode, RenderPlan
from engine.project.lookup import clip_name, clip_under
from engine.project.model import AUDIO_KINDS, Clip, LayerKind, Media, MediaKind, Patch, PatchState, Project, Track
from engine.project.track_edits import STANDARD_TRACKS
from engine.rational_time import ZERO
from widgets.layer_stack.values import LayerRow
from widgets.timeline.values import (
    ClipKind,
    ClipView,
    ConfidenceBar,
    Level,
    PatchView,
    SpanMode,
    StripSpan,
    TimelineView,
    TrackKind,
    TrackView,
)

View = TypeVar("View", ClipView, PatchView)
Items = TypeVar("Items")
SOUND, SHOWN_IN = "#sound", "@"

Trusted = tuple[tuple[Fraction, Level], ...]
"""(source time, level) of each frame of a patch that is known."""

_KINDS: dict[LayerKind, TrackKind] = {
    LayerKind.BACKGROUND: "video", LayerKind.SUBJECT: "video", LayerKind.OVERLAY: "overlay", LayerKind.CAPTIONS: "caption",
    LayerKind.MOTION_PATCH: "patch", LayerKind.AUDIO_ORIGINAL: "audio", LayerKind.MUSIC: "audio",
}  # fmt: skip
_ROWS_FROM_TOP = (
    LayerKind.CAPTIONS, LayerKind.OVERLAY, LayerKind.MOTION_PATCH, LayerKind.SUBJECT, LayerKind.BACKGROUND,
    LayerKind.AUDIO_ORIGINAL, LayerKind.MUSIC,
)  # fmt: skip
_LAYERS_FROM_TOP = (
    LayerKind.MOTION_PATCH, LayerKind.CAPTIONS, LayerKind.OVERLAY, LayerKind.SUBJECT, LayerKind.BACKGROUND,
    LayerKind.AUDIO_ORIGINAL, LayerKind.MUSIC,
)  # fmt: skip
_MODES: dict[Mode, SpanMode] = {Mode.COPY: "copy", Mode.CACHED: "cached", Mode.ENCODE: "encode"}
STATE_WORDS = {
    PatchState.QUEUED: "queued", PatchState.PROCESSING: "working", PatchState.QA_READY: "ready to review",
    PatchState.PUBLISHED: "accepted", PatchState.REJECTED: "rejected",
}  # fmt: skip
_SAID_ON_THE_CLIP = frozenset({PatchState.PROCESSING, PatchState.QA_READY, PatchState.REJECTED})


@dataclass(frozen=True, slots=True)
class Shown:
    """What the timeline shows beside the project itself; everything may be missing while it is being found out."""

    plan: RenderPlan | None = None
    trust: Mapping[str, Trusted] = field(default_factory=dict)
    """By patch id."""
    offline: Collection[str] = ()
    """Ids of media whose file is not there."""
    in_point: Fraction | None = None
    out_point: Fraction | None = None


def clip_id_of(view_id: str) -> str:
    """The clip behind an id of the view: itself, or the clip whose sound it is."""
    return view_id.removesuffix(SOUND)


def patch_id_of(view_id: str) -> str:
    """The patch behind an id of the view."""
    return view_id.split(SHOWN_IN, 1)[0]


def clip_of_patch_view(project: Project, view_id: str) -> Clip | None:
    """The clip in which a patch of the view is shown."""
    patch_id, _, clip_id = view_id.partition(SHOWN_IN)
    if clip_id:
        found = project.find_clip(clip_id)
        return found[1] if found else None
    patch = next((p for p in project.patches if p.id == patch_id), None)
    return next(iter(ClipPlaces(project).showing(patch)), None) if patch else None


class KeptViews:
    """The views of rows, clips and patches as they were the last time: an edit of one among thousands costs little."""

    def __init__(self, places: KeptPlaces | None = None) -> None:
        self.places = places or KeptPlaces()
        self._last: dict[str, tuple[tuple[object, ...], Any]] = {}
        self.cues = KeptCues()
        self._rows: dict[str, tuple[tuple[object, ...], Any]] = {}
        self._offline: Collection[str] = ()

    def get(self, view_id: str, made_of: tuple[object, ...], make: Callable[[], View]) -> View:
        """The view of before, where it is made of the very same values."""
        known = self._last.get(view_id)
        if known is None or not all(map(is_, known[0], made_of)):
            known = self._last[view_id] = (made_of, make())
        view: View = known[1]
        return view

    def row(self, track: Track, made_of: tuple[object, ...], make: Callable[[], Items]) -> Items:
        """What is on a row, as it was before where everything it is made of is the very same."""
        known = self._rows.get(track.id)
        if known is None or len(known[0]) != len(made_of) or not all(map(is_, known[0], made_of)):
            known = self._rows[track.id] = (made_of, make())
        items: Items = known[1]
        return items

    def offline(self, ids: Collection[str]) -> Collection[str]:
        """The set of before, where it is equal."""
        if set(ids) != set(self._offline):
            self._offline = ids
        return self._offline

    def view(self, view_id: str) -> Any:
        """The view that was made last under an id; None for none."""
        known = self._last.get(view_id)
        return known[1] if known is not None else None

    def keep_only(self, present: Collection[str]) -> None:
        if len(self._last) > len(present):
            self._last = {view_id: known for view_id, known in self._last.items() if view_id in present}


def timeline_view(project: Project, shown: Shown, kept: KeptViews | None = None) -> TimelineView:
    """The rows from the top: captions, overlays, patches right above the video they change, background where used, sounds."""
    tracks, kept = _from_top(project, _ROWS_FROM_TOP), kept or KeptViews()
    views = tuple(_track_view(project, track, shown, kept) for track in tracks if _has_row(track))
    kept.keep_only({clip.id for view in views for clip in view.clips} | {patch.id for view in views for patch in view.patches})
    return TimelineView(
        tracks=views,
        plan=plan_spans(shown.plan),
        duration=project.duration,
        rate=project.canvas.rate,
        share_copied=copied_words(shown.plan),
        in_point=shown.in_point,
        out_point=shown.out_point,
    )


def _from_top(project: Project, order: tuple[LayerKind, ...]) -> list[Track]:
    """By kind; of several overlays the upper one first, of several musics the first one."""
    last = len(project.tracks)
    places = {track.id: place if track.kind in AUDIO_KINDS else last - place for place, track in enumerate(project.tracks)}
    return sorted(project.tracks, key=lambda track: (order.index(track.kind), places[track.id]))


def _has_row(track: Track) -> bool:
    """The background is a row once it holds something; a clip gets there by its menu."""
    return bool(track.clips) or track.kind is not LayerKind.BACKGROUND


def _track_view(project: Project, track: Track, shown: Shown, kept: KeptViews) -> TrackView:
    offline, clips, patches = kept.offline(shown.offline), tuple[ClipView, ...](), tuple[PatchView, ...]()
    if track.kind is LayerKind.AUDIO_ORIGINAL:
        made_of: tuple[object, ...] = (project.tracks, project.media, offline)
        clips = kept.row(track, made_of, lambda: tuple(_sounds_of_pictures(project, shown, kept)))
    elif track.kind is LayerKind.MOTION_PATCH:
        made_of = (project.patches, project.tracks, project.media, project.canvas, shown.trust)
        patches = kept.row(track, made_of, lambda: tuple(_patch_views(project, track, shown, kept)))
    else:
        cues = kept.cues.views(project) if track.kind is LayerKind.CAPTIONS else ()
        made_of = (track.clips, track.kind, project.media, offline, cues)
        clips = kept.row(track, made_of, lambda: (*_clip_views(project, track, shown, kept), *cues))
    return TrackView(track.id, _KINDS[track.kind], _row_name(track), track.visible, track.locked, clips, patches)


def _clip_views(project: Project, track: Track, shown: Shown, kept: KeptViews) -> Iterator[ClipView]:
    media = {item.id: item for item in project.media}
    for clip in track.clips:
        used = media.get(clip.media_id or "")
        made_of = clip, used, track.kind, (clip.media_id or "") in shown.offline
        yield kept.get(clip.id, made_of, partial(_clip_view, project, clip, used, track, shown))


def _row_name(track: Track) -> str:
    return {LayerKind.AUDIO_ORIGINAL: f"{track.id} Original", LayerKind.MUSIC: f"{track.id} Music"}.get(track.kind, track.id)


def _clip_view(project: Project, clip: Clip, media: Media | None, track: Track, shown: Shown) -> ClipView:
    before, after = _rooms(clip, media)
    return ClipView(
        id=clip.id,
        name=media.name if media is not None else clip_name(project, clip),
        kind=_clip_kind(media, track),
        start=clip.start,
        duration=clip.source_range.duration,
        source_start=clip.source_range.start,
        offline=bool(media and media.id in shown.offline),
        badge=_badge(clip, track),
        room_before=before,
        room_after=after,
    )


def _clip_kind(media: Media | None, track: Track) -> ClipKind:
    if media is None:
        return "text"
    return "audio" if track.kind is LayerKind.MUSIC else media.kind.value


def _rooms(clip: Clip, media: Media | None) -> tuple[Fraction | None, Fraction | None]:
    """How much more source lies before and after what the clip uses."""
    available = media.available_range if media else None
    if available is None:
        return None, None
    before = clip.source_range.start - available.start if available.start else clip.source_range.start
    return before, available.duration - before - clip.source_range.duration


def _badge(clip: Clip, track: Track) -> str:
    if track.kind is LayerKind.MUSIC:
        return _volume(clip)
    return f"{round(clip.transform.opacity * 100)} %" if clip.transform.opacity < 1 else ""


def _volume(clip: Clip) -> str:
    return f"{clip.gain_db:+g} dB".replace("-", "−") if clip.gain_db else ""


def _sounds_of_pictures(project: Project, shown: Shown, kept: KeptViews) -> list[ClipView]:
    """The original sound of every picture clip that has one, as rows of its own; overlapping layers are laid one on another."""
    found = []
    heard = {media.id: media for media in project.media if media.kind is MediaKind.VIDEO and media.has_audio}
    for track in project.tracks:
        for clip in track.clips if track.kind in {LayerKind.BACKGROUND, LayerKind.SUBJECT} else ():
            media = heard.get(clip.media_id or "")
            if media is not None:
                is_offline = media.id in shown.offline
                make = partial(_sound_view, clip, media, is_offline, kept.view(clip.id))
                found.append(kept.get(f"{clip.id}{SOUND}", (clip, media, is_offline), make))
    return sorted(found, key=_by_start)


def _by_start(view: ClipView | PatchView) -> tuple[float, Fraction]:
    """Floats are compared ten times as fast, and the exact times where they are equal."""
    return view.start.numerator / view.start.denominator, view.start


def _sound_view(clip: Clip, media: Media, is_offline: bool, picture: ClipView | None) -> ClipView:
    """Beside the view of its picture, which has as much room."""
    rooms = (picture.room_before, picture.room_after) if picture is not None else _rooms(clip, media)
    return ClipView(
        f"{clip.id}{SOUND}", "", "audio", clip.start, clip.source_range.duration, clip.source_range.start,
        offline=is_offline, room_before=rooms[0], room_after=rooms[1],
    )  # fmt: skip


def _patch_views(project: Project, row: Track, shown: Shown, kept: KeptViews) -> list[PatchView]:
    views, places, media = [], kept.places.of(project), {item.id: item for item in project.media}
    for patch in project.patches:
        for number, clip in enumerate(places.showing(patch)):
            view_id = patch.id if number == 0 else f"{patch.id}{SHOWN_IN}{clip.id}"
            made_of = (patch, clip, shown.trust.get(patch.id), row.locked, media[patch.media_id], project.canvas)
            views.append(kept.get(view_id, made_of, partial(_patch_view, project, patch, clip, view_id, shown, row, kept)))
    return sorted(views, key=_by_start)


def _patch_view(
    project: Project, patch: Patch, clip: Clip, view_id: str, shown: Shown, row: Track, kept: KeptViews
) -> PatchView:
    shows = kept.places.of(project).range_on(patch, clip)
    inside = clip.source_range.intersection(shows) or clip.source_range
    bars = tuple(
        ConfidenceBar(clip.timeline_time(time), level) for time, level in shown.trust.get(patch.id, ()) if inside.contains(time)
    )
    rate = project.media_by_id(patch.media_id).rate or project.canvas.rate
    locked = row.locked or patch.locked
    return PatchView(
        id=view_id,
        name=patch.name,
        start=clip.timeline_time(inside.start),
        duration=inside.duration,
        anchor=clip.timeline_time(min(max(patch.anchor, inside.start), inside.end)),
        version=f"v{patch.current_version}" if patch.current_version else "",
        frames=max(1, round(inside.duration * rate)),
        state=STATE_WORDS[patch.state] if patch.state in _SAID_ON_THE_CLIP else "",
        window_locked=patch.window_locked or locked,
        anchor_locked=patch.anchor_locked or locked,
        confidence=bars,
        falloff=patch.carrying.falloff_frames / rate,
        more_anchors=tuple(clip.timeline_time(key.time) for key in patch.keys if inside.contains(key.time)),
    )


def plan_spans(plan: RenderPlan | None) -> tuple[StripSpan, ...]:
    """The export plan as the strip on the timeline draws it."""
    return tuple(StripSpan(s.start, s.end, _MODES[s.mode], s.reason) for s in plan.segments) if plan else ()


def copied_words(plan: RenderPlan | None) -> str:
    """ "71 % copied"; never 100 % where a frame is encoded, never 0 % where one is copied. Empty without a plan."""
    if plan is None or not plan.frames:
        return ""
    share = plan.share_copied
    percent = round(share * 100)
    percent = min(percent, 99) if share < 1 else percent
    return f"{max(percent, 1) if share > 0 else percent} % copied"


def layer_rows(project: Project, time: Fraction) -> tuple[LayerRow, ...]:
    """The layers from the top of the picture down, then the sounds, with what each shows at a timeline time."""
    return tuple(
        (_patch_row if track.kind is LayerKind.MOTION_PATCH else _layer_row)(project, track, time)
        for track in _from_top(project, _LAYERS_FROM_TOP)
    )


def _layer_row(project: Project, track: Track, time: Fraction) -> LayerRow:
    movable = track.kind is LayerKind.OVERLAY and sum(one.kind is track.kind for one in project.tracks) > 1
    return LayerRow(
        track.id, track.kind.value, track.name, _detail(project, track, time), track.visible, track.locked, track.version,
        movable=movable, removable=all(track.id != standard.id for standard in STANDARD_TRACKS),
    )  # fmt: skip


def _detail(project: Project, track: Track, time: Fraction) -> str:
    if track.kind is LayerKind.AUDIO_ORIGINAL:
        pictures = tuple(one for one in project.tracks if one.kind is not LayerKind.MUSIC)
        return _named(project, pictures, time, lambda clip: _has_sound(project, clip), of_sound=True) or "No sound here"
    if track.kind is LayerKind.CAPTIONS and (project.captions.cues or track.clips):
        return layer_words(project, len(track.clips))
    if not track.clips:
        return "Empty"
    return _named(project, (track,), time, lambda _clip: True) or "Nothing here"


def _has_sound(project: Project, clip: Clip) -> bool:
    return bool(clip.media_id) and project.media_by_id(clip.media_id or "").has_audio


def _named(
    project: Project, tracks: tuple[Track, ...], time: Fraction, wanted: Callable[[Clip], bool], *, of_sound: bool = False
) -> str:
    """The name of the clip at a time, with its opacity, or its volume where it is heard, where that is not full."""
    for track in tracks:
        clip = clip_under(track, time)
        if clip is not None and wanted(clip):
            badge = _volume(clip) if of_sound else _badge(clip, track)
            return f"{clip_name(project, clip)}, {badge}" if badge else clip_name(project, clip)
    return ""


def _patch_row(project: Project, track: Track, time: Fraction) -> LayerRow:
    """The view of all patches: the one at the playhead, else how many there are; its versions are the patch's."""
    patch = patch_at(project, time)
    number = len(project.patches)
    counted = f"{number} {'patch' if number == 1 else 'patches'}" if number else "No patch yet"
    return LayerRow(
        track.id,
        track.kind.value,
        track.name,
        patch.name if patch else counted,
        track.visible,
        track.locked,
        patch.current_version if patch and patch.current_version else 1,
        tuple(version.recipe.provider for version in patch.versions) if patch else (),
    )


def patch_at(project: Project, time: Fraction) -> Patch | None:
    """The topmost patch that shows at a timeline time."""
    pictures = [clip_under(track, time) for track in project.tracks if track.kind is not LayerKind.MUSIC]
    stills = {media.id for media in project.media if media.kind is MediaKind.IMAGE}
    shown = [(clip, clip.source_time(time)) for clip in pictures if clip is not None]
    for patch in reversed(project.patches):
        for clip, source in shown:
            is_here = clip.media_id == patch.media_id and patch.clip_id in {None, clip.id}
            if is_here and (patch.media_id in stills or patch.window.contains(source)):
                return patch
    return None


def duration_words(seconds: Fraction | None) -> str:
    """ "00:05:07" for a badge; empty for what has no length of its own."""
    if seconds is None:
        return ""
    whole = max(int(seconds + Fraction(1, 2)), 1) if seconds > ZERO else 0
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def rate_words(rate: Fraction) -> str:
    """ "25 fps", "29.97 fps"."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".") + " fps" if rate.denominator != 1001 else f"{float(rate):.2f} fps"
