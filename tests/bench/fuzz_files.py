"""Small real MP4 and MOV files to mutate: each layout and kind of track that the parsers must take, made with PyAV.

Also the heads of large files: all boxes, `mdat` cut down to its first bytes.
"""

import struct
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.bitstream.boxes import top_level_boxes
from tests.bench.fuzz_mutations import Node, parse

WIDTH, HEIGHT, RATE = 64, 48, 25
_FRAMES = 18
_KEPT_MEDIA = 4096


def small_files() -> dict[str, bytes]:
    """By name. A dozen kilobytes each."""
    hrd = "nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:colorprim=bt709:bframes=2"
    with tempfile.TemporaryDirectory() as folder:
        make = _Maker(Path(folder))
        return {
            "progressive": make("a.mp4", {}),
            "faststart": make("b.mp4", {"movflags": "+faststart"}, x264=hrd),
            "fragmented": make("c.mp4", {"movflags": "frag_keyframe+empty_moov"}),
            "fragmented, tables too": make("d.mp4", {"movflags": "frag_keyframe"}),
            "mov, timecode, chapters": make("e.mov", {"write_tmcd": "1"}, has_chapters=True),
            "interlaced, slices": make("f.mp4", {}, x264="tff=1:slices=3:aud=1:bframes=0"),
            "all tables": _with_all_tables(make("i.mp4", {})),
            "10 bit, 4:2:2": make("g.mp4", {"movflags": "+write_colr"}, pixels="yuv422p10le"),
            "other brand, 4:4:4": make("h.m4v", {"brand": "isom"}, pixels="yuv444p", x264="intra-refresh=1:sps-id=7"),
        }


def cut_down(data: bytes) -> bytes:
    """The file with no more than the first bytes of each `mdat`; every other box is whole. Sample offsets lead elsewhere."""
    boxes, _ = top_level_boxes(lambda offset, size: data[offset : offset + size], len(data))
    parts = []
    for box in boxes:
        body = data[box.body : min(box.end, box.body + _KEPT_MEDIA)] if box.kind == "mdat" else data[box.body : box.end]
        parts.append(struct.pack(">I4s", len(body) + 8, box.kind.encode("latin-1")) + body)
    return b"".join(parts)


def _with_all_tables(data: bytes) -> bytes:
    """The tables per sample that FFmpeg does not write, in every track; `moov` is the last box, so nothing moves."""
    root = parse(data)
    for family in root.families():
        if any(node.kind == b"stsz" for node in family):
            count = struct.unpack_from(">I", next(node.prefix for node in family if node.kind == b"stsz"), 8)[0]
            family[:] = [*(node for node in family if node.kind not in {b"sbgp", b"sgpd"}), *_tables(count)]
    return b"".join(child.to_bytes() for child in root.children)


def _tables(count: int) -> list[Node]:
    """`count` samples: dependencies, groups, parts, bounds, partial and shadow sync, sizes and places of more information."""
    roll = b"roll"
    return [
        Node(b"sdtp", bytes(4) + b"\x10" * count),
        Node(b"sgpd", struct.pack(">I4sIIh", 1 << 24, roll, 2, 1, -1)),
        Node(b"sbgp", struct.pack(">I4sIIIII", 0, roll, 2, 5, 1, count - 5, 0)),
        Node(b"subs", struct.pack(">IIIHHBBIIHHBBI", 0, 2, 2, 1, 9, 0, 0, 0, 3, 1, 7, 0, 0, 0)),
        Node(b"cslg", struct.pack(">I5i", 0, 0, -512, 2048, 0, 10_000)),
        Node(b"stps", struct.pack(">III", 0, 1, 4)),
        Node(b"stsh", struct.pack(">IIII", 0, 1, 4, 1)),
        Node(b"saiz", struct.pack(">IBI", 0, 8, count)),
        Node(b"saio", struct.pack(">III", 0, 1, 64)),
    ]


class _Maker:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        random = np.random.default_rng(1)
        self._picture = random.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)

    def __call__(
        self, name: str, options: dict[str, str], *, pixels: str = "yuv420p", x264: str = "bframes=2", has_chapters: bool = False
    ) -> bytes:
        path = self._folder / name
        with av.open(str(path), "w", options=options) as out:
            if "write_tmcd" in options:
                out.metadata["timecode"] = "01:00:00:00"
            if has_chapters:
                second = Fraction(1)
                out.set_chapters([{"id": n, "start": n, "end": n + 1, "time_base": second, "metadata": {"title": f"part {n}"}}
                                  for n in range(2)])  # fmt: skip
            video = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "threads": "1", "g": "6",
                                                                  "x264-params": x264})  # fmt: skip
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, pixels
            sound = out.add_stream("aac", rate=48_000)
            sound.layout = "mono"
            for number in range(_FRAMES):
                frame = av.VideoFrame.from_ndarray(np.roll(self._picture, number * 3, axis=1), format="rgb24")
                out.mux(video.encode(frame.reformat(format=pixels)))
                tone = av.AudioFrame.from_ndarray(np.zeros((1, 1920), np.float32), format="fltp", layout="mono")
                tone.sample_rate, tone.pts = 48_000, number * 1920
                out.mux(sound.encode(tone))
            out.mux(video.encode(None))
            out.mux(sound.encode(None))
        return path.read_bytes()
