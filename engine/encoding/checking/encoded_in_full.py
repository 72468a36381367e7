"""Tells from a finished file whether its frames were all encoded although a plan would copy: `verify` knows nothing else.

An export encodes in full where it was asked to, where the copied file did not pass its check, or where the container cannot
take the source's packets.
"""

from engine.bitstream.avcc import AvcC, parse_avcc
from engine.bitstream.errors import BitstreamError
from engine.encoding.checking.compare import compare
from engine.encoding.checking.report import Comparison
from engine.media.container import open_container, video_stream
from engine.running import CancelToken


def encoded_in_full(output: str, job: Comparison, *, cancel: CancelToken) -> str:
    """A sentence that says why the file is one whose frames were all encoded; empty where it may be a splice.

    A splice has the source's parameter sets beside new ones, or at least one packet of the source. Raises MediaError.
    """
    source, made = _described(job.source), _described(output)
    if made is None or source is None or made[:2] != source[:2]:
        return "Codec or container are not the source's."
    if _has_sets_of(made[2], source[2]):
        return ""
    return "" if compare(job, cancel=cancel).copied else "No packet is the source's."


def _described(path: str) -> tuple[str, str, AvcC | None] | None:
    """(codec, container, configuration record)"""
    with open_container(path) as container:
        stream = video_stream(container)
        if stream is None:
            return None
        context = stream.codec_context
        try:
            record = parse_avcc(context.extradata or b"") if context.name == "h264" else None
        except BitstreamError:
            record = None
        return context.name, container.format.name, record


def _has_sets_of(record: AvcC | None, source: AvcC | None) -> bool:
    """Whether the source's sets stand there with others; alone they may be those of a like encoder."""
    return record is not None and source is not None and len(record.sps) > len(source.sps) and set(source.sps) <= set(record.sps)
