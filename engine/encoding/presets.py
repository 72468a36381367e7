"""The presets of an export, and which encoder stands for which codec."""

from dataclasses import dataclass
from fractions import Fraction

from engine.encoding.result import SAME_AS_SOURCE
from engine.errors import BadInputError
from engine.limits import ENCODER_THREADS


@dataclass(frozen=True, slots=True)
class Preset:
    """`codec` is FFmpeg's name of a codec, empty for the source's own; `rate` is None for the source's own frame times."""

    name: str
    codec: str = ""
    suffix: str = ""
    rate: Fraction | None = None

    @property
    def reason(self) -> str:
        """Why nothing is copied, where the preset is why."""
        return f"The preset “{self.name}” encodes every frame." if self.codec else ""


PRESETS = (
    Preset(SAME_AS_SOURCE),
    Preset("H.264 MP4", "h264", ".mp4"),
    Preset("HEVC MP4", "hevc", ".mp4"),
    Preset("VP9 WebM", "vp9", ".webm"),
    Preset("AV1 MP4", "av1", ".mp4"),
    Preset("ProRes MOV", "prores", ".mov"),
    Preset("FFV1 MKV", "ffv1", ".mkv"),
)


@dataclass(frozen=True, slots=True)
class VideoEncoder:
    """An encoder with its options for a quality at which a copy of a copy still looks the same."""

    name: str
    options: tuple[tuple[str, str], ...] = ()


_THREADS = str(ENCODER_THREADS)
_X265 = f"log-level=none:pools={_THREADS}:frame-threads={_THREADS}"

# x264's mbtree gives other bytes from run to run where the look ahead reaches past the end of a short clip.
ENCODERS = {
    "h264": VideoEncoder("libx264", (("preset", "veryfast"), ("crf", "17"), ("x264-params", "no-mbtree=1"))),
    "hevc": VideoEncoder("libx265", (("preset", "fast"), ("crf", "17"), ("x265-params", _X265))),
    "prores": VideoEncoder("prores_ks", (("profile", "auto"),)),
    "mpeg2video": VideoEncoder("mpeg2video", (("qmin", "2"), ("qmax", "3"))),
    "mpeg4": VideoEncoder("mpeg4", (("qmin", "2"), ("qmax", "3"))),
    "vp9": VideoEncoder("libvpx-vp9", (("crf", "16"), ("b", "0"), ("cpu-used", "4"), ("row-mt", "1"))),
    "vp8": VideoEncoder("libvpx", (("crf", "8"), ("b", "20M"), ("cpu-used", "4"))),
    "av1": VideoEncoder("libsvtav1", (("crf", "18"), ("preset", "8"), ("svtav1-params", f"lp={_THREADS}"))),
    "mjpeg": VideoEncoder("mjpeg", (("qmin", "2"), ("qmax", "2"))),
    "dnxhd": VideoEncoder("dnxhd", (("profile", "dnxhr_hqx"),)),
    "ffv1": VideoEncoder("ffv1", (("level", "3"),)),
    "png": VideoEncoder("png"),
}

DEFAULT_CODECS = {".webm": "vp9"} | dict.fromkeys((".mkv", ".mp4", ".mov", ".m4v", ".ts", ".m2ts", ".mts"), "h264")
"""The containers that are written, with the codec for those that cannot hold the source's. Others (AVI) keep no frame times."""


def preset_named(name: str) -> Preset:
    """Raises BadInputError."""
    found = next((preset for preset in PRESETS if preset.name.casefold() == name.casefold()), None)
    if found is None:
        raise BadInputError(f"There is no preset “{name}”.", f"There are: {', '.join(p.name for p in PRESETS)}.")
    return found
