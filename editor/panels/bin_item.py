"""A file as the bin shows it. Plain values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1

PictureOf = Callable[[str], QImage | None]
"""Media id -> its picture or wave, None while it is being made."""

ScrubOf = Callable[[str, float], QImage | None]
"""Media id and a share 0..1 of its length -> the frame there, None while it is being made."""


@dataclass(frozen=True, slots=True)
class BinItem:
    """`badge` is its length or its size; `tip` everything that has no room on a card."""

    id: str
    name: str
    kind: Literal["video", "image", "audio"]
    badge: str
    is_used: bool = False
    is_vfr: bool = False
    is_offline: bool = False
    is_cut_off: bool = False
    tip: str = ""
