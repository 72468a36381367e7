"""A patch frame comes back from the cache as it went in, and damage is noticed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compositing.patch_codec import decode, encode
from engine.compositing.sources import PatchFrame
from engine.errors import StorageError


@given(st.integers(1, 20), st.integers(1, 20), st.booleans(), st.integers(-50, 5000), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_round_trip_is_exact(width: int, height: int, deep: bool, x: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    codes = random.integers(0, 65536 if deep else 256, (height, width, 3))
    alpha = (random.integers(0, 65536, (height, width)) / 65535).astype(np.float32)
    patch = PatchFrame(x, -x, codes.astype(np.uint16) if deep else codes.astype(np.uint8), alpha)
    back = decode(encode(patch))
    assert (back.x, back.y) == (x, -x)
    assert back.rgb.dtype == patch.rgb.dtype and np.array_equal(back.rgb, patch.rgb)
    assert back.alpha.dtype == np.float32 and np.array_equal(back.alpha, patch.alpha)
    assert not back.rgb.flags.writeable and not back.alpha.flags.writeable


def test_what_is_no_patch_frame_is_said_so() -> None:
    data = encode(PatchFrame(0, 0, np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32)))
    for damaged in (b"", b"PF2\0", data[:30], data[:-12], b"XXXX" + data[4:], data[:12] + b"\x09" + data[13:]):
        with pytest.raises(StorageError, match="damaged"):
            decode(damaged)
