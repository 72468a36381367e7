"""Runs of every form of H.264: what comes out decodes strictly between the source's packets, keeps within its set, is good."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import pytest

from engine.bitstream.avc import NalType, iter_sei_messages, nal_type, nal_types
from engine.bitstream.avcc import build_avcc, merge
from engine.bitstream.nal import split_length_prefixed
from engine.bitstream.sps import Hrd, Sps, parse_sps
from engine.cache.store import Cache
from engine.encoding.av_frames import luma_of, psnr_db
from engine.encoding.av_types import AnyPacket
from engine.encoding.result import Seam
from engine.encoding.splice.encoder import EncodedSegment, encode_segment, open_encoder
from engine.encoding.splice.encoder_settings import H264Settings, encoder_version, settings_for
from engine.encoding.splice.errors import SpliceError
from engine.encoding.splice.quality import RunFacts
from engine.encoding.splice.source import SpliceSource, splice_source
from engine.encoding.splice.source_quality import source_qualities
from engine.errors import Cancelled, ExportError
from engine.limits import ENCODER_THREADS
from engine.media.importing import import_media
from engine.media.index import FrameIndex
from engine.media.library import MediaLibrary
from engine.media.picture import Picture
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import make_clip

RUN = range(20, 40)
GOP = "keyint=20:min-keyint=20:scenecut=0"

FORMS: dict[str, dict[str, object]] = {
    "B-frames": {},
    "baseline": {"profile": "baseline"},
    "main, CAVLC, one reference": {"profile": "main", "x264": f"{GOP}:no-cabac=1:ref=1:bframes=0"},
    "deep pyramid": {"x264": f"{GOP}:b-pyramid=normal:bframes=8:ref=6"},
    "four slices, delimiters": {"x264": f"{GOP}:slices=4:aud=1"},
    "all intra": {"x264": "keyint=1"},
    "10 bit": {"pix_fmt": "yuv420p10le"},
    "10 bit 4:2:2 intra": {"pix_fmt": "yuv422p10le", "x264": "keyint=1"},
    "4:4:4": {"pix_fmt": "yuv444p"},
    "wide colour, full range": {
        "x264": f"{GOP}:fullrange=on:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:chromaloc=2:sar=8/9:force-cfr=1"
    },
    "top field first": {"x264": f"{GOP}:tff=1"},
    "bottom field first": {"x264": f"{GOP}:bff=1"},
    "frames of fields": {"x264": f"{GOP}:fake-interlaced=1"},
    "decoder buffer": {"x264": f"{GOP}:nal-hrd=vbr:vbv-maxrate=1500:vbv-bufsize=1500"},
}


def _nothing() -> None:
    """Nobody waits."""


@dataclass
class Clip:
    """A source, and its frames as pictures."""

    path: Path
    splice: SpliceSource
    index: FrameIndex
    pictures: list[Picture]

    @classmethod
    def make(cls, folder: Path, **form: object) -> "Clip":
        path = make_clip(folder / "clip.mp4", audio=False, **form)  # type: ignore[arg-type]
        cache = Cache(folder / "cache", 1 << 28)
        media, library = import_media(path, cache), MediaLibrary(cache, lambda _asset: b"")
        try:
            index = library.index(media)
            pictures = [library.picture(media, index.time_of(number)) for number in RUN]
        finally:
            library.close()
        splice = splice_source(str(path))
        assert isinstance(splice, SpliceSource), splice
        return cls(path, splice, index, pictures)

    def settings(self, seam: Seam = Seam.FAST, **changes: object) -> H264Settings:
        return replace(settings_for(self.splice, self.index, seam), **changes)  # type: ignore[arg-type]

    def facts(self) -> RunFacts:
        return RunFacts(len(RUN), frozenset(), source_qualities(self.splice, self.index, [RUN])[RUN])

    def encode(self, seam: Seam = Seam.FAST, **changes: object) -> EncodedSegment:
        settings = self.settings(seam, **changes)
        return encode_segment(lambda: iter(self.pictures), settings, self.facts(), cancel=ThreadCancelToken(), on_frame=_nothing)

    def decoded(self, segment: EncodedSegment) -> list[av.VideoFrame]:
        """All frames, with the segment in the place of the run, by a decoder that forgives nothing."""
        decoder = av.CodecContext.create("h264", "r")
        decoder.extradata = build_avcc(merge(self.splice.record, segment.sps, segment.pps))
        decoder.options = {"err_detect": "explode"}
        return [frame for packet in self._spliced(segment) for frame in decoder.decode(packet)]

    def _spliced(self, segment: EncodedSegment) -> Iterator[AnyPacket | None]:
        with av.open(str(self.path)) as container:
            for position, slot in enumerate(packet for packet in container.demux(video=0) if packet.size):
                if position in RUN:
                    new = segment.packets[position - RUN.start]
                    packet = av.Packet(new.data)
                    packet.pts, packet.dts = int(self.index.pts[RUN.start + new.frame]), slot.dts
                    assert packet.pts >= (packet.dts or 0)
                    yield packet
                else:
                    yield slot
        yield None


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip.make(tmp_path_factory.mktemp("plain"))


def _declared(sps: Sps) -> tuple[object, ...]:
    vui = sps.vui
    assert vui is not None
    return (
        sps.width, sps.height, sps.chroma_format_idc, sps.bit_depth_luma, sps.is_frame_mbs_only, sps.has_adaptive_fields,
        sps.level, vui.sample_aspect_ratio, vui.is_full_range, vui.colour_primaries, vui.transfer_characteristics,
        vui.matrix_coefficients, vui.chroma_sample_location, vui.tick, vui.is_fixed_frame_rate, vui.has_pic_struct,
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form(form: dict[str, object], tmp_path: Path) -> None:
    clip = Clip.make(tmp_path, **form)
    segment = clip.encode()
    own, source = parse_sps(segment.sps), clip.splice.sps
    assert _declared(own) == _declared(source)
    assert own.profile <= source.profile
    assert own.num_ref_frames <= source.num_ref_frames
    assert own.vui is not None and source.vui is not None
    assert (own.vui.max_num_reorder_frames or 0) <= (source.vui.max_num_reorder_frames or 0)
    assert (own.vui.max_dec_frame_buffering or 0) <= (source.vui.max_dec_frame_buffering or 0)

    frames = clip.decoded(segment)
    assert [frame.pts for frame in frames] == clip.index.pts.tolist()
    assert len({frame.interlaced_frame for frame in frames}) == 1
    inside = frames[RUN.start : RUN.stop]
    values = [psnr_db(p.planes[0], luma_of(f), p.format.peak) for p, f in zip(clip.pictures, inside, strict=True)]
    assert np.mean(values) >= 45
    assert min(values) >= 42

    types = [nal_types(packet.data, 4) for packet in segment.packets]
    assert segment.packets[0].is_keyframe and NalType.IDR in types[0]
    assert all((found[0] == NalType.AUD) == clip.splice.has_aud for found in types)
    kept = {NalType.AUD, NalType.SLICE, NalType.IDR} | ({NalType.SEI} if source.vui.has_pic_struct else set())
    assert set().union(*types) <= kept


@pytest.mark.parametrize(("fields", "structure"), [("tff", 3), ("bff", 4)])
def test_the_order_of_fields_is_the_sources(fields: str, structure: int, tmp_path: Path) -> None:
    """`pic_struct` stands in the first four bits of the timing message: 3 top and bottom, 4 bottom and top field."""
    segment = Clip.make(tmp_path, x264=f"{GOP}:{fields}=1").encode()
    units = [nal for packet in segment.packets for nal in split_length_prefixed(packet.data, 4)]
    messages = [message for nal in units if nal_type(nal) == NalType.SEI for message in iter_sei_messages(nal)]
    assert {(kind, payload[0] >> 4) for kind, payload in messages} == {(1, structure)}
    assert len(messages) == len(RUN)


REPEATED = ("B-frames", "main, CAVLC, one reference", "10 bit", "4:4:4", "top field first", "decoder buffer")


@contextmanager
def busy_processor() -> Iterator[None]:
    """Threads that compute without a pause, as many as there are cores: the encoder's own never run at once for long."""
    is_over = threading.Event()

    def compute() -> None:
        numbers = np.arange(20_000, dtype=np.float64)
        while not is_over.is_set():
            np.sqrt(numbers, out=numbers)

    threads = [threading.Thread(target=compute) for _ in range(os.cpu_count() or 1)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("name", REPEATED)
def test_the_bytes_are_the_same_however_busy_the_computer_is(name: str, tmp_path: Path) -> None:
    clip = Clip.make(tmp_path, **FORMS[name])
    for seam in (Seam.FAST, Seam.BEST):
        for length_size in (4, 2) if name == "B-frames" else (4,):
            quiet = clip.encode(seam, length_size=length_size)
            with busy_processor():
                assert all(clip.encode(seam, length_size=length_size) == quiet for _ in range(3))


def test_where_threads_race_there_is_one(plain: Clip) -> None:
    for fields, is_buffered, count in (("", False, ENCODER_THREADS), ("tff", False, 1), ("bff", False, 1), ("", True, 1)):
        settings = plain.settings(fields=fields, buffer=Hrd(1_500_000, 1_500_000))
        assert open_encoder(settings, 20, is_buffered=is_buffered).thread_count == count


def test_best_is_better_and_says_so_in_its_key(plain: Clip) -> None:
    fast, best = plain.encode(), plain.encode(Seam.BEST)
    luma = plain.decoded(best)[RUN.start : RUN.stop]
    values = [psnr_db(p.planes[0], luma_of(f), p.format.peak) for p, f in zip(plain.pictures, luma, strict=True)]
    assert np.mean(values) >= 48
    assert sum(len(p.data) for p in best.packets) < 2 * sum(len(p.data) for p in fast.packets)
    assert len({encoder_version(seam) for seam in (Seam.FAST, Seam.BEST)}) == 2


def test_units_keep_to_short_lengths(plain: Clip) -> None:
    for size in (1, 2):
        types = [nal_types(packet.data, size) for packet in plain.encode(length_size=size).packets]
        assert set().union(*types) <= {NalType.SLICE, NalType.IDR}
    assert max(len(packet.data) for packet in plain.encode().packets) > 255


def test_a_source_with_less_room_is_refused(plain: Clip) -> None:
    sps = plain.splice.sps
    assert sps.vui is not None
    for tight, what in (
        (replace(sps, profile=66), "profile"),
        (replace(sps, num_ref_frames=1), "reference frames"),
        (replace(sps, vui=replace(sps.vui, max_num_reorder_frames=0)), "reordering"),
        (replace(sps, width=sps.width + 2), "form of picture"),
    ):
        with pytest.raises(SpliceError, match=what):
            plain.encode(source=tight)


def test_pictures_are_composed_once_where_the_first_frames_show_what_is_needed(plain: Clip) -> None:
    calls, told = [0], [0]

    def pictures() -> Iterator[Picture]:
        calls[0] += 1
        return iter(plain.pictures)

    def advance() -> None:
        told[0] += 1

    for source in (None, replace(plain.facts(), source=None).source):
        calls[0] = told[0] = 0
        facts = RunFacts(len(RUN), frozenset(), source)
        encode_segment(pictures, plain.settings(), facts, cancel=ThreadCancelToken(), on_frame=advance)
        assert (calls[0], told[0]) == (1, len(RUN))


def test_cancelling_ends_it(plain: Clip) -> None:
    token = ThreadCancelToken()
    with pytest.raises(Cancelled):
        encode_segment(lambda: iter(plain.pictures), plain.settings(), plain.facts(), cancel=token, on_frame=token.cancel)


def test_what_composing_raises_comes_through(plain: Clip) -> None:
    def pictures() -> Iterator[Picture]:
        yield plain.pictures[0]
        raise ExportError("No.")

    with pytest.raises(ExportError, match="No"):
        encode_segment(pictures, plain.settings(), plain.facts(), cancel=ThreadCancelToken(), on_frame=_nothing)
