"""Cut, copy, paste and duplicate of clips. What was copied lives as long as the program and goes into other projects too."""

from fractions import Fraction

from PySide6.QtCore import QObject

from editor.copies import Copied, copied, end_of, pasted
from editor.services import Services
from engine.project.model import Project
from engine.rational_time import ZERO


class ClipboardController(QObject):
    """Binds the four commands; each is one step of undo, and the new clips are chosen."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._copies: tuple[Copied, ...] = ()
        bind = services.actions.bind
        bind("edit.cut", self.cut)
        bind("edit.copy", self.copy)
        bind("edit.paste", self.paste)
        bind("edit.duplicate", self.duplicate)
        services.session.selection_changed.connect(self._follow)
        self._follow()

    def copy(self) -> None:
        """Keep the chosen clips; what was kept before stays where none is chosen."""
        found = self._chosen()
        if found:
            self._copies = found
            self._follow()

    def cut(self) -> None:
        """Copy, then delete; the gap stays."""
        if self._chosen():
            self.copy()
            self._services.actions.action("edit.delete").trigger()

    def paste(self) -> None:
        """At the playhead, or at the earliest time from there on where there is room."""
        self._put("Paste", self._copies, self._services.session.playhead)

    def duplicate(self) -> None:
        """The chosen clips once more behind themselves; what was copied stays copied."""
        found = self._chosen()
        self._put("Duplicate", found, end_of(found))

    def _chosen(self) -> tuple[Copied, ...]:
        return copied(self._services.document.project, self._services.session.selection)

    def _put(self, word: str, copies: tuple[Copied, ...], start: Fraction) -> None:
        if not copies:
            return
        made: list[str] = []

        def edit(project: Project) -> Project:
            after, ids = pasted(project, copies, max(start, ZERO))
            made[:] = ids
            return after

        number = len(copies)
        if self._services.edit(f"{word} {'clip' if number == 1 else f'{number} clips'}", edit):
            self._services.session.select(*made)

    def _follow(self, _chosen: object = None) -> None:
        actions, chosen = self._services.actions, self._services.session.selection
        some = any(clip.id in chosen for track in self._services.document.project.tracks for clip in track.clips)
        for command in ("edit.cut", "edit.copy", "edit.duplicate"):
            actions.set_enabled(command, some)
        actions.set_enabled("edit.paste", bool(self._copies))
