"""The timeline as spans: where one recipe of pictures holds, and what that recipe is.

A recipe names pictures, never pixels. Work is proportional to clips and patches, not to frames: a two-hour timeline with
500 patches has some thousand spans. Must not know frames, codecs or files.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from engine.compositing.patch_alpha import whole_range
from engine.project.anchors import anchors_of
from engine.project.lookup import visible_patches
from engine.project.model import (
    AUDIO_KINDS,
    Clip,
    LayerKind,
    Media,
    MediaKind,
    Patch,
    PatchState,
    Project,
    Text,
    Track,
    Transform,
)
from engine.rational_time import ZERO, TimeRange

TAIL_WITHOUT_PICTURE = Fraction(1, 10)
"""Sound that goes on for this long after the last picture adds no frame: tracks of one file rarely end together."""


@dataclass(frozen=True, slots=True)
class PatchUse:
    """A patch that shows, which of its versions, and what about it decides this part of its window."""

    patch_id: str
    version: int
    anchors: tuple[Fraction, ...] = ()
    """Source times of the anchors that the part is carried from: one, or the neighbours on both sides."""
    is_faded: bool = False


@dataclass(frozen=True, slots=True)
class PictureUse:
    """A picture laid on the canvas. Clips are not named: two halves of a split clip are one use."""

    media_id: str | None
    offset: Fraction
    """Timeline time minus source time; 0 for stills and texts."""
    transform: Transform
    text: Text | None = None
    patches: tuple[PatchUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the timeline with one recipe, bottom to top; an empty recipe is a gap."""

    range: TimeRange
    recipe: tuple[PictureUse, ...]

    @property
    def base(self) -> PictureUse | None:
        return self.recipe[0] if self.recipe else None

    @property
    def is_bare(self) -> bool:
        """Whether it shows nothing but the bottom picture as it is."""
        base = self.base
        if base is None or len(self.recipe) > 1:
            return False
        return base.text is None and not base.patches and base.transform.is_identity


_Piece = tuple[Fraction, Fraction, PictureUse]


def spans_of(project: Project) -> tuple[Span, ...]:
    """The whole output from 0, without gap or overlap; neighbours with equal recipes are one span."""
    end = output_end(project)
    patches = _PatchesOfMedia(project)
    kinds = {media.id: media for media in project.media}
    tracks = [_pieces(track, kinds, patches) for track in picture_tracks(project)]
    return tuple(_merged(_sweep(tracks, end)))


def picture_tracks(project: Project) -> list[Track]:
    """The visible tracks that show pictures, bottom to top."""
    hidden = AUDIO_KINDS | {LayerKind.MOTION_PATCH}
    return [track for track in project.tracks if track.visible and track.kind not in hidden]


def output_end(project: Project) -> Fraction:
    """Where the output ends: with the last visible clip, pictures first (see `TAIL_WITHOUT_PICTURE`)."""
    pictures = max((clip.end for track in picture_tracks(project) for clip in track.clips), default=ZERO)
    music = (track for track in project.tracks if track.visible and track.kind is LayerKind.MUSIC)
    sounds = max((clip.end for track in music for clip in track.clips), default=ZERO)
    return sounds if sounds > pictures + TAIL_WITHOUT_PICTURE or not pictures else pictures


def shown_patches(project: Project) -> tuple[Patch, ...]:
    """The patches an export contains: accepted, visible, with a result."""
    return tuple(patch for patch in visible_patches(project) if patch.state is PatchState.PUBLISHED)


class _PatchesOfMedia:
    """Patches by media, sorted by window, so that a clip finds its own without looking at all."""

    def __init__(self, project: Project) -> None:
        self._patches: dict[str, list[tuple[int, Patch]]] = {}
        for order, patch in enumerate(shown_patches(project)):
            self._patches.setdefault(patch.media_id, []).append((order, patch))
        for found in self._patches.values():
            found.sort(key=lambda item: item[1].window.start)
        self._starts = {key: [p.window.start for _, p in found] for key, found in self._patches.items()}
        self._longest = {key: max(p.window.duration for _, p in found) for key, found in self._patches.items()}

    def of(self, clip: Clip) -> list[tuple[int, Patch]]:
        """(order in the project, patch) of those whose window meets the clip's source range."""
        found = self._patches.get(clip.media_id or "")
        if not found or clip.media_id is None:
            return []
        used, starts = clip.source_range, self._starts[clip.media_id]
        first = bisect_left(starts, used.start - self._longest[clip.media_id])
        last = bisect_right(starts, used.end)
        return [
            (order, patch)
            for order, patch in found[first:last]
            if patch.clip_id in {None, clip.id} and patch.window.intersection(used) is not None
        ]


def _pieces(track: Track, media: dict[str, Media], patches: _PatchesOfMedia) -> list[_Piece]:
    found: list[_Piece] = []
    for clip in track.clips:
        kind = media[clip.media_id].kind if clip.media_id else None
        if kind is not MediaKind.AUDIO:
            found += _clip_pieces(clip, kind, patches.of(clip), media.get(clip.media_id or ""))
    return found


def _clip_pieces(
    clip: Clip, kind: MediaKind | None, patches: Sequence[tuple[int, Patch]], media: Media | None
) -> Iterable[_Piece]:
    """The clip cut at the ends of the patch windows, and at the places inside them where something else decides them."""
    offset = clip.start - clip.source_range.start if kind is MediaKind.VIDEO else ZERO
    if not patches:
        return [(clip.start, clip.end, PictureUse(clip.media_id, offset, clip.transform, clip.text))]
    shift = clip.start - clip.source_range.start
    events: list[tuple[Fraction, int, PatchUse | None]] = [(clip.start, -1, None), (clip.end, -1, None)]
    for order, patch in patches:
        shown = patch.window.shifted(shift)
        for start, use in _parts(patch, media):
            if start + shift < clip.end:
                events.append((max(start + shift, clip.start), order, use))
        events.append((min(shown.end, clip.end), order, None))
    events.sort(key=lambda event: event[0])
    return _cut(clip, offset, events)


def _parts(patch: Patch, media: Media | None) -> list[tuple[Fraction, PatchUse]]:
    """(source time from which it holds, use): the window cut where other anchors decide it and where its fades end.

    So a further anchor, or another falloff, changes the recipe of those frames only whose pixels it changes.
    """
    version, window = patch.version, patch.window
    if version is None or (not version.others and not patch.carrying.falloff_frames):
        return [(window.start, PatchUse(patch.id, patch.current_version, (version.anchor,) if version else ()))]
    anchors = anchors_of(version)
    whole = whole_range(media, patch) if media is not None else window
    fades = (whole.start, whole.end) if whole is not None else ()
    starts = sorted({window.start, *(t for t in (*fades, *(a.anchor for a in anchors)) if window.contains(t))})
    parts = []
    for start in starts:
        next_one = next((number for number, a in enumerate(anchors) if a.anchor > start), len(anchors))
        decided = tuple(a.anchor for a in anchors[max(0, next_one - 1) : next_one + 1])
        is_faded = whole is None or not whole.contains(start)
        parts.append((start, PatchUse(patch.id, patch.current_version, decided, is_faded)))
    return parts


def _cut(clip: Clip, offset: Fraction, events: list[tuple[Fraction, int, PatchUse | None]]) -> Iterable[_Piece]:
    active: dict[int, PatchUse] = {}
    for event, following in pairwise(events):
        time, order, use = event
        if use is not None:
            active[order] = use
        else:
            active.pop(order, None)
        if time < following[0]:
            uses = tuple(active[order] for order in sorted(active))
            yield time, following[0], PictureUse(clip.media_id, offset, clip.transform, clip.text, uses)


def _sweep(tracks: list[list[_Piece]], end: Fraction) -> Iterable[Span]:
    times = {ZERO, end}
    times.update(time for pieces in tracks for start, stop, _ in pieces for time in (start, stop) if ZERO < time < end)
    positions = [0] * len(tracks)
    for start, stop in pairwise(sorted(times)):
        recipe: list[PictureUse] = []
        for number, pieces in enumerate(tracks):
            while positions[number] < len(pieces) and pieces[positions[number]][1] <= start:
                positions[number] += 1
            if positions[number] < len(pieces) and pieces[positions[number]][0] <= start:
                recipe.append(pieces[positions[number]][2])
        yield Span(TimeRange.between(start, stop), tuple(recipe))


def _merged(spans: Iterable[Span]) -> Iterable[Span]:
    last: Span | None = None
    for span in spans:
        if last is not None and last.recipe == span.recipe:
            last = Span(TimeRange.between(last.range.start, span.range.end), last.recipe)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
