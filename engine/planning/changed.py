"""Changes: where the output is not the bare frame of the clip at the bottom, and what changed it there."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from engine.limits import MERGE_GAP
from engine.planning.kept import Kept, Same
from engine.planning.sample_times import OutputClock
from engine.planning.span_values import Span
from engine.planning.spans import Part
from engine.project.caption_values import BURNT_TRACK
from engine.project.model import Media, Patch, Project, Text


@dataclass(frozen=True, slots=True)
class Change:
    """`causes` are for the user, without repetition: “Patch Remove logo”, “Text Free parking”, “Captions”."""

    start: Fraction
    end: Fraction
    frames: range
    """Those of the output that begin in it; may be empty."""
    causes: tuple[str, ...]

    def and_then(self, later: "Change") -> "Change":
        """Both as one, and what lies between them."""
        causes = tuple(dict.fromkeys((*self.causes, *later.causes)))
        return Change(self.start, later.end, range(self.frames.start, later.frames.stop), causes)


@dataclass(frozen=True, slots=True)
class _Rules:
    """How changes of one output are told. Joined is what lies no further apart than `gap`, in seconds."""

    clock: OutputClock
    gap: Fraction
    media: tuple[Media, ...]
    burnt: frozenset[Text | None]
    """Texts that are captions: there are many, and they have one name."""


def changes_of(project: Project, parts: Iterable[Part], clock: OutputClock, kept: Kept) -> tuple[Change, ...]:
    """Spans whose recipe is not the bare source frame, joined where the gap is no longer than 0.04 s or the shortest frame."""
    shortest = int(clock.durations.min()) * clock.time_base
    burnt = frozenset(clip.text for track in project.tracks if track.id == BURNT_TRACK for clip in track.clips)
    rules = _Rules(clock, max(MERGE_GAP, shortest), project.media, burnt)
    same = kept.get("rules", (Same(clock), rules.gap, rules.media, rules.burnt), object)
    merged: list[Change] = []
    for part in parts:
        made_of = (same, part.spans, part.patches)
        found = kept.get(("changes", part.name), made_of, partial(_within, part.spans, part.patches, rules))
        if merged and found and found[0].start - merged[-1].end <= rules.gap:
            merged[-1] = merged[-1].and_then(found[0])
            found = found[1:]
        merged += found
    return tuple(change for change in merged if change.frames)


def _within(spans: tuple[Span, ...], patches: tuple[Patch, ...], rules: _Rules) -> tuple[Change, ...]:
    names = _Names({patch.id: patch.name for patch in patches}, {media.id: media.name for media in rules.media}, rules.burnt)
    changed = [span for span in spans if not span.is_bare]
    ends = [span.range.end for span in changed]
    starts, stops = rules.clock.firsts_from(span.range.start for span in changed), rules.clock.firsts_from(ends)
    merged: list[Change] = []
    for span, end, *frames in zip(changed, ends, starts, stops, strict=True):
        change = Change(span.range.start, end, range(*frames), _causes_of(names, span))
        if merged and change.start - merged[-1].end <= rules.gap:
            merged[-1] = merged[-1].and_then(change)
        else:
            merged.append(change)
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class _Names:
    patches: dict[str, str]
    media: dict[str, str]
    captions: frozenset[Text | None]


def _causes_of(names: _Names, span: Span) -> tuple[str, ...]:
    """What a span shows beside the bare source frame."""
    found: list[str] = []
    for position, use in enumerate(span.recipe):
        found += [_patch_cause(names.patches[patch.patch_id]) for patch in use.patches]
        if use.text is not None and use.text in names.captions:
            found.append("Captions")
        elif use.text is not None:
            found.append(f"Text {_short(use.text.text)}")
        elif position and use.media_id:
            found.append(f"Overlay {names.media[use.media_id]}")
        elif use.media_id and not use.transform.is_identity:
            found.append(f"Placement of {names.media[use.media_id]}")
    return tuple(dict.fromkeys(found)) if span.recipe else ("Gap",)


def _patch_cause(name: str) -> str:
    """“Patch Remove logo”, and “Patch 1” for a patch that is called so."""
    return name if name.casefold().startswith("patch") else f"Patch {name}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 32 else f"{line[:31]}…"
