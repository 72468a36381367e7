"""What most commands begin with: a project file opened with its stores, times read from words."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine import folders, limits
from engine.cache.store import Cache
from engine.encoding.facts import SourceFacts
from engine.errors import BadInputError, NewerSchemaError
from engine.jobs.workspace import ProjectSources, Workspace
from engine.planning.sample_times import output_clock
from engine.planning.spans import spans_of
from engine.project import file
from engine.project.assets import PROJECT_SUFFIX, AssetStore, assets_folder
from engine.project.model import Project
from engine.rational_time import TimeSpec, parse_time


@dataclass(frozen=True, slots=True)
class Opened:
    """A project file that was read, and where its pixels lie."""

    path: Path
    project: Project
    workspace: Workspace
    loaded: file.Loaded

    @property
    def warnings(self) -> list[str]:
        return list(self.loaded.warnings)

    def save(self, project: Project) -> None:
        file.save(project, self.path, self.loaded.extra)


def open_cache() -> Cache:
    return Cache(folders.cache_dir(), limits.CACHE_BYTES)


def project_path(text: str) -> Path:
    """The path of a project, its ending added where it was left out."""
    path = Path(text)
    return path if path.suffix == PROJECT_SUFFIX else path.with_name(path.name + PROJECT_SUFFIX)


def open_project(text: str, *, to_change: bool = False) -> Opened:
    """Read a project; its ending may be left out. A file of a newer version may be shown but not changed or exported.

    Raises: ProjectFileError (NewerSchemaError with `to_change`).
    """
    path = project_path(text)
    path = Path(text) if os.path.lexists(text) and not path.exists() else path
    loaded = file.load(path)
    if to_change and loaded.read_only:
        sentence = "This project was written by a newer version of Patchreel, so it cannot be changed or exported here."
        raise NewerSchemaError(sentence, "Update Patchreel.")
    return Opened(path, loaded.project, Workspace(AssetStore(assets_folder(path)), open_cache()), loaded)


def existing_file(text: str) -> str:
    """The path as bytes-safe text. Raises: BadInputError where there is no such file."""
    if not os.path.lexists(text):
        raise BadInputError(f"There is no file “{text}”.", "Check the path.")
    return os.fspath(text)


def read_time(text: str) -> TimeSpec:
    """Raises: BadInputError."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise BadInputError(str(error)) from None


def seconds_of(spec: TimeSpec, frame_start: Callable[[int], Fraction]) -> Fraction:
    """Seconds of a TIME; `frame_start` turns a frame number into its time."""
    return spec.seconds if spec.seconds is not None else frame_start(spec.frame or 0)


def frame_start(project: Project, sources: ProjectSources, *, is_end: bool = False) -> Callable[[int], Fraction]:
    """The timeline time at which an output frame begins, for TIMEs such as f:375. Raises: BadInputError beyond the end.

    `is_end`: of the frame behind the last one too, where the timeline ends.
    """

    def start(frame: int) -> Fraction:
        clock_of_output = output_clock(project, spans_of(project), SourceFacts(sources))
        if frame >= len(clock_of_output) + is_end:
            raise BadInputError(f"f:{frame} lies behind the end of the timeline, which has {len(clock_of_output)} frames.")
        return clock_of_output.time_of(frame)

    return start
