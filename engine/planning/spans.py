"""The timeline as spans: where one recipe of pictures holds, and what that recipe is.

A recipe names pictures, never pixels. Work is proportional to clips and patches, not to frames: a two-hour timeline with
500 patches has some thousand spans. Of a project that differs little from the one before, `KeptSpans` works out only the
stretches that differ. Must not know frames, codecs or files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from engine.planning.kept import Kept
from engine.planning.span_values import Span
from engine.planning.stretches import Stretch, stretches
from engine.planning.sweep import spans_within
from engine.project.lookup import first_of_kind, visible_patches
from engine.project.model import AUDIO_KINDS, LayerKind, Patch, PatchState, Project, Track
from engine.rational_time import ZERO, TimeRange

TAIL_WITHOUT_PICTURE = Fraction(1, 10)
"""Sound that goes on for this long after the last picture adds no frame: tracks of one file rarely end together."""


@dataclass(frozen=True, slots=True)
class Part:
    """The spans of one stretch, with the patches that may show in them."""

    name: str
    """Kept while the stretch's first clip is."""
    spans: tuple[Span, ...]
    patches: tuple[Patch, ...]


def spans_of(project: Project) -> tuple[Span, ...]:
    """The whole output from 0, without gap or overlap; neighbours with equal recipes are one span."""
    return joined(KeptSpans().parts(project))


class KeptSpans:
    """Spans of one project after another, at the cost of what changed. Used by one thread at a time."""

    def __init__(self) -> None:
        self._kept = Kept()

    def parts(self, project: Project) -> list[Part]:
        """The whole output in parts; `joined` makes what `spans_of` gives."""
        kept = self._kept
        kept.turn()
        row = first_of_kind(project, LayerKind.MOTION_PATCH)
        shown = kept.get("shown", (project.patches, row and row.visible), partial(shown_patches, project))
        found = stretches(project, picture_tracks(project), shown, output_end(project), kept)
        return [kept.get(("part", name), stretch.values, partial(_part, name, stretch)) for name, stretch in found]


def joined(parts: Iterable[Part]) -> tuple[Span, ...]:
    """The parts as one row: what goes on over a border is one span."""
    found: list[Span] = []
    for part in parts:
        spans = part.spans
        if found and spans and found[-1].recipe == spans[0].recipe:
            found[-1] = Span(TimeRange.between(found[-1].range.start, spans[0].range.end), spans[0].recipe)
            spans = spans[1:]
        found += spans
    return tuple(found)


def _part(name: str, stretch: Stretch) -> Part:
    return Part(name, spans_within(stretch), stretch.patches)


def picture_tracks(project: Project) -> list[Track]:
    """The visible tracks that show pictures, bottom to top."""
    hidden = AUDIO_KINDS | {LayerKind.MOTION_PATCH}
    return [track for track in project.tracks if track.visible and track.kind not in hidden]


def output_end(project: Project) -> Fraction:
    """Where the output ends: with the last visible clip, pictures first (see `TAIL_WITHOUT_PICTURE`)."""
    pictures = _last_end(picture_tracks(project))
    sounds = _last_end(track for track in project.tracks if track.visible and track.kind is LayerKind.MUSIC)
    return sounds if sounds > pictures + TAIL_WITHOUT_PICTURE or not pictures else pictures


def _last_end(tracks: Iterable[Track]) -> Fraction:
    """Clips of a track are in order and do not overlap."""
    return max((track.clips[-1].end for track in tracks if track.clips), default=ZERO)


def shown_patches(project: Project) -> tuple[Patch, ...]:
    """The patches an export contains: accepted, visible, with a result."""
    return tuple(patch for patch in visible_patches(project) if patch.state is PatchState.PUBLISHED)
