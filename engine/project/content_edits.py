"""Edits of what clips show and sound like: texts, overlays, music, place on the canvas, volume."""

import math
from dataclasses import replace
from fractions import Fraction

from engine.errors import EditError
from engine.limits import DEFAULT_STILL_SECONDS
from engine.project.clip_edits import insert_clip, place_clip
from engine.project.clip_place import refuse_unsuitable
from engine.project.lookup import (
    first_of_kind,
    get_clip,
    get_media,
    get_track,
    is_kind_locked,
    new_id,
    refuse_locked,
    with_clip,
)
from engine.project.model import AUDIO_KINDS, Clip, LayerKind, MediaKind, Project, Text, Track, Transform
from engine.project.track_edits import ensure_tracks
from engine.rational_time import ZERO, TimeRange

TEXT_MAX_CHARACTERS = 10_000
SCALE_MAX = 100.0
GAIN_MIN_DB, GAIN_MAX_DB = -96.0, 24.0
"""Below the first a 16-bit sample is silent; above the second even quiet speech clips."""


def add_text(
    project: Project,
    text: Text,
    start: Fraction,
    duration: Fraction = DEFAULT_STILL_SECONDS,
    *,
    track_id: str | None = None,
    overwrite: bool = False,
    clip_id: str = "",
) -> Project:
    """Put a text on the captions track (or an overlay) at a timeline time. Its bitmap is drawn and set later."""
    project = ensure_tracks(project)
    track = get_track(project, track_id) if track_id else _first(project, LayerKind.CAPTIONS)
    refuse_unsuitable(track, None)
    if duration <= 0:
        raise EditError("A text needs a length.")
    clip = Clip(clip_id or new_id(project, "clip"), start, TimeRange(ZERO, duration), text=_checked(text))
    return place_clip(project, track, clip, overwrite=overwrite)


def edit_text(project: Project, clip_id: str, text: Text) -> Project:
    """Change words or look of a text. What is drawn differently loses its bitmap, unless the new one comes with it."""
    track, clip = get_clip(project, clip_id)
    old = _text_of(clip)
    if text == old:
        return project
    refuse_locked(track)
    is_drawn_alike = replace(text, bitmap="") == replace(old, bitmap="")
    bitmap = text.bitmap if is_drawn_alike or text.bitmap != old.bitmap else ""
    return with_clip(project, track, replace(clip, text=replace(_checked(text), bitmap=bitmap)))


def set_text_bitmap(project: Project, clip_id: str, bitmap: str) -> Project:
    """Note the asset hash of what was drawn for a text. Not refused by a lock: it changes nothing the user sees."""
    track, clip = get_clip(project, clip_id)
    return with_clip(project, track, replace(clip, text=replace(_text_of(clip), bitmap=bitmap)))


def add_overlay(
    project: Project,
    media_id: str,
    start: Fraction,
    duration: Fraction | None = None,
    *,
    transform: Transform | None = None,
    track_id: str | None = None,
    overwrite: bool = False,
    clip_id: str = "",
) -> Project:
    """Put a picture over the subject for a while: a logo, a frame, a picture in picture."""
    project = ensure_tracks(project)
    track_id = track_id or _first(project, LayerKind.OVERLAY).id
    new = clip_id or new_id(project, "clip")
    project = insert_clip(
        project, media_id, start, track_id=track_id, source_range=_beginning(project, media_id, duration),
        overwrite=overwrite, clip_id=new,
    )  # fmt: skip
    return project if transform is None else set_transform(project, new, transform)


def add_music(
    project: Project,
    media_id: str,
    start: Fraction,
    duration: Fraction | None = None,
    *,
    gain_db: float = 0.0,
    track_id: str | None = None,
    overwrite: bool = False,
    clip_id: str = "",
) -> Project:
    """Put a sound, or the sound of a video, on the music track."""
    project = ensure_tracks(project)
    track_id = track_id or _first(project, LayerKind.MUSIC).id
    new = clip_id or new_id(project, "clip")
    project = insert_clip(
        project, media_id, start, track_id=track_id, source_range=_beginning(project, media_id, duration),
        overwrite=overwrite, clip_id=new,
    )  # fmt: skip
    return set_gain(project, new, gain_db)


def _beginning(project: Project, media_id: str, duration: Fraction | None) -> TimeRange | None:
    """The first `duration` seconds of a media, or less where it is shorter; None for all of it."""
    if duration is None:
        return None
    available = get_media(project, media_id).available_range
    return TimeRange(available.start, min(duration, available.duration)) if available else TimeRange(ZERO, duration)


def set_transform(project: Project, clip_id: str, transform: Transform) -> Project:
    """Place, size, turn and fade a clip on the canvas. Raises: EditError: a sound, a locked track, impossible numbers."""
    track, clip = get_clip(project, clip_id)
    if track.kind in AUDIO_KINDS:
        raise EditError("A sound has no place in the picture.")
    numbers = (transform.x, transform.y, transform.scale, transform.rotation_deg, transform.opacity)
    if not all(math.isfinite(n) for n in numbers) or not 0 < transform.scale <= SCALE_MAX:
        raise EditError(f"A clip cannot be shown at this size: {transform.scale:g}.", f"Scale may be up to {SCALE_MAX:g}.")
    if not 0 <= transform.opacity <= 1:
        raise EditError("Opacity is 0 to 1.")
    if transform == clip.transform:
        return project
    refuse_locked(track)
    return with_clip(project, track, replace(clip, transform=transform))


def set_gain(project: Project, clip_id: str, gain_db: float) -> Project:
    """Set the volume of a clip. That of a picture clip is original audio, which A1's padlock protects.

    Raises: EditError: no sound, a locked track, impossible numbers.
    """
    track, clip = get_clip(project, clip_id)
    if not (math.isfinite(gain_db) and GAIN_MIN_DB <= gain_db <= GAIN_MAX_DB):
        raise EditError(f"A volume of {gain_db:g} dB is not possible.", f"It may be {GAIN_MIN_DB:g} to {GAIN_MAX_DB:g} dB.")
    if gain_db == clip.gain_db:
        return project
    media = get_media(project, clip.media_id) if clip.media_id else None
    if media is None or not (media.has_audio or media.kind is MediaKind.AUDIO):
        raise EditError("This clip has no sound.")
    refuse_locked(track)
    if track.kind is not LayerKind.MUSIC and is_kind_locked(project, LayerKind.AUDIO_ORIGINAL):
        raise EditError("The original audio (A1) is locked.", "Unlock it with its padlock to change its volume.")
    return with_clip(project, track, replace(clip, gain_db=gain_db))


def _first(project: Project, kind: LayerKind) -> Track:
    track = first_of_kind(project, kind)
    if track is None:
        raise EditError(f"There is no {kind.value} track.")
    return track


def _text_of(clip: Clip) -> Text:
    if clip.text is None:
        raise EditError("This clip is no text.")
    return clip.text


def _checked(text: Text) -> Text:
    if not text.text.strip() or len(text.text) > TEXT_MAX_CHARACTERS:
        raise EditError(f"A text has 1 to {TEXT_MAX_CHARACTERS} characters.")
    if not (math.isfinite(text.font_size) and 0 < text.font_size <= 1):
        raise EditError("The size of a text is a share of the picture's height, up to 1.")
    if not all(math.isfinite(n) for n in text.position):
        raise EditError("The place of a text is outside every picture.")
    return text
