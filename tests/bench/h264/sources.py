"""The difficult H.264 files: each a name, the class it stands for, and how the ffmpeg program makes it.

640×360, 12 s, a keyframe every 60 frames where the class says nothing else. There is no PAFF file: no encoder at hand makes one.
"""

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench.h264 import rewriting
from tests.bench.h264.programs import ffmpeg

ALL = ("middle", "first", "last", "border", "two", "one", "odd")
"""The windows, see `windows.py`."""
SOME = ("middle", "border")

Base = Callable[[str], Path]
Make = Callable[[Path, Base], None]


@dataclass(frozen=True, slots=True)
class Source:
    """One file to be; `section` is the number of its class. A broken one need not have seams of high quality."""

    name: str
    section: int
    make: Make
    windows: tuple[str, ...] = ("middle",)
    is_broken: bool = False
    may_be_refused: bool = False

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix


class Workshop:
    """Makes sources in a folder, each once; may be asked from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources = {source.name: source for source in sources()}
        self._lock = threading.RLock()

    def path(self, name: str) -> Path:
        """The file of a class; made where it is not there yet. Raises RuntimeError where ffmpeg cannot make it."""
        path = self._folder / name
        with self._lock:
            if not path.exists():
                part = path.with_name(f"part-{path.name}")
                self._sources[name].make(part, self.path)
                part.rename(path)
        return path


def _clip(
    *video: str, look: str = "null", rate: str = "30", seconds: int = 12, pixels: str = "yuv420p",
    sound: tuple[str, ...] = ("-c:a", "aac"), sound_seconds: int = 12, mux: tuple[str, ...] = (),
) -> Make:  # fmt: skip
    """The test picture through libx264, with a tone."""
    def make(path: Path, _: Base) -> None:
        inputs = ["-f", "lavfi", "-i", f"testsrc2=s=640x360:r={rate}:d={seconds}"]
        if sound:
            inputs += ["-f", "lavfi", "-i", f"sine=440:d={sound_seconds}"]
        ffmpeg(*inputs, "-vf", look, "-pix_fmt", pixels, "-c:v", "libx264", "-g", "60", *video, *sound, *mux, path)

    return make


def _copy(base: str, *words: str, before: tuple[str, ...] = ()) -> Make:
    return lambda path, get: ffmpeg(*before, "-i", get(base), "-map", "0", "-c", "copy", *words, path)


def _script(base: str, work: Callable[[Path, Path], None]) -> Make:
    return lambda path, get: work(get(base), path)


def _cut_off(base: str, share: float) -> Make:
    def make(path: Path, get: Base) -> None:
        data = get(base).read_bytes()
        path.write_bytes(data[: int(len(data) * share)])

    return make


def sources() -> list[Source]:
    """All of them, the cheapest first; the one above 4 GiB last."""
    return [*_structure(), *_forms(), *_times(), *_containers(), *_sets(), *_broken(),
            Source("above-4-gib.mp4", 11, _script("plain.mp4", rewriting.giant))]  # fmt: skip


def _structure() -> list[Source]:
    open_gop = ("-x264-params", "open-gop=1:bframes=3")
    return [
        Source("plain.mp4", 20, _clip(), ALL),
        Source("open-gop.mp4", 1, _clip(*open_gop), SOME),
        Source("one-gop.mp4", 2, _clip("-g", "600", "-sc_threshold", "0"), ("middle", "first", "last", "two")),
        Source("gop-250.mp4", 2, _clip("-g", "250")),
        Source("all-intra.mp4", 2, _clip("-g", "1"), ALL),
        Source("intra-refresh.mp4", 3, _clip("-intra-refresh", "1"), SOME),
        Source("baseline.mp4", 4, _clip("-profile:v", "baseline"), ALL),
        Source("cavlc.mp4", 4, _clip("-coder", "0")),
        Source("no-b.mp4", 4, _clip("-bf", "0"), SOME),
        Source("b-pyramid.mp4", 5, _clip("-x264-params", "b-pyramid=normal:bframes=8:ref=6"), ALL),
        Source("b-pyramid-strict.mp4", 5, _clip("-x264-params", "b-pyramid=strict:bframes=5:b-adapt=0"), SOME),
    ]


def _forms() -> list[Source]:
    wide = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    tags = ("-color_range", "pc", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    fields = ("-flags", "+ilme+ildct")
    hdr = "mastering-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):cll=1000,400"
    hrd = ("-slices", "4", "-b:v", "2M", "-x264-params", "nal-hrd=cbr:vbv-maxrate=2000:vbv-bufsize=2000")
    return [
        Source("high10.mp4", 6, _clip(pixels="yuv420p10le"), SOME),
        Source("yuv422p.mp4", 6, _clip(pixels="yuv422p")),
        Source("yuv422p10.mp4", 6, _clip(pixels="yuv422p10le")),
        Source("yuv444p.mp4", 6, _clip(pixels="yuv444p")),
        Source("full-range.mp4", 6, _clip(*tags, look="scale=out_range=full")),
        Source("bt2020-pq.mp4", 6, _clip(*wide, pixels="yuv420p10le")),
        Source("hdr10-messages.mp4", 15, _clip(*wide, "-x264-params", hdr, pixels="yuv420p10le"), ("middle", "first")),
        Source("mbaff-tff.mp4", 7, _clip(*fields, "-x264-params", "tff=1", look="tinterlace=interleave_top", rate="60"), SOME),
        Source("mbaff-bff.mp4", 7, _clip(*fields, "-x264-params", "bff=1", look="tinterlace=interleave_bottom", rate="60")),
        Source("fake-interlaced.mp4", 7, _clip("-x264-params", "fake-interlaced=1")),
        Source("hrd-cbr-slices.mp4", 8, _clip(*hrd), SOME),
        Source("hrd-vbr.mp4", 8, _clip("-b:v", "1M", "-x264-params", "nal-hrd=vbr:vbv-maxrate=1500:vbv-bufsize=3000")),
        Source("captions.mp4", 15, _script("plain.mp4", rewriting.captions), SOME),
    ]


def _times() -> list[Source]:
    uneven = r"setpts='if(lt(mod(N\,7)\,3)\,N\,N+0.35)/30/TB'"
    return [
        Source("varying-rate.mp4", 9, _clip("-fps_mode", "vfr", look=uneven), SOME),
        Source("ntsc-film.mp4", 9, _clip(rate="24000/1001")),
        Source("ntsc.mp4", 9, _clip(rate="30000/1001")),
        Source("ntsc-60.mp4", 9, _clip(rate="60000/1001")),
        Source("timescale-600.mp4", 9, _clip(mux=("-video_track_timescale", "600"))),
        Source("start-offset.mp4", 10, _copy("plain.mp4", before=("-itsoffset", "0.5"))),
        Source("video-later.mp4", 10, _video_later),
        Source("hidden-pre-roll.mp4", 10, _copy("plain.mp4", before=("-ss", "3.3")), ("middle", "first")),
        Source("negative-offsets.mp4", 10, _copy("plain.mp4", "-movflags", "negative_cts_offsets")),
    ]


def _video_later(path: Path, get: Base) -> None:
    plain = get("plain.mp4")
    ffmpeg("-itsoffset", "0.5", "-i", plain, "-i", plain, "-map", "0:v", "-map", "1:a", "-c", "copy", path)


def _containers() -> list[Source]:
    return [
        Source("faststart.mp4", 11, _copy("plain.mp4", "-movflags", "+faststart"), ALL),
        Source("fragmented.mp4", 11, _copy("plain.mp4", "-movflags", "frag_keyframe+empty_moov"), SOME),
        Source("fragmented-base-moof.mp4", 11, _copy("plain.mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof")),
        Source("plain.mov", 11, _clip(sound=("-c:a", "pcm_s16le")), SOME),
        Source("tracks.mp4", 12, _tracks),
        Source("cover.mp4", 12, _covered),
        Source("timecode.mov", 12, _clip("-timecode", "01:00:00:00")),
        Source("timecode.mp4", 12, _clip("-timecode", "01:00:00:00")),
        Source("turned.mp4", 12, _copy("plain.mp4", "-metadata:s:v:0", "rotate=90")),
        Source("wide-pixels.mp4", 12, _clip(look="setsar=8/9")),
        Source("plain.mkv", 11, _copy("plain.mp4"), ALL),
        Source("open-gop.mkv", 1, _copy("open-gop.mp4")),
        Source("varying-rate.mkv", 9, _copy("varying-rate.mp4")),
        Source("b-pyramid.mkv", 5, _copy("b-pyramid.mp4")),
        Source("tracks.mkv", 12, _copy("tracks.mp4", "-map", "-0:d", "-c:s", "srt")),
        Source("plain.ts", 18, _copy("plain.mp4"), ALL),
        Source("open-gop.ts", 18, _copy("open-gop.mp4")),
        Source("clock-wraps.ts", 18, _copy("plain.mp4", "-output_ts_offset", "95440")),
        Source("mbaff-tff.ts", 18, _copy("mbaff-tff.mp4")),
    ]


def _covered(path: Path, get: Base) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=s=160x90:d=1:r=1")
    streams = ("-map", "0", "-map", "1", "-c", "copy", "-c:v:1", "png", "-disposition:v:1", "attached_pic")
    ffmpeg("-i", get("plain.mp4"), *picture, *streams, path)


def _tracks(path: Path, get: Base) -> None:
    """Two sound tracks, subtitles and chapters."""
    words, chapters = path.with_suffix(".srt"), path.with_suffix(".txt")
    lines = (f"{n + 1}\n00:00:{2 * n:02},000 --> 00:00:{2 * n + 1:02},500\nline {n}\n\n" for n in range(6))
    words.write_text("".join(lines), encoding="utf-8")
    parts = (f"[CHAPTER]\nTIMEBASE=1/1\nSTART={at}\nEND={at + 4}\ntitle=part {at}\n" for at in (0, 4, 8))
    chapters.write_text(";FFMETADATA1\n" + "".join(parts), encoding="utf-8")
    inputs = ("-f", "lavfi", "-i", "sine=880:d=12", "-i", words, "-i", chapters)
    streams = ("-map", "0:v", "-map", "0:a", "-map", "1:a", "-map", "2:s", "-map_metadata", "3", "-c", "copy")
    codecs = ("-c:a:1", "aac", "-c:s", "mov_text")
    ffmpeg("-i", get("plain.mp4"), *inputs, *streams, *codecs, "-metadata:s:a:1", "language=deu", path)
    words.unlink()
    chapters.unlink()


def _sets() -> list[Source]:
    return [
        Source("sets-change.ts", 13, _joined, SOME, may_be_refused=True),
        Source("sets-change.mkv", 13, _copy("sets-change.ts"), SOME, may_be_refused=True),
        Source("sets-change.mp4", 13, _copy("sets-change.ts"), SOME, may_be_refused=True),
        Source("two-byte-lengths.mp4", 14, _script("plain.mp4", rewriting.two_byte_lengths), SOME),
        Source("delimiters.mp4", 14, _copy("plain.mp4", "-bsf:v", "h264_metadata=aud=insert"), SOME),
    ]


def _joined(path: Path, get: Base) -> None:
    """Two differently made streams one after the other, each with its own parameter sets under the same numbers."""
    first, second = path.with_name("first.ts"), path.with_name("second.ts")
    plain = ("-x264-params", "b-pyramid=none")  # one depth of reordering in both, so that the second begins where the first ends
    _clip(*plain, seconds=6, sound_seconds=5, mux=("-output_ts_offset", "1"))(first, get)  # sounds must not overlap
    other = ("-profile:v", "main", "-refs", "2", "-coder", "0", *plain)
    _clip(*other, seconds=6, sound_seconds=6, mux=("-output_ts_offset", "7"))(second, get)
    ffmpeg("-i", f"concat:{first}|{second}", "-map", "0", "-c", "copy", path)
    first.unlink()
    second.unlink()


def _broken() -> list[Source]:
    broken = partial(Source, is_broken=True, may_be_refused=True)
    return [
        Source("no-sound.mp4", 19, _clip(sound=())),
        Source("sound-longer.mp4", 19, _clip(sound_seconds=15), ("middle", "last")),
        Source("sound-shorter.mp4", 19, _clip(sound_seconds=7)),
        broken("cut-off.mp4", 19, _cut_off("faststart.mp4", 0.95), ("middle", "last")),
        broken("cut-off.mkv", 19, _cut_off("plain.mkv", 0.95), ("middle", "last")),
        broken("cut-off.ts", 19, _cut_off("plain.ts", 0.95), ("middle", "last")),
        broken("corrupt-packet.mp4", 19, _script("plain.mp4", rewriting.corrupt_packet), SOME),
        broken("no-ctts.mp4", 19, _script("plain.mp4", rewriting.without_ctts)),
        broken("duplicate-dts.mp4", 19, _script("plain.mp4", rewriting.duplicate_dts)),
    ]


def copy_in(path: Path, folder: Path) -> Path:
    """A file of the user's beside the made ones, so that projects lie where they may be thrown away."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(path, folder / path.name))
