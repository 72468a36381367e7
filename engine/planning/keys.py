"""Keys: a hash of everything that decides the bytes of a segment. Equal keys mean equal pictures.

What enters: fingerprints, source times, hidden pictures, placements, texts, patch pixels with their region and anchor, the form
of the output, and the versions of renderer, motion and encoder. What does not: ids, names, paths, what lies elsewhere.
"""

import hashlib
from bisect import bisect_left, bisect_right
from dataclasses import astuple
from enum import Enum
from fractions import Fraction
from typing import Any

from engine.compositing.output import OutputFormat
from engine.media.index import Int64s
from engine.planning.facts import Versions
from engine.planning.kept import Same
from engine.planning.sample_times import OutputClock
from engine.planning.span_values import PatchUse, PictureUse, Span
from engine.project.anchors import anchors_of
from engine.project.model import Media, Method, Patch, Project
from engine.project.regions import region_values

_SCHEME = "segment 2"


class SegmentKeys:
    """Makes the keys of one output."""

    def __init__(
        self, project: Project, spans: tuple[Span, ...], clock: OutputClock, output: OutputFormat, versions: Versions
    ) -> None:
        self._media = {media.id: media for media in project.media}
        self._patches = {patch.id: patch for patch in project.patches}
        self._spans, self._clock = spans, clock
        self._firsts = [*clock.firsts_from(span.range.start for span in spans), len(clock)]
        self._common = _text((_SCHEME, astuple(versions), astuple(output), clock.time_base))
        self.common: tuple[object, ...] = (self._common, project.media, Same(clock))
        """What decides every key beside what is `shown`."""

    def shown(self, frames: range) -> tuple[object, ...]:
        """What a run shows that decides its key, to compare: its spans, and the patches that they name."""
        first = max(0, bisect_right(self._firsts, frames.start, hi=len(self._spans)) - 1)
        spans = self._spans[first : bisect_left(self._firsts, frames.stop, hi=len(self._spans))]
        return spans, [self._patches[use.patch_id] for span in spans for picture in span.recipe for use in picture.patches]

    def key(self, frames: range, hidden: Int64s | None = None) -> str:
        """Key of a run of output frames, 40 hexadecimal digits. `hidden` are the clock's times of hidden pictures among them."""
        clock, start = self._clock, self._clock.time_of(frames.start)
        digest = hashlib.blake2b(self._common, digest_size=20)
        digest.update((clock.pts[frames.start : frames.stop] - clock.pts[frames.start]).astype("<i8").tobytes())
        if hidden is not None and len(hidden):
            digest.update(_text(("hidden", *(hidden - clock.pts[frames.start]).tolist())))
        number = bisect_right(self._firsts, frames.start) - 1
        while number < len(self._spans) and self._firsts[number] < frames.stop:
            first, stop = max(self._firsts[number], frames.start), min(self._firsts[number + 1], frames.stop)
            if first < stop:
                uses = tuple(self._use(use, start) for use in self._spans[number].recipe)
                digest.update(_text((first - frames.start, stop - frames.start, uses)))
            number += 1
        return digest.hexdigest()

    def _use(self, use: PictureUse, start: Fraction) -> tuple[Any, ...]:
        """A picture with its source time at the segment's start, so that moving a clip keeps the key."""
        media = self._media[use.media_id] if use.media_id else None
        return (
            media.fingerprint if media else None,
            start - use.offset if media and media.available_range is not None else None,
            astuple(use.transform),
            _text_identity(use),
            tuple(_patch(self._patches[patch.patch_id], patch, media) for patch in use.patches),
        )


def _text_identity(use: PictureUse) -> tuple[Any, ...] | None:
    """A drawn text is its bitmap; one that was not drawn yet is its words."""
    if use.text is None:
        return None
    return (use.text.bitmap,) if use.text.bitmap else astuple(use.text)


def _patch(patch: Patch, use: PatchUse, media: Media | None) -> tuple[Any, ...]:
    """What decides a part of a patch: the anchors it is carried from, how, and what takes away from it."""
    version, carrying = patch.version, patch.carrying
    if version is None:
        return ()
    anchors = tuple(a for a in anchors_of(version) if a.anchor in use.anchors)
    pixels = tuple((a.pixels, a.crop, a.anchor, *region_values(a.region)) for a in anchors)
    edits = (version.request_hash, *astuple(version.recipe)) if carrying.method is Method.TRACK else ()
    fade = (carrying.falloff_frames, patch.window.start, patch.window.end, media and media.rate) if use.is_faded else ()
    in_front = tuple((key.time, *region_values(key.region)) for key in carrying.in_front)
    follows = carrying.method is Method.REBUILD and len(anchors) < 2  # only what lies between two is rebuilt
    return pixels, Method.FLOW if follows else carrying.method, edits, carrying.matches_grain, in_front, fade


def _text(value: Any) -> bytes:
    """Values as text in one way only: tuples, strings, numbers, exact fractions, enums."""
    return repr(_plain(value)).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return (value.numerator, value.denominator)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, float):
        return value + 0.0  # no sign of zero: equal values have one text
    return value
