"""Which field of an interlaced picture comes first: read from decoded frames, and written on frames that are to be encoded.

PyAV says only whether a frame is interlaced; FFmpeg's filters know the order, and set it.
"""

from fractions import Fraction

import av.error
import av.filter
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

_ANY_CLOCK = Fraction(1, 25)


def is_top_field_first(frame: VideoFrame) -> bool:
    """Whether a decoded frame is interlaced and its top field is the earlier one."""
    clock = frame.time_base or _ANY_CLOCK
    graph = _graph("select", "eq(interlace_type,TOPFIRST)", frame.width, frame.height, frame.format.name, clock)
    graph.push(frame)
    try:
        graph.pull()
    except av.error.BlockingIOError:  # it was not let through
        return False
    return True


class FieldOrder:
    """Marks frames as interlaced, with this field first: encoders go by their frames."""

    def __init__(self, width: int, height: int, pixel_format: str, time_base: Fraction, *, is_top_first: bool) -> None:
        self._graph = _graph("setfield", "tff" if is_top_first else "bff", width, height, pixel_format, time_base)

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The same pixels and time."""
        self._graph.push(frame)
        marked = self._graph.pull()
        assert isinstance(marked, VideoFrame)
        return marked


def _graph(name: str, options: str, width: int, height: int, pixel_format: str, time_base: Fraction) -> av.filter.Graph:
    graph = av.filter.Graph()
    form = VideoFormat(pixel_format, width, height)
    source = graph.add_buffer(width=width, height=height, format=form, time_base=time_base)
    step, sink = graph.add(name, options), graph.add("buffersink")
    source.link_to(step)
    step.link_to(sink)
    graph.configure()
    return graph
