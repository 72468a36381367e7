"""What is known of a patch's carried frames: which cache entries each frame is made of, and what they give together.

Stored is what is carried from one anchor, under a name of all that decides it; a frame between two anchors is blended when it is
read, and what stays in front and the fade at the window's ends are taken off then. So a further anchor, a hold-out or another
falloff costs only what is new about it. Computes nothing: that is `propagate`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from engine.cache.keys import Part
from engine.cache.keys import key as make_key
from engine.cache.patch_key import PIPELINE
from engine.cache.store import Cache
from engine.compositing import patch_codec
from engine.compositing.patch_alpha import fade_at, faded, held_out
from engine.compositing.sources import PatchFrame
from engine.motion import ALGORITHM, FOLLOWING, GRAIN, REBUILT
from engine.motion.between import blended, shares
from engine.motion.confidence import Level, Reason, level
from engine.project.anchors import anchors_of, deciding
from engine.project.model import AnchorPixels, Media, MediaKind, Method, Patch, Region, RegionKey
from engine.project.regions import region_values

if TYPE_CHECKING:  # who only reads carried frames needs not what carries them
    from engine.motion.lie import Matrix
    from engine.motion.propagation import CarriedFrame

PATCH_FRAMES = "patch-frames"
CONFIDENCE = "patch-confidence"
_HEAD = "head-2"


@dataclass(frozen=True, slots=True)
class FrameTrust:
    """How far a patch holds on one frame; `time` is source time."""

    time: Fraction
    confidence: float
    reasons: tuple[str, ...] = ()
    is_carried: bool = True
    """False beyond a cut or where the region has left the picture: nothing is changed there."""

    @property
    def level(self) -> Level:
        return level(self.confidence)


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of one entry without its pixels."""

    confidence: float
    reasons: tuple[str, ...]
    is_carried: bool
    to_anchor: "Matrix" = ()
    """How the region lies there: a homography from this frame to the anchor, in fractions of the displayed picture."""


@dataclass(frozen=True, slots=True)
class Side:
    """One anchor's entry for a frame, and what it counts there."""

    anchor: AnchorPixels
    head: Head
    key: str
    share: float


class Entries:
    """Carried frames by name, in the cache."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def head(self, key: str) -> Head | None:
        data = self._cache.get(CONFIDENCE, make_key(_HEAD, key))
        if data is None:
            return None
        said = json.loads(data)
        return Head(said["confidence"], tuple(said["reasons"]), said["carried"], tuple(said["to_anchor"]))

    def has_frame(self, key: str) -> bool:
        return self._cache.get(PATCH_FRAMES, key) is not None

    def frame(self, key: str) -> PatchFrame | None:
        data = self._cache.get(PATCH_FRAMES, key)
        return patch_codec.decode(data) if data is not None else None

    def put_frame(self, key: str, frame: PatchFrame) -> None:
        self._cache.put(PATCH_FRAMES, key, patch_codec.encode(frame))

    def put_edit(self, key: str, frame: PatchFrame) -> None:
        """Keep what a provider made of one frame by itself."""
        self.put_frame(key, frame)
        self._put_head(key, Head(1.0, (), True))

    def put(self, key: str, carried: "CarriedFrame", to_anchor: "Matrix") -> None:
        """Keep a carried frame; `to_anchor` as in `Head`. Pixels first: a known confidence means that the pixels are there."""
        self.put_frame(key, carried.patch or nothing())
        reasons = tuple(reason.value for reason in carried.reasons)
        self._put_head(key, Head(carried.confidence, reasons, carried.patch is not None, to_anchor))

    def _put_head(self, key: str, head: Head) -> None:
        said = {"confidence": head.confidence, "reasons": head.reasons, "carried": head.is_carried, "to_anchor": head.to_anchor}
        self._cache.put(CONFIDENCE, make_key(_HEAD, key), json.dumps(said).encode())


def nothing() -> PatchFrame:
    """What lies on a frame to which nothing was carried (hidden, out of the picture, another shot): known, and invisible."""
    return PatchFrame(0, 0, np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.float32))


def region_frame_key(media: Media, anchor: Fraction, region: Region, time: Fraction) -> str:
    """Names the alpha of a region that was drawn on one frame and followed to another."""
    return make_key(FOLLOWING, "region", media.fingerprint, anchor, *region_values(region), time)


def _drawn(anchor: AnchorPixels) -> tuple[Part, ...]:
    return (anchor.pixels, anchor.crop, anchor.anchor, *region_values(anchor.region))


class PatchFrames:
    """The frames of a patch's current version. Times are source times of frames; of a still, only 0 counts."""

    def __init__(self, media: Media, patch: Patch, cache: Cache) -> None:
        self._media, self._patch = media, patch
        self._is_still = media.kind is MediaKind.IMAGE
        self.entries = Entries(cache)
        self.anchors = anchors_of(patch.version) if patch.version is not None else ()

    # Names

    def sources(self, time: Fraction) -> tuple[tuple[AnchorPixels, str], ...]:
        """The anchors that decide a frame, each with the name of what came from it; one where it is rebuilt between two."""
        ends = deciding(self.anchors, time)
        if len(ends) == 2 and self._patch.carrying.method is Method.REBUILD:
            return ((ends[0], self.rebuilt_key(ends[0], ends[1], time)),)
        return tuple((anchor, self.anchor_key(anchor, time)) for anchor in ends)

    def anchor_key(self, anchor: AnchorPixels, time: Fraction) -> str:
        """Names what is carried from one anchor to a frame: pixels, or only the region where every frame is edited by itself."""
        carrying = self._patch.carrying
        if carrying.method is Method.TRACK and not self._is_still:
            return region_frame_key(self._media, anchor.anchor, anchor.region, time)
        method = Method.HOLD if self._is_still else Method.FLOW if carrying.method is Method.REBUILD else carrying.method
        return make_key(
            ALGORITHM, method.value, self._media.fingerprint, *_drawn(anchor), self._grain(),
            Fraction(0) if self._is_still else time,
        )

    def rebuilt_key(self, first: AnchorPixels, last: AnchorPixels, time: Fraction) -> str:
        """Names what is rebuilt on a frame between two anchors (`Method.REBUILD`)."""
        return make_key(REBUILT, self._media.fingerprint, *_drawn(first), *_drawn(last), self._grain(), time)

    def _grain(self) -> tuple[str, ...]:
        version = self._patch.version
        return (GRAIN, version.recipe.provider) if self._patch.carrying.matches_grain and version is not None else ()

    def edit_key(self, time: Fraction) -> str:
        """Names what the provider made of one frame by itself (`Method.TRACK`)."""
        version = self._patch.version
        if version is None:
            raise ValueError("a patch without a version has no frames")
        recipe = version.recipe
        regions = [(a.anchor, region_values(a.region)) for a in deciding(self.anchors, time)]
        return make_key(
            FOLLOWING, PIPELINE, "track", self._media.fingerprint, regions, version.request_hash, recipe.provider,
            recipe.prompt, recipe.image, recipe.params, recipe.seed, time,
        )

    def name(self, time: Fraction) -> str:
        """Names what `frame` gives, by all that decides it."""
        keys = [key for _, key in self.sources(time)]
        if self._edits_every_frame:
            keys.append(self.edit_key(time))
        keys += [self.front_key(key, time) for key in self._in_front]
        fade = fade_at(self._media, self._patch, time)
        return keys[0] if len(keys) == 1 and fade == 1 else make_key(*keys, fade, self._way(time))

    def front_key(self, front: RegionKey, time: Fraction) -> str:
        return region_frame_key(self._media, front.time, front.region, time)

    # What is known

    def sides(self, time: Fraction) -> tuple[Side, ...] | None:
        """The entries that make a frame; None where one of them is not known yet."""
        found = []
        for anchor, key in self.sources(time):
            head = self.entries.head(key)
            if head is None:
                return None
            found.append((anchor, head, key))
        if len(found) != 2:
            return tuple(Side(*one, 1.0) for one in found)
        (_, one, _), (_, other, _) = found
        counted = shares(self._way(time), (one.confidence, other.confidence), (one.is_carried, other.is_carried))
        return tuple(Side(*entry, share) for entry, share in zip(found, counted, strict=True))

    def trust(self, time: Fraction) -> FrameTrust | None:
        """How far the patch holds there; None where anything that its frame is made of is not known."""
        found = self.carried_trust(time)
        if found is None or (self._edits_every_frame and self.entries.head(self.edit_key(time)) is None):
            return None
        for front in self._in_front:
            head = self.entries.head(self.front_key(front, time))
            if head is None:
                return None
            if head.is_carried and head.confidence < found.confidence:
                found = replace(found, confidence=head.confidence, reasons=tuple(dict.fromkeys((*found.reasons, *head.reasons))))
        return found

    def carried_trust(self, time: Fraction) -> FrameTrust | None:
        """The same of what is carried alone, from one anchor or two."""
        sides = self.sides(time)
        if sides is None:
            return None
        total = sum(side.share for side in sides) or 1.0
        confidence = sum(side.share * side.head.confidence for side in sides) / total
        counted = [side for side in sides if side.share > 0] or sides
        reasons = dict.fromkeys(reason for side in counted for reason in side.head.reasons)
        return FrameTrust(time, confidence, tuple(reasons), any(side.head.is_carried for side in sides))

    def is_known(self, time: Fraction) -> bool:
        """Whether everything is there that `frame` reads."""
        keys = [self.front_key(key, time) for key in self._in_front]
        if self._edits_every_frame:
            keys.append(self.edit_key(time))
        else:
            keys += [key for _, key in self.sources(time)]
        return bool(self.anchors) and all(self.entries.has_frame(key) for key in keys)

    def is_edited(self, time: Fraction) -> bool:
        """Whether the provider's work on this very frame is there (`Method.TRACK`)."""
        key = self.edit_key(time)
        return self.entries.head(key) is not None and self.entries.has_frame(key)

    def frame(self, time: Fraction) -> PatchFrame | None:
        """The patch as it is laid on a frame; None where it is not known."""
        laid = self.entries.frame(self.edit_key(time)) if self._edits_every_frame else self.carried(time)
        for front in self._in_front:
            cover = self.entries.frame(self.front_key(front, time))
            if cover is None or laid is None:
                return None
            laid = held_out(laid, cover)
        return faded(laid, fade_at(self._media, self._patch, time)) if laid is not None else None

    def carried(self, time: Fraction) -> PatchFrame | None:
        """What was carried to a frame, from both sides where it lies between two anchors."""
        alone = self.sources(time)
        if len(alone) == 1:
            return self.entries.frame(alone[0][1])
        sides = self.sides(time)
        if not sides:
            return None
        frames = [self.entries.frame(side.key) for side in sides]
        known = [frame for frame in frames if frame is not None]
        if len(known) < len(frames):
            return None
        if all(side.share == 0 for side in sides):
            return known[0]
        return blended(known, [side.share for side in sides])

    # Inside

    @property
    def _edits_every_frame(self) -> bool:
        return self._patch.carrying.method is Method.TRACK and not self._is_still

    @property
    def _in_front(self) -> Iterable[RegionKey]:
        return () if self._is_still else self._patch.carrying.in_front

    def _way(self, time: Fraction) -> float:
        """How far a frame lies from the anchor before it to the one after it, 0..1."""
        ends = deciding(self.anchors, time)
        if len(ends) != 2:
            return 0.0
        return float((time - ends[0].anchor) / (ends[1].anchor - ends[0].anchor))


def has_ended(trust: FrameTrust) -> bool:
    """Whether another shot begins on or before a frame."""
    return Reason.CUT.value in trust.reasons and not trust.is_carried
