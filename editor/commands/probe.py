"""Say what a file is: streams, exact frame count, rate, keyframes, colour, rotation, and whether its packets can be copied."""

import argparse
from fractions import Fraction
from typing import Any

from editor.commands.opening import existing_file, open_cache
from editor.commands.running import Answer
from engine.encoding.splice.source import splice_source
from engine.media.cut_off import cut_off
from engine.media.importing import import_media
from engine.media.index import FrameIndex
from engine.media.library import MediaLibrary
from engine.media.probe import Probe, VideoInfo
from engine.project.model import MediaKind
from engine.rational_time import clock, time_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="a video, picture or sound")


def run(arguments: argparse.Namespace) -> Answer:
    cache = open_cache()
    media = import_media(existing_file(arguments.file), cache)
    library = MediaLibrary(cache, lambda _asset: b"")
    try:
        found = library.probe(media)
        index = library.index(media) if media.kind is MediaKind.VIDEO else None
        splice = splice_source(media.path) if index is not None else "It is no video."
    finally:
        library.close()
    data: dict[str, Any] = {
        "file": media.path, "kind": found.kind.value, "container": found.container, "size_bytes": media.size_bytes,
        "streams": [_stream(found, i) for i in range(len(found.streams))],
        "video": _video(found.video, index, splice if isinstance(splice, str) else "") if found.video else None,
        "warnings": [lost] if index is not None and (lost := cut_off(media.name, index)) else [],
        "audio": [_audio(found, i) for i in range(len(found.audio))],
    }
    return Answer(data, _text(media.name, data))


def _stream(found: Probe, position: int) -> dict[str, Any]:
    stream = found.streams[position]
    return {"index": stream.index, "kind": stream.kind, "codec": stream.codec, "language": stream.language,
            "is_default": stream.is_default, "is_attached_picture": stream.is_attached_picture}


def _video(video: VideoInfo, index: FrameIndex | None, refusal: str) -> dict[str, Any]:
    return {
        "index": video.index, "codec": video.codec, "profile": video.profile,
        "width": video.width, "height": video.height, "display_width": video.display_width,
        "display_height": video.display_height, "rotation": video.rotation,
        "pixel_aspect": [video.pixel_aspect.numerator, video.pixel_aspect.denominator],
        "pixel_format": video.pixel_format.name, "bits": video.bits, "interlaced": video.is_interlaced,
        "colour": {"matrix": video.colour.matrix, "primaries": video.colour.primaries,
                   "transfer": video.colour.transfer, "full_range": video.colour.full_range},
        "frames": len(index) if index is not None else 1, "missing_frames": index.missing if index is not None else 0,
        "duration": time_json(index.duration if index is not None else Fraction(0)),
        "rate": time_json(index.average_rate) if index is not None else None,
        "vfr": index.is_vfr if index is not None else False,
        "keyframes": int(index.is_keyframe.sum()) if index is not None else 1,
        "idr_frames": int(index.is_idr.sum()) if index is not None else 1,
        "can_copy": not refusal, "can_copy_reason": refusal or "Unchanged packets can stay as they are.",
    }


def _audio(found: Probe, position: int) -> dict[str, Any]:
    audio = found.audio[position]
    return {"index": audio.index, "codec": audio.codec, "sample_rate": audio.sample_rate, "channels": audio.channels,
            "layout": audio.layout, "language": audio.language, "duration": time_json(audio.duration)}


def _text(name: str, data: dict[str, Any]) -> str:
    lines = [f"{name}: {data['kind']}, {data['container']}, {data['size_bytes']:,} bytes"]
    if (video := data["video"]) is not None:
        turned = f", turned {video['rotation']}°" if video["rotation"] else ""
        size = f"{video['display_width']} × {video['display_height']}{turned}"
        lines.append(f"  video  {video['codec']} {video['profile']}, {size}, {video['pixel_format']}")
        if video["rate"] is not None:
            duration = clock(Fraction(video["duration"]["num"], video["duration"]["den"]))
            rate = f"{video['rate']['seconds']:.3f} fps" + (", varying" if video["vfr"] else "")
            lines.append(f"         {video['frames']} frames, {duration}, {rate}, {video['keyframes']} keyframes")
            lines.append(f"  copy   {'yes' if video['can_copy'] else 'no'}: {video['can_copy_reason']}")
    lines += [f"  audio  {a['codec']}, {a['sample_rate']} Hz, {a['layout']}" for a in data["audio"]]
    others = [s for s in data["streams"] if s["kind"] not in ("video", "audio") or s["is_attached_picture"]]
    lines += [f"  other  {'cover picture' if s['is_attached_picture'] else s['kind']}, {s['codec']}" for s in others]
    return "\n".join([*lines, *(f"  ! {warning}" for warning in data["warnings"])])
