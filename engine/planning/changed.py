"""Changed ranges: where the output is not the bare frame of the clip at the bottom, and what changed it there."""

from dataclasses import dataclass
from fractions import Fraction

from engine.limits import MERGE_GAP
from engine.planning.spans import Span
from engine.project.caption_values import BURNT_TRACK
from engine.project.model import Project, Text
from engine.rational_time import ZERO, TimeRange


@dataclass(frozen=True, slots=True)
class ChangedRange:
    """`causes` are for the user, without repetition: “Patch Remove logo”, “Text Free parking”, “Captions”."""

    range: TimeRange
    causes: tuple[str, ...]


def changed_ranges(project: Project, spans: tuple[Span, ...], frame: Fraction = ZERO) -> tuple[ChangedRange, ...]:
    """Spans whose recipe is not the bare source frame, joined where the gap is no longer than 0.04 s or one `frame`."""
    gap = max(MERGE_GAP, frame)
    burnt = (clip.text for track in project.tracks if track.id == BURNT_TRACK for clip in track.clips)
    names = _Names(
        {patch.id: patch.name for patch in project.patches}, {media.id: media.name for media in project.media}, frozenset(burnt)
    )
    merged: list[ChangedRange] = []
    for span in spans:
        if span.is_bare:
            continue
        causes = _causes_of(names, span)
        if merged and span.range.start - merged[-1].range.end <= gap:
            last = merged.pop()
            causes = tuple(dict.fromkeys((*last.causes, *causes)))
            merged.append(ChangedRange(TimeRange.between(last.range.start, span.range.end), causes))
        else:
            merged.append(ChangedRange(span.range, causes))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class _Names:
    patches: dict[str, str]
    media: dict[str, str]
    captions: frozenset[Text | None]
    """Texts that are captions: there are many, and they have one name."""


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
