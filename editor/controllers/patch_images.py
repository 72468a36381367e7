"""Pictures around patches, read off the window's thread: the user's own for a provider, and the small ones of versions."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import PatchreelError
from engine.jobs.pixels import pixels_of, rgba_png
from engine.jobs.workspace import Workspace
from engine.media.stills import picture_to_rgba, read_still
from engine.project.model import PatchVersion
from engine.running import CancelToken, Report
from widgets.frame_image import to_qimage

THUMBNAIL_PX = 220
FILTER = "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.avif);;All files (*)"


@dataclass(frozen=True, slots=True)
class _Import:
    """Make an asset of a picture file."""

    patch_id: str
    path: str
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class _Thumbnail:
    """Make a version's pixels small."""

    pixels: str
    workspace: Workspace


def _import(request: _Import, *, cancel: CancelToken, report: Report) -> str:
    """The asset's hash. Raises: MediaError: no picture; StorageError."""
    png = rgba_png(picture_to_rgba(read_still(request.path)))
    cancel.check()
    return request.workspace.assets.put(png, ".png")


def _thumbnail(request: _Thumbnail, *, cancel: CancelToken, report: Report) -> QImage:
    """Raises: MissingAsset, ProviderError."""
    pixels = pixels_of(request.workspace.assets.get(request.pixels))
    cancel.check()
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    scale = min(1.0, THUMBNAIL_PX / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return to_qimage(np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8))


class PatchImages(QObject):
    """Signals: chosen(patch_id, asset) when the user's picture is stored; arrived(pixels) when a small picture is there."""

    chosen = Signal(str, str)
    arrived = Signal(str)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._images: dict[str, QImage | None] = {}
        self._asked: dict[int, str] = {}
        self._names: dict[str, str] = {}
        self._patch_id = ""
        self._folder = ""
        thread = services.threads.thumbnails
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._failed)

    # Pictures of the user's

    def ask(self, patch_id: str, window: QWidget) -> None:
        """Let the user choose a picture file for a patch."""
        self._patch_id = patch_id
        dialog = QFileDialog(window.window(), "Choose a picture", self._folder, FILTER)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take)
        dialog.open()

    @Slot(str)
    def take(self, path: str) -> None:
        """A file was chosen for the patch that asked last."""
        self._folder = str(Path(path).parent)
        request = _Import(self._patch_id, path, self._services.workspace())
        self._asked[self._services.threads.thumbnails.submit(_import, request)] = ""

    def ask_for(self, patch_id: str) -> None:
        """The patch that the next file is for."""
        self._patch_id = patch_id

    def name(self, asset: str) -> str:
        """What the user's picture was called; a word where that is not known any more."""
        return self._names.get(asset, "Picture") if asset else ""

    # Small pictures of versions

    def small(self, version: PatchVersion) -> QImage | None:
        """A version's picture where it is known; asked for where it is not."""
        if version.pixels not in self._images:
            self._images[version.pixels] = None
            request = _Thumbnail(version.pixels, self._services.workspace())
            self._asked[self._services.threads.thumbnails.submit(_thumbnail, request)] = version.pixels
        return self._images[version.pixels]

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        pixels = self._asked.pop(ticket, None)
        if pixels is None:
            return
        if isinstance(outcome.request, _Import):
            self._names[outcome.result] = Path(outcome.request.path).name
            self.chosen.emit(outcome.request.patch_id, outcome.result)
        else:
            self._images[pixels] = outcome.result
            self.arrived.emit(pixels)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if self._asked.pop(ticket, None) == "":
            self._services.notifications.fail(error, "The picture was not taken")
