"""Small H.264 files made on the spot, and boxes put together by hand."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

WIDTH, HEIGHT = 64, 48

EncodeClip = Callable[..., Path]
MakeBox = Callable[..., bytes]
Packet = tuple[bytes, int, int, bool]


@pytest.fixture(scope="session")
def encode_clip(tmp_path_factory: pytest.TempPathFactory) -> EncodeClip:
    """`encode_clip(frames=…, pix_fmt=…, size=…, container=…, rate=…, suffix=…, **x264)`: an MP4 of moving noise."""
    folder = tmp_path_factory.mktemp("clips")

    def encode(
        *,
        frames: int = 24,
        pix_fmt: str = "yuv420p",
        size: tuple[int, int] = (WIDTH, HEIGHT),
        container: dict[str, str] | None = None,
        rate: Fraction = Fraction(25),
        suffix: str = ".mp4",
        **x264: str,
    ) -> Path:
        path = folder / f"{len(list(folder.iterdir()))}{suffix}"
        with av.open(str(path), "w", options=container or {}) as out:
            options = {"preset": "veryfast", "threads": "1", **x264}
            stream = out.add_stream("libx264", rate=rate, options=options)
            stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
            random = np.random.default_rng(1)
            still = random.integers(0, 255, (size[1], size[0], 3), np.uint8)
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(np.roll(still, index * 3, axis=1), format="rgb24")
                out.mux(stream.encode(frame.reformat(format=pix_fmt)))
            out.mux(stream.encode(None))
        return path

    return encode


@pytest.fixture(scope="session")
def demuxed() -> Callable[..., list[Packet]]:
    """`demuxed(path, stream=0)`: what FFmpeg's demuxer says, as (bytes, pts, dts, is_keyframe)."""

    def demux(path: Path, stream: int = 0) -> list[Packet]:
        with av.open(str(path)) as source:
            packets = [packet for packet in source.demux(source.streams[stream]) if packet.size]
            return [(bytes(p), int(p.pts or 0), int(p.dts or 0), p.is_keyframe) for p in packets]

    return demux


@pytest.fixture(scope="session")
def extradata() -> Callable[[Path], bytes]:
    """The decoder configuration that FFmpeg found in a file's first video stream."""

    def read(path: Path) -> bytes:
        with av.open(str(path)) as source:
            return bytes(source.streams.video[0].codec_context.extradata or b"")

    return read


@pytest.fixture(scope="session")
def box() -> MakeBox:
    """`box(kind, *parts)`: a box with a 32-bit size; integers in `parts` are 32-bit fields."""

    def make(kind: str, *parts: bytes | int) -> bytes:
        body = b"".join(part if isinstance(part, bytes) else struct.pack(">I", part & 0xFFFFFFFF) for part in parts)
        return struct.pack(">I4s", len(body) + 8, kind.encode("latin-1")) + body

    return make


@pytest.fixture(scope="session")
def make_moov(box: MakeBox) -> Callable[..., bytes]:
    """A movie of one video track, timescales 1000 and 600; `duration` replaces the media's field, `extra` ends the moov."""
    identity = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)

    def make(
        stbl: bytes,
        edts: bytes = b"",
        matrix: tuple[int, ...] = identity,
        version: int = 0,
        extra: bytes = b"",
        duration: bytes = b"",
    ) -> bytes:
        flags, gap = version << 24 | 1, bytes(8) if version == 0 else bytes(16)
        longer = b"" if version == 0 else bytes(4)
        mvhd = box("mvhd", flags, gap, 1000, longer, 5000, bytes(16), struct.pack(">9i", *identity), bytes(28))
        tkhd = box("tkhd", flags, gap, 7, 0, longer, 5000, bytes(16), struct.pack(">9i", *matrix), 64 << 16, 48 << 16)
        mdhd = box("mdhd", flags, gap, 600, duration or longer + bytes((0, 0, 11, 184)), 0)
        hdlr = box("hdlr", 0, 0, b"vide", bytes(13))
        minf = box("minf", box("stbl", stbl))
        return box("moov", mvhd, box("trak", tkhd, edts, box("mdia", mdhd, hdlr, minf)), extra)

    return make


@pytest.fixture(scope="session")
def stsd(box: MakeBox) -> bytes:
    """A sample description of one `avc1` entry of 64x48, whose `avcC` has the body `old`, followed by a `pasp`."""
    fields = bytes(24) + struct.pack(">HH", WIDTH, HEIGHT) + bytes(50)
    return box("stsd", 0, 1, box("avc1", fields, box("avcC", b"old"), box("pasp", 8, 9)))
