"""Edits of layers: the standard tracks, their eye, padlock and version, and the size of the picture they make.

top     A2  music              clips
        A1  original audio     a view: the sound of the picture clips, locked until the user opens it
        P1  motion patch       a view: all patches
        C1  captions           texts
        V2  overlay            pictures and texts
        V1  subject            videos and stills
bottom  B1  background         videos and stills
"""

from dataclasses import replace
from fractions import Fraction

from engine.errors import EditError
from engine.project.lookup import get_track, with_track
from engine.project.model import Canvas, Clip, LayerKind, Project, Track

STANDARD_TRACKS = (
    Track("B1", LayerKind.BACKGROUND, "Background"),
    Track("V1", LayerKind.SUBJECT, "Subject"),
    Track("V2", LayerKind.OVERLAY, "Overlay"),
    Track("C1", LayerKind.CAPTIONS, "Captions"),
    Track("P1", LayerKind.MOTION_PATCH, "Motion patch"),
    Track("A1", LayerKind.AUDIO_ORIGINAL, "Original audio", locked=True),
    Track("A2", LayerKind.MUSIC, "Music"),
)
"""Bottom to top, as in `LayerKind`. Ids are what the user reads on the track heads."""

VIEW_KINDS = frozenset({LayerKind.MOTION_PATCH, LayerKind.AUDIO_ORIGINAL})
"""Rows that show something which lies elsewhere and hold no clips of their own."""

REPEATABLE_KINDS = frozenset({LayerKind.OVERLAY, LayerKind.MUSIC})
"""Kinds of which there may be several tracks: a logo and a title at one time, two sounds at one time."""

KIND_RANK = {kind: rank for rank, kind in enumerate(LayerKind)}

CANVAS_MAX_PX = 16_384
"""Wider than any encoder we use can write."""


def ensure_tracks(project: Project) -> Project:
    """Add the standard tracks that are missing, each in its place; what is there stays as it is."""
    present = {track.kind for track in project.tracks}
    missing = [track for track in STANDARD_TRACKS if track.kind not in present]
    if not missing:
        return project
    tracks = sorted((*project.tracks, *missing), key=lambda track: KIND_RANK[track.kind])
    return replace(project, tracks=tuple(tracks))


def new_project() -> Project:
    """An empty project with the standard tracks; its canvas waits for the first clip."""
    return ensure_tracks(Project())


def add_track(project: Project, kind: LayerKind) -> Project:
    """Add one more overlay (V3, V4 …) or music track (A3, A4 …), on top of those of its kind.

    Raises: EditError: there is only one track of the kind.
    """
    if kind not in REPEATABLE_KINDS:
        raise EditError(f"There is only one {kind.value} track.", "Several are possible of overlay and music.")
    project = ensure_tracks(project)
    letter, taken = ("V" if kind is LayerKind.OVERLAY else "A"), {track.id for track in project.tracks}
    number = next(n for n in range(3, len(taken) + 4) if f"{letter}{n}" not in taken)
    track = Track(f"{letter}{number}", kind, f"{kind.value.capitalize()} {number - 1}")
    tracks = sorted((*project.tracks, track), key=lambda track: KIND_RANK[track.kind])
    return replace(project, tracks=tuple(tracks))


def remove_track(project: Project, track_id: str) -> Project:
    """Remove an added track that is empty.

    Raises: EditError: it holds clips, or it is a standard track.
    """
    track = get_track(project, track_id)
    if any(track.id == standard.id for standard in STANDARD_TRACKS):
        raise EditError(f"{track.name} is one of the standard tracks and stays.", "Hide it with its eye.")
    if track.clips:
        raise EditError(f"{track.name} is not empty.", "Remove its clips first.")
    return replace(project, tracks=tuple(t for t in project.tracks if t.id != track_id))


def order_track(project: Project, track_id: str, place: int) -> Project:
    """Put an overlay at a place among the overlays, 0 being the bottom; beyond the ends it stops there.

        | V3 |      | V2 |
        | V2 |  ->  | V3 |

    Raises: EditError: a layer whose place among the others is fixed.
    """
    track = get_track(project, track_id)
    if track.kind is not LayerKind.OVERLAY:
        raise EditError(f"{track.name} keeps its place.", "Only overlays can be put in another order.")
    others = [one for one in project.tracks if one.kind is track.kind and one is not track]
    place = max(0, min(place, len(others)))
    ordered = iter([*others[:place], track, *others[place:]])
    tracks = tuple(next(ordered) if one.kind is track.kind else one for one in project.tracks)
    return project if tracks == project.tracks else replace(project, tracks=tracks)


def set_track_visible(project: Project, track_id: str, visible: bool) -> Project:
    """Show or hide a layer (for sounds: hear or mute). Allowed on a locked track: the lock protects clips, not the view."""
    return with_track(project, replace(get_track(project, track_id), visible=visible))


def set_track_locked(project: Project, track_id: str, locked: bool) -> Project:
    """Close or open a padlock. On P1 it stands for all patches, on A1 for the volume of the original audio."""
    return with_track(project, replace(get_track(project, track_id), locked=locked))


def bump_track_version(project: Project, track_id: str) -> Project:
    """Keep the layer as it is now as one more version; only the count lies in the project."""
    track = get_track(project, track_id)
    return with_track(project, replace(track, version=track.version + 1))


def set_canvas(project: Project, width: int, height: int, rate: Fraction) -> Project:
    """Choose size (pixels) and rate (frames per second) of the output. Texts must be drawn again at another size.

    Raises: EditError: a size or rate no video has.
    """
    if not (2 <= width <= CANVAS_MAX_PX and 2 <= height <= CANVAS_MAX_PX):
        raise EditError(f"A picture of {width} × {height} pixels cannot be made.", f"Sides may be 2 to {CANVAS_MAX_PX} pixels.")
    if not (0 < rate <= 1000):
        raise EditError(f"A rate of {float(rate):g} frames per second cannot be made.", "It may be up to 1000.")
    canvas = Canvas(width, height, rate, is_chosen=True)
    if canvas == project.canvas:
        return project
    changed = replace(project, canvas=canvas)
    return _without_bitmaps(changed) if (width, height) != (project.canvas.width, project.canvas.height) else changed


def _without_bitmaps(project: Project) -> Project:
    """Bitmaps of texts are drawn at canvas size, so another size makes them wrong."""
    for track in project.tracks:
        project = with_track(project, replace(track, clips=tuple(_undrawn(clip) for clip in track.clips)))
    return project


def _undrawn(clip: Clip) -> Clip:
    if clip.text is None or not clip.text.bitmap:
        return clip
    return replace(clip, text=replace(clip.text, bitmap=""))
