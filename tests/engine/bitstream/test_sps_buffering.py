"""A parameter set that declares another reordering depth says everything else as before."""

from dataclasses import replace
from fractions import Fraction

import av
import pytest

from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import split_annexb
from engine.bitstream.sps import parse_sps
from engine.bitstream.sps_buffering import with_buffering


@pytest.fixture(scope="module")
def sps() -> bytes:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
    encoder.time_base, encoder.flags = Fraction(1, 25), 1 << 22
    encoder.options = {"x264-params": "bframes=2:b-pyramid=none:ref=1"}
    encoder.open()
    return next(nal for nal in split_annexb(encoder.extradata or b"") if nal[0] & 31 == 7)


@pytest.mark.parametrize(("reorder", "buffered"), [(1, 2), (2, 4), (3, 16), (16, 16)])
def test_only_the_two_numbers_change(sps: bytes, reorder: int, buffered: int) -> None:
    own, new = parse_sps(sps), parse_sps(with_buffering(sps, reorder, buffered))
    assert own.vui is not None and own.vui.max_num_reorder_frames == 1
    vui = replace(own.vui, max_num_reorder_frames=reorder, max_dec_frame_buffering=buffered)
    assert new == replace(own, vui=vui)
    assert with_buffering(sps, 1, own.vui.max_dec_frame_buffering or 0) == sps


def test_less_than_the_pictures_need_is_refused(sps: bytes) -> None:
    with pytest.raises(BitstreamError):
        with_buffering(sps, 0, 4)
    with pytest.raises(BitstreamError):
        with_buffering(sps, 5, 4)
