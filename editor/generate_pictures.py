"""Pictures made ready to be sent: a frame of the project, a file, a pasted one. For a background thread; touches no widget."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage

from editor.background import shown_form
from engine.encoding.facts import SourceFacts
from engine.errors import BadInputError, MediaError
from engine.jobs import preview
from engine.jobs.generation_values import Generating
from engine.jobs.workspace import Workspace
from engine.limits import PICTURE_TO_SERVICE_MAX_BYTES
from engine.planning.spans import spans_of
from engine.project.model import Clip, Project
from engine.running import CancelToken, ignore

SHOWN_PX = 640
"""The longer side of a picture that is shown in the form."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture that can be sent: its name at the generator, how it looks, where it is from."""

    name: str
    image: QImage
    tag: str


@dataclass(frozen=True, slots=True)
class FrameAt:
    """A frame of the project at a timeline time; with `alone` of this clip only, without what lies over it."""

    project: Project
    time: Fraction
    workspace: Workspace
    tag: str
    alone: Clip | None = None


def kept_frame(asked: FrameAt, generating: Generating, cancel: CancelToken) -> KeptPicture:
    """The frame as it is shown, with its patches. Raises: MediaError, StorageError, BadInputError."""
    project = asked.project if asked.alone is None else _only(asked.project, asked.alone)
    with asked.workspace.sources() as sources:
        form = shown_form(project, SourceFacts(sources), spans_of(project))
        request = preview.PreviewRequest(project, asked.time, form)
        made = preview.run(request, sources, cancel=cancel, report=ignore)
    done, data = cv2.imencode(".png", cv2.cvtColor(made.result, cv2.COLOR_RGB2BGR))
    if not done:
        raise MediaError("The frame could not be made into a picture.", "Choose another frame.")
    return kept_bytes(data.tobytes(), asked.tag, generating)


def kept_file(path: Path, generating: Generating) -> KeptPicture:
    """A picture file. Raises: BadInputError, MediaError, StorageError."""
    try:
        if path.stat().st_size > PICTURE_TO_SERVICE_MAX_BYTES:
            raise BadInputError(f"“{path.name}” is larger than 50 MB.", "Choose a smaller picture.")
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"“{path.name}” cannot be read: {error.strerror}.", "Choose another picture.") from error
    return kept_bytes(data, path.name, generating)


def kept_image(image: QImage, generating: Generating) -> KeptPicture:
    """A pasted picture. Raises: BadInputError, StorageError."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, b"PNG")
    return kept_bytes(bytes(buffer.data().data()), "pasted picture", generating)


def kept_bytes(data: bytes, tag: str, generating: Generating) -> KeptPicture:
    """Kept by the generator, and small enough to be shown."""
    name = generating.keep_picture(data)
    return KeptPicture(name, shown_picture(generating.picture_path(name)), tag)


def shown_picture(path: Path) -> QImage:
    """A picture file, small. Raises: MediaError."""
    image = QImage(str(path))
    if image.isNull():
        raise MediaError(f"The picture {path.name} cannot be read.", "Choose it again.")
    size = image.size().scaled(SHOWN_PX, SHOWN_PX, Qt.AspectRatioMode.KeepAspectRatio)
    if size.width() >= image.width():
        return image
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _only(project: Project, clip: Clip) -> Project:
    """The project with nothing but this clip to be seen."""
    tracks = tuple(
        replace(track, visible=True, clips=(clip,)) if clip in track.clips else replace(track, visible=False)
        for track in project.tracks
    )
    return replace(project, tracks=tracks)
