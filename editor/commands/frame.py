"""Write the exact frame of a file at a time, upright, as PNG."""

import argparse

from editor.commands.opening import existing_file, open_cache, read_time, seconds_of
from editor.commands.running import Answer
from editor.commands.writing import png_target, write_png
from engine.errors import BadInputError
from engine.media.display import to_display_rgb
from engine.media.importing import import_media
from engine.media.library import MediaLibrary
from engine.project.model import MediaKind
from engine.rational_time import clock, time_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="a video or picture")
    parser.add_argument("--at", required=True, metavar="TIME", help="source time: 12.5, 00:00:12.500 or f:375")
    parser.add_argument("-o", "--output", required=True, metavar="PNG")


def run(arguments: argparse.Namespace) -> Answer:
    spec, target, cache = read_time(arguments.at), png_target(arguments.output), open_cache()
    media = import_media(existing_file(arguments.file), cache)
    if media.kind is MediaKind.AUDIO:
        raise BadInputError(f"“{media.name}” has no picture.", "Choose a video or a picture.")
    library = MediaLibrary(cache, lambda _asset: b"")
    try:
        number, time = 0, seconds_of(spec, lambda n: library.index(media).time_of(min(n, len(library.index(media)) - 1)))
        if media.kind is MediaKind.VIDEO:
            index = library.index(media)
            if time >= index.duration or (spec.frame or 0) >= len(index):
                raise BadInputError(f"{arguments.at} lies behind the end of “{media.name}”, which lasts {clock(index.duration)}.")
            number = index.frame_at(time)
            time = index.time_of(number)
        rgb = to_display_rgb(library.picture(media, time), library.rotation(media), library.pixel_aspect(media))
    finally:
        library.close()
    write_png(target, rgb)
    data = {"file": media.path, "frame": number, "time": time_json(time), "width": rgb.shape[1], "height": rgb.shape[0],
            "output": str(target)}
    return Answer(data, f"Frame {number} at {clock(time)}, {rgb.shape[1]} × {rgb.shape[0]}: {target}")
