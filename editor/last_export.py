"""What was chosen for the last export, kept in the settings: folders, quality of the seam, captions."""

from pathlib import Path

from PySide6.QtCore import QSettings

from engine.encoding.result import CaptionsAs, Seam
from engine.jobs.forecast import ExportWish
from engine.project.cue_places import has_captions

FOLDERS_KEY, MOST_FOLDERS = "folders/export", 4
SEAM_KEY = "export/seam"
CAPTIONS_KEY = "export/captions"


class LastExport:
    """Reads and writes the choices."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def seam(self) -> Seam:
        name = str(self._settings.value(SEAM_KEY, Seam.FAST.value))
        return next((seam for seam in Seam if seam.value == name), Seam.FAST)

    def captions(self) -> CaptionsAs:
        name = str(self._settings.value(CAPTIONS_KEY, CaptionsAs.SOFT.value))
        return next((way for way in CaptionsAs if way.value == name), CaptionsAs.SOFT)

    def folders(self) -> list[Path]:
        """The newest first."""
        names = self._settings.value(FOLDERS_KEY, [])
        listed = names if isinstance(names, list) else [names] if names else []  # a list of one comes back as its item
        return [Path(str(name)) for name in listed]

    def keep(self, wish: ExportWish) -> None:
        """An export was started like this."""
        names = dict.fromkeys([str(wish.output.parent), *map(str, self.folders())])
        self._settings.setValue(FOLDERS_KEY, list(names)[:MOST_FOLDERS])
        self._settings.setValue(SEAM_KEY, wish.seam.value)
        if has_captions(wish.project):
            self._settings.setValue(CAPTIONS_KEY, wish.captions.value)
