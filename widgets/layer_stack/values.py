"""A layer as the stack shows it. Plain values."""

from dataclasses import dataclass

KIND_ICONS = {
    "motion patch": "patch",
    "captions": "captions",
    "overlay": "image",
    "subject": "person",
    "background": "film",
    "original audio": "audio",
    "music": "music",
}
PATCH = "motion patch"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One row. `kind` is one of `KIND_ICONS`; `version` counts from 1 and `versions` names them in that order; with
    version 0 there is none yet and nothing is shown.

    `movable` rows have a grip and can be dragged among the rows; `removable` ones were added and can go again.
    """

    id: str
    kind: str
    name: str
    detail: str = ""
    visible: bool = True
    locked: bool = False
    version: int = 1
    versions: tuple[str, ...] = ()
    movable: bool = False
    removable: bool = False


def is_sound(kind: str) -> bool:
    """Whether the row carries a loudspeaker instead of an eye."""
    return kind in {"original audio", "music"}
