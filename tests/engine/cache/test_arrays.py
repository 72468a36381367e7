"""Arrays come back as they were, also to several threads at once, and damaged bytes are nothing."""

import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from engine.cache.arrays import Array, arrays_from_bytes, arrays_to_bytes

DTYPES = st.sampled_from(["<i8", "<u1", "<f2", "<f4", ">i2", "|b1"]).map(np.dtype)
ARRAYS = st.dictionaries(
    st.text(max_size=5), arrays_of.arrays(DTYPES, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=6)), max_size=4
)


@given(ARRAYS)
def test_what_is_kept_comes_back(arrays: dict[str, Array]) -> None:
    found = arrays_from_bytes(arrays_to_bytes(arrays))
    assert found is not None and found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes() and found[name].flags.aligned and found[name].flags.writeable


@given(ARRAYS, st.data())
def test_damaged_bytes_are_nothing(arrays: dict[str, Array], data: st.DataObject) -> None:
    kept = bytearray(arrays_to_bytes(arrays))
    place = data.draw(st.integers(0, len(kept) - 1))
    kept[place] ^= data.draw(st.integers(1, 255))
    found = arrays_from_bytes(bytes(kept))
    # The second byte of zlib's head may hold another level and mean the same.
    assert found is None or all(found[name].tobytes() == array.tobytes() for name, array in arrays.items())
    assert arrays_from_bytes(bytes(kept[:place])) is None


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_what_is_no_header_is_nothing(text: bytes) -> None:
    assert arrays_from_bytes(text) is None
    for header in (text, b'{"a": ["O", [1]]}', b'{"a": ["<i8", [-1]]}', b'{"a": ["<i8", [99]]}', b'{"a": 1}', b"[]"):
        assert arrays_from_bytes(b"arrays 1\n" + zlib.compress(header + b"\n" + bytes(8))) in (None, {})


def test_threads_read_at_once() -> None:
    kept = arrays_to_bytes({str(n): np.arange(n) for n in range(40)})
    with ThreadPoolExecutor(4) as pool:
        assert all(found is not None and len(found) == 40 for found in pool.map(arrays_from_bytes, [kept] * 200))
