"""Whether the times of samples agree with the order in which their pictures say that they are shown.

Some muxers lose the table of presentation times: every picture then has the time at which it is decoded, and new frames would be
put between the wrong neighbours. Source of the order: ITU-T H.264, 8.2.1.1 (picture order count, type 0).
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from engine.bitstream.errors import BitstreamError
from engine.encoding.splice.sets_in_force import FirstSlice, SetsInForce

Sample = tuple[int | None, list[bytes]]
"""When it is shown, in any clock, and the units of its beginning."""


def contradicts_times(samples: Iterable[Sample], sets: SetsInForce) -> bool:
    """Whether some of these neighbouring samples, in decode order, are shown in another order than their times say.

    What cannot be read, or counts otherwise than by type 0, contradicts nothing.
    """
    try:
        return any(_is_disordered(group) for group in _groups(samples, sets))
    except BitstreamError:
        return False


def _is_disordered(group: list[tuple[int, int]]) -> bool:
    return any(a[1] > b[1] for a, b in pairwise(sorted(group)))


def _groups(samples: Iterable[Sample], sets: SetsInForce) -> Iterator[list[tuple[int, int]]]:
    """(place, time) of pictures, in groups that count their places from one beginning."""
    group: list[tuple[int, int]] = []
    high = low = 0
    for time, units in samples:
        found = sets.first_slice(units)
        if time is None or found is None or found.sps.order_type:
            continue
        if found.coding.restarts_order or not group:
            yield group
            group, high, low = [], 0, found.coding.order_lsb
        place_high = _high_part(high, low, found)
        restarts_behind = found.coding.restarts_order and not found.is_idr
        group.append((0 if restarts_behind else place_high + found.coding.order_lsb, time))
        if found.is_reference:
            high, low = (0, 0) if restarts_behind else (place_high, found.coding.order_lsb)
    yield group


def _high_part(high: int, low: int, found: FirstSlice) -> int:
    """What the last bits must be added to, so that the place lies nearest to the last reference picture's."""
    now, span = found.coding.order_lsb, 1 << found.sps.order_lsb_bits
    if now < low and low - now >= span // 2:
        return high + span
    return high - span if now > low and now - low > span // 2 else high
