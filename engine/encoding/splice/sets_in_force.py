"""The parameter sets in force while a stream is read: a stream may give a number another meaning on its way.

Units in, the coding of slices out; opens no file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from engine.bitstream.avc import NalType, nal_type, parse_pps, parse_slice_header
from engine.bitstream.nal import iter_length_prefixed, split_annexb
from engine.bitstream.slices import MAX_HEADER_BYTES, SliceCoding, SliceForm, parse_slice_coding, parse_slice_form
from engine.bitstream.sps import Sps, parse_sps

_SLICES = {NalType.SLICE, NalType.IDR}


@dataclass(frozen=True, slots=True)
class FirstSlice:
    """Of a sample; `sps` is the one that it was coded with."""

    is_idr: bool
    is_reference: bool
    coding: SliceCoding
    sps: Sps


class SetsInForce:
    """Starts with these sets; of several with one number the first."""

    def __init__(self, sets: Sequence[bytes]) -> None:
        self._sps: dict[int, Sps] = {}
        self._forms: dict[int, tuple[SliceForm, int]] = {}
        for nal in reversed(sets):
            self._learn(nal)

    def first_slice(self, units: Iterable[bytes]) -> FirstSlice | None:
        """Take up a sample's sets; None where it has no slice, or not its sets. Raises BitstreamError."""
        for nal in units:
            if nal_type(nal) in _SLICES:
                header = parse_slice_header(nal)
                form, sps_id = self._forms.get(header.pps_id, (None, -1))
                sps = self._sps.get(sps_id)
                if form is None or sps is None:
                    return None
                return FirstSlice(header.is_idr, header.is_reference, parse_slice_coding(nal[:MAX_HEADER_BYTES], sps, form), sps)
            self._learn(nal)
        return None

    def pass_by(self, units: Iterable[bytes]) -> None:
        """Take up a sample's sets, whatever its slices are. Raises BitstreamError."""
        for nal in takewhile(lambda unit: nal_type(unit) not in _SLICES, units):
            self._learn(nal)

    def _learn(self, nal: bytes) -> None:
        if nal_type(nal) == NalType.SPS:
            sps = parse_sps(nal)
            self._sps[sps.sps_id] = sps
        elif nal_type(nal) == NalType.PPS:
            form = parse_slice_form(nal)
            self._forms[form.pps_id] = form, parse_pps(nal).sps_id


def units_of(sample: bytes, length_size: int, *, is_prefix: bool = False) -> Iterator[bytes]:
    """The units of a sample, of a byte stream where `length_size` is 0. Raises BitstreamError."""
    return iter_length_prefixed(sample, length_size, is_prefix=is_prefix) if length_size else iter(split_annexb(sample))
