"""Which clips are heard, and whether the sound of the output is the source's own packets or must be mixed."""

from itertools import pairwise

from engine.planning.plan import AudioMode
from engine.planning.spans import picture_tracks
from engine.project.model import Clip, LayerKind, Media, MediaKind, Project


def original_clips(project: Project) -> tuple[Clip, ...]:
    """Picture clips whose own sound is heard: the layer “original audio” is a view of them, and its speaker mutes them."""
    if any(track.kind is LayerKind.AUDIO_ORIGINAL and not track.visible for track in project.tracks):
        return ()
    heard = {item.id for item in project.media if item.kind is MediaKind.VIDEO and item.has_audio}
    return tuple(clip for track in picture_tracks(project) for clip in track.clips if clip.media_id in heard)


def music_clips(project: Project) -> tuple[Clip, ...]:
    """Clips of audible music tracks."""
    heard = {item.id for item in project.media if item.has_audio or item.kind is MediaKind.AUDIO}
    tracks = (track for track in project.tracks if track.visible and track.kind is LayerKind.MUSIC)
    return tuple(clip for track in tracks for clip in track.clips if clip.media_id in heard)


def audio_mode(project: Project, source: Media | None) -> AudioMode:
    """COPIED where the only sound is that of the copied media, whole, in place and at its own loudness."""
    original, music = original_clips(project), music_clips(project)
    if not original and not music:
        return AudioMode.NONE
    is_untouched = source is not None and not music and _is_untouched(original, source)
    return AudioMode.COPIED if is_untouched else AudioMode.MIXED


def _is_untouched(clips: tuple[Clip, ...], source: Media) -> bool:
    """Whether the clips are the source from 0 to its end; split halves that still touch are whole."""
    if any(clip.media_id != source.id or clip.gain_db or clip.start != clip.source_range.start for clip in clips):
        return False
    ordered = sorted(clips, key=lambda clip: clip.start)
    touches = all(a.end == b.start for a, b in pairwise(ordered))
    whole = source.available_range
    return touches and whole is not None and ordered[0].start == 0 and ordered[-1].end >= whole.end
