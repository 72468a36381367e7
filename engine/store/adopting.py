"""What a project that has got a file (or another one) takes along: all that it had without one; a copy keeps the rules only.

The rows of the ledger of a saved project stay with its file: a copy elsewhere has spent nothing.
"""

from engine.store.database import Store
from engine.store.projects import Privacy, ProjectRules, Projects

_TABLES = ("ledger", "operations", "consents", "sendings", "projects", "finished")


def move_project(store: Store, old: str, new: str) -> None:
    """A project that had no file is saved for the first time: all that stood under `old` stands under `new`.

    What another project left under that name (its file was replaced) stays there, and its rules give way. Raises: StorageError.
    """
    if not any(store.rows(f"SELECT 1 FROM {table} WHERE project = ? LIMIT 1", (old,)) for table in _TABLES):
        return
    with store.writing() as database:
        for table in _TABLES:
            if table in {"consents", "projects"}:
                has_own = database.execute(f"SELECT 1 FROM {table} WHERE project = ?", (old,)).fetchone()
                if has_own is not None:
                    database.execute(f"DELETE FROM {table} WHERE project = ?", (new,))
            database.execute(f"UPDATE OR IGNORE {table} SET project = ? WHERE project = ?", (new, old))


def copy_rules(store: Store, old: str, new: str, unsaid: Privacy) -> ProjectRules:
    """A project is saved as a copy: it keeps its cap and its level, but is asked for anew what it was allowed before.

    Raises: StorageError.
    """
    projects = Projects(store)
    rules = projects.rules(old, unsaid)
    projects.set_privacy(new, Privacy.ASK if rules.privacy is Privacy.ALLOW else rules.privacy)
    projects.set_cap(new, rules.cap_usd)
    return projects.rules(new, unsaid)
