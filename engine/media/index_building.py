"""Puts what a container says about its packets together into a `FrameIndex`, and that into bytes for the cache."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from engine.cache.arrays import arrays_from_bytes, arrays_to_bytes
from engine.media.index import Bools, FrameIndex, Int64s

_ARRAYS = ("pts", "durations", "decode_order", "dts", "sizes", "is_keyframe", "is_idr", "hidden", "hidden_pts")
_COUNTS = ("missing", "torn", "ends_early")
_VERSION = 7


@dataclass(frozen=True, slots=True)
class PacketTable:
    """Shown frames in decode order; all arrays (N,), times in `time_base` units. `dts` is None where none is stored (MKV)."""

    time_base: Fraction
    pts: Int64s
    dts: Int64s | None
    durations: Int64s
    sizes: Int64s
    is_keyframe: Bools
    is_idr: Bools
    hidden: Int64s
    """(N + 1,) packets that show no frame, before each and after the last."""
    hidden_pts: Int64s = field(default_factory=lambda: np.zeros(0, np.int64))
    """When these would be shown, in decode order; empty where that is not known."""
    missing: int = 0
    torn: int = 0
    ends_early: bool = False
    """Of a file that was cut off, see `FrameIndex`; a torn packet is counted as hidden, without a time."""


def build_index(table: PacketTable) -> FrameIndex:
    """Sort into presentation order. Of packets with the same pts (broken files) the first in decode order stays."""
    shown, order = np.unique(table.pts, return_index=True)
    kept = np.sort(order)
    rank = np.empty(len(table.pts), np.int64)
    rank[order] = np.arange(len(order))
    steps = np.diff(shown)
    last = int(table.durations[order[-1]])
    if last <= 0:
        last = int(np.median(steps)) if len(steps) else 1
    dts = _made_up_dts(shown, rank[kept]) if table.dts is None else table.dts[kept]
    arrays = (shown, np.append(steps, last), rank[kept], dts, table.sizes[kept], table.is_keyframe[order], table.is_idr[order])
    hidden_pts = table.hidden_pts if len(kept) == len(table.pts) else table.hidden_pts[:0]
    return _frozen(table.time_base, (*arrays, _hidden(table, kept), hidden_pts), (table.missing, table.torn, table.ends_early))


def hidden_between(is_hidden: Bools) -> Int64s:
    """How many hidden packets lie before each shown one and after the last, from one mark per packet in decode order."""
    shown = np.flatnonzero(~is_hidden)
    return np.diff(np.concatenate(([-1], shown, [len(is_hidden)]))) - 1


def _hidden(table: PacketTable, kept: Int64s) -> Int64s:
    """The same for the frames that stay: the others show nothing either."""
    places = np.arange(len(table.pts)) + np.cumsum(table.hidden[:-1])
    total = len(table.pts) + int(table.hidden.sum())
    return np.diff(np.concatenate(([-1], places[kept], [total]))) - 1


def _made_up_dts(shown: Int64s, decode_order: Int64s) -> Int64s:
    """The latest decode times that ascend and come before no time of showing: those of showing, some frames delayed."""
    delay = int((np.arange(len(shown)) - decode_order).max(initial=0))
    step = int(np.median(np.diff(shown))) if len(shown) > 1 else 1
    before = shown[0] - max(1, step) * np.arange(delay, 0, -1)
    return np.concatenate((before, shown[: len(shown) - delay]))


def _frozen(time_base: Fraction, arrays: tuple[np.ndarray, ...], counts: tuple[int, ...]) -> FrameIndex:
    wide = (0, 1, 2, 3, 4, 7, 8)
    pts, durations, decode_order, dts, sizes, hidden, hidden_pts = (np.ascontiguousarray(arrays[n], np.int64) for n in wide)
    is_keyframe, is_idr = (np.ascontiguousarray(array, np.bool_) for array in arrays[5:7])
    for array in (pts, durations, decode_order, dts, sizes, is_keyframe, is_idr, hidden, hidden_pts):
        array.setflags(write=False)
    missing, torn, ends_early = counts
    times = time_base, pts, durations, decode_order, dts
    return FrameIndex(*times, sizes, is_keyframe, is_idr, hidden, hidden_pts, missing, torn, bool(ends_early))


def without_open_gops(table: PacketTable) -> Bools:
    """Keyframes that no leading picture follows (one that is shown before it but decoded after): for codecs such as MPEG-2,
    whose open GOPs show in the order of times only, these are the places to start at cleanly."""
    group = np.cumsum(table.is_keyframe) - 1
    result = table.is_keyframe.copy()
    for_keyframe = table.pts[table.is_keyframe]
    leading = (group >= 0) & (table.pts < for_keyframe[np.maximum(group, 0)]) if len(for_keyframe) else group < -1
    opened = np.unique(group[leading])
    result[np.flatnonzero(table.is_keyframe)[opened]] = False
    if len(result):
        result[0] = table.is_keyframe[0]
    return result


def index_to_bytes(index: FrameIndex) -> bytes:
    """For the cache."""
    base = np.array([_VERSION, index.time_base.numerator, index.time_base.denominator], np.int64)
    counts = np.array([getattr(index, name) for name in _COUNTS], np.int64)
    return arrays_to_bytes({"base": base, "counts": counts} | {name: getattr(index, name) for name in _ARRAYS})


def index_from_bytes(data: bytes) -> FrameIndex | None:
    """None where the bytes are of another version or no index."""
    stored = arrays_from_bytes(data)
    if stored is None or not {"base", "counts", *_ARRAYS} <= stored.keys() or stored["base"].shape != (3,):
        return None
    version, numerator, denominator = (int(value) for value in stored["base"])
    if version != _VERSION:
        return None
    arrays, counts = tuple(stored[name] for name in _ARRAYS), tuple(int(value) for value in stored["counts"])
    return _frozen(Fraction(numerator, denominator), arrays, counts)
