"""What is said of a recording or a download whose end is missing although its tables or its header, in front, tell of it."""

from pathlib import Path

from engine.bitstream.boxes import read_at, top_level_boxes
from engine.bitstream.ebml import segment_head
from engine.bitstream.errors import BitstreamError
from engine.errors import MediaError
from engine.media.container import SourcePath, display_name
from engine.media.index import FrameIndex
from engine.rational_time import clock


def cut_off(name: str, index: FrameIndex) -> str:
    """One sentence for who works with the rest; empty where nothing is missing."""
    if index.missing:
        lost = f"{index.missing:,} frames that it lists are" if index.missing > 1 else "1 frame that it lists is"
    elif index.ends_early:
        lost = "what it announces behind that is"
    else:
        return ""
    return f"“{name}” was cut off at {clock(index.duration)}: {lost} not there. Copy the file again, or work with what is there."


def nothing_there(path: SourcePath) -> MediaError:
    """The error of a file that was cut off before or inside its first frame."""
    return MediaError(f"“{display_name(path)}” was cut off before the end of its first frame.", "Copy or record it again.")


def is_cut_off(path: SourcePath) -> bool:
    """Whether this MP4 or MOV ends inside its tables or its media."""
    with Path(path).open("rb") as file:
        try:
            return top_level_boxes(*read_at(file))[1]
        except BitstreamError:
            return False


def matroska_ends_early(path: SourcePath) -> bool:
    """Whether this MKV was to be longer than it is."""
    with Path(path).open("rb") as file:
        try:
            return segment_head(*read_at(file))[1]
        except BitstreamError:
            return False
