"""Edits of the bin: import, removal and relinking of source files. No file is opened here: the caller has probed it."""

from dataclasses import replace

from engine.errors import EditError
from engine.project.cue_places import without_places
from engine.project.lookup import get_media, with_media, with_patch
from engine.project.model import Media, MediaKind, PatchState, Project


def media_with_fingerprint(project: Project, fingerprint: str) -> Media | None:
    """The media of a content, wherever the file lies; None where it was not imported."""
    return next((m for m in project.media if m.fingerprint == fingerprint), None)


def add_media(project: Project, media: Media) -> Project:
    """Put a probed file in the bin. The same content is there already: the same project comes back.

    Ask `media_with_fingerprint` for the media that stands for it. Raises: EditError: its id is taken, or it has no length.
    """
    if media_with_fingerprint(project, media.fingerprint) is not None:
        return project
    if any(m.id == media.id for m in project.media):
        raise EditError(f"The id “{media.id}” is taken by another media.")
    _refuse_without_length(media)
    return replace(project, media=(*project.media, media))


def _refuse_without_length(media: Media) -> None:
    if media.kind is not MediaKind.IMAGE and (media.available_range is None or media.available_range.duration <= 0):
        raise EditError(f"“{media.name}” has no frames and no sound.", "Choose another file.")


def remove_media(project: Project, media_id: str) -> Project:
    """Take a file out of the bin; the file itself stays where it is. Captions that were said in it alone go with it.

    Raises: EditError: clips or patches still use it.
    """
    media = get_media(project, media_id)
    clips = sum(clip.media_id == media_id for track in project.tracks for clip in track.clips)
    patches = sum(patch.media_id == media_id for patch in project.patches)
    if clips or patches:
        uses = " and ".join(_count(n, word) for n, word in ((clips, "clip"), (patches, "patch")) if n)
        raise EditError(f"“{media.name}” is used by {uses}.", "Remove them first, or leave the file in the bin.")
    return without_places(replace(project, media=tuple(m for m in project.media if m.id != media_id)), media_id)


def _count(number: int, word: str) -> str:
    plural = f"{word}es" if word.endswith("ch") else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


def relink_media(project: Project, media_id: str, found: Media) -> Project:
    """Point a media at another file (`found`, probed; its id and name are ignored).

    Patches stay. Where the content differs, accepted patches go back to review, since they were made from other pixels.
    Raises: EditError: it is of another kind, is in the bin as other media, or is too short for what clips and patches use.
    """
    media = get_media(project, media_id)
    if found.kind is not media.kind:
        kinds = f"“{found.name}” is {found.kind.value}, but “{media.name}” is {media.kind.value}."
        raise EditError(kinds, "Choose another file.")
    other = media_with_fingerprint(project, found.fingerprint)
    if other is not None and other.id != media_id:
        raise EditError(f"“{found.name}” is in the bin already, as “{other.name}”.", "Choose another file.")
    _refuse_too_short(project, media_id, found)
    origin = media.derived_from if found.fingerprint == media.fingerprint else found.derived_from
    relinked = with_media(project, replace(found, id=media.id, name=media.name, derived_from=origin))
    return relinked if found.fingerprint == media.fingerprint else _review_again(relinked, media_id)


def _refuse_too_short(project: Project, media_id: str, found: Media) -> None:
    if found.available_range is None:
        return
    used = [c.source_range for t in project.tracks for c in t.clips if c.media_id == media_id]
    used += [p.window for p in project.patches if p.media_id == media_id]
    outside = [r for r in used if r.start < found.available_range.start or r.end > found.available_range.end]
    if outside:
        raise EditError(f"“{found.name}” is shorter than what the project uses.", "Choose the original, or trim the clips first.")


def _review_again(project: Project, media_id: str) -> Project:
    for patch in project.patches:
        if patch.media_id == media_id and patch.state is PatchState.PUBLISHED:
            project = with_patch(project, replace(patch, state=PatchState.QA_READY))
    return project
