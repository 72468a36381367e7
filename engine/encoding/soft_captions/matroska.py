"""Captions as a SubRip track of an MKV, written between the packets of the rest."""

from collections.abc import Iterator
from fractions import Fraction

from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from engine.encoding.av_types import AnyPacket
from engine.encoding.soft_captions.spans import TRACK_NAME, SoftCaptions
from engine.encoding.splice.stitch import ExtraAudio

_TICK = Fraction(1, 1000)


class MatroskaText:
    """Implements `stitch.ExtraAudio` for texts, and passes on those of `sound` where there is one.

    `offset` is the time of the first frame in the file (seconds).
    """

    def __init__(self, captions: SoftCaptions, offset: Fraction, sound: ExtraAudio | None) -> None:
        self._waiting = list(captions.spans[::-1])
        self._language, self._offset, self._sound = captions.language, offset, sound
        self._stream: Stream | None = None

    def add_stream(self, output: OutputContainer) -> None:
        if self._sound is not None:
            self._sound.add_stream(output)
        self._stream = output.add_mux_stream("subrip", time_base=_TICK)
        self._stream.metadata.update({"language": self._language, "title": TRACK_NAME})

    def packets_until(self, seconds: Fraction | None) -> Iterator[AnyPacket]:
        if self._sound is not None:
            yield from self._sound.packets_until(seconds)
        while self._waiting and (seconds is None or self._waiting[-1][0].start + self._offset <= seconds):
            span, text = self._waiting.pop()
            yield self._packet(text, span.start + self._offset, span.end + self._offset)

    def _packet(self, text: str, start: Fraction, end: Fraction) -> AnyPacket:
        packet = Packet(text.encode("utf-8"))
        assert self._stream is not None
        packet.stream, packet.time_base = self._stream, _TICK
        packet.pts = packet.dts = max(0, round(start / _TICK))
        packet.duration = max(1, round(end / _TICK) - packet.pts)
        packet.is_keyframe = True
        return packet
