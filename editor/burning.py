"""Captions burnt into an export: each is drawn once, as an asset, and found again for the next plan of the same project."""

from functools import cache

from PySide6.QtWidgets import QApplication

from editor.caption_text import caption_png
from engine.jobs.burnt_captions import with_burnt
from engine.project.assets import AssetStore
from engine.project.caption_values import CaptionStyle
from engine.project.model import Canvas, Project

_Key = tuple[str, CaptionStyle, int, int]


class CaptionDrawer:
    """Draws for one folder of assets. Called from any thread; two at once draw the same bytes."""

    def __init__(self, assets: AssetStore) -> None:
        self.assets = assets
        self._known: dict[_Key, str] = {}

    def burnt(self, project: Project) -> Project:
        """The project with its captions as pictures. Raises: BadInputError: there are none; StorageError."""
        return with_burnt(project, self.drawn)

    def drawn(self, text: str, style: CaptionStyle, canvas: Canvas) -> str:
        """The asset of a caption's picture. Raises: StorageError."""
        key = text, style, canvas.width, canvas.height
        if key not in self._known or not self.assets.has(self._known[key]):
            self._known[key] = self.assets.put(caption_png(text, style, canvas), ".png")
        return self._known[key]


@cache
def drawing_application() -> QApplication:
    """What a command needs before it may draw; kept to its end."""
    from editor.application import make_application

    return make_application()
