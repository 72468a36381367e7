"""What a project allows: whether anything may leave the machine, and how much money it may cost.

A project is named by a text (`project_name`); the empty text stands for work that belongs to no project.
"""

import hashlib
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.store.database import Store
from engine.store.units import nano, usd


class Privacy(Enum):
    """How far a project's pictures and words may go."""

    OFFLINE = "offline"
    """Nothing is sent, whoever asks."""
    ASK = "ask"
    """Nothing is sent before the user has seen what and to whom. The default: without an answer nothing leaves."""
    ALLOW = "allow"
    """What the user starts is sent without asking."""


@dataclass(frozen=True, slots=True)
class ProjectRules:
    privacy: Privacy = Privacy.ASK
    cap_usd: float | None = None
    """The most that all requests of the project together may cost; None for no such bound."""


def project_name(path: Path | None) -> str:
    """The name of the project in the file at `path`: its file's name, for people, and a piece of a hash of where it lies.

    A copy elsewhere is another project: what one was allowed to send is not allowed to the other. Without a file it is empty.
    """
    if path is None:
        return ""
    place = os.fsencode(os.path.realpath(path))
    stem = os.fsencode(path.stem).decode("utf-8", "replace")
    return f"{stem} {hashlib.blake2b(place, digest_size=4).hexdigest()}"


class Projects:
    """The rules of projects, in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rules(self, project: str, unsaid: Privacy = Privacy.ASK) -> ProjectRules:
        """`unsaid` is the level of a project for which none was chosen. Raises: StorageError."""
        rows = self._store.rows("SELECT privacy, cap_nano FROM projects WHERE project = ?", (project,))
        if not rows:
            return ProjectRules(unsaid)
        privacy, cap = rows[0]
        return ProjectRules(Privacy(privacy) if privacy else unsaid, None if cap is None else usd(cap))

    def set_privacy(self, project: str, privacy: Privacy) -> None:
        """Raises: StorageError."""
        with self._store.writing() as database:
            database.execute(
                "INSERT INTO projects (project, privacy) VALUES (?, ?) ON CONFLICT DO UPDATE SET privacy = excluded.privacy",
                (project, privacy.value),
            )

    def set_cap(self, project: str, cap_usd: float | None) -> None:
        """Raises: StorageError; ValueError for a cap that is no price."""
        cap = None if cap_usd is None else nano(cap_usd)
        with self._store.writing() as database:
            database.execute(
                "INSERT INTO projects (project, cap_nano) VALUES (?, ?) ON CONFLICT DO UPDATE SET cap_nano = excluded.cap_nano",
                (project, cap),
            )
