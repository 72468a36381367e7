"""Sample entries (`stsd`): the fourcc of the coding and its configuration record, as bytes.

Must not know what a configuration means; `avcc.py` reads those of H.264.
"""

from dataclasses import dataclass, field

from engine.bitstream.boxes import Box, child_boxes, find_box, require_box, unpack
from engine.bitstream.errors import BitstreamError

MAX_ENTRIES = 64
"""Sample entries of one track; a real one has one, seldom a few."""

_CONFIG_KINDS = ("avcC", "hvcC", "av1C", "vpcC")
VISUAL_FIELDS_BYTES = 78
"""Fields of a visual sample entry before its boxes."""


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """One entry of `stsd`. Pixels as stored, 0 for what is not video.

    `config_kind` names the box that `config` is the body of (`avcC`, `hvcC`, `av1C`, `vpcC`), or is empty.
    """

    fourcc: str
    width: int = 0
    height: int = 0
    config_kind: str = ""
    config: bytes = field(default=b"", repr=False)


def parse_sample_entries(stbl: bytes, handler: str) -> tuple[SampleEntry, ...]:
    """The entries of the `stsd` inside the body of an `stbl` box; only those of handler `vide` are looked into."""
    stsd = require_box(child_boxes(stbl, 0, len(stbl)), "stsd")
    (count,) = unpack("I", stbl, stsd.body + 4, stsd.end)
    boxes = child_boxes(stbl, stsd.body + 8, stsd.end)
    if count > min(len(boxes), MAX_ENTRIES):
        raise BitstreamError(f"The box 'stsd' declares {count} entries and holds fewer, or too many.")
    is_video = handler == "vide"
    return tuple(_parse_visual(stbl, box) if is_video else SampleEntry(box.kind) for box in boxes[:count])


def _parse_visual(data: bytes, box: Box) -> SampleEntry:
    width, height = unpack("HH", data, box.body + 24, box.end)
    children = child_boxes(data, box.body + VISUAL_FIELDS_BYTES, box.end)
    config = next((found for kind in _CONFIG_KINDS if (found := find_box(children, kind))), None)
    if config is None:
        return SampleEntry(box.kind, width, height)
    return SampleEntry(box.kind, width, height, config.kind, data[config.body : config.end])
