"""Spans as they were worked out before stretches were: the whole timeline at once, in fractions. What is quicker is equal."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from engine.compositing.patch_alpha import whole_range
from engine.planning.span_values import PatchUse, PictureUse, Span
from engine.planning.spans import output_end, picture_tracks, shown_patches
from engine.project.anchors import anchors_of
from engine.project.model import Clip, Media, MediaKind, Patch, Project, Track
from engine.rational_time import ZERO, TimeRange

_Piece = tuple[Fraction, Fraction, PictureUse]


def whole_spans(project: Project) -> tuple[Span, ...]:
    """What `spans_of` must be equal to."""
    end = output_end(project)
    patches = list(enumerate(shown_patches(project)))
    kinds = {media.id: media for media in project.media}
    tracks = [_pieces(track, kinds, patches) for track in picture_tracks(project)]
    return tuple(_merged(_sweep(tracks, end)))


def _pieces(track: Track, media: dict[str, Media], patches: list[tuple[int, Patch]]) -> list[_Piece]:
    found: list[_Piece] = []
    for clip in track.clips:
        kind = media[clip.media_id].kind if clip.media_id else None
        if kind is not MediaKind.AUDIO:
            showing = [(order, patch) for order, patch in patches if _shows(patch, clip)]
            found += _clip_pieces(clip, kind, showing, media.get(clip.media_id or ""))
    return found


def _shows(patch: Patch, clip: Clip) -> bool:
    is_here = patch.media_id == clip.media_id and patch.clip_id in {None, clip.id}
    return is_here and patch.window.intersection(clip.source_range) is not None


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
