"""The head of a Matroska file: lengths are found, changed in place under a new checksum, and damage is a BitstreamError."""

import io
import struct
import zlib
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bitstream.boxes import read_at
from engine.bitstream.ebml import INFO, TAGS, length_in, read_body, segment_head, with_duration, with_track_durations
from engine.bitstream.errors import BitstreamError


def element(name: str, body: bytes, size_bytes: int = 1) -> bytes:
    """One element; `size_bytes` 0: of unknown size."""
    size = b"\xff" if not size_bytes else ((1 << 7 * size_bytes) | len(body)).to_bytes(size_bytes)
    return bytes.fromhex(name) + size + body


def checked(name: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return element(name, element("bf", struct.pack("<I", zlib.crc32(body))) + body, 2)


def tag(name: bytes, text: bytes) -> bytes:
    return element("7373", element("67c8", element("45a3", name) + element("4487", text)))


INFO_PARTS = (element("2ad7b1", (500_000).to_bytes(3)), element("4d80", b"someone"), element("4489", struct.pack(">d", 24_046)))
TAGS_PARTS = (tag(b"TITLE", b"DURATION"), tag(b"DURATION", b"00:00:12.027\0\0"), tag(b"DURATION", b"00:00:12.000\0\0"))
CLUSTER = element("1f43b675", b"pictures", 8)


def film(*parts: bytes, size_bytes: int = 8) -> bytes:
    return element("1a45dfa3", element("4282", b"matroska")) + element("18538067", b"".join(parts), size_bytes)


WHOLE = film(element("ec", bytes(9)), checked("1549a966", *INFO_PARTS), checked("1254c367", *TAGS_PARTS), CLUSTER)


def bodies(data: bytes) -> tuple[bytes, bytes, bool]:
    read, size = read_at(io.BytesIO(data))
    elements, is_cut_off = segment_head(read, size)
    return read_body(read, elements[INFO]), read_body(read, elements[TAGS]), is_cut_off


def test_the_length_is_read_and_changed_under_a_new_checksum() -> None:
    info, _, is_cut_off = bodies(WHOLE)
    length = length_in(info)
    assert (length.duration, length.scale_ns, is_cut_off) == (24_046.0, 500_000, False)
    changed = with_duration(info, 24_040.5)
    assert len(changed) == len(info) and length_in(changed).duration == 24_040.5
    assert changed[:2] == info[:2] and changed[2:6] == struct.pack("<I", zlib.crc32(changed[6:])) != info[2:6]
    assert with_duration(changed, 24_046.0) == info


def test_the_lengths_of_tracks_are_changed_where_the_source_has_some_and_they_have_room() -> None:
    _, tags, _ = bodies(WHOLE)
    changed = with_track_durations(tags, ["00:00:12.5", ""])
    assert len(changed) == len(tags) and b"00:00:12.5\0\0\0\0" in changed and b"00:00:12.000\0\0" in changed
    assert changed[2:6] == struct.pack("<I", zlib.crc32(changed[6:]))
    assert with_track_durations(tags, ["too long for the place", ""]) == tags
    with pytest.raises(BitstreamError, match="every track"):
        with_track_durations(tags, ["00:00:12.5"])


def test_a_file_that_ends_early_is_known() -> None:
    assert bodies(WHOLE[:-1])[2]
    live = film(*(checked("1549a966", *INFO_PARTS), checked("1254c367", *TAGS_PARTS), CLUSTER), size_bytes=0)
    assert not bodies(live)[2] and not bodies(live[:-1])[2]


def test_where_no_length_is_said_none_can_be_put() -> None:
    info, _, _ = bodies(film(checked("1549a966", *INFO_PARTS[:2]), checked("1254c367", *TAGS_PARTS)))
    assert length_in(info).duration is None
    with pytest.raises(BitstreamError, match="no duration"):
        with_duration(info, 1.0)


def test_what_a_muxer_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(10):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    info, tags, is_cut_off = bodies(path.read_bytes())
    assert length_in(info).duration == 400.0 and not is_cut_off
    assert b"00:00:00.390" in with_track_durations(tags, ["00:00:00.390000000"])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6), st.integers(1, len(WHOLE)))
def test_damage_is_said(changes: list[tuple[int, int]], length: int) -> None:
    data = bytearray(WHOLE)
    for place, value in changes:
        data[place] = value
    try:
        info, tags, _ = bodies(bytes(data[:length]))
        assert len(with_duration(info, 3.0)) == len(info) and len(with_track_durations(tags, ["x", "y"])) == len(tags)
    except (BitstreamError, KeyError):
        pass
