"""Whether a keyframe is an IDR: a place where a decoder may start and nothing later refers to what was before.

Reads the NAL unit types of H.264 and HEVC; for other codecs the container's flag stands. Opens no file.
"""

from collections.abc import Iterator
from typing import Protocol

from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import iter_length_prefixed, split_annexb

_H264_VCL = range(1, 6)
_H264_IDR = 5
_HEVC_VCL = range(32)
_HEVC_CLOSED = range(16, 21)
"""BLA_W_LP … IDR_N_LP; 21 is CRA, whose leading pictures refer to what was before."""

_PREFIX_BYTES = 4096
"""Parameter sets and SEI before the picture are shorter than this, mostly; else the whole sample is read."""


class ReadSample(Protocol):
    """Up to `limit` first bytes of a sample; all of it where `limit` is None."""

    def __call__(self, limit: int | None) -> bytes: ...


class IdrTest:
    """`IdrTest(codec, extradata)(read)`: True where the sample's first picture unit is an IDR (H.264), an IDR or BLA (HEVC)."""

    def __init__(self, codec: str, extradata: bytes | None) -> None:
        self.applies = codec in {"h264", "hevc"}
        self._is_hevc = codec == "hevc"
        self._length_size = _length_size(self._is_hevc, extradata or b"")

    def __call__(self, read: ReadSample) -> bool:
        kind = self._picture_type(read(_PREFIX_BYTES), is_prefix=True)
        if kind is None:
            kind = self._picture_type(read(None), is_prefix=False)
        return kind is not None and (kind in _HEVC_CLOSED if self._is_hevc else kind == _H264_IDR)

    def _picture_type(self, data: bytes, *, is_prefix: bool) -> int | None:
        try:
            return next((kind for kind in self._types(data, is_prefix) if kind in self._vcl), None)
        except BitstreamError:
            return None

    def _types(self, data: bytes, is_prefix: bool) -> Iterator[int]:
        units = iter_length_prefixed(data, self._length_size, is_prefix=is_prefix) if self._length_size else split_annexb(data)
        for unit in units:
            yield unit[0] >> 1 & 63 if self._is_hevc else unit[0] & 31

    @property
    def _vcl(self) -> range:
        return _HEVC_VCL if self._is_hevc else _H264_VCL


def _length_size(is_hevc: bool, extradata: bytes) -> int:
    """Bytes of a NAL unit's length by `avcC` or `hvcC`; 0 where the stream uses start codes."""
    place = 21 if is_hevc else 4
    if len(extradata) <= place or extradata[0] != 1:
        return 0
    return (extradata[place] & 3) + 1
