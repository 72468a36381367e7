"""The one undo command: it holds the project before and after an edit. Knows nothing of what was edited."""

from collections.abc import Hashable
from typing import Protocol

from PySide6.QtGui import QUndoCommand

from engine.project.model import Project

_MERGEABLE = 1
"""Qt asks commands of equal id whether they merge; the merge key decides."""


class Shows(Protocol):
    """What a command needs of the document."""

    def show(self, project: Project, facts_seen: int) -> None: ...


class EditCommand(QUndoCommand):
    """One step of undo. Steps of one drag have one merge key and become one step; back where it began, none.

    `facts_seen`: how many facts the document knew when the step was made, and so are in both projects (see `Document`).
    """

    def __init__(
        self,
        document: Shows,
        before: Project,
        after: Project,
        text: str,
        merge_key: Hashable | None = None,
        facts_seen: int = 0,
    ) -> None:
        super().__init__(text)
        self._document = document
        self.before = before
        self.after = after
        self.merge_key = merge_key
        self._facts_seen = facts_seen

    def redo(self) -> None:
        self._document.show(self.after, self._facts_seen)

    def undo(self) -> None:
        self._document.show(self.before, self._facts_seen)

    def id(self) -> int:
        return -1 if self.merge_key is None else _MERGEABLE

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a later step of the same drag; nothing may have come between."""
        if not isinstance(other, EditCommand) or other.merge_key != self.merge_key or other.before is not self.after:
            return False
        self.after = other.after
        if self.after is self.before:
            self.setObsolete(True)
        return True
