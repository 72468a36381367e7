"""What a file is: its kind, its streams, and how its video and sound are stored and shown.

Reads headers and decodes one frame (rotation, interlacing and colour are said by frames); knows nothing of projects.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.errors import BadInputError, MediaError
from engine.media.container import SourcePath, codec_name, display_name, open_container, video_stream
from engine.media.cut_off import is_cut_off, nothing_there
from engine.media.display import display_size
from engine.media.fields import is_top_field_first
from engine.media.frames import colour_of, planar_format
from engine.media.picture import SRGB, Colour, PixelFormat
from engine.project.model import MediaKind

if TYPE_CHECKING:
    from engine.media.stills import PictureHeader

VIDEO_MAX_PIXELS = 150_000_000
"""16K is 133 million; a header that claims more would only fill the memory."""

_PROGRESSIVE = 1
_TOP_FIRST = {2, 4}
"""Values of FFmpeg's `AVFieldOrder`, as it writes them itself."""
_PROBED_PACKETS = 64
"""A stream whose first frame does not come within so many packets is taken by its header alone."""


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """Any stream. `kind` is video, audio, subtitle, data or attachment; `language` as stored, "" where unknown."""

    index: int
    kind: str
    codec: str
    language: str
    is_default: bool
    is_attached_picture: bool


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The video stream. `rotation` is clockwise, 0, 90, 180 or 270: how far the stored picture is turned to be shown."""

    index: int
    codec: str
    profile: str
    width: int
    """As stored, in pixels."""
    height: int
    display_width: int
    """After pixel aspect and rotation: upright, square pixels."""
    display_height: int
    rotation: int
    pixel_aspect: Fraction
    pixel_format: PixelFormat
    """In which pictures come out of the reader."""
    colour: Colour
    is_interlaced: bool
    is_top_field_first: bool
    """Of an interlaced picture; never of another."""
    bits: int


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """One audio stream. `duration` is in seconds, 0 where the file does not say."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    layout: str
    language: str
    duration: Fraction


@dataclass(frozen=True, slots=True)
class Probe:
    """A file. `video` is None for sound and set for stills; `audio` holds every sound stream in the file's order."""

    container: str
    kind: MediaKind
    streams: tuple[StreamInfo, ...]
    video: VideoInfo | None
    audio: tuple[AudioInfo, ...]


def probe(path: SourcePath) -> Probe:
    """Look at a file. Raises MediaError or BadInputError: missing, a folder, empty, cut off, or neither picture nor sound."""
    from engine.media.stills import picture_header  # brings Pillow; what was probed once is known

    header = picture_header(path)
    if header is not None and (header.format != "GIF" or header.frames == 1):
        return _probe_picture(header)
    with open_container(path) as container:
        try:
            return _probe_container(path, container)
        except (av.error.FFmpegError, OSError) as error:
            raise MediaError(f"“{display_name(path)}” is damaged and cannot be read.", "Copy or record it again.") from error


def _probe_picture(header: "PictureHeader") -> Probe:
    name = "gbrap" if header.has_alpha else "gbrp"
    picture_format = PixelFormat(name + ("16le" if header.bits == 16 else ""), header.bits, 0, 0, True, header.has_alpha)
    codec = header.format.lower()
    video = VideoInfo(
        0, codec, "", header.width, header.height, header.width, header.height, 0, Fraction(1), picture_format, SRGB, False,
        False, header.bits,
    )
    kind = MediaKind.VIDEO if header.frames > 1 else MediaKind.IMAGE
    return Probe(codec, kind, (StreamInfo(0, "video", codec, "", True, False),), video, ())


def _probe_container(path: SourcePath, container: InputContainer) -> Probe:
    streams = tuple(_stream_info(stream) for stream in container.streams)
    audio = tuple(_audio_info(s, container) for s in container.streams.audio if s.codec_context and s.codec_context.sample_rate)
    stream = video_stream(container)
    video = _video_info(path, container, stream) if stream else None
    if video is None and not audio:
        if _is_cut_off(path, container):
            raise nothing_there(path)
        raise MediaError(f"“{display_name(path)}” holds neither video nor sound.", "Choose another file.")
    kind = MediaKind.VIDEO if video else MediaKind.AUDIO
    return Probe(container.format.name, kind, streams, video, audio)


def _stream_info(stream: Stream) -> StreamInfo:
    context = getattr(stream, "codec_context", None)
    return StreamInfo(
        index=stream.index, kind=stream.type or "data", codec=codec_name(context) if context else "",
        language=_language(stream), is_default=bool(stream.disposition & Disposition.default),
        is_attached_picture=bool(stream.disposition & Disposition.attached_pic),
    )


def _language(stream: Stream) -> str:
    language = stream.metadata.get("language", "")
    return "" if language == "und" else language


def _audio_info(stream: AudioStream, container: InputContainer) -> AudioInfo:
    context = stream.codec_context
    if stream.duration is not None and stream.time_base:
        duration = stream.duration * stream.time_base
    else:
        duration = Fraction(container.duration or 0, 1_000_000)
    return AudioInfo(
        index=stream.index, codec=codec_name(context), sample_rate=context.sample_rate, channels=context.layout.nb_channels,
        layout=context.layout.name, language=_language(stream), duration=duration,
    )


def _video_info(path: SourcePath, container: InputContainer, stream: VideoStream) -> VideoInfo:
    context = stream.codec_context
    if context.width * context.height > VIDEO_MAX_PIXELS:
        raise BadInputError(f"“{display_name(path)}” has pictures of more than {VIDEO_MAX_PIXELS // 1_000_000} million pixels.")
    frame = _first_frame(container, stream)
    if frame is None and not (context.pix_fmt and context.width):
        if _is_cut_off(path, container):
            raise nothing_there(path)
        raise MediaError(f"The video of “{display_name(path)}” cannot be decoded (codec {codec_name(context)}).")
    width, height = (frame.width, frame.height) if frame else (context.width, context.height)
    rotation = -frame.rotation % 360 // 90 * 90 if frame else 0
    aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
    shown = display_size(width, height, rotation, aspect)
    pixel_format = planar_format(frame.format.name if frame else str(context.pix_fmt))
    return VideoInfo(
        index=stream.index, codec=codec_name(context), profile=context.profile or "", width=width, height=height,
        display_width=shown[0], display_height=shown[1], rotation=rotation, pixel_aspect=aspect, pixel_format=pixel_format,
        colour=colour_of(frame) if frame else Colour(full_range=pixel_format.is_rgb),
        is_interlaced=bool(frame.interlaced_frame) if frame else int(context.field_order) > _PROGRESSIVE,
        is_top_field_first=is_top_field_first(frame) if frame else int(context.field_order) in _TOP_FIRST,
        bits=pixel_format.bits,
    )


def _is_cut_off(path: SourcePath, container: InputContainer) -> bool:
    return container.format.name.startswith("mov,mp4") and is_cut_off(path)


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    """None where the beginning is damaged; a later frame may still be good."""
    try:
        for number, packet in enumerate(container.demux(stream)):
            try:
                if frames := packet.decode():
                    return frames[0]
            except (av.error.FFmpegError, ValueError):
                continue
            if number >= _PROBED_PACKETS:
                return None
    except (av.error.FFmpegError, OSError):
        return None
    return None
