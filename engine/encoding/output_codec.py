"""Chooses the encoder of a full export, and says what it would lose."""

from dataclasses import dataclass, replace

import av
from av.container import OutputContainer

from engine.compositing.output import OutputFormat
from engine.encoding.presets import DEFAULT_CODECS, ENCODERS
from engine.errors import ExportError
from engine.media.frames import planar_format
from engine.media.picture import Colour, PixelFormat

_HDR_TRANSFERS = {16, 18}
_RGB_CODECS_MATRIX = Colour(1, 1, 1, full_range=False)


@dataclass(frozen=True, slots=True)
class OutputCodec:
    """An encoder, the form in which it takes pictures, and what is not kept."""

    encoder: str
    options: tuple[tuple[str, str], ...]
    form: OutputFormat
    warnings: tuple[str, ...]


def choose_codec(
    codec: str, form: OutputFormat, suffix: str, out: OutputContainer, *, accept_losses: bool
) -> OutputCodec:
    """The codec itself where the container holds it and there is an encoder, else the container's usual one.

    Raises ExportError where depth or transparency would be lost and that was not accepted, or nothing fits.
    """
    warnings: list[str] = []
    chosen = codec if codec in ENCODERS and _holds(out, ENCODERS[codec].name) else DEFAULT_CODECS.get(suffix, "h264")
    if chosen != codec:
        warnings.append(f"The source's codec ({codec}) cannot be written to a {suffix} file: {chosen} was used.")
    encoder = ENCODERS[chosen]
    if not _holds(out, encoder.name):
        raise ExportError(f"A {suffix or 'nameless'} file cannot hold {chosen} video.", "Choose .mp4, .mov, .mkv or .webm.")
    pixel_format = nearest_format(form.pixel_format, _formats(encoder.name))
    lost = _losses(form.pixel_format, pixel_format)
    if lost and not accept_losses:
        kept = f"{chosen} cannot keep {' and '.join(lost)} of the source."
        raise ExportError(kept, "Accept the loss, or choose another preset.")
    warnings += [f"{item.capitalize()} of the source is not kept." for item in lost]
    if form.colour.transfer in _HDR_TRANSFERS:
        warnings.append("The HDR mastering description of the source is not kept; its colours are.")
    colour = _RGB_CODECS_MATRIX if form.pixel_format.is_rgb and not pixel_format.is_rgb else form.colour
    return OutputCodec(encoder.name, _options(chosen, pixel_format), replace(form, pixel_format=pixel_format, colour=colour),
                       tuple(warnings))  # fmt: skip


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


def _holds(out: OutputContainer, encoder: str) -> bool:
    try:
        return av.Codec(encoder, "w").canonical_name in _supported(out) or encoder in out.supported_codecs
    except ValueError:
        return False


def _supported(out: OutputContainer) -> set[str]:
    return set(out.supported_codecs)


def _formats(encoder: str) -> tuple[PixelFormat, ...]:
    """Planar formats that the encoder takes; the old yuvj names are full range, which is said elsewhere."""
    names = [item.name for item in av.Codec(encoder, "w").video_formats or ()]
    if encoder == "mjpeg":
        names = ["yuv420p", "yuv422p", "yuv444p"]
    planar = [name for name in names if name.startswith(("yuv4", "yuva4", "gbrp", "gbrap")) and not name.endswith("be")]
    found = (planar_format(name) for name in planar)
    return tuple(item for item, name in zip(found, planar, strict=True) if item.name == name)


def _losses(source: PixelFormat, kept: PixelFormat) -> list[str]:
    lost = []
    if source.has_alpha and not kept.has_alpha:
        lost.append("transparency")
    if source.bits > kept.bits:
        lost.append(f"{source.bits}-bit depth")
    return lost


def _options(codec: str, pixel_format: PixelFormat) -> tuple[tuple[str, str], ...]:
    options = dict(ENCODERS[codec].options)
    if codec == "dnxhd" and pixel_format.bits == 8:
        options["profile"] = "dnxhr_hq"
    if codec == "prores":
        options["profile"] = "4444" if pixel_format.shift_x == 0 else "hq"
    return tuple(options.items())
