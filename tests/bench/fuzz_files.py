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
