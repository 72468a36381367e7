"""Which clips show a patch, asked for hundreds of patches on timelines of thousands of clips. Reads only.

What is known of the tracks is kept as long as they are the same value, and what is known of a clip as long as the clip is.
"""

from bisect import bisect_left
from fractions import Fraction
from itertools import accumulate

from engine.project.lookup import clip_under
from engine.project.model import AUDIO_KINDS, Clip, MediaKind, Patch, Project, Track
from engine.rational_time import TimeRange

NEAR_S = 1e-3
"""Floats find the candidates, exact times decide."""
FEW = 32
"""Where more clips than these are others, it is asked anew which show a patch."""
_Entry = tuple[float, float, Clip]


class _ClipsOfMedia:
    """The clips of one media in order of their source time."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self._starts: list[float] = []
        self._ends: list[float] = []

    def sort(self) -> None:
        self.entries.sort(key=lambda entry: entry[0])
        self._starts = [entry[0] for entry in self.entries]
        self._ends = list(accumulate((entry[1] for entry in self.entries), max))
        """The latest end so far: it never falls, so that it can be searched as the starts can."""

    def near(self, start: float, end: float) -> list[Clip]:
        first, last = bisect_left(self._ends, start), bisect_left(self._starts, end)
        return [clip for _, clip_end, clip in self.entries[first:last] if clip_end > start]


class ClipPlaces:
    """The picture clips of some tracks, by media and source time."""

    def __init__(self, project: Project, before: "ClipPlaces | None" = None) -> None:
        self.tracks, self.media = project.tracks, project.media
        self._kinds = {media.id: media.kind for media in project.media}
        self._pictures = [track for track in project.tracks if track.kind not in AUDIO_KINDS]
        self._order = [track.id for track in self._pictures], project.media
        self._known: dict[str, _Entry] = {}
        self._by_media: dict[str, _ClipsOfMedia] = {}
        self._shown: dict[str, tuple[Patch, tuple[Clip, ...]]] = {}
        for track in self._pictures:
            self._add(track, before._known if before is not None else {})
        self._earlier: dict[str, tuple[Patch, tuple[Clip, ...]]] = {}
        if before is not None and before._order == self._order:
            self._remember(before)
        for clips in self._by_media.values():
            clips.sort()

    def _add(self, track: Track, known: dict[str, _Entry]) -> None:
        for clip in track.clips:
            entry = known.get(clip.id)
            if entry is None or entry[2] is not clip:
                start, duration = clip.source_range.start, clip.source_range.duration
                start_s = start.numerator / start.denominator
                entry = start_s - NEAR_S, start_s + duration.numerator / duration.denominator + NEAR_S, clip
            self._known[clip.id] = entry
            clips = self._by_media.get(clip.media_id or "")
            if clips is None:
                clips = self._by_media[clip.media_id or ""] = _ClipsOfMedia()
            clips.entries.append(entry)

    def _remember(self, before: "ClipPlaces") -> None:
        """What was shown where stays so for a patch that neither a clip that is gone showed nor a new one can show."""
        gone = {id(entry[2]) for clip_id, entry in before._known.items() if self._known.get(clip_id) is not entry}
        new = [entry for clip_id, entry in self._known.items() if before._known.get(clip_id) is not entry]
        if len(gone) + len(new) > FEW:
            return
        for patch_id, shown in (before._earlier | before._shown).items():
            is_lost = any(id(clip) in gone for clip in shown[1])
            if not is_lost and not any(self._may_show(entry, shown[0]) for entry in new):
                self._earlier[patch_id] = shown

    def _may_show(self, entry: _Entry, patch: Patch) -> bool:
        start, end, clip = entry
        if clip.media_id != patch.media_id or patch.clip_id not in {None, clip.id}:
            return False
        first = patch.window.start.numerator / patch.window.start.denominator
        length = patch.window.duration.numerator / patch.window.duration.denominator
        return self.is_still(patch.media_id) or (start < first + length and first < end)

    def are_of(self, project: Project) -> bool:
        """Whether a project has the very same tracks and media."""
        return self.tracks is project.tracks and self.media is project.media

    def showing(self, patch: Patch) -> tuple[Clip, ...]:
        """The clips in which a part of a patch's window is seen, in order of time."""
        known = self._shown.get(patch.id) or self._earlier.get(patch.id)
        if known is None or known[0] is not patch:
            found = [clip for clip in self._candidates(patch) if clip.source_range.overlaps(self.range_on(patch, clip))]
            known = self._shown[patch.id] = patch, tuple(sorted(found, key=lambda clip: clip.start))
        return known[1]

    def range_on(self, patch: Patch, clip: Clip) -> TimeRange:
        """The source time in which a clip of the patch's media shows it: a patch of a still lasts as long as the clip does."""
        return clip.source_range if self.is_still(patch.media_id) else patch.window

    def is_still(self, media_id: str) -> bool:
        return self._kinds.get(media_id) is MediaKind.IMAGE

    def under(self, time: Fraction) -> list[Clip]:
        """The picture clips at a timeline time, bottom to top."""
        return [clip for track in self._pictures if (clip := clip_under(track, time)) is not None]

    def _candidates(self, patch: Patch) -> list[Clip]:
        if patch.clip_id is not None:
            own = self._known.get(patch.clip_id)
            return [own[2]] if own is not None and own[2].media_id == patch.media_id else []
        clips = self._by_media.get(patch.media_id)
        if clips is None:
            return []
        if self.is_still(patch.media_id):
            return [clip for _, _, clip in clips.entries]
        start = float(patch.window.start)
        return clips.near(start, start + float(patch.window.duration))


class KeptPlaces:
    """The places of the project asked for last."""

    def __init__(self) -> None:
        self._last: ClipPlaces | None = None
        self._ahead: ClipPlaces | None = None

    def of(self, project: Project) -> ClipPlaces:
        last = self._last
        if last is None or not last.are_of(project):
            ahead, self._ahead = self._ahead, None
            last = self._last = ahead if ahead is not None and ahead.are_of(project) else ClipPlaces(project, last)
        return last

    def offer(self, places: ClipPlaces) -> None:
        """Those of a project that will be asked for soon. From any thread; `places` is left alone from then on."""
        self._ahead = places
