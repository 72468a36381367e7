"""How long an export will take and how large its file will be: a first guess, corrected by what earlier exports took.

The guess knows pixels and bytes only; a machine's speed and a film's detail come in as factors learned from finished exports,
one for each kind of export. Says which it is, so that nobody takes a guess for a measurement.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

SPLICE, BEST_SPLICE = "splice", "splice, best seam"
"""The kinds in which unchanged packets are copied; the others are named after their codec."""

_START_S = 0.4
"""Opening files, planning, renaming."""
_COPIED_BYTES_PER_S = 120e6
"""Read, written, read back and compared."""
_PX_PER_S = {
    SPLICE: 45e6, BEST_SPLICE: 10e6, "h264": 40e6, "hevc": 12e6, "vp9": 9e6, "av1": 40e6, "prores": 12e6, "ffv1": 36e6,
}  # fmt: skip
"""Composed, encoded and read back, on two slow cores: a first guess that later measurements correct."""
_BITS_PER_PX = {"h264": 0.14, "hevc": 0.09, "vp9": 0.10, "av1": 0.08, "prores": 4.0, "ffv1": 3.0}
_OTHER_PX_PER_S, _OTHER_BITS_PER_PX = 20e6, 0.5
_AUDIO_BYTES_PER_S = 24e3
_SPLICED_COST = 1.15
"""An encoded range is a little larger than the packets it replaces: it keeps their loss and adds its own."""
_LEAST, _MOST, _WEIGHT = 0.02, 50.0, 0.5


@dataclass(frozen=True, slots=True)
class Amount:
    """What an export has to do. `source_bytes` is the file whose packets are copied, 0 where none are."""

    frame_px: int
    frames: int
    encoded_frames: int
    seconds: float
    codec: str
    """FFmpeg's name of the codec of what is encoded."""
    source_bytes: int = 0
    share_copied: float = 0.0
    is_best: bool = False
    """Whether what is encoded between copied packets is encoded slowly and well."""

    @property
    def kind(self) -> str:
        if self.source_bytes:
            return BEST_SPLICE if self.is_best else SPLICE
        return self.codec


@dataclass(frozen=True, slots=True)
class Learned:
    """Measured over guessed, by kind of export: factors for time and for size."""

    time: Mapping[str, float] = field(default_factory=dict)
    size: Mapping[str, float] = field(default_factory=dict)

    def to_text(self) -> str:
        """For the settings."""
        return json.dumps({"time": dict(self.time), "size": dict(self.size)}, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "Learned":
        """What `to_text` made; anything else is as if nothing was learned."""
        try:
            read = json.loads(text)
            return cls(_factors(read["time"]), _factors(read["size"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()


def _factors(found: Mapping[str, object]) -> dict[str, float]:
    return {str(kind): min(_MOST, max(_LEAST, float(str(value)))) for kind, value in found.items()}


@dataclass(frozen=True, slots=True)
class Estimate:
    """`full_seconds` is what encoding every frame would take. `is_measured`: an export of this kind was timed before."""

    seconds: float
    full_seconds: float
    size_bytes: int
    is_measured: bool


def estimate(amount: Amount, learned: Learned) -> Estimate:
    """Where a kind was never measured, the machine's factor of another kind stands in for it."""
    whole = Amount(amount.frame_px, amount.frames, amount.frames, amount.seconds, amount.codec)
    full = _seconds(whole) * _time_factor(whole.kind, learned)
    seconds = _seconds(amount) * _time_factor(amount.kind, learned)
    size = _bytes(amount) * learned.size.get(amount.kind, 1.0)
    return Estimate(seconds, full, round(size), amount.kind in learned.time)


def _time_factor(kind: str, learned: Learned) -> float:
    """Its own, else that of the kind which is most alike, else any."""
    alike = {SPLICE: BEST_SPLICE, BEST_SPLICE: SPLICE}.get(kind, kind)
    found = [learned.time[name] for name in (kind, alike) if name in learned.time]
    return (found or [*learned.time.values(), 1.0])[0]


def learn(amount: Amount, seconds: float, size_bytes: int, learned: Learned) -> Learned:
    """With a finished export: the newest measurement weighs as much as all before it."""
    time = _mixed(learned.time, amount.kind, seconds / _seconds(amount))
    return Learned(time, _mixed(learned.size, amount.kind, size_bytes / max(1.0, _bytes(amount))))


def _mixed(before: Mapping[str, float], kind: str, factor: float) -> dict[str, float]:
    factor = min(_MOST, max(_LEAST, factor))
    old = before.get(kind)
    return {**before, kind: factor if old is None else old * (1 - _WEIGHT) + factor * _WEIGHT}


def _seconds(amount: Amount) -> float:
    speed = _PX_PER_S.get(amount.kind, _OTHER_PX_PER_S)
    encoded = amount.encoded_frames * amount.frame_px / speed
    return _START_S + encoded + amount.source_bytes / _COPIED_BYTES_PER_S


def _bytes(amount: Amount) -> float:
    if amount.source_bytes:
        return amount.source_bytes * (amount.share_copied + (1 - amount.share_copied) * _SPLICED_COST)
    bits = _BITS_PER_PX.get(amount.codec, _OTHER_BITS_PER_PX)
    return amount.frames * amount.frame_px * bits / 8 + amount.seconds * _AUDIO_BYTES_PER_S
