"""The project file: one JSON text with sorted keys, a line per item, `NAME.patchreel`, written whole or not at all.

    {"canvas": …, "captions": …, "media": [{…, "path": hint, "relative_path": from the file's folder}], "patches": …,
     "schema_version": 3, "tracks": …, "unattached": …}

It is plain ASCII (so also UTF-8): `\\udce9` stands for a byte of a file name that is no UTF-8, and survives.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import NewerSchemaError, ProjectFileError
from engine.project.atomic import write_atomically
from engine.project.caption_values import Cue
from engine.project.consistency import InconsistentProject, check_consistency
from engine.project.model import SCHEMA_VERSION, Clip, Media, Patch, Project, Region, Track, Transform
from engine.project.schema import decode
from engine.project.schema_text import TextWriter, plain_text

FILE_MAX_BYTES = 256 << 20
"""A project of 2,000 clips and 500 patches has 1.5 MB; what is larger than this was not written by us."""

_VERSIONS = re.compile(rb'"schema_version"\s*:\s*(\d+)')
_OURS = frozenset({field.name for field in fields(Project)} | {"schema_version", "application"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project as it was read."""

    project: Project
    read_only: bool = False
    """True for a file of a newer schema: it may be shown, never saved."""
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the file this version does not know; hand them to `save`, so that they are not lost."""


def writer() -> TextWriter:
    """For `to_json`, where one project after another is written that differ little."""
    return TextWriter(frozenset({Track, Clip, Patch, Cue}), frozenset({Clip, Patch, Region, Transform, Cue}))


def to_json(
    project: Project, folder: Path | None = None, extra: Mapping[str, Any] | None = None, kept: TextWriter | None = None
) -> bytes:
    """The file's bytes; `folder` is where it will lie, for the relative paths (none where it is None)."""
    texts = {key: plain_text(value) for key, value in (extra or {}).items()}
    texts |= (kept or writer()).texts(project)
    texts["media"] = _media_lines(project.media, folder)
    texts |= {"application": plain_text("Patchreel"), "schema_version": plain_text(SCHEMA_VERSION)}
    lines = ",\n".join(f"{plain_text(key)}: {texts[key]}" for key in sorted(texts))
    return f"{{\n{lines}\n}}\n".encode("ascii")


def _media_lines(media: tuple[Media, ...], folder: Path | None) -> str:
    items = []
    for item in media:
        data = json.loads(TextWriter().text(item))
        items.append(plain_text({**data, "relative_path": _relative(item.path, folder) if folder else ""}))
    return "[\n" + ",\n".join(items) + "\n]" if items else "[]"


def from_json(text: bytes, folder: Path | None = None) -> Loaded:
    """Read a file's bytes; `folder` is where it lies. Raises: ProjectFileError (NewerSchemaError) with a sentence."""
    data = _parsed(text)
    version = _version(data)
    try:
        project = decode(Project, data)
        check_consistency(project)
    except (ProjectFileError, InconsistentProject) as error:
        if version > SCHEMA_VERSION:
            raise _newer("It cannot be shown here.") from error
        raise ProjectFileError(f"This project file is damaged: {error.text}", "Open a backup of it.") from error
    paths = [_text_of(item, "relative_path") for item in data.get("media", [])]
    media = tuple(_located(m, relative, folder) for m, relative in zip(project.media, paths, strict=True))
    project = project if all(a is b for a, b in zip(media, project.media, strict=True)) else replace(project, media=media)
    is_newer = version > SCHEMA_VERSION
    warnings = (str(_newer("It is shown as far as this one understands it, and cannot be saved.")),) if is_newer else ()
    return Loaded(project, is_newer, warnings, {key: value for key, value in data.items() if key not in _OURS})


def save(project: Project, path: Path, extra: Mapping[str, Any] | None = None) -> None:
    """Write a project. Raises: NewerSchemaError: the file there is of a newer version; StorageError: the disk refused.

    Either way the old file is as it was.
    """
    _refuse_newer(path)
    write_atomically(path, to_json(project, _folder(path), extra))


def load(path: Path) -> Loaded:
    """Read a project. Files that are missing keep their last known path: they are offline, the project opens.

    Raises: ProjectFileError: it cannot be read, is no project, is damaged or far too large.
    """
    try:
        with path.open("rb") as file:
            text = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(".")
        raise ProjectFileError(f"“{path.name}” cannot be read: {reason}.", "Choose another file.") from error
    if len(text) > FILE_MAX_BYTES:
        raise ProjectFileError(f"“{path.name}” is too large for a project file.", "Choose another file.")
    return from_json(text, _folder(path))


def _folder(path: Path) -> Path:
    return Path(os.path.realpath(path)).parent  # a link is followed when written, so paths are relative to its target


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        data = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ProjectFileError(f"This is no project file, or it is damaged{place}.", "Choose another, or a backup.") from error
    if not isinstance(data, dict) or "schema_version" not in data:
        raise ProjectFileError("This file is no Patchreel project.", "Choose a file that ends in .patchreel.")
    return data


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _version(data: Mapping[str, Any]) -> int:
    version = data["schema_version"]
    if type(version) is not int or version < 1:
        raise ProjectFileError(f"This project file has the impossible version {version!r:.40}.", "Open a backup of it.")
    return version


def _newer(consequence: str) -> NewerSchemaError:
    return NewerSchemaError(f"This project was written by a newer version of Patchreel. {consequence}", "Update Patchreel.")


def _refuse_newer(path: Path) -> None:
    """A file of a newer version holds what we do not know and must not be overwritten."""
    try:
        text = path.read_bytes() if path.is_file() and path.stat().st_size <= FILE_MAX_BYTES else b""
        seems_newer = any(int(found[-20:]) > SCHEMA_VERSION for found in _VERSIONS.findall(text))
        is_newer = seems_newer and _version(_parsed(text)) > SCHEMA_VERSION  # all of it is read only where it may matter
    except (OSError, ProjectFileError):
        return  # what cannot be read protects nothing
    if is_newer:
        raise _newer("Saving would lose what it holds.")


def _relative(path: str, folder: Path) -> str:
    """The way from the project's folder to a file, with forward slashes; empty where there is none (another drive)."""
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:
        return ""
    return relative.replace(os.sep, "/")


def _located(media: Media, relative: str, folder: Path | None) -> Media:
    """The media where its file is now: from the project's folder first, then at the last known place."""
    beside = os.path.normpath(folder / relative) if folder and relative else ""
    places = [place for place in (beside, media.path) if place and _is_file(place)]
    same_size = [place for place in places if Path(place).stat().st_size == media.size_bytes]
    found = next(iter(same_size + places), media.path)
    return media if found == media.path else replace(media, path=found)


def _is_file(place: str) -> bool:
    try:
        return Path(place).is_file()
    except (OSError, ValueError):  # a hostile path: too long, a zero byte
        return False


def _text_of(item: object, key: str) -> str:
    value = item.get(key, "") if isinstance(item, dict) else ""
    return value if isinstance(value, str) else ""
