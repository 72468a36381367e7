"""What the export window proposes when it opens: a name that is free, folders that are likely, frames that need a look."""

from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QStandardPaths

import resources
from editor.patch_facts import summary_of
from editor.patch_trust import PatchTrust
from engine.media.index import FrameIndex
from engine.planning.spans import shown_patches
from engine.project.assets import PROJECT_SUFFIX
from engine.project.model import Media, MediaKind, Project

MOST_TRIES, MOST_FOLDERS = 500, 6


def first_video(project: Project) -> Media | None:
    """The first video at the bottom of the timeline."""
    clips = [clip for track in project.tracks if track.visible for clip in track.clips if clip.media_id]
    for clip in clips:
        media = project.media_by_id(clip.media_id or "")
        if media.kind is MediaKind.VIDEO:
            return media
    return None


def source_suffix(project: Project) -> str:
    """The ending that “Same as the source” keeps; .mp4 where there is no video."""
    media = first_video(project)
    suffix = Path(media.path).suffix.lower() if media is not None else ""
    return suffix if suffix in {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".ts", ".m2ts", ".mts"} else ".mp4"


def folders(project: Project, project_path: Path | None, recent: list[Path]) -> tuple[Path, ...]:
    """Where files went before, beside the project, beside the source, the user's videos; only those that are there.

    The program's own folder, where the sample lies, is none of them: its next version replaces it.
    """
    media = first_video(project)
    videos = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
    wished = [*recent, *([project_path.parent] if project_path else []), *([Path(media.path).parent] if media else []),
              *([Path(videos)] if videos else []), Path.home()]  # fmt: skip
    own = resources.path("")
    there = [folder for folder in dict.fromkeys(wished) if folder.is_dir() and not folder.is_relative_to(own)]
    return tuple(there[:MOST_FOLDERS]) or (Path.home(),)


def file_name(project: Project, project_path: Path | None, folder: Path) -> str:
    """ "meadow_v1.mp4", counted up until no file has it."""
    media = first_video(project)
    stem = project_path.name.removesuffix(PROJECT_SUFFIX) if project_path else Path(media.name).stem if media else "export"
    suffix = source_suffix(project)
    names = (f"{stem}_v{number}{suffix}" for number in range(1, MOST_TRIES))
    return next((name for name in names if not (folder / name).exists()), f"{stem}{suffix}")


def frames_to_look_at(
    project: Project, trust: PatchTrust, index_of: dict[str, FrameIndex | None]
) -> tuple[str, Fraction | None, str]:
    """ ("15 of 91 frames in Remove boulders need a look.", timeline time of the first, its patch); empty where all hold."""
    for patch in shown_patches(project):
        summary = summary_of(trust.frames(patch), index_of.get(patch.media_id))
        if not summary.ranges:
            continue
        count, total = summary.check + summary.doubtful, summary.total
        needs = "needs" if count == 1 else "need"
        sentence = f"{count} of {total} frames in {patch.name} {needs} a look."
        return sentence, timeline_time(project, patch.media_id, summary.ranges[0].time), patch.id
    return "", None, ""


def timeline_time(project: Project, media_id: str, source: Fraction) -> Fraction | None:
    """Where a frame of a media is shown first; None where no clip shows it."""
    clips = [clip for track in project.tracks for clip in track.clips if clip.media_id == media_id]
    return next((clip.timeline_time(source) for clip in clips if clip.source_range.contains(source)), None)
