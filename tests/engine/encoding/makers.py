"""Small clips, a project that patches them, and an export of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.cache.store import Cache
from engine.compositing.sources import PatchFrame
from engine.encoding.export import export
from engine.encoding.result import ExportRequest, ExportResult
from engine.media.fields import FieldOrder
from engine.media.importing import import_media
from engine.media.index import FrameIndex
from engine.media.library import MediaLibrary
from engine.project.model import (
    Canvas,
    Clip,
    LayerKind,
    Media,
    Patch,
    PatchState,
    PatchVersion,
    Project,
    Recipe,
    Region,
    RegionKind,
    Track,
)
from engine.rational_time import TimeRange
from engine.running import CancelToken, Report, ThreadCancelToken, ignore

WIDTH, HEIGHT, RATE = 320, 180, 25


def make_clip(
    path: Path, *, frames: int = 60, x264: str = "keyint=20:min-keyint=20:scenecut=0", pix_fmt: str = "yuv420p",
    pts: list[int] | None = None, options: dict[str, str] | None = None, profile: str = "", audio: bool = True,
    is_top_field_first: bool | None = None,
) -> Path:  # fmt: skip
    """An H.264 file of a moving pattern, with a tone where `audio`; `pts` are in 1/25 s, one per frame.

    Interlaced where it is said which field comes first.
    """
    mark = None
    if is_top_field_first is not None:
        x264 += ":tff=1" if is_top_field_first else ":bff=1"
        mark = FieldOrder(WIDTH, HEIGHT, pix_fmt, Fraction(1, RATE), is_top_first=is_top_field_first)
    with av.open(str(path), "w", options=options or {}) as out:
        video = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "23", "x264-params": x264})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, pix_fmt
        if profile:
            video.options = {**video.options, "profile": profile}
        sound = out.add_stream("aac", rate=48_000) if audio else None
        for number in range(frames):
            frame = pattern(number).reformat(format=pix_fmt)
            frame.pts, frame.time_base = (pts[number] if pts else number), Fraction(1, RATE)
            out.mux(video.encode(mark(frame) if mark else frame))
        out.mux(video.encode(None))
        if sound is not None:
            length = (pts[-1] + 1 if pts else frames) * 48_000 // RATE
            for start in range(0, length, 1024):
                out.mux(sound.encode(tone(start, min(1024, length - start))))
            out.mux(sound.encode(None))
    return path


def rewritten(clip: Path, target: Path, change: Callable[[int, bytes], bytes]) -> Path:
    """The clip's video with each sample changed by `change(number, sample)`."""
    with av.open(str(clip)) as inside, av.open(str(target), "w") as out:
        video = out.add_stream_from_template(inside.streams.video[0], opaque=True)
        for number, packet in enumerate(p for p in inside.demux(inside.streams.video[0]) if p.size):
            new = av.Packet(change(number, bytes(packet)))
            new.pts, new.dts, new.duration, new.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
            new.is_keyframe, new.stream = packet.is_keyframe, video
            out.mux(new)
    return target


def pattern(number: int) -> av.VideoFrame:
    """A picture with detail and motion, another for every number."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red = (x * 2 + number * 3) % 256
    green = (128 + 100 * np.sin((x + y * 2 + number * 4) / 17)).astype(int)
    blue = ((x // 20 + y // 20 + number // 5) % 2) * 120 + 40
    return av.VideoFrame.from_ndarray(np.stack([red, green, blue], -1).astype(np.uint8), format="rgb24")


def tone(start: int, count: int) -> av.AudioFrame:
    wave = (0.3 * np.sin(np.arange(start, start + count) * 2 * np.pi * 440 / 48_000)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
    return frame


class PatchedLibrary(MediaLibrary):
    """Sources whose patches are a plain bright box with a dark stripe."""

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        deep = self.picture(media, time).format.bits > 8
        rgb = np.full((40, 60, 3), 52_000 if deep else 200, np.uint16 if deep else np.uint8)
        rgb[10:20] //= 4
        return PatchFrame(33, 41, rgb, np.ones((40, 60), np.float32))


@dataclass
class Bench:
    """Everything to export with, in one folder."""

    folder: Path
    cache: Cache

    @classmethod
    def at(cls, folder: Path) -> "Bench":
        return cls(folder, Cache(folder / "cache", 1 << 28))

    @contextmanager
    def sources(self) -> Iterator[PatchedLibrary]:
        library = PatchedLibrary(self.cache, lambda _asset: b"")
        try:
            yield library
        finally:
            library.close()

    def index(self, media: Media) -> FrameIndex:
        with self.sources() as sources:
            return sources.index(media)

    def project(self, clip: Path, *windows: tuple[int, int]) -> Project:
        """The clip on a timeline, with an accepted patch on each window of frames, half-open."""
        media = import_media(clip, self.cache)
        index = self.index(media)
        patches = tuple(make_patch(media, index, *window) for window in windows)
        assert media.available_range is not None and media.rate is not None
        whole = Clip("c", Fraction(0), media.available_range, media.id)
        track = Track("V1", LayerKind.SUBJECT, "Subject", clips=(whole,))
        return Project(Canvas(media.width, media.height, media.rate, True), (media,), (track,), patches)

    def request(self, project: Project, name: str = "out.mp4", **options: object) -> ExportRequest:
        return ExportRequest(project, self.folder / name, **{"open_sources": self.sources, **options})  # type: ignore[arg-type]

    def export(
        self, project: Project, name: str = "out.mp4", *, cancel: CancelToken | None = None, report: Report = ignore,
        **options: object,
    ) -> ExportResult:  # fmt: skip
        return export(self.request(project, name, **options), cancel=cancel or ThreadCancelToken(), report=report)


def make_patch(media: Media, index: FrameIndex, first: int, stop: int) -> Patch:
    region = Region(RegionKind.BOX, ((0.1, 0.2), (0.3, 0.4)))
    recipe, anchor = Recipe("local.blur"), index.time_of(first)
    version = PatchVersion(1, recipe, region, anchor, f"pixels-{first}", (33, 41, 60, 40))
    window = TimeRange.between(anchor, index.end_of(stop - 1))
    return Patch(f"p{first}", f"Patch {first}", media.id, region, anchor, window, recipe, PatchState.PUBLISHED, (version,), 1)


Row = tuple[Fraction | None, Fraction | None, Fraction, bool, bytes]


def packets_of(path: Path) -> dict[str, list[Row]]:
    """(pts, dts, duration, keyframe, bytes) of all packets by kind, times in seconds."""
    found: dict[str, list[Row]] = {}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size:
                base = packet.time_base
                times = [None if value is None else value * base for value in (packet.pts, packet.dts)]
                row = (times[0], times[1], (packet.duration or 0) * base, packet.is_keyframe, bytes(packet))
                found.setdefault(packet.stream.type, []).append(row)
    return found


def lumas_of(path: Path) -> list[np.ndarray]:
    """The luma of every frame, decoded strictly."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        return [np.asarray(frame.to_ndarray()[: frame.height]).copy() for frame in container.decode(stream)]
