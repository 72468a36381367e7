"""Edits of captions. Each returns a new project, or raises EditError. Times are of the timeline; the caller snaps them.

What an edit places anew belongs to what is heard there (`cue_places.Carriers`); all else stays with its moments. `number` says
which of the times a cue shows is meant, where it shows several times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.errors import EditError
from engine.project.caption_rules import TEXT_MAX_CHARACTERS, style_fault, tidy
from engine.project.caption_values import Captions, CaptionStyle, Cue, CuePlace
from engine.project.clip_edits import Edge
from engine.project.cue_places import Carriers, ShownCue, get_cue, shown_cue
from engine.project.lookup import first_of_kind, new_id, new_ids
from engine.project.model import LayerKind, Project
from engine.project.track_edits import ensure_tracks
from engine.rational_time import ZERO, TimeRange, clock

BRIDGED = Fraction(3)
"""Cues of one media that are merged are one stretch where no more than this lies between them (seconds)."""


@dataclass(frozen=True, slots=True)
class CueDraft:
    """A caption before it belongs to anything: as a file or a transcript has it, in timeline time."""

    range: TimeRange
    text: str
    speaker: str = ""
    settings: str = ""


def add_cue(project: Project, span: TimeRange, text: str = "", *, speaker: str = "", cue_id: str = "") -> Project:
    """Put a caption on a range of the timeline."""
    return add_cues(project, [CueDraft(span, text, speaker)], ids=[cue_id] if cue_id else ())


def add_cues(
    project: Project, drafts: Iterable[CueDraft], *, replace_all: bool = False, language: str | None = None,
    ids: Sequence[str] = (),
) -> Project:
    """Put many captions on the timeline in one step, beside those that are there or in their stead."""
    return put_cues(project, bound_cues(project, drafts), replace_all=replace_all, language=language, ids=ids)


def bound_cues(project: Project, drafts: Iterable[CueDraft]) -> tuple[Cue, ...]:
    """Drafts as cues that belong to what is heard there now, without ids: `put_cues` may come later, and to another project."""
    carriers = Carriers(project)
    return tuple(
        Cue("", _checked(draft.text), carriers.places(draft.range), draft.speaker, None, draft.settings) for draft in drafts
    )


def put_cues(
    project: Project, cues: Iterable[Cue], *, replace_all: bool = False, language: str | None = None, ids: Sequence[str] = (),
    heard: tuple[str, str] | None = None,
) -> Project:
    """Put cues into the project under new ids; what was said in media that are gone meanwhile is left out.

    Args:
        heard: name and asset of the answer that they come from; see `Captions`.
    """
    project = ensure_tracks(project)
    _refuse_locked(project)
    media = {None, *(item.id for item in project.media)}
    placed = [replace(cue, places=tuple(place for place in cue.places if place.media_id in media)) for cue in cues]
    new = [cue for cue in placed if cue.places]
    names = [*ids, *new_ids(project, "cue", len(new) - len(ids))]
    named = (replace(cue, id=name) for cue, name in zip(new, names, strict=True))
    captions = project.captions
    captions = replace(captions, cues=(*(() if replace_all else captions.cues), *named))
    captions = captions if language is None else replace(captions, language=language)
    if heard is not None and heard not in captions.heard:
        captions = replace(captions, heard=(*captions.heard, heard))
    return _with(project, captions)


def set_cue_text(project: Project, cue_id: str, text: str) -> Project:
    """Change the words. Empty ones are allowed: the time stays."""
    return _changed(project, replace(get_cue(project, cue_id), text=_checked(text)))


def set_cue_speaker(project: Project, cue_id: str, speaker: str) -> Project:
    return _changed(project, replace(get_cue(project, cue_id), speaker=" ".join(speaker.split())[:100]))


def name_speaker(project: Project, cue_ids: Sequence[str], speaker: str) -> Project:
    """Who says these cues; "" for nobody who is named."""
    for cue_id in cue_ids:
        project = set_cue_speaker(project, cue_id, speaker)
    return project


def rename_speaker(project: Project, old: str, new: str) -> Project:
    """Another name for everything one speaker says."""
    return name_speaker(project, [cue.id for cue in project.captions.cues if cue.speaker == old], new)


def move_cue(project: Project, cue_id: str, start: Fraction, *, number: int = 0) -> Project:
    """Let a cue begin at another time; it keeps its length, and belongs to what is heard there."""
    shown = shown_cue(project, cue_id, number)
    return _placed(project, shown, shown.range.shifted(start - shown.range.start), keeps_before=True, keeps_after=True)


def trim_cue(project: Project, cue_id: str, edge: Edge, time: Fraction, *, number: int = 0) -> Project:
    """Let a cue begin or end at another time. Raises: EditError: nothing would be left of it."""
    shown = shown_cue(project, cue_id, number)
    is_start = edge is Edge.START
    start, end = (time, shown.range.end) if is_start else (shown.range.start, time)
    if start >= end:
        raise EditError("Nothing would be left of this caption.", "Remove it instead.")
    return _placed(project, shown, TimeRange.between(start, end), keeps_before=not is_start, keeps_after=is_start)


def set_cue_range(project: Project, cue_id: str, span: TimeRange, *, number: int = 0) -> Project:
    """Let a cue show at exactly this range."""
    shown = shown_cue(project, cue_id, number)
    return _placed(project, shown, span, keeps_before=False, keeps_after=False)


def _placed(project: Project, shown: ShownCue, span: TimeRange, *, keeps_before: bool, keeps_after: bool) -> Project:
    """What of a cue a cut hides stays with it, where it is and stays in one media."""
    if span == shown.range:
        return project
    _refuse_locked(project)
    places = Carriers(project).places(span)
    old, new = shown.cue.places, places[0]
    if len(old) == len(places) == 1 and old[0].media_id == new.media_id and new.media_id is not None:
        before = shown.parts[0].range.start - old[0].range.start if keeps_before else ZERO
        after = old[0].range.end - shown.parts[-1].range.end if keeps_after else ZERO
        places = (CuePlace(new.media_id, TimeRange.between(new.range.start - before, new.range.end + after)),)
    return _changed(project, replace(shown.cue, places=places))


def split_cue(
    project: Project, cue_id: str, at: Fraction, *, number: int = 0, text_at: int | None = None, new_cue_id: str = ""
) -> Project:
    """Part a cue at a time inside it; the words part at character `text_at`, or in proportion, between two of them.

    The left part keeps the id. Raises: EditError: the time is not inside.
    """
    shown = shown_cue(project, cue_id, number)
    if not shown.range.start < at < shown.range.end:
        raise EditError(f"This caption does not show at {clock(at)}.", "Put the playhead on it, away from its ends.")
    _refuse_locked(project)
    share = (at - shown.range.start) / shown.range.duration
    left_text, right_text = _parted_text(shown.cue.text, share, text_at)
    left, right = _parted_places(shown, at)
    new = replace(shown.cue, id=new_cue_id or new_id(project, "cue"), text=right_text, places=right)
    cues: list[Cue] = []
    for cue in project.captions.cues:
        cues += [replace(cue, text=left_text, places=left), new] if cue.id == cue_id else [cue]
    return _with(project, replace(project.captions, cues=tuple(cues)))


def _parted_places(shown: ShownCue, at: Fraction) -> tuple[tuple[CuePlace, ...], tuple[CuePlace, ...]]:
    """All places of a cue before and after a time at which it shows, those that are hidden just now too."""
    done, part = shown.range.start, shown.parts[0]
    for part in shown.parts:
        if at < done + part.range.duration:
            break
        done += part.range.duration
    source = part.range.start + at - done
    place = next(n for n, p in enumerate(shown.cue.places) if p.media_id == part.media_id and _holds(p.range, part.range))
    old = shown.cue.places[place]
    left = [CuePlace(old.media_id, TimeRange.between(old.range.start, source))] if source > old.range.start else []
    right = [CuePlace(old.media_id, TimeRange.between(source, old.range.end))] if source < old.range.end else []
    return (*shown.cue.places[:place], *left), (*right, *shown.cue.places[place + 1 :])


def _holds(outer: TimeRange, inner: TimeRange) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _parted_text(text: str, share: Fraction, text_at: int | None) -> tuple[str, str]:
    if text_at is None:
        wanted = float(share) * len(text)
        spaces = [place for place, character in enumerate(text) if character.isspace()]
        text_at = min(spaces, key=lambda place: abs(place - wanted), default=len(text))
    return tidy(text[:text_at]), tidy(text[text_at:])


def merge_cues(project: Project, cue_ids: Iterable[str]) -> Project:
    """Make one cue of several: the words one after another, over all of their time. The first keeps its id.

    Raises: EditError: there are less than two.
    """
    wanted = set(cue_ids)
    order = {cue.id: shown_cue(project, cue.id).range.start for cue in project.captions.cues if cue.id in wanted}
    if len(order) < 2:
        raise EditError("Two captions or more can be merged.", "Select the ones that belong together.")
    _refuse_locked(project)
    first, *others = sorted((get_cue(project, cue_id) for cue_id in order), key=lambda cue: order[cue.id])
    for other in others:
        first = _joined(first, other)
    gone = wanted - {first.id}
    cues = tuple(first if cue.id == first.id else cue for cue in project.captions.cues if cue.id not in gone)
    return _with(project, replace(project.captions, cues=cues))


def _joined(first: Cue, second: Cue) -> Cue:
    joint = "\n" if first.speaker != second.speaker else " "
    last, following = first.places[-1], second.places[0]
    is_near = last.media_id == following.media_id and ZERO <= following.range.start - last.range.end <= BRIDGED
    if is_near:
        bridge = CuePlace(last.media_id, TimeRange.between(last.range.start, following.range.end))
        places = (*first.places[:-1], bridge, *second.places[1:])
    else:
        places = (*first.places, *second.places)
    speaker = first.speaker if first.speaker == second.speaker else ""
    return replace(first, text=_checked(f"{first.text}{joint}{second.text}"), places=places, speaker=speaker)


def remove_cues(project: Project, cue_ids: Iterable[str]) -> Project:
    gone = set(cue_ids)
    kept = tuple(cue for cue in project.captions.cues if cue.id not in gone)
    if len(kept) == len(project.captions.cues):
        return project
    _refuse_locked(project)
    return _with(project, replace(project.captions, cues=kept))


def set_caption_style(project: Project, style: CaptionStyle, cue_ids: Iterable[str] = ()) -> Project:
    """The look of all captions, or of some. A cue that looks like all others has no look of its own.

    Raises: EditError: a look that cannot be drawn.
    """
    fault = style_fault(style)
    if fault:
        raise EditError(f"Captions cannot have {fault}.", "Choose another.")
    _refuse_locked(project)
    wanted, captions = set(cue_ids), project.captions
    if not wanted:
        return _with(project, replace(captions, style=style))
    own = None if style == captions.style else style
    cues = tuple(replace(cue, style=own) if cue.id in wanted else cue for cue in captions.cues)
    return _with(project, replace(captions, cues=cues))


def _checked(text: str) -> str:
    clean = tidy(text)
    if len(clean) > TEXT_MAX_CHARACTERS:
        raise EditError(f"A caption has at most {TEXT_MAX_CHARACTERS} characters.", "Split it.")
    return clean


def _refuse_locked(project: Project) -> None:
    track = first_of_kind(project, LayerKind.CAPTIONS)
    if track is not None and track.locked:
        raise EditError(f"The captions ({track.id}) are locked.", "Unlock them with their padlock.")


def _changed(project: Project, cue: Cue) -> Project:
    if get_cue(project, cue.id) == cue:
        return project
    _refuse_locked(project)
    cues = tuple(cue if other.id == cue.id else other for other in project.captions.cues)
    return _with(project, replace(project.captions, cues=cues))


def _with(project: Project, captions: Captions) -> Project:
    return project if captions == project.captions else replace(project, captions=captions)
