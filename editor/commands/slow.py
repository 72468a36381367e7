"""Make slow motion of a clip: a new video with frames made between its frames takes its place."""

import argparse
from typing import Any

from editor.commands.opening import Opened, frame_start, open_project, read_time, seconds_of
from editor.commands.running import Answer, cancel_token, progress_report
from engine.errors import BadInputError
from engine.jobs import slow_motion
from engine.jobs.patch_place import clip_at
from engine.project.lookup import new_id
from engine.project.model import MediaKind
from engine.project.slow_edits import LEAST_TIMES, MOST_TIMES, put_slowed
from engine.rational_time import clock, time_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")
    parser.add_argument("--clip", metavar="ID", help="the clip; may be left out where there is one video only")
    parser.add_argument("--at", metavar="TIME", help="or the one that is seen at a timeline time: 12.5, 00:00:12.500 or f:375")
    parser.add_argument(
        "--times", type=int, default=LEAST_TIMES, metavar="N",
        help=f"how many times as long it lasts, {LEAST_TIMES} to {MOST_TIMES}; {LEAST_TIMES} where left out",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> Answer:
    opened = open_project(arguments.project, to_change=True)
    clip_id, times = _clip(arguments, opened), arguments.times
    request = slow_motion.SlowRequest(opened.project, clip_id, times, opened.workspace.assets)
    made = slow_motion.run(request, opened.workspace, cancel=cancel_token(), report=progress_report())
    slowed_id = new_id(opened.project, "clip")
    opened.save(put_slowed(opened.project, clip_id, made.media, made.source_range, new_clip_id=slowed_id))
    data = _data(made, clip_id, slowed_id, times, [*opened.warnings, *made.warnings])
    return Answer(data, _text(data, made))


def _clip(arguments: argparse.Namespace, opened: Opened) -> str:
    project = opened.project
    if arguments.clip and arguments.at is None:
        return str(arguments.clip)
    if arguments.at is not None:
        with opened.workspace.sources() as sources:
            time = seconds_of(read_time(arguments.at), frame_start(project, sources))
        return clip_at(project, time, arguments.clip).id
    videos = {media.id for media in project.media if media.kind is MediaKind.VIDEO}
    clips = [clip.id for track in project.tracks for clip in track.clips if clip.media_id in videos]
    if len(clips) != 1:
        raise BadInputError(f"There are {len(clips)} clips of videos.", "Name one with --clip ID or --at TIME.")
    return clips[0]


def _data(
    made: slow_motion.Slowed, clip_id: str, slowed_id: str, times: int, warnings: list[str]
) -> dict[str, Any]:
    return {
        "clip": slowed_id, "replaces": clip_id, "media": made.media.id, "output": made.media.path, "times": times,
        "duration": time_json(made.source_range.duration), "frames": made.frames, "made_frames": made.made,
        "cuts": [time_json(time) for time in made.cuts], "doubtful": [time_json(time) for time in made.doubtful],
        "patches": made.patches, "warnings": [*warnings, *slow_motion.doubts(made.doubtful)],
    }


def _text(data: dict[str, Any], made: slow_motion.Slowed) -> str:
    lines = [
        f"{data['clip']}: {data['times']} times as long, {clock(made.source_range.duration)}, {data['frames']} frames, "
        f"{data['made_frames']} of them made",
        *(f"  ! {warning}" for warning in data["warnings"]),
    ]
    return "\n".join(lines)
