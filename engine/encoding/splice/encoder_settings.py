"""The settings of libx264 that make new frames fit between a source's packets.

Profile, level, chroma and depth, colour tags, pixel aspect, fields and reorder depth follow the source's parameter set; the
parameter set id is one the source does not use.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.encoding.splice.source import SpliceSource
from engine.limits import ENCODER_THREADS
from engine.media.index import FrameIndex

ENCODER_VERSION = f"x264 superfast 4, {ENCODER_THREADS} threads"
"""Part of every segment key: change it with anything here or in `encoder.py` that changes bytes."""

_LONGEST_GOP = 250
_FINEST_RATE = 1001


@dataclass(frozen=True, slots=True)
class H264Settings:
    """Everything but the quality. `pixel_aspect` is 0 where the source does not say; code points are those of H.273."""

    width: int
    height: int
    pixel_format: str
    profile: str
    level: int
    parameter_set_id: int
    b_frames: int
    is_all_intra: bool
    fields: str
    """`tff` or `bff` for interlaced video, else empty."""
    pixel_aspect: Fraction
    full_range: bool
    primaries: int
    transfer: int
    matrix: int
    chroma_location: int | None
    rate: Fraction
    length_size: int

    def x264_params(self) -> str:
        """x264's own options, all that has no place in FFmpeg's."""
        number = self.parameter_set_id
        params = {
            "sps-id": number, "annexb": 1, "level": f"{self.level / 10:g}", "bframes": self.b_frames, "b-pyramid": "none",
            "ref": 1, "keyint": 1 if self.is_all_intra else _LONGEST_GOP, "scenecut": 0, "open-gop": 0,
            "b-adapt": 0, "psy": 0, "repeat-headers": 0, "aud": 0, "stitchable": 1,
            # A short look ahead: each frame in it is 4 MB of 1080p, here, in the encoder and among those that await their check.
            # With mbtree a short one gives other bytes from run to run.
            "rc-lookahead": 4, "sync-lookahead": 0, "no-mbtree": 1, "aq-mode": 0,
        }  # fmt: skip
        if self.fields:
            params[self.fields] = 1
        if self.chroma_location is not None:
            params["chromaloc"] = self.chroma_location
        return ":".join(f"{name}={value}" for name, value in params.items())


def settings_for(source: SpliceSource, index: FrameIndex) -> H264Settings:
    """Settings that fit a source, the same for all its segments: their parameter sets share one number.

    B-frames (one frame of reordering) are used where every decode time of the source leaves room for it.
    """
    sps, vui = source.sps, source.sps.vui
    has_room = source.reorder_depth > 0 and bool(np.all(index.dts[1:] <= index.pts[:-1]))
    has_b_frames = has_room and sps.num_ref_frames > 1 and source.profile != "baseline"
    return H264Settings(
        width=sps.width, height=sps.height, pixel_format=source.pixel_format, profile=source.profile, level=sps.level,
        parameter_set_id=source.parameter_set_id, b_frames=3 if has_b_frames else 0,
        is_all_intra=bool(index.is_idr.all()) and len(index) > 1,
        fields="" if sps.is_frame_mbs_only else "bff" if source.is_bottom_field_first else "tff",
        pixel_aspect=source.pixel_aspect, full_range=bool(vui and vui.is_full_range),
        primaries=vui.colour_primaries if vui else 2, transfer=vui.transfer_characteristics if vui else 2,
        matrix=vui.matrix_coefficients if vui else 2, chroma_location=vui.chroma_sample_location if vui else None,
        rate=index.average_rate.limit_denominator(_FINEST_RATE), length_size=source.record.length_size,
    )  # fmt: skip
