"""Where captions show: they belong to moments of media, and the clips say when those are seen and heard.

    media one   ……[hello]…………[goodbye]……        a cue has places in source time
    timeline    |  one, 0–4  | one, 8–12 |        and shows wherever a clip shows them

So trims, splits, moves and ripples need not know of captions, and frame times that vary change nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from engine.errors import EditError
from engine.project.caption_values import Cue, CuePlace
from engine.project.model import Clip, LayerKind, Media, MediaKind, Project, Track
from engine.rational_time import ZERO, TimeRange

_NEAR_S = 1e-3
FEW = 32
"""Where more clips than these are others, it is asked anew where every cue shows."""
LEAST_SHOWN = Fraction(1, 10)
"""What a cut leaves of a cue is not shown where it is shorter: nobody can read it, and it would flash (seconds)."""

_PICTURES = (LayerKind.SUBJECT, LayerKind.BACKGROUND, LayerKind.OVERLAY)


@dataclass(frozen=True, slots=True)
class ShownCue:
    """A cue as it shows once on the timeline. A cue shows several times where its media is used several times."""

    cue: Cue
    range: TimeRange
    """On the timeline."""
    parts: tuple[CuePlace, ...]
    """What of its places that is, in the order of the timeline."""
    number: int = 0
    """Counts the times the cue shows, from 0."""


def shown_cues(project: Project) -> tuple[ShownCue, ...]:
    """All that shows, in the order of the timeline, whether the captions' eye is open or not."""
    return ShownCues().of(project)


class ShownCues:
    """The same, asked again and again: what neither a clip nor its cue has changed is what it was."""

    def __init__(self) -> None:
        self._tracks: tuple[Track, ...] | None = None
        self._clips = _ClipsOfMedia(Project())
        self._known: dict[int, tuple[Cue, list[ShownCue]]] = {}
        self._captions: object = None
        self._found: tuple[ShownCue, ...] = ()

    def of(self, project: Project) -> tuple[ShownCue, ...]:
        if not project.captions.cues:
            return ()  # most projects have none: thousands of clips need no looking through
        if project.tracks is not self._tracks:
            self._known = self._untouched(project.tracks)
            self._tracks, self._clips = project.tracks, _ClipsOfMedia(project)
        elif project.captions is self._captions:
            return self._found
        known = {id(cue): self._shown(cue) for cue in project.captions.cues}
        self._known, self._captions = known, project.captions
        found = [item for _, shown in known.values() for item in shown]
        self._found = tuple(sorted(found, key=lambda item: (float(item.range.start), item.range.start, item.range.end)))
        return self._found

    def _untouched(self, tracks: tuple[Track, ...]) -> dict[int, tuple[Cue, list[ShownCue]]]:
        """What is known of cues that meet none of the clips that differ; of none where many differ, or the tracks themselves."""
        before = self._tracks or ()
        if [track.id for track in before] != [track.id for track in tracks]:
            return {}
        old, new = ({id(clip): clip for track in row for clip in track.clips} for row in (before, tracks))
        others = [*(old[key] for key in old.keys() - new.keys()), *(new[key] for key in new.keys() - old.keys())]
        if len(others) > FEW:
            return {}
        touched = [(clip.media_id, *_seconds(clip.source_range)) for clip in others]
        return {key: known for key, known in self._known.items() if not _meets(known[0], touched)}

    def _shown(self, cue: Cue) -> tuple[Cue, list[ShownCue]]:
        known = self._known.get(id(cue))
        return known if known is not None and known[0] is cue else (cue, _shown(cue, self._clips))


def _meets(cue: Cue, touched: list[tuple[str | None, float, float]]) -> bool:
    """Whether a cue may show in one of some clips: (media, start and end in its source)."""
    for place in cue.places:
        first, last = _seconds(place.range)
        if any(media_id == place.media_id and start <= last and first <= end for media_id, start, end in touched):
            return True
    return False


def _seconds(span: TimeRange) -> tuple[float, float]:
    """Start and end, a little further out."""
    start = span.start.numerator / span.start.denominator
    return start - _NEAR_S, start + span.duration.numerator / span.duration.denominator + _NEAR_S


def shown_cue(project: Project, cue_id: str, number: int = 0) -> ShownCue:
    """One time that a cue shows. Raises: EditError: there is no such cue, or it does not show."""
    cue = get_cue(project, cue_id)
    found = next((shown for shown in _shown(cue, _ClipsOfMedia(project)) if shown.number == number), None)
    if found is None:
        raise EditError("This caption does not show: what was said is not on the timeline.", "Undo the cut, or remove it.")
    return found


def get_cue(project: Project, cue_id: str) -> Cue:
    for cue in project.captions.cues:
        if cue.id == cue_id:
            return cue
    raise EditError(f"There is no caption “{cue_id}” in this project.")


def hidden_cues(project: Project) -> tuple[Cue, ...]:
    """Cues that show nowhere: what they belong to was cut away. They come back with it."""
    clips = _ClipsOfMedia(project)
    return tuple(cue for cue in project.captions.cues if not _shown(cue, clips))


def are_captions_hidden(project: Project) -> bool:
    """Whether the eye of their track is closed."""
    return any(track.kind is LayerKind.CAPTIONS and not track.visible for track in project.tracks)


def has_captions(project: Project) -> bool:
    """Whether an export has captions to put in: some with words, and their eye open."""
    return not are_captions_hidden(project) and any(shown.cue.text for shown in shown_cues(project))


class _ClipsOfMedia:
    """Clips by media in order of source time, so that a cue finds its own without looking at all. Found by floats, which cost a
    twentieth of exact times, then looked at exactly."""

    def __init__(self, project: Project) -> None:
        self._clips: dict[str, list[Clip]] = {}
        for track in project.tracks:
            for clip in track.clips:
                if clip.media_id is not None:
                    self._clips.setdefault(clip.media_id, []).append(clip)
        self._starts: dict[str, list[float]] = {}
        self._latest_ends: dict[str, list[float]] = {}
        for media_id, clips in self._clips.items():
            bounds = sorted(((*_seconds(clip.source_range), clip) for clip in clips), key=lambda bound: bound[0])
            self._clips[media_id] = [clip for _, _, clip in bounds]
            self._starts[media_id] = [start for start, _, _ in bounds]
            self._latest_ends[media_id] = list(accumulate((end for _, end, _ in bounds), max))

    def of(self, place: CuePlace) -> Iterable[tuple[Fraction, Fraction, CuePlace]]:
        """(start, end, part) on the timeline of each time that a place shows."""
        if place.media_id is None:
            yield place.range.start, place.range.end, place
            return
        clips = self._clips.get(place.media_id)
        if clips is None:
            return
        first = bisect_left(self._latest_ends[place.media_id], float(place.range.start))
        last = bisect_right(self._starts[place.media_id], float(place.range.end))
        for clip in clips[first:last]:
            part = clip.source_range.intersection(place.range)
            if part is not None:
                start = clip.timeline_time(part.start)
                part = place.range if part == place.range else part
                yield start, start + part.duration, CuePlace(place.media_id, part)


def _shown(cue: Cue, clips: _ClipsOfMedia) -> list[ShownCue]:
    items = [item for place in cue.places for item in clips.of(place)]
    if len(cue.places) == len(items) == 1:  # nearly all are so
        start, end, part = items[0]
        is_seen = end - start >= LEAST_SHOWN or part.range == cue.places[0].range
        return [ShownCue(cue, TimeRange(start, end - start), (part,))] if is_seen else []
    runs: list[tuple[Fraction, Fraction, tuple[CuePlace, ...]]] = []
    for start, end, part in sorted(items, key=lambda item: item[:2]):
        if runs and start <= runs[-1][1]:  # the parts touch, or the same sound lies on two tracks
            last = runs.pop()
            runs.append((last[0], max(last[1], end), last[2] if end <= last[1] else (*last[2], part)))
        else:
            runs.append((start, end, (part,)))
    least = min(LEAST_SHOWN, sum((place.range.duration for place in cue.places), ZERO))
    runs = [run for run in runs if run[1] - run[0] >= least]
    return [ShownCue(cue, TimeRange.between(start, end), parts, n) for n, (start, end, parts) in enumerate(runs)]


class Carriers:
    """What is heard at each moment of a timeline: what a cue made there will belong to.

    The sound of the picture comes before music, and what has sound before what has none. Stills carry nothing: over them, and
    in gaps, a cue belongs to the timeline.
    """

    def __init__(self, project: Project) -> None:
        media = {item.id: item for item in project.media}
        self._tracks = [_Carrying(clips) for clips in _ranked(project, media)]

    def places(self, span: TimeRange) -> tuple[CuePlace, ...]:
        """A range of the timeline as places. Raises: EditError: it has no length, or begins before the timeline."""
        if span.duration <= 0:
            raise EditError("A caption needs a length.", "Let it end after its start.")
        if span.start < 0:
            raise EditError("A caption cannot begin before the start of the timeline.")
        edges = {span.start, span.end}.union(*(track.edges(span) for track in self._tracks))
        found: list[CuePlace] = []
        for start, end in pairwise(sorted(edges)):
            clip = next(filter(None, (track.at(start) for track in self._tracks)), None)
            piece = TimeRange(start if clip is None else clip.source_time(start), end - start)
            media_id = clip.media_id if clip is not None else None
            if found and found[-1].media_id == media_id and found[-1].range.end == piece.start:
                piece = TimeRange.between(found.pop().range.start, piece.end)
            found.append(CuePlace(media_id, piece))
        return tuple(found)


class _Carrying:
    """Clips of one track in order, found by time."""

    def __init__(self, clips: list[Clip]) -> None:
        self._clips, self._starts = clips, [clip.start for clip in clips]

    def at(self, time: Fraction) -> Clip | None:
        place = bisect_right(self._starts, time) - 1
        clip = self._clips[place] if place >= 0 else None
        return clip if clip is not None and time < clip.end else None

    def edges(self, span: TimeRange) -> set[Fraction]:
        first = max(0, bisect_right(self._starts, span.start) - 1)
        inside = self._clips[first : bisect_right(self._starts, span.end)]
        return {time for clip in inside for time in (clip.start, clip.end) if span.start < time < span.end}


def _ranked(project: Project, media: dict[str, Media]) -> list[list[Clip]]:
    pictures = sorted(
        (track for track in project.tracks if track.kind in _PICTURES), key=lambda track: _PICTURES.index(track.kind)
    )
    sounds = [track for track in project.tracks if track.kind is LayerKind.MUSIC]
    videos = [[c for c in t.clips if c.media_id and media[c.media_id].kind is MediaKind.VIDEO] for t in pictures]
    heard = [[c for c in clips if media[c.media_id or ""].has_audio] for clips in videos]
    silent = [[c for c in clips if not media[c.media_id or ""].has_audio] for clips in videos]
    return [clips for clips in (*heard, *([*t.clips] for t in sounds), *silent) if clips]


def without_places(project: Project, media_id: str) -> Project:
    """The captions without what was said in a media that goes; a cue that was said nowhere else goes with it."""
    captions = project.captions
    if not any(place.media_id == media_id for cue in captions.cues for place in cue.places):
        return project
    kept = [(cue, tuple(p for p in cue.places if p.media_id != media_id)) for cue in captions.cues]
    cues = tuple(cue if len(places) == len(cue.places) else replace(cue, places=places) for cue, places in kept if places)
    return replace(project, captions=replace(captions, cues=cues))
