"""Opens a source file with FFmpeg's demuxers, safely, and turns every way in which that fails into one sentence.

Must not know what is done with the streams. Only files are read: no demuxer is allowed that follows addresses or other file
names written inside a file (playlists, concat scripts), and no protocol but `file`.
"""

import os
import stat
from pathlib import Path

import av
import av.error
from av.codec.context import CodecContext
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from engine.errors import BadInputError, MediaError

SourcePath = str | Path
"""A file name; bytes that are not UTF-8 are surrogates in it (`os.fsdecode`), which PyAV takes as they are."""

_DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,ogg,gif,apng,flv,asf,mxf,mxf_opatom,nut,ivf,dv,gxf,"
    "m4v,h264,hevc,obu,av1,vc1,yuv4mpegpipe,rm,wtv,wav,w64,mp3,flac,aac,ac3,eac3,dts,aiff,au,caf,amr,amrnb,amrwb,ape,wv,tta,opus"
)
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _DEMUXERS}
_NO_DECODER = {"codec_whitelist": "none"}


def display_name(path: SourcePath) -> str:
    """The file's name for a sentence: what is not UTF-8 shows as a replacement character."""
    return os.fsencode(Path(path).name).decode("utf-8", "replace")


def check_file(path: SourcePath) -> os.stat_result:
    """The file's status. Raises MediaError where it is missing, no file, empty or not readable."""
    name = display_name(path)
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise MediaError(f"“{name}” {reason}.", "Check the path, or relink the media.") from error
    if stat.S_ISDIR(status.st_mode):
        raise BadInputError(f"“{name}” is a folder, not a media file.", "Choose a file inside it.")
    if not stat.S_ISREG(status.st_mode):
        raise BadInputError(f"“{name}” is a device or pipe, not a media file.")
    if status.st_size == 0:
        raise MediaError(f"“{name}” is empty: 0 bytes.", "Copy or record it again.")
    return status


def open_container(path: SourcePath, *, may_decode: bool = True) -> InputContainer:
    """Open a file for demuxing; the caller closes it. Raises MediaError or BadInputError.

    Without `may_decode` an MP4 is opened ten times as fast: FFmpeg decodes some frames of each stream on opening, to find out
    what the tables of an MP4 say. Its packets are the same; those of MKV and TS would lose times that are guessed from frames.
    """
    check_file(path)
    options = _OPTIONS if may_decode else _OPTIONS | _NO_DECODER
    try:
        # A tag in an old encoding must not make the whole file unreadable.
        return av.open(os.fspath(path), mode="r", metadata_errors="replace", options=dict(options))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(*_open_failure(path, error)) from error


def _open_failure(path: SourcePath, error: Exception) -> tuple[str, str]:
    name = display_name(path)
    if isinstance(error, PermissionError):
        return f"“{name}” may not be read by this user.", "Change its permissions."
    try:
        with Path(path).open("rb") as file:
            head = file.read(12)
    except OSError as failure:
        return f"“{name}” cannot be read: {failure.strerror or 'the disk refuses'}.", ""
    if head[4:8] in {b"ftyp", b"mdat", b"moov", b"wide", b"free"}:
        return f"“{name}” was cut off or is damaged: the index of its frames is missing.", "Copy or record it again."
    return f"“{name}” holds no video, picture or sound in a known form.", ""


def must_count(container: InputContainer, stream: VideoStream) -> bool:
    """True for AVI with B-frames: it stores no time of showing, and what FFmpeg makes up for it is wrong. The order in which
    the decoder hands frames out is right, so they are counted from the beginning of the file."""
    return container.format.name == "avi" and bool(stream.codec_context.has_b_frames)


def video_stream(container: InputContainer) -> VideoStream | None:
    """The first real video stream, whatever its number; cover art and timed thumbnails are none."""
    hidden = Disposition.attached_pic | Disposition.timed_thumbnails
    return next((s for s in container.streams.video if not s.disposition & hidden), None)


def codec_name(context: CodecContext) -> str:
    """The codec's own name (`av1`, `mp3`), whatever the decoder's is (`libdav1d`, `mp3float`)."""
    return context.codec.canonical_name
