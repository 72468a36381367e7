"""The journal: what every open project looks like right now, beside nothing of the user's, so that a crash costs seconds.

One file per session, written whole: a project file with one more field. It never touches the project's own file. Who may write
or take over a session is decided above (a lock file beside it); here are only the files.

    DATA/journal/<session>.patchreel     DATA/journal/<session>.tries     DATA/unsaved/<session>/assets/
"""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import ProjectFileError
from engine.folders import data_dir
from engine.project.assets import PROJECT_SUFFIX
from engine.project.atomic import write_atomically
from engine.project.file import Loaded, load, to_json
from engine.project.model import Project
from engine.project.schema_text import TextWriter

MAX_TRIES = 2
"""A recovery that failed twice is not offered again: a project that crashes the program must not do so for ever."""

_FIELD = "journal"
_SESSION = re.compile(r"[0-9TZ]{16}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A session that left a journal: it was not closed, or is still open in another window."""

    session: str
    project_path: Path | None
    """The project's own file; None where it was never saved."""
    written: str
    """UTC, ISO 8601."""
    edits: int
    """Steps since the last save."""

    @property
    def file(self) -> Path:
        return journal_file(self.session)


def new_session() -> str:
    """A name such as `20261104T173205Z-3f9a01bc`."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def journal_dir() -> Path:
    return data_dir() / "journal"


def journal_file(session: str) -> Path:
    return journal_dir() / f"{session}{PROJECT_SUFFIX}"


def lock_file(session: str) -> Path:
    """Held by the program that writes the session."""
    return journal_dir() / f"{session}.lock"


def write_entry(
    session: str, project: Project, project_path: Path | None, edits: int, extra: Mapping[str, Any] | None = None,
    kept: TextWriter | None = None,
) -> JournalEntry:  # fmt: skip
    """Write down what a session holds now. The same writer each time makes what did not change cheap. Raises: StorageError."""
    entry = JournalEntry(session, project_path, datetime.now(UTC).isoformat(timespec="seconds"), edits)
    note = {"edits": edits, "project_path": str(project_path or ""), "written": entry.written}
    write_atomically(entry.file, to_json(project, None, {**(extra or {}), _FIELD: note}, kept))
    return entry


def read_entry(entry: JournalEntry) -> Loaded:
    """What a session held. Counts as a try until the session is removed. Raises: ProjectFileError."""
    write_atomically(_tries_file(entry.session), str(_tries(entry.session) + 1).encode("ascii"))
    loaded = load(entry.file)
    return Loaded(loaded.project, loaded.read_only, loaded.warnings, {k: v for k, v in loaded.extra.items() if k != _FIELD})


def forget_tries(session: str) -> None:
    """What was recovered holds: work went on in it, so the next crash is another one."""
    with suppress(OSError):
        _tries_file(session).unlink()


def remove_entry(session: str) -> None:
    """Forget a session: it was closed, saved, or the user does not want it. Its assets are not touched."""
    for file in (journal_file(session), _tries_file(session)):
        with suppress(OSError):
            file.unlink()


def entries() -> list[JournalEntry]:
    """All sessions with a readable journal that was not tried too often, the newest first; also those that are open."""
    files = journal_dir().glob(f"*{PROJECT_SUFFIX}") if journal_dir().is_dir() else ()
    sessions = [file.name.removesuffix(PROJECT_SUFFIX) for file in files]
    offered = [s for s in sessions if _SESSION.fullmatch(s) and _tries(s) < MAX_TRIES]
    found = [entry for session in offered if (entry := _entry(session))]
    return sorted(found, key=lambda entry: entry.written, reverse=True)


def _entry(session: str) -> JournalEntry | None:
    try:
        note = load(journal_file(session)).extra[_FIELD]
        path, written, edits = note["project_path"], note["written"], note["edits"]
    except (ProjectFileError, KeyError, TypeError):
        return None  # written by nobody we know
    if not (isinstance(path, str) and isinstance(written, str) and isinstance(edits, int)):
        return None
    return JournalEntry(session, Path(path) if path else None, written, edits)


def _tries_file(session: str) -> Path:
    return journal_dir() / f"{session}.tries"


def _tries(session: str) -> int:
    try:
        return int(_tries_file(session).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
