"""NAL units come out of samples and byte streams as they went in, and emulation prevention can be undone."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.bitstream.bits import BitReader
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import (
    insert_emulation_prevention,
    iter_length_prefixed,
    join_annexb,
    join_length_prefixed,
    remove_emulation_prevention,
    split_annexb,
    split_length_prefixed,
)

zero_rich = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255]), max_size=40).map(bytes)
payloads = st.one_of(zero_rich, st.binary(max_size=40))
nal_units = payloads.map(lambda payload: b"\x65" + insert_emulation_prevention(payload) + b"\x80")


@given(payloads)
@example(b"\0\0")
@example(b"\0\0\0\0\0")
@example(b"\0\0\3")
def test_emulation_prevention_is_undone_and_leaves_no_start_code(payload: bytes) -> None:
    escaped = insert_emulation_prevention(payload)
    assert remove_emulation_prevention(escaped) == payload
    assert not any(code in escaped for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert not escaped.endswith(b"\0\0")


@given(payloads)
def test_removal_agrees_with_the_standard_read_byte_by_byte(nal: bytes) -> None:
    expected, zeros = bytearray(), 0
    for byte in nal:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        zeros = zeros + 1 if byte == 0 else 0
        expected.append(byte)
    assert remove_emulation_prevention(nal) == bytes(expected)


@given(st.lists(nal_units, max_size=6), st.sampled_from([1, 2, 4]))
def test_length_prefixed_round_trip(nals: list[bytes], length_size: int) -> None:
    assert split_length_prefixed(join_length_prefixed(nals, length_size), length_size) == nals


@given(st.lists(nal_units, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6), st.integers(0, 3))
def test_annexb_round_trip_with_start_codes_of_both_lengths(nals: list[bytes], long: list[bool], zeros: int) -> None:
    assert split_annexb(join_annexb(nals)) == nals
    stream = b"".join((b"\0" if four else b"") + b"\0\0\1" + nal for nal, four in zip(nals, long, strict=False))
    assert split_annexb(stream + bytes(zeros)) == nals


@given(st.lists(nal_units, min_size=1, max_size=4), st.data())
def test_the_beginning_of_a_sample_gives_the_beginning_of_its_units(nals: list[bytes], data: st.DataObject) -> None:
    sample = join_length_prefixed(nals, 2)
    prefix = sample[: data.draw(st.integers(0, len(sample)))]
    found = list(iter_length_prefixed(prefix, 2, is_prefix=True))
    assert all(whole.startswith(part) for part, whole in zip(found, nals, strict=False))
    assert found[:-1] == nals[: max(len(found) - 1, 0)]


def test_empty_units_are_left_out() -> None:
    assert split_length_prefixed(b"\0\0\1\x65\0", 1) == [b"\x65"]
    assert split_annexb(b"\0\0\1\0\0\1\x65") == [b"\x65"]


@pytest.mark.security
@pytest.mark.parametrize(
    ("sample", "length_size"),
    [(b"\5\x65", 1), (b"\0", 2), (b"\xff\xff\xff\xff\x65", 4), (b"\1\x65\0", 3), (b"\0\1\x65\0", 2)],
)
def test_units_longer_than_their_sample_are_refused(sample: bytes, length_size: int) -> None:
    with pytest.raises(BitstreamError):
        split_length_prefixed(sample, length_size)


def test_a_unit_too_long_for_its_length_field_is_refused() -> None:
    assert len(join_length_prefixed([bytes(255)], 1)) == 256
    with pytest.raises(BitstreamError, match="256 bytes"):
        join_length_prefixed([bytes(256)], 1)


def _ue(value: int) -> str:
    return bin(value + 1)[2:].rjust(2 * (value + 1).bit_length() - 1, "0")


def _code(kind: str, value: int) -> str:
    if kind == "u":
        return format(value, "033b")
    return _ue(value) if kind == "ue" else _ue(2 * value - 1 if value > 0 else -2 * value)


@given(st.lists(st.tuples(st.sampled_from(["u", "ue", "se"]), st.integers(0, (1 << 31) - 1))))
def test_codes_are_read_back(fields: list[tuple[str, int]]) -> None:
    fields = [(kind, -(value // 2) if kind == "se" and value & 1 else value) for kind, value in fields]
    text = "".join(_code(kind, value) for kind, value in fields)
    padded = text + "0" * (-len(text) % 8)
    bits = BitReader(bytes(int(padded[i : i + 8], 2) for i in range(0, len(padded), 8)))
    read = {"u": lambda: bits.u(33), "ue": bits.ue, "se": bits.se}
    assert [read[kind]() for kind, _ in fields] == [value for _, value in fields]
    assert bits.bits_left == len(padded) - len(text)


@pytest.mark.security
def test_reads_past_the_end_and_endless_codes_are_refused() -> None:
    for data in (b"", b"\0", bytes(100)):
        with pytest.raises(BitstreamError):
            BitReader(data).ue()
    with pytest.raises(BitstreamError):
        BitReader(b"\xff").u(9)
