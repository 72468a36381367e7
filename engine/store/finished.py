"""Which videos a project has brought out: one row per file, so that one that is exported again counts once.

Only the file's name is kept, not where it lies.
"""

from pathlib import Path

from engine.store.database import Store
from engine.store.units import Now, stamp, utc_now


def note_finished(store: Store, project: str, output: Path, now: Now = utc_now) -> None:
    """An export was made and verified. Raises: StorageError."""
    name = output.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    with store.writing() as database:
        database.execute("INSERT OR REPLACE INTO finished (project, name, made) VALUES (?, ?, ?)", (project, name, stamp(now())))


def finished_videos(store: Store, project: str | None = None, month: str | None = None) -> int:
    """How many, of one project or of all, made in a month (`2026-11`, UTC) or ever. Raises: StorageError."""
    rows = store.rows(
        "SELECT count(*) FROM finished WHERE project = ifnull(?, project) AND substr(made, 1, 7) = ifnull(?, substr(made, 1, 7))",
        (project, month),
    )
    return int(rows[0][0])
