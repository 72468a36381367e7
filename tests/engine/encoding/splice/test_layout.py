"""A layout keeps every byte but the holes', moves offsets to where the bytes went, and moves whole blocks where it can."""

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.bitstream.boxes import Box, top_level_boxes
from engine.encoding.splice.byte_copy import BLOCK
from engine.encoding.splice.layout import Hole, Layout, lay_out

_MARK = 0x80
"""Bytes of the holes have this bit, all others have not."""


def _box(kind: bytes, body: bytes, *, is_long: bool = False) -> bytes:
    if is_long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body
    return struct.pack(">I4s", 8 + len(body), kind) + body


@st.composite
def _files(draw: st.DrawFn) -> tuple[bytes, list[Hole], int]:
    """A file of boxes, the holes in its `mdat`, and how large the new `moov` is."""
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))

    def noise(size: int) -> bytes:
        return rng.integers(0, 128, size, dtype=np.uint8).tobytes()

    front = [_box(b"ftyp", noise(16))]
    if draw(st.booleans()):
        front.append(_box(b"moov", noise(draw(st.integers(0, 300)))))
    front += [_box(b"free", noise(draw(st.integers(0, 40)))) for _ in range(draw(st.integers(0, 2)))]
    start = sum(map(len, front))
    is_long = draw(st.booleans())
    body, holes = bytearray(), []
    header = 16 if is_long else 8
    for _ in range(draw(st.integers(1, 4))):  # chunks with a hole, and something between them
        body += noise(draw(st.integers(0, 6000)))
        sizes = draw(st.lists(st.integers(1, 400), min_size=1, max_size=4))
        new = draw(st.lists(st.integers(1, 900), min_size=len(sizes), max_size=len(sizes)))
        place = start + header + len(body)
        body += (np.frombuffer(noise(sum(sizes)), np.uint8) | _MARK).tobytes()
        body += noise(draw(st.integers(0, 50)))
        holes.append(Hole(place, np.array(sizes), np.array(new), start + header + len(body)))
    body += noise(draw(st.integers(0, 6000)))
    file = b"".join(front) + _box(b"mdat", bytes(body), is_long=is_long)
    if len(front) == 1 or not any(part[4:8] == b"moov" for part in front):
        file += _box(b"moov", noise(100))
    return file + _box(b"uuid", noise(40)), holes, draw(st.integers(8, 9000))


def _boxes(file: bytes) -> tuple[Box, ...]:
    boxes, is_damaged = top_level_boxes(lambda offset, size: file[offset : offset + size], len(file))
    assert not is_damaged
    return boxes


def _carried_out(file: bytes, layout: Layout, holes: list[Hole], moov_size: int) -> bytearray:
    out = bytearray(b"\xff" * layout.size)
    for copy in layout.copies:
        out[copy.target : copy.target + copy.size] = file[copy.source : copy.source + copy.size]
    for literal in layout.literals:
        out[literal.target : literal.target + len(literal.data)] = literal.data
    out[layout.moov : layout.moov + moov_size] = _box(b"moov", bytes(moov_size - 8))
    for place, hole in zip(layout.holes, holes, strict=True):
        size = int(hole.new_sizes.sum())
        out[place : place + size] = b"\x01" * size
    return out


def _is_covered_once(layout: Layout, holes: list[Hole], moov_size: int) -> bool:
    times = np.zeros(layout.size, np.int64)
    for copy in layout.copies:
        times[copy.target : copy.target + copy.size] += 1
    for literal in layout.literals:
        times[literal.target : literal.target + len(literal.data)] += 1
    times[layout.moov : layout.moov + moov_size] += 1
    for place, hole in zip(layout.holes, holes, strict=True):
        times[place : place + int(hole.new_sizes.sum())] += 1
    return bool((times == 1).all())


@given(_files())
def test_everything_but_the_holes_stays_and_is_found(made: tuple[bytes, list[Hole], int]) -> None:
    file, holes, moov_size = made
    layout = lay_out(_boxes(file), moov_size, holes)
    out = _carried_out(file, layout, holes, moov_size)
    target = next(box for box in _boxes(bytes(out)) if box.kind == "mdat")
    assert not np.any(np.frombuffer(out[target.body : target.end], np.uint8) & _MARK)  # nothing of a hole
    assert _is_covered_once(layout, holes, moov_size)
    assert [box.kind for box in _boxes(bytes(out)) if box.kind != "free"] == [b.kind for b in _boxes(file) if b.kind != "free"]
    media = next(box for box in _boxes(file) if box.kind == "mdat")
    kept = np.array([i for i in range(media.body, media.end) if not file[i] & _MARK], np.int64)
    assert np.array_equal(np.frombuffer(out, np.uint8)[layout.moved(kept)], np.frombuffer(file, np.uint8)[kept])


@given(_files())
def test_new_samples_lie_where_the_old_ones_were_asked_for(made: tuple[bytes, list[Hole], int]) -> None:
    file, holes, moov_size = made
    layout = lay_out(_boxes(file), moov_size, holes)
    for place, hole in zip(layout.holes, holes, strict=True):
        starts = hole.start + np.cumsum(hole.sizes) - hole.sizes
        assert (layout.moved(starts) - place).tolist() == (np.cumsum(hole.new_sizes) - hole.new_sizes).tolist()


@given(_files())
def test_behind_a_chunk_whole_blocks_move(made: tuple[bytes, list[Hole], int]) -> None:
    file, holes, moov_size = made
    layout = lay_out(_boxes(file), moov_size, holes)
    ends = np.array([hole.chunk_end for hole in holes], np.int64)
    following = [end for end, nxt in zip(ends, [*(h.start for h in holes[1:]), len(file)], strict=True) if end < nxt]
    media = next(box for box in _boxes(file) if box.kind == "mdat")
    inside = np.array([end for end in following if end < media.end], np.int64)
    assert not np.any((layout.moved(inside) - inside) % BLOCK)


def test_a_media_box_beyond_32_bits_gets_the_long_header() -> None:
    """Sparse in the mind only: a layout never touches bytes."""
    body = (1 << 32) - 1 - 8 - 10
    boxes = (Box("ftyp", 0, 8, 16), Box("mdat", 16, 24, 24 + body), Box("moov", 24 + body, 32 + body, 124 + body))
    hole = Hole(1000, np.array([100]), np.array([200]), 2000)
    layout = lay_out(boxes, 100, [hole])
    header = next(literal for literal in layout.literals if literal.target == 16)
    assert header.data[:8] == struct.pack(">I4s", 1, b"mdat")
    assert len(header.data) == 16 and struct.unpack(">Q", header.data[8:])[0] == layout.moov - 16
    assert int(layout.moved(np.array([1000]))[0]) == 1008


