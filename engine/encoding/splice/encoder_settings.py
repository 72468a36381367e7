"""The settings of libx264 that make new frames fit between a source's packets.

Profile, level, chroma and depth, colour tags, pixel aspect, fields, timing, delimiters and reorder depth follow the source's
parameter set; the parameter set id is one the source does not use. How fine the frames are quantised is not decided here.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.bitstream.sps import Hrd, Sps, Vui
from engine.encoding.result import Seam
from engine.encoding.splice.containers import Kind
from engine.encoding.splice.errors import SpliceError
from engine.encoding.splice.source import SpliceSource
from engine.limits import ENCODER_THREADS
from engine.media.index import FrameIndex

_VERSION = 12

_PRESETS = {Seam.FAST: "superfast", Seam.BEST: "medium"}
_REFERENCES = {Seam.FAST: 1, Seam.BEST: 3}
_B_FRAMES = {Seam.FAST: 1, Seam.BEST: 3}
_FAST_SUBPIXEL = 2
"""Motion to a quarter of a pixel. With one B-frame that is 15 to 25 % fewer bytes than the preset alone, for as much time."""

_LONGEST_GOP = 250
_FINEST_RATE = 1001
_LONGEST_NAL = {1: 250, 2: 65_000}
"""Bytes of a slice that x264 keeps to, by the size of the lengths before them; it counts without emulation prevention."""

_PROFILE_RANK = (66, 77, 100, 110, 122, 244)


def encoder_version(seam: Seam) -> str:
    """Part of every segment key: change `_VERSION` with anything here, in `encoder.py` or `quality.py` that changes bytes."""
    return f"x264 {_PRESETS.get(seam, '')} {_VERSION}, {ENCODER_THREADS} threads"


@dataclass(frozen=True, slots=True)
class H264Settings:
    """Everything but the quantiser. `pixel_aspect` is 0 where the source does not say; code points are those of H.273."""

    seam: Seam
    width: int
    height: int
    pixel_format: str
    profile: str
    level: int
    parameter_set_id: int
    references: int
    b_frames: int
    is_all_intra: bool
    fields: str
    """x264's option: `tff` or `bff` for interlaced video, `fake-interlaced` where only the set allows fields, else empty."""
    pixel_aspect: Fraction
    full_range: bool
    primaries: int
    transfer: int
    matrix: int
    chroma_location: int | None
    rate: Fraction
    is_fixed_rate: bool
    has_pic_struct: bool
    has_delimiters: bool
    buffer: Hrd | None
    length_size: int
    source: Sps
    """What the encoder's own set must keep within."""

    @property
    def preset(self) -> str:
        """x264's preset."""
        return _PRESETS[self.seam]

    @property
    def bits(self) -> int:
        """Bits of a luma sample, 8 or 10."""
        return self.source.bit_depth_luma

    def x264_params(self) -> str:
        """x264's own options, all that has no place in FFmpeg's."""
        number = self.parameter_set_id
        params = {
            "sps-id": number, "annexb": 1, "level": f"{self.level / 10:g}", "bframes": self.b_frames, "b-pyramid": "none",
            "ref": self.references, "keyint": 1 if self.is_all_intra else _LONGEST_GOP, "scenecut": 0, "open-gop": 0,
            "b-adapt": 0, "psy": 0, "repeat-headers": 0, "aud": int(self.has_delimiters), "stitchable": 1,
            "force-cfr": int(self.is_fixed_rate), "pic-struct": int(self.has_pic_struct),
            # A short look ahead: each frame in it is 4 MB of 1080p. With mbtree a short one gives other bytes from run to run.
            "rc-lookahead": 4, "sync-lookahead": 0, "no-mbtree": 1, "aq-mode": 0,
        }  # fmt: skip
        if self.seam is Seam.FAST:
            params["subme"] = _FAST_SUBPIXEL
        if self.fields:
            params[self.fields] = 1
        if self.chroma_location is not None:
            params["chromaloc"] = self.chroma_location
        if self.length_size in _LONGEST_NAL:
            params["slice-max-size"] = _LONGEST_NAL[self.length_size]
        return ":".join(f"{name}={value}" for name, value in params.items())

    def check(self, own: Sps) -> None:
        """Raises SpliceError where the encoder's parameter set asks a decoder for more than the source's does."""
        source = self.source
        pairs = [
            ("profile", _rank(own.profile), _rank(source.profile)),
            ("number of reference frames", own.num_ref_frames, source.num_ref_frames),
        ]
        ours, theirs = own.vui, source.vui
        if ours and theirs and theirs.max_num_reorder_frames is not None and theirs.max_dec_frame_buffering is not None:
            pairs += [
                ("reordering", ours.max_num_reorder_frames or 0, theirs.max_num_reorder_frames),
                ("picture buffer", ours.max_dec_frame_buffering or 0, theirs.max_dec_frame_buffering),
            ]
        for name, has, may in pairs:
            if has > may:
                raise SpliceError(f"The encoder needs a larger {name} than the source declares ({has} instead of {may}).")
        same = [(s.width, s.height, s.chroma_format_idc, s.bit_depth_luma, s.is_frame_mbs_only) for s in (own, source)]
        if same[0] != same[1]:
            raise SpliceError("The encoder does not know the source's form of picture.")


def settings_for(source: SpliceSource, index: FrameIndex, seam: Seam = Seam.FAST) -> H264Settings:
    """Settings that fit a source, the same for all its segments: their parameter sets share one number.

    B-frames (one frame of reordering) are used where every decode time of the source leaves room for it.
    """
    sps, vui = source.sps, source.sps.vui or Vui()
    has_room = source.reorder_depth > 0 and bool(np.all(index.dts[1:] <= index.pts[:-1]))
    has_b_frames = has_room and sps.num_ref_frames > 1 and source.profile != "baseline"
    is_told_elsewhere = source.kind is Kind.MP4  # how long a frame lasts
    rate = 1 / (2 * vui.tick) if vui.tick and not is_told_elsewhere else _rate(vui, index)
    return H264Settings(
        seam=seam, width=sps.width, height=sps.height, pixel_format=source.pixel_format, profile=source.profile,
        level=sps.level, parameter_set_id=source.parameter_set_id,
        references=max(1, min(_REFERENCES[seam], sps.num_ref_frames)), b_frames=_B_FRAMES[seam] if has_b_frames else 0,
        is_all_intra=bool(index.is_idr.all()) and len(index) > 1, fields=_fields(source),
        pixel_aspect=source.pixel_aspect, full_range=vui.is_full_range,
        primaries=vui.colour_primaries, transfer=vui.transfer_characteristics, matrix=vui.matrix_coefficients,
        chroma_location=vui.chroma_sample_location, rate=rate, is_fixed_rate=vui.is_fixed_frame_rate,
        has_pic_struct=vui.has_pic_struct, has_delimiters=source.has_aud,
        buffer=vui.hrd, length_size=source.record.length_size, source=sps,
    )  # fmt: skip


def _fields(source: SpliceSource) -> str:
    sps = source.sps
    if sps.is_frame_mbs_only:
        return ""
    if not sps.has_adaptive_fields and not (sps.vui and sps.vui.has_pic_struct):
        return "fake-interlaced"
    return "bff" if source.is_bottom_field_first else "tff"


def _rate(vui: Vui, index: FrameIndex) -> Fraction:
    """The rate that the source's timing declares, where it is about the real one (some declare half or twice); else the real."""
    real = index.average_rate.limit_denominator(_FINEST_RATE)
    declared = 1 / (2 * vui.tick) if vui.tick else real
    return declared if real * 2 < declared * 3 < real * 5 else real


def _rank(profile: int) -> int:
    return _PROFILE_RANK.index(profile) if profile in _PROFILE_RANK else len(_PROFILE_RANK)
