"""Chooses the encoder of a full export, and says what it would lose."""

import re
from dataclasses import dataclass, replace

import av
from av.container import OutputContainer

from engine.compositing.output import OutputFormat
from engine.encoding.presets import DEFAULT_CODECS, ENCODERS
from engine.errors import ExportError
from engine.media.frames import planar_format
from engine.media.picture import Colour, PixelFormat

_HDR_TRANSFERS = {16, 18}
_ALPHA_OFTEN_UNUSED = {"gif"}
"""Their palettes could be transparent but mostly are not: a warning is enough."""
_USUALLY_420 = {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"}
_TAKES_ODD_SIZES = {"vp8", "vp9", "ffv1", "png", "mjpeg", "prores"}
_INTERLACED = {
    "h264": {"x264-params": "no-mbtree=1:tff=1"}, "mpeg2video": {"flags": "+ilme+ildct"}, "prores": {"flags": "+ildct"},
    "ffv1": {},
}
_MP4 = {"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video"}
_IN_TS = {"h264", "hevc", "mpeg2video"}
_PLAYED = {".mp4": _MP4, ".m4v": _MP4, ".webm": {"vp8", "vp9", "av1"}}
"""What players take in a container; FFmpeg would write more."""

_VIDEO_COLOUR = Colour(1, 1, 1, full_range=False)
_RGB_OR_YUV = re.compile(r"(yuva?4\d\dp(\d+le)?|gbra?p(\d+le)?|rgb24|rgba|rgb48[bl]e|rgba64[bl]e)$")


@dataclass(frozen=True, slots=True)
class OutputCodec:
    """An encoder, the form in which it takes pictures, and what is not kept."""

    encoder: str
    options: tuple[tuple[str, str], ...]
    form: OutputFormat
    is_interlaced: bool
    """Whether it codes fields; which comes first, the frames say."""
    coded_format: str
    """FFmpeg's name of what the encoder takes; the planes are packed into it where that is not planar."""
    warnings: tuple[str, ...]


def choose_codec(
    codec: str, form: OutputFormat, suffix: str, out: OutputContainer, *, accept_losses: bool, is_interlaced: bool = False
) -> OutputCodec:
    """The codec itself where the container holds it and there is an encoder, else the container's usual one.

    Raises ExportError where depth or transparency would be lost and that was not accepted, or nothing fits.
    """
    warnings: list[str] = []
    fits = codec in ENCODERS and _holds(out, ENCODERS[codec].name) and codec in _PLAYED.get(suffix, ENCODERS)
    chosen = codec if fits else DEFAULT_CODECS.get(suffix, "h264")
    if chosen != codec:
        warnings.append(f"{codec} cannot be written to a {suffix} file: {chosen} was used.")
    encoder = ENCODERS[chosen]
    if not _holds(out, encoder.name):
        raise ExportError(f"A {suffix or 'nameless'} file cannot hold {chosen} video.", "Choose .mp4, .mov, .mkv or .webm.")
    offered = _formats(encoder.name)
    if form.pixel_format.is_rgb and chosen in _USUALLY_420:
        offered = {item: name for item, name in offered.items() if item.shift_x and item.shift_y}
        warnings.append("Colours are stored at half the resolution of the picture, as players expect it.")
    pixel_format = nearest_format(form.pixel_format, tuple(offered))
    lost = _losses(form.pixel_format, pixel_format)
    if lost and not accept_losses and codec not in _ALPHA_OFTEN_UNUSED:
        kept = f"{chosen} cannot keep {' and '.join(lost)} of the source."
        raise ExportError(kept, "Accept the loss, or choose another preset.")
    warnings += [f"{item.capitalize()} of the source is not kept." for item in lost]
    if is_interlaced and chosen not in _INTERLACED:
        warnings.append(f"{chosen} stores the interlaced source's fields as whole frames.")
    if form.colour.transfer in _HDR_TRANSFERS:
        warnings.append("The HDR mastering description of the source is not kept; its colours are.")
    colour = _VIDEO_COLOUR if form.pixel_format.is_rgb and not pixel_format.is_rgb else form.colour
    composed = _sized(replace(form, pixel_format=pixel_format, colour=colour), chosen)
    has_fields = is_interlaced and chosen in _INTERLACED
    options = _options(chosen, pixel_format) | (_INTERLACED[chosen] if has_fields else {})
    return OutputCodec(encoder.name, tuple(options.items()), composed, has_fields, offered[pixel_format], tuple(warnings))


def nearest_format(wanted: PixelFormat, offered: tuple[PixelFormat, ...]) -> PixelFormat:
    """The format itself, or the one that loses least: first transparency, then depth, then chroma, then RGB."""

    def cost(item: PixelFormat) -> tuple[int, int, int, int, int]:
        return (
            int(wanted.has_alpha and not item.has_alpha), max(0, wanted.bits - item.bits),
            max(0, item.shift_x - wanted.shift_x) + max(0, item.shift_y - wanted.shift_y),
            int(item.is_rgb != wanted.is_rgb),
            abs(item.bits - wanted.bits) + wanted.shift_x - item.shift_x + wanted.shift_y - item.shift_y
            + int(item.has_alpha and not wanted.has_alpha),
        )  # fmt: skip

    if not offered:
        raise ExportError("The encoder takes no kind of picture that is known.", "Choose another preset.")
    return min(offered, key=cost)


def _sized(form: OutputFormat, codec: str) -> OutputFormat:
    """Cut to even sides where chroma is subsampled and the encoder takes no odd ones."""
    if codec in _TAKES_ODD_SIZES:
        return form
    width = form.width - form.width % 2 if form.pixel_format.shift_x else form.width
    height = form.height - form.height % 2 if form.pixel_format.shift_y else form.height
    return replace(form, width=width, height=height)


def _holds(out: OutputContainer, encoder: str) -> bool:
    if out.format.name == "mpegts":  # its muxer does not say
        return av.Codec(encoder, "w").canonical_name in _IN_TS
    try:
        return av.Codec(encoder, "w").canonical_name in _supported(out) or encoder in out.supported_codecs
    except ValueError:
        return False


def _supported(out: OutputContainer) -> set[str]:
    return set(out.supported_codecs)


def _formats(encoder: str) -> dict[PixelFormat, str]:
    """The planar format to compose in, for each format that the encoder takes; the encoder's own planar ones first."""
    names = [item.name for item in av.Codec(encoder, "w").video_formats or ()]
    if encoder == "mjpeg":  # declares the old full-range names only, and takes the others with the range set
        names = ["yuv420p", "yuv422p", "yuv444p"]
    colours = [name for name in names if _RGB_OR_YUV.match(name)]
    found: dict[PixelFormat, str] = {}
    for name in sorted(colours, key=lambda name: not name.startswith(("yuv", "gbr"))):
        found.setdefault(planar_format(name), name)
    return found


def _losses(source: PixelFormat, kept: PixelFormat) -> list[str]:
    lost = []
    if source.has_alpha and not kept.has_alpha:
        lost.append("transparency")
    if source.bits > kept.bits:
        lost.append(f"{source.bits}-bit depth")
    return lost


def _options(codec: str, pixel_format: PixelFormat) -> dict[str, str]:
    options = dict(ENCODERS[codec].options)
    if codec == "dnxhd" and pixel_format.bits == 8:
        options["profile"] = "dnxhr_hq"
    if codec == "prores":
        options["profile"] = "4444" if pixel_format.shift_x == 0 else "hq"
    if codec in {"vp8", "vp9"} and pixel_format.has_alpha:
        options["auto-alt-ref"] = "0"
    return options
