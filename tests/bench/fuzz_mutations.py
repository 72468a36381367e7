"""Damages MP4 files: bits, fields, boxes and whole branches of boxes, always the same way for the same seed.

Knows only how boxes nest, in its own few lines: a fault in the program's box parser must not hide itself here.
"""

import random
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_INSIDE = {
    **dict.fromkeys((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"moof", b"traf", b"udta"), 0),
    b"stsd": 8, b"avc1": 78, b"dref": 8, b"tref": 0,
}  # fmt: skip
"""Boxes that hold boxes, and the bytes before the first of them."""

_TELLING = (0, 1, 2, 3, 7, 8, 15, 16, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
_SIZED = (b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"avc1", b"avcC", b"stsz", b"stts", b"ctts", b"mdat", b"elst")
_HEAD = 96
_FEW = 3


@dataclass(slots=True)
class Node:
    """A box: `prefix` is what lies before its children, or all of its body where it has none."""

    kind: bytes
    prefix: bytes
    children: list["Node"] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """With a size that is right."""
        body = self.prefix + b"".join(child.to_bytes() for child in self.children)
        return struct.pack(">I4s", len(body) + 8, self.kind) + body

    def families(self) -> Iterator[list["Node"]]:
        """Every list of sibling boxes from here down."""
        yield self.children
        for child in self.children:
            yield from child.families()


def parse(data: bytes) -> Node:
    """A sound file as a tree, under a root that is no box."""
    return Node(b"", b"", _boxes(data))


def _boxes(data: bytes) -> list[Node]:
    found, position = [], 0
    while position + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, position + 8), 16
        end = position + size if size >= head else len(data)
        body = data[position + head : end]
        skipped = _INSIDE.get(kind)
        found.append(Node(kind, body) if skipped is None else Node(kind, body[:skipped], _boxes(body[skipped:])))
        position = end
    return found


def mutated(files: Sequence[bytes], seed: int) -> bytes:
    """One of the files, damaged in one to three ways."""
    chance = random.Random(seed)
    data = chance.choice(files)
    if chance.random() < 0.4:
        root = parse(data)
        for _ in range(chance.randint(1, 2)):
            chance.choice(_BRANCH_CHANGES)(root, chance, files)
        data = b"".join(child.to_bytes() for child in root.children)
        if chance.random() < 0.5:
            return data
    changed = bytearray(data)
    for _ in range(chance.randint(1, _FEW)):
        if changed:
            chance.choice(_BYTE_CHANGES)(changed, chance, files)
    return bytes(changed)


# --- changes of boxes, sizes being made right again ----------------------------------------------------------------------------


def _family(root: Node, chance: random.Random) -> list[Node]:
    families = [family for family in root.families() if family]
    return chance.choice(families) if families else [Node(b"free", b"")]


def _leaf(root: Node, chance: random.Random) -> Node:
    """A box with a body, each kind as often as any other."""
    leaves = [node for family in root.families() for node in family if node.prefix and node.kind != b"mdat"]
    kind = chance.choice(sorted({node.kind for node in leaves}) or [b""])
    return chance.choice([node for node in leaves if node.kind == kind] or [Node(b"free", b"1")])


def _double(root: Node, chance: random.Random, _files: Sequence[bytes]) -> None:
    family = _family(root, chance)
    family[chance.randrange(len(family) + 1) : 0] = [chance.choice(family)] * chance.choice((1, 1, 2, 300))


def _remove(root: Node, chance: random.Random, _: Sequence[bytes]) -> None:
    family = _family(root, chance)
    del family[chance.randrange(len(family))]


def _reorder(root: Node, chance: random.Random, _: Sequence[bytes]) -> None:
    chance.shuffle(_family(root, chance))


def _graft(root: Node, chance: random.Random, files: Sequence[bytes]) -> None:
    """A branch of another file, or of another place of this one."""
    other = _family(parse(chance.choice(files)), chance)
    family = _family(root, chance)
    family[chance.randrange(len(family))] = chance.choice(other)


def _rename(root: Node, chance: random.Random, _: Sequence[bytes]) -> None:
    names = sorted({node.kind for family in root.families() for node in family})
    if names:
        chance.choice(_family(root, chance)).kind = chance.choice((*names, b"co64", b"stz2", b"stps", b"cmov", b"uuid", b"free"))


def _change_fields(root: Node, chance: random.Random, _files: Sequence[bytes]) -> None:
    """Numbers of one box: versions, counts, entries of tables."""
    node = _leaf(root, chance)
    body = bytearray(node.prefix)
    for _ in range(chance.randint(1, _FEW)):
        _write_field(body, chance, 4 * chance.randrange((len(body) + 3) // 4))
    node.prefix = bytes(body)


def _resize_body(root: Node, chance: random.Random, _: Sequence[bytes]) -> None:
    """A box cut short or filled up, its size telling so."""
    node = _leaf(root, chance)
    longer = node.prefix + bytes(chance.randint(1, 64))
    node.prefix = node.prefix[: chance.randrange(len(node.prefix))] if chance.random() < 0.7 else longer


# --- changes of bytes, whatever they mean --------------------------------------------------------------------------------------


def _flip(data: bytearray, chance: random.Random, _files: Sequence[bytes]) -> None:
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    _write_field(data, chance, _place(data, chance))


def _lie_about_size(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    place = data.find(chance.choice(_SIZED))
    if place >= 4:
        (size,) = struct.unpack_from(">I", data, place - 4)
        wrong = chance.choice((0, 1, 7, 8, 16, size - 1, size + 1, size + 8, size * 2, 0x7FFFFFFF, 0xFFFFFFFF))
        struct.pack_into(">I", data, place - 4, wrong & 0xFFFFFFFF)


def _cut_off(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data)) :]


def _cut_out(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    place = _place(data, chance)
    del data[place : place + chance.choice((1, 2, 4, 8, 33, 700))]


def _insert(data: bytearray, chance: random.Random, files: Sequence[bytes]) -> None:
    """A piece of another file, in or over what was there."""
    other = chance.choice(files)
    start, place = chance.randrange(len(other)), _place(data, chance)
    piece = other[start : start + chance.choice((4, 16, 200, 3000))]
    data[place : place + len(piece) * chance.randrange(2)] = piece


def _place(data: bytearray, chance: random.Random) -> int:
    """Anywhere, but often in `moov`, in the decoder configuration or in the first sample."""
    start, length = 0, len(data)
    match chance.randrange(5):
        case 0 | 1:
            start = data.find(b"moov")
        case 2:
            start, length = data.find(b"avcC"), _HEAD
        case 3:
            start, length = data.find(b"mdat"), _HEAD
    start = max(0, start)
    return chance.randrange(start, min(len(data), start + length))


def _write_field(data: bytearray, chance: random.Random, place: int) -> None:
    size = chance.choice((1, 2, 4, 4, 4, 8))
    telling = chance.choice((*_TELLING, chance.getrandbits(32), (1 << 64) - 1, 1 << 63, 1 << 62))
    if chance.random() < 0.3:
        telling = int.from_bytes(data[place : place + size], "big") + chance.choice((-1, 1))
    piece = (telling & ((1 << (8 * size)) - 1)).to_bytes(size, "big")[: len(data) - place]
    data[place : place + len(piece)] = piece


_BranchChange = Callable[[Node, random.Random, Sequence[bytes]], None]
_ByteChange = Callable[[bytearray, random.Random, Sequence[bytes]], None]
_BRANCH_CHANGES: tuple[_BranchChange, ...] = (
    _double, _remove, _reorder, _graft, _rename, _change_fields, _change_fields, _change_fields, _resize_body,
)  # fmt: skip
_BYTE_CHANGES: tuple[_ByteChange, ...] = (_flip, _flip, _overwrite, _overwrite, _lie_about_size, _cut_off, _cut_out, _insert)
