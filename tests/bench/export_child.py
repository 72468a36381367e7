"""What the export bench does with the program's own libraries, each in a process of its own.

`note FILE ARGUMENTS…` runs main.py's command and keeps with which settings it opened its encoder. `bare FILE CLIP RUNS…` is the
least that any export must do: decode the frames of the runs, from the IDR before each, and encode them with those settings;
nothing else, and Python's start is not in its time. `bytes CLIP OUTPUT RUNS…` compares the sizes of the runs' packets. A run
is `first:stop`, frames in order of showing. The last line of the output is JSON.
"""

import json
import pickle
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from engine.encoding.splice import encoder as splice_encoder
from engine.encoding.splice import segments

_QUALITY = re.compile(rb" (crf|qp)=([0-9.]+)")


def note(file: str, *arguments: str) -> int:
    """Whatever arguments the encoder takes are kept as they are; those of the last call made what was kept."""
    from editor.command_line import main

    vars(segments)["WORKER_PIXELS"] = 1 << 60  # no processes: what they call is not seen here
    calls: list[dict[str, Any]] = []
    opened = splice_encoder.open_encoder

    def noted(*words: Any, **named: Any) -> VideoCodecContext:
        calls.append({"words": words, "named": named})
        return opened(*words, **named)

    vars(splice_encoder)["open_encoder"] = noted
    status = main(list(arguments))
    if not status and not calls:
        raise RuntimeError("The export opened no encoder by encoder.open_encoder.")
    Path(file).write_bytes(pickle.dumps(calls))
    return status


def bare(file: str, clip: str, *runs: str) -> dict[str, Any]:
    """Wall and CPU seconds, frames and bytes; an encoder for each run, as the export has."""
    call = pickle.loads(Path(file).read_bytes())[-1]
    times = _times(clip)
    spans = [times[span.start : span.stop] for span in map(_span, runs)]
    started, started_cpu = time.perf_counter(), time.process_time()
    packets: list[bytes] = []
    for wanted in spans:
        encoder = splice_encoder.open_encoder(*call["words"], **call["named"])
        for number, frame in enumerate(_decoded(clip, wanted)):
            frame.pts, frame.time_base, frame.pict_type = number, encoder.time_base, PictureType.NONE
            packets += map(bytes, encoder.encode(frame))
        packets += map(bytes, encoder.encode(None))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    if len(packets) != sum(map(len, spans)):
        raise RuntimeError(f"{len(packets)} frames were encoded of {sum(map(len, spans))}.")
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "frames": len(packets), "encoder": _encoder(call, packets[0])}


def _encoder(call: dict[str, Any], first_packet: bytes) -> str:
    """Preset and quality; x264 writes the latter into its first packet."""
    presets = [value.preset for value in call["words"] if hasattr(value, "preset")]
    quality = _QUALITY.search(first_packet)
    if not presets or quality is None:
        raise RuntimeError("The encoder does not say its preset or its quality.")
    return f"{presets[0]}, {quality[1].decode()} {float(quality[2]):g}"


def _decoded(clip: str, wanted: list[int]) -> Iterator[VideoFrame]:
    """The frames with these times, in order; no packet behind the last of them is decoded."""
    with av.open(clip) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        container.seek(wanted[0], stream=stream, backward=True)
        left, shown = set(wanted), set(wanted)
        for packet in container.demux(stream):
            left.discard(packet.pts or 0)
            yield from (frame for frame in packet.decode() if frame.pts in shown)
            if not left:
                break
        yield from (frame for frame in stream.codec_context.decode(None) if frame.pts in shown)


def compare_bytes(clip: str, output: str, *runs: str) -> dict[str, int]:
    """Bytes of the runs' packets in both files."""
    times = _times(clip)
    shown = {pts for span in map(_span, runs) for pts in times[span.start : span.stop]}
    return {"source": _bytes(clip, shown), "output": _bytes(output, shown)}


def _bytes(path: str, shown: set[int]) -> int:
    with av.open(path) as container:
        return sum(packet.size for packet in container.demux(container.streams.video[0]) if packet.pts in shown)


def _times(clip: str) -> list[int]:
    with av.open(clip) as container:
        return sorted(packet.pts or 0 for packet in container.demux(container.streams.video[0]) if packet.size)


def _span(text: str) -> range:
    first, stop = text.split(":")
    return range(int(first), int(stop))


def _main(what: str, *arguments: str) -> int:
    if what == "note":
        return note(*arguments)
    jobs: dict[str, Callable[..., object]] = {"bare": bare, "bytes": compare_bytes}
    sys.stdout.write(json.dumps(jobs[what](*arguments)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
