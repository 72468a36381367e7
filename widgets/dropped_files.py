"""Files of a drag or the clipboard as paths.

Qt turns bytes of a file name that are no UTF-8 into a replacement character, and such a path names nothing. The drag itself
carries them percent-encoded, so it is read instead.
"""

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDropEvent

_URI_LIST = "text/uri-list"
_THIS_COMPUTER = ("", "localhost")


def local_files(data: QMimeData) -> tuple[Path, ...]:
    """Local files and folders, in name order; addresses of other computers are left out."""
    if os.name == "nt" or not data.hasFormat(_URI_LIST):
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    else:
        lines = bytes(data.data(_URI_LIST).data()).decode("ascii", "replace").splitlines()
        paths = [path for line in lines if (path := _path_of(line.strip())) is not None]
    return tuple(sorted(paths, key=lambda path: path.name))


def take_copy(event: QDropEvent) -> None:
    """Accept a drag or a drop as a copy, whatever was proposed: a program that hears of a move may remove its files."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def _path_of(address: str) -> Path | None:
    parts = urlsplit(address)
    if parts.scheme != "file" or parts.netloc not in _THIS_COMPUTER or not parts.path:
        return None
    # Everything behind the authority is the path: a name may hold “?” and “#”, which a careful sender encodes and others do not.
    path = address.removeprefix("file://").removeprefix(parts.netloc)
    return Path(os.fsdecode(unquote_to_bytes(path)))
