"""Slow motion: a clip as a video of its own that lasts several times as long, with frames made between those it has.

    frames at t0, t1, t2 …  ->  0, what lies between at even steps, (t1 − t0) · times, …

Times are exact, also where the rate varies. The clip's own frames stay as they are, in their depth and colours; its accepted
patches are in them. Sound is left out: what is slowed is looked at.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.encoding.facts import SourceFacts
from engine.encoding.forward_sources import ForwardSources
from engine.encoding.full.output_codec import OutputCodec, choose_codec
from engine.encoding.full.write import FullEncoding, mux_options
from engine.encoding.part_file import part_file
from engine.encoding.pictures import Composer
from engine.errors import MediaError
from engine.jobs.export import carry_missing
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.importing import import_media, media_changed
from engine.motion.slowing import SlowFrames
from engine.planning.facts import VideoFacts
from engine.planning.output_form import output_format
from engine.planning.sample_times import OutputClock, output_clock
from engine.planning.spans import shown_patches, spans_of
from engine.project.assets import AssetStore
from engine.project.model import Canvas, Clip, LayerKind, Media, PatchState, Project, Track
from engine.project.slow_edits import slowable_clip
from engine.rational_time import ZERO, TimeRange
from engine.rational_time import clock as clock_text
from engine.running import CancelToken, Progress, Report, part

_CARRY_SHARE = 0.2
_MOST_BITS_OF_H264 = 10
_SOUND = "Its sound is left out."
_NAMED = 5
"""Times that a sentence names."""


@dataclass(frozen=True, slots=True)
class SlowRequest:
    """`times` is 2 to 8. The finished video becomes an asset of `keep_in`."""

    project: Project
    clip_id: str
    times: int
    keep_in: AssetStore


@dataclass(frozen=True, slots=True)
class Slowed:
    """The new video as media, and what of it is the clip. `cuts` and `doubtful` are times in the slowed video."""

    media: Media
    source_range: TimeRange
    frames: int
    made: int
    cuts: tuple[Fraction, ...]
    doubtful: tuple[Fraction, ...]
    """After these something moves in a way that could not be followed."""
    patches: int
    """Accepted ones that are in its pixels now."""
    warnings: tuple[str, ...]


def run(request: SlowRequest, workspace: Workspace, *, cancel: CancelToken, report: Report) -> Slowed:
    """Make it. Raises: EditError (see `slowable_clip`), MediaError, ExportError, StorageError; Cancelled, and nothing is left."""
    clip, media = slowable_clip(request.project, request.clip_id, request.times)
    if media_changed(media):
        raise MediaError(f"“{media.name}” was changed since it was imported.", "Import it again, or put the old file back.")
    with workspace.sources() as sources:
        shot = _Shot.of(request.project, clip, media, sources)
        share = _CARRY_SHARE * carry_missing(shot.project, workspace, cancel=cancel, report=part(report, 0.0, _CARRY_SHARE))
        with ForwardSources(sources) as forward:
            path, codec, frames = _written(shot, forward, request, cancel, part(report, share, 1.0))
    found = import_media(path, workspace.cache)
    made = replace(
        found, name=f"{Path(media.name).stem} slowed {request.times}×.mp4", derived_from=f"slowed {request.times}× {media.id}"
    )
    clock = shot.slowed(request.times)
    own_time: Callable[[int], Fraction] = lambda number: clock.time_of(number * request.times)  # noqa: E731
    warnings = (*codec.warnings, *((_SOUND,) if media.has_audio else ()), *_left_behind(request.project, clip))
    return Slowed(
        made, _shown(clip, shot, made, request.times), len(clock), frames.made, tuple(own_time(n + 1) for n in frames.cuts),
        tuple(own_time(n) for n in frames.doubtful), len(shown_patches(shot.project)), warnings,
    )


def doubts(times: tuple[Fraction, ...]) -> list[str]:
    """A sentence about what could not be followed, or none."""
    if not times:
        return []
    named = ", ".join(clock_text(time) for time in times[:_NAMED]) + (" …" if len(times) > _NAMED else "")
    places = "one place" if len(times) == 1 else f"{len(times)} places"
    return [f"At {places} something moves in a way that could not be followed ({named}): look whether it smears."]


@dataclass(frozen=True, slots=True)
class _Shot:
    """A clip alone on a timeline: its whole frames, and the one after them where there is one."""

    project: Project
    facts: SourceFacts
    clock: OutputClock
    begins: Fraction
    """Source time of its first frame."""
    count: int
    """Frames of the clip; the clock may have one more."""

    @classmethod
    def of(cls, project: Project, clip: Clip, media: Media, sources: ProjectSources) -> "_Shot":
        facts = SourceFacts(sources)
        video = facts.video(media)
        _refuse_unusual(media, video)
        index = video.index
        first = index.frame_at(clip.source_range.start)
        stop = max(index.frames_between(clip.source_range.start, clip.source_range.end).stop, first + 1)
        last = min(stop, len(index) - 1)
        used = TimeRange.between(index.time_of(first), index.end_of(last))
        alone = Clip(clip.id, ZERO, used, media.id)
        tracks = (
            Track("shot", LayerKind.SUBJECT, "", clips=(alone,)),
            *(track for track in project.tracks if track.kind is LayerKind.MOTION_PATCH),
        )
        patches = tuple(
            patch for patch in project.patches
            if patch.media_id == media.id and patch.clip_id in {None, clip.id} and patch.window.intersection(used)
        )
        canvas = Canvas(media.width, media.height, media.rate or Fraction(25), is_chosen=True)
        single = Project(canvas, (media,), tracks, patches)
        return cls(single, facts, output_clock(single, spans_of(single), facts), index.time_of(first), stop - first)

    def slowed(self, times: int) -> OutputClock:
        """The times of all frames of the slowed video: whole ticks of the source's own time base."""
        pts = np.append(self.clock.pts, self.clock.end)[: self.count + 1]
        steps = np.arange(times)
        slow = pts[:-1, None] * times + np.diff(pts)[:, None] * steps
        return OutputClock(self.clock.time_base, slow.ravel(), int(pts[-1]) * times, self.clock.is_exact)


def _refuse_unusual(media: Media, video: VideoFacts) -> None:
    if video.is_interlaced:
        raise MediaError(
            f"“{media.name}” is interlaced: between its fields no frame can be made.", "Deinterlace it before, and import that."
        )
    if video.output.pixel_format.has_alpha:
        raise MediaError(f"“{media.name}” has transparency, which slow motion does not keep.", "Choose a clip without.")


def _written(
    shot: _Shot, sources: ForwardSources, request: SlowRequest, cancel: CancelToken, report: Report
) -> tuple[Path, OutputCodec, SlowFrames]:
    form = output_format(shot.project, spans_of(shot.project), shot.facts)
    folder, clock = request.keep_in.folder, shot.slowed(request.times)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"slow-{secrets.token_hex(8)}.mp4"
    name = "h264" if form.pixel_format.bits <= _MOST_BITS_OF_H264 else "hevc"
    with (
        part_file(target, cancel=cancel, last_look=_nothing) as path,
        av.open(os.fspath(path), "w", format="mp4", options=mux_options(path, clock)) as out,
    ):
        codec = choose_codec(name, form, ".mp4", out, accept_losses=True)
        composer = Composer(shot.project, sources, codec.form, shot.clock)
        frames = SlowFrames(composer.picture, len(shot.clock), request.times, cancel)
        FullEncoding(out, codec, clock).run(frames, cancel, lambda done: report(Progress(done.fraction * 0.98, "Making frames")))
    report(Progress(0.99, "Keeping it"))
    asset = request.keep_in.adopt(target, ".mp4")
    return request.keep_in.path(asset), codec, frames


def _shown(clip: Clip, shot: _Shot, made: Media, times: int) -> TimeRange:
    """The clip's range in the slowed video: all of it, where the clip's ends lie between frames."""
    assert made.available_range is not None
    start = (clip.source_range.start - shot.begins) * times
    return TimeRange.between(start, min(start + clip.source_range.duration * times, made.available_range.end))


def _left_behind(project: Project, clip: Clip) -> list[str]:
    """Patches that are not accepted are not in it."""
    names = [
        patch.name for patch in project.patches
        if patch.media_id == clip.media_id and patch.visible and patch.state is not PatchState.PUBLISHED
        and patch.state is not PatchState.REJECTED and patch.window.intersection(clip.source_range)
    ]
    return [f"“{name}” is not accepted, so the slowed clip does not contain it." for name in names]


def _nothing() -> None:
    """The file that it is made of is read until the end: nothing is left to look at."""
