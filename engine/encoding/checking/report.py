"""What is compared, and what was found, packet by packet, whichever way it was done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.bitstream.sample_tables import BoolArray, Int64Array
from engine.media.index import FrameIndex


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: the files, the source's index, and the runs of frames whose packets may differ (ascending)."""

    source: str
    output: str
    index: FrameIndex
    runs: Sequence[range]
    with_audio: bool
    equal: Int64Array = field(default_factory=lambda: np.empty((0, 3), np.int64))
    """(N, 3) ranges that were compared while the file was written, see `ComparedCopies.equal_ranges`."""

    def is_replaced(self) -> BoolArray:
        """(N,) by frame number."""
        replaced = np.zeros(len(self.index), np.bool_)
        for run in self.runs:
            replaced[run.start : run.stop] = True
        return replaced

    def hidden_replaced(self) -> Int64Array:
        """Times, in the index's ticks, of the packets inside the runs that show no frame."""
        return np.concatenate([self.index.hidden_pts[:0], *(self.index.hidden_pts_inside(run) for run in self.runs)])


def _no_places() -> Int64Array:
    return np.empty((0, 2), np.int64)


@dataclass(slots=True)
class PacketReport:
    """Counts of one comparison. Video counts are of the first real video stream; the other streams are counted by kind."""

    copied: int = 0
    """Video packets equal in bytes, times, duration and flag, outside the replaced frames."""
    replaced: int = 0
    strays: int = 0
    """Video packets outside the replaced frames that differ."""
    bad_slots: int = 0
    """Replaced packets whose decode time or duration is not that of the packet before."""
    others_equal: Counter[str] = field(default_factory=Counter)
    others_different: Counter[str] = field(default_factory=Counter)
    output_pts: Int64Array = field(default_factory=lambda: np.empty(0, np.int64))
    """Of the shown frames, in the source's ticks; -1 for one that falls between two ticks or has none."""
    unpaired: Counter[str] = field(default_factory=Counter)
    """Packets that only one of the files has, by kind of stream."""
    proven: Int64Array = field(default_factory=_no_places)
    """(N, 2) offset and size, bytes, of places in the output that are known to hold kept packets; ascending."""
    replaced_places: Int64Array = field(default_factory=_no_places)
    """(N, 2) offset and size of the replaced packets in the source; in decode order."""
