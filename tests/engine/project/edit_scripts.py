"""Edits of every kind as hypothesis strategies: a script is a list of them, and each bites on whatever happens to be there."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from hypothesis import strategies as st

from engine.project import caption_edits, clip_edits, content_edits, media_edits, patch_edits, track_edits, version_edits
from engine.project.caption_values import CaptionStyle
from engine.project.model import LayerKind, PatchState, Project, Text, Transform
from tests.engine.project.samples import BOX, RECIPE, seconds, version, with_media

Edit = Callable[[Project], Project]

TIMES = st.sampled_from([Fraction(n, 2) for n in range(1, 30)]) | st.fractions(min_value=-1, max_value=30, max_denominator=4)
FLAGS = st.booleans()
MEDIA = st.sampled_from(["one", "two", "still", "song"])
TRACKS = st.sampled_from(["B1", "V1", "V2", "C1", "P1", "A1", "A2", "V3"])
PLACES = st.sampled_from(range(8))
RANGES = st.tuples(TIMES, TIMES).filter(lambda t: t[0] < t[1]).map(lambda t: seconds(*t))


def _clip(project: Project, place: int) -> str:
    ids = [clip.id for track in project.tracks for clip in track.clips]
    return ids[place % len(ids)] if ids else "none"


def _patch(project: Project, place: int) -> str:
    return project.patches[place % len(project.patches)].id if project.patches else "none"


def _cue(project: Project, place: int) -> str:
    cues = project.captions.cues
    return cues[place % len(cues)].id if cues else "none"


def on_cue(edit: Callable[..., Project], *arguments: st.SearchStrategy[Any]) -> Any:
    return _on(_cue, edit, arguments, {})


def _merged(project: Project, one: int, other: int) -> Project:
    return caption_edits.merge_cues(project, [_cue(project, one), _cue(project, other)])


def on_clip(edit: Callable[..., Project], *arguments: st.SearchStrategy[Any], **options: st.SearchStrategy[Any]) -> Any:
    """Edits of the n-th clip that happens to be there."""
    return _on(_clip, edit, arguments, options)


def on_patch(edit: Callable[..., Project], *arguments: st.SearchStrategy[Any]) -> Any:
    return _on(_patch, edit, arguments, {})


def _on(find: Callable[[Project, int], str], edit: Callable[..., Project], arguments: Any, options: Any) -> Any:
    def made(place: int, values: tuple[Any, ...], named: dict[str, Any]) -> Edit:
        return lambda project: edit(project, find(project, place), *values, **named)

    return st.builds(made, PLACES, st.tuples(*arguments), st.fixed_dictionaries(options))


def direct(edit: Callable[..., Project], *arguments: st.SearchStrategy[Any], **options: st.SearchStrategy[Any]) -> Any:
    def made(values: tuple[Any, ...], named: dict[str, Any]) -> Edit:
        return lambda project: edit(project, *values, **named)

    return st.builds(made, st.tuples(*arguments), st.fixed_dictionaries(options))


def _limit(project: Project, place: int, is_limited: bool) -> Project:
    return patch_edits.limit_patch_to_clip(project, _patch(project, place), _clip(project, place) if is_limited else None)


VERSIONS = st.sampled_from([version("a" * 40), version("b" * 40), version("c" * 40)])

CUE_EDITS = st.one_of(
    direct(caption_edits.add_cue, RANGES, st.sampled_from(["Hello", "Two lines\nof words", ""])),
    on_cue(caption_edits.set_cue_text, st.sampled_from(["Other words", "", " untidy \r\n\n text "])),
    on_cue(caption_edits.move_cue, TIMES),
    on_cue(caption_edits.trim_cue, st.sampled_from(clip_edits.Edge), TIMES),
    on_cue(caption_edits.split_cue, TIMES),
    st.builds(lambda one, other: partial(_merged, one=one, other=other), PLACES, PLACES),
    on_cue(lambda project, cue_id: caption_edits.remove_cues(project, [cue_id])),
    direct(caption_edits.set_caption_style, st.builds(CaptionStyle, size=st.floats(0, 0.4))),
)

EDITS = st.one_of(
    CUE_EDITS,
    direct(clip_edits.append_clip, MEDIA),
    direct(clip_edits.insert_clip, MEDIA, TIMES, track_id=TRACKS, overwrite=FLAGS),
    direct(clip_edits.insert_clip, MEDIA, TIMES, source_range=RANGES, overwrite=FLAGS),
    on_clip(clip_edits.move_clip, TIMES, track_id=TRACKS, overwrite=FLAGS),
    on_clip(clip_edits.move_clip, TIMES),
    on_clip(clip_edits.trim_clip, st.sampled_from(clip_edits.Edge), TIMES, ripple=FLAGS),
    on_clip(clip_edits.split_clip, TIMES),
    on_clip(clip_edits.remove_clip, close_gap=FLAGS),
    direct(content_edits.add_text, st.just(Text("Hello")), TIMES, TIMES, overwrite=FLAGS),
    on_clip(content_edits.edit_text, st.sampled_from([Text("Hello"), Text("World")])),
    on_clip(content_edits.set_transform, st.builds(Transform, scale=st.floats(0.1, 2), opacity=st.floats(0, 1))),
    on_clip(content_edits.set_gain, st.floats(-20, 6)),
    direct(content_edits.add_overlay, MEDIA, TIMES, TIMES),
    direct(content_edits.add_music, MEDIA, TIMES, TIMES),
    direct(track_edits.add_track, st.sampled_from(LayerKind)),
    direct(track_edits.remove_track, TRACKS),
    direct(track_edits.set_track_locked, TRACKS, FLAGS),
    direct(track_edits.set_track_visible, TRACKS, FLAGS),
    direct(media_edits.remove_media, MEDIA),
    direct(patch_edits.add_patch, MEDIA, st.just(BOX), TIMES, RANGES, st.just(RECIPE)),
    on_patch(patch_edits.remove_patch),
    on_patch(patch_edits.set_window, RANGES),
    on_patch(patch_edits.set_anchor, TIMES),
    on_patch(patch_edits.lock_anchor, FLAGS),
    on_patch(patch_edits.lock_window, FLAGS),
    on_patch(patch_edits.set_patch_locked, FLAGS),
    st.builds(lambda place, flag: partial(_limit, place=place, is_limited=flag), PLACES, FLAGS),
    on_patch(version_edits.set_patch_state, st.sampled_from(PatchState)),
    on_patch(version_edits.attach_version, VERSIONS),
    on_patch(version_edits.choose_version, st.integers(0, 3)),
)


def beginning() -> Project:
    """Something for edits to bite on: two clips, a patch, no padlock."""
    project = clip_edits.append_clip(clip_edits.append_clip(with_media(), "one"), "two")
    project = patch_edits.add_patch(project, "one", BOX, Fraction(5), seconds(4, 7), RECIPE)
    project = caption_edits.add_cue(project, seconds(9, 11), "Over the cut", cue_id="over")
    return track_edits.set_track_locked(project, "A1", False)
