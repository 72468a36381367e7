"""Copies of generated clips for a project that is written: what it names must not lie where other projects, or nobody, keep it.

A clip that was taken before the first save lies with everything that was ever generated; one of a project that is saved under
another name lies with the old one.
"""

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from engine.project.assets import AssetStore, MissingAsset
from engine.project.model import Media, Project


def with_own_copies(project: Project, own: AssetStore, elsewhere: Collection[Path]) -> Project:
    """The project with every media that lies in one of the folders `elsewhere`, named by its hash, copied into its own assets and
    named there. One whose file is missing is named as before. Raises: StorageError.
    """
    folders = {os.path.realpath(folder) for folder in elsewhere} - {os.path.realpath(own.folder)}
    media = tuple(_owned(one, own, folders) for one in project.media)
    return project if media == project.media else replace(project, media=media)


def _owned(media: Media, own: AssetStore, folders: Collection[str]) -> Media:
    path = Path(media.path)
    if os.path.realpath(path.parent) not in folders:
        return media
    if not own.has(path.stem):
        try:
            own.put_copy(path, path.stem)
        except MissingAsset:
            return media  # it is gone or not what it was made as, and relinking will say so
    return replace(media, path=str(own.path(path.stem)))
