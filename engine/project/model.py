"""The project: one frozen value. An edit makes a new one; undo is a list of them.

Times of clips on the timeline are timeline seconds. Times of a `source_range` and of patches are source seconds: 0 is the first
frame of the media's video (of its audio where it has no video). Pixels are never in here: a patch names them by asset hash.

    Project
      media    (files)            tracks  (bottom to top)            patches  (belong to a media, in source time)
        Media                       Track -> Clip -> Media or Text      Patch -> PatchVersion -> asset
      captions (belong to a media, in source time)
        Cue -> CuePlace -> Media
"""

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from engine.project.caption_values import NO_CAPTIONS, Captions
from engine.rational_time import TimeRange

SCHEMA_VERSION = 3
"""2: regions of several shapes, further anchors, how a patch is carried. 3: captions, and what generated
media were made by. A file of an older version has none of it: the defaults."""


class MediaKind(Enum):
    VIDEO = "video"
    IMAGE = "image"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Media:
    """A source file as it was when it was imported. The file is never moved or written."""

    id: str
    kind: MediaKind
    name: str
    path: str
    """Absolute; bytes that are not UTF-8 are kept as surrogates (`os.fsdecode`)."""
    fingerprint: str
    size_bytes: int
    mtime_ns: int
    available_range: TimeRange | None
    """What exists, in source time; None for a still, which lasts as long as one likes."""
    width: int = 0
    """As displayed: upright, square pixels. 0 for sound."""
    height: int = 0
    rate: Fraction | None = None
    """Average frame rate; exact times come from the frame index."""
    has_audio: bool = False
    derived_from: str = ""
    """Of a generated clip or picture the operation that made it; empty for what was filmed, drawn or recorded."""


class LayerKind(Enum):
    """The fixed order of the picture, bottom to top; MOTION_PATCH is a view of all patches, then come the sounds."""

    BACKGROUND = "background"
    SUBJECT = "subject"
    OVERLAY = "overlay"
    CAPTIONS = "captions"
    MOTION_PATCH = "motion patch"
    AUDIO_ORIGINAL = "original audio"
    MUSIC = "music"


PICTURE_ORDER = (
    LayerKind.BACKGROUND, LayerKind.SUBJECT, LayerKind.OVERLAY, LayerKind.CAPTIONS, LayerKind.MOTION_PATCH,
)
AUDIO_KINDS = frozenset({LayerKind.AUDIO_ORIGINAL, LayerKind.MUSIC})


@dataclass(frozen=True, slots=True)
class Transform:
    """How a picture is laid on the canvas: fitted inside it, then scaled about its centre and moved.

    `x` and `y` are offsets of the centre as fractions of the canvas width and height; `opacity` is 0..1.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    rotation_deg: float = 0.0
    opacity: float = 1.0

    @property
    def is_identity(self) -> bool:
        return (self.x, self.y, self.scale, self.rotation_deg, self.opacity) == (0.0, 0.0, 1.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the bitmap that was drawn for it (asset hash of a PNG with alpha, at canvas size); empty while not drawn."""

    text: str
    font_size: float = 0.06
    """Fraction of the canvas height."""
    colour: str = "#ffffff"
    position: tuple[float, float] = (0.5, 0.88)
    """Centre of the text, fractions of the canvas."""
    bitmap: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a media, or a text, on a track. Exactly one of `media_id` and `text` is set."""

    id: str
    start: Fraction
    """On the timeline."""
    source_range: TimeRange
    """What is used, in source time; its duration is the clip's length on the timeline. Starts at 0 for stills and texts."""
    media_id: str | None = None
    text: Text | None = None
    transform: Transform = Transform()
    gain_db: float = 0.0

    @property
    def timeline_range(self) -> TimeRange:
        return TimeRange(self.start, self.source_range.duration)

    @property
    def end(self) -> Fraction:
        return self.start + self.source_range.duration

    def source_time(self, time: Fraction) -> Fraction:
        """Source time shown at a timeline time."""
        return time - self.start + self.source_range.start

    def timeline_time(self, source: Fraction) -> Fraction:
        """Timeline time at which a source time is shown (it may lie outside the clip)."""
        return source - self.source_range.start + self.start


@dataclass(frozen=True, slots=True)
class Track:
    """A layer: clips in order of start, not overlapping; what lies between them is gap."""

    id: str
    kind: LayerKind
    name: str
    visible: bool = True
    locked: bool = False
    version: int = 1
    """Counts what the user kept as a version of this layer."""
    clips: tuple[Clip, ...] = ()


class RegionKind(Enum):
    BOX = "box"
    LASSO = "lasso"
    ELLIPSE = "ellipse"
    BRUSH = "brush"


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline that is added to a region or taken away from it. Points are fractions 0..1 of the picture as displayed.

    A box and an ellipse have two points, (left, top) and (right, bottom) of their bounds; a lasso three or more, closed by
    itself; a brush stroke one or more, joined by a round pen.
    """

    kind: RegionKind
    points: tuple[tuple[float, float], ...]
    radius: float = 0.0
    """Of a brush's pen, as a fraction of the displayed picture's height; 0 for the other kinds."""
    is_subtracted: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """Where a patch changes the picture (the ROI): one outline, and what was added to it and taken away from it, in order.

    `kind`, `points` and `radius` are as in `Shape`. Growing, then inverting, come after the shapes; the feather lies outside
    all of it.
    """

    kind: RegionKind
    points: tuple[tuple[float, float], ...]
    feather_px: float = 6.0
    """Width of the fade outside the outline, in source pixels."""
    radius: float = 0.0
    more: tuple[Shape, ...] = ()
    grow_px: float = 0.0
    """Source pixels by which the outline is moved outwards, or inwards where negative."""
    is_inverted: bool = False
    """The region is everything but this."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        return (Shape(self.kind, self.points, self.radius), *self.more)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """left, top, right, bottom of the first shape's points, as fractions."""
        xs, ys = [p[0] for p in self.points], [p[1] for p in self.points]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class RegionKey:
    """A region as it lies on one frame, put right by hand: a key of a tracked region."""

    time: Fraction
    """Source time, exactly a frame's."""
    region: Region


class Method(Enum):
    """How a patch gets from its anchors to the other frames of its window."""

    FLOW = "flow"
    """The anchor's pixels follow the motion."""
    HOLD = "hold"
    """The anchor's pixels stay where they are: for a still camera."""
    TRACK = "track"
    """The region follows the motion, and the provider works on every frame: for blurs and colours."""
    REBUILD = "rebuild"
    """Between two anchors what moves is rebuilt from them alone; before the first and after the last it is as with `FLOW`."""


@dataclass(frozen=True, slots=True)
class Carrying:
    """How a patch is carried over its window."""

    method: Method = Method.FLOW
    falloff_frames: int = 0
    """Frames over which the patch fades in at the window's start and out at its end; 0 is a hard start and end."""
    matches_grain: bool = True
    """The patch gets the grain of the picture around it."""
    in_front: tuple[RegionKey, ...] = ()
    """Things that stay in front of the patch; each is followed from the frame it was drawn on."""


class PatchState(Enum):
    """The seed's words; in the window: queued, working, ready to review, accepted, rejected."""

    QUEUED = "queued"
    PROCESSING = "processing"
    QA_READY = "qa_ready"
    PUBLISHED = "published"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a provider was asked for; equal recipes on equal pixels give equal patches."""

    provider: str
    prompt: str = ""
    image: str = ""
    """Asset hash of a picture given to the provider, or empty."""
    params: tuple[tuple[str, str], ...] = ()
    """Sorted by name."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class AnchorPixels:
    """What a version shows on a further anchor frame. Fields as in `PatchVersion`."""

    anchor: Fraction
    region: Region
    pixels: str
    crop: tuple[int, int, int, int]
    raw_reply: str = ""
    request_hash: str = ""


@dataclass(frozen=True, slots=True)
class PatchVersion:
    """One run of a provider: what was asked and what came back. Never removed by undo."""

    number: int
    recipe: Recipe
    region: Region
    anchor: Fraction
    """Source time of the anchor frame (exactly a frame's time)."""
    pixels: str
    """Asset hash of the anchor crop after registration (a PNG, RGB, 8 or 16 bit, in the source's own R'G'B')."""
    crop: tuple[int, int, int, int]
    """x, y, width, height of that crop, in stored source pixels (before rotation)."""
    raw_reply: str = ""
    """Asset hash of the provider's reply before any processing; empty for offline providers, whose reply is `pixels`."""
    request_hash: str = ""
    cost_usd: float = 0.0
    seconds: float = 0.0
    created: str = ""
    """UTC, ISO 8601."""
    model: str = ""
    """The model that answered, for remote providers."""
    others: tuple[AnchorPixels, ...] = ()
    """Further anchors, in order of time; the version's own is not among them."""
    warnings: tuple[str, ...] = ()
    """What was found wrong with the provider's reply and put right."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of a part of the picture for a while. It belongs to its media and shows wherever that is used."""

    id: str
    name: str
    media_id: str
    region: Region
    """As drawn now; a version keeps the region it was made from."""
    anchor: Fraction
    """Source time, exactly a frame's time."""
    window: TimeRange
    """The propagation window in source time; contains the anchor."""
    recipe: Recipe
    state: PatchState = PatchState.QUEUED
    versions: tuple[PatchVersion, ...] = ()
    current_version: int = 0
    """Number of the version that is shown; 0 where there is none yet."""
    visible: bool = True
    locked: bool = False
    anchor_locked: bool = False
    window_locked: bool = False
    clip_id: str | None = None
    """Where set, the patch shows in this clip only."""
    keys: tuple[RegionKey, ...] = ()
    """Further anchors, in order of time: the region as corrected on those frames. The patch's own anchor is not among them."""
    carrying: Carrying = Carrying()

    @property
    def version(self) -> PatchVersion | None:
        return next((v for v in self.versions if v.number == self.current_version), None)


@dataclass(frozen=True, slots=True)
class Canvas:
    """Size and rate of the output. Taken from the first clip unless the user chose."""

    width: int = 1920
    height: int = 1080
    rate: Fraction = Fraction(25)
    is_chosen: bool = False
    """False until a clip or the user has set it."""


@dataclass(frozen=True, slots=True)
class Project:
    """The whole document."""

    canvas: Canvas = Canvas()
    media: tuple[Media, ...] = ()
    tracks: tuple[Track, ...] = ()
    patches: tuple[Patch, ...] = ()
    unattached: tuple[tuple[str, PatchVersion], ...] = field(default=())
    """(patch id, version) of results that came back when their patch was gone; kept because they cost money or time."""
    captions: Captions = NO_CAPTIONS

    @property
    def duration(self) -> Fraction:
        """End of the last clip on the timeline; clips of a track are in order and do not overlap."""
        return max((t.clips[-1].end for t in self.tracks if t.clips), default=Fraction(0))

    def media_by_id(self, media_id: str) -> Media:
        return next(m for m in self.media if m.id == media_id)

    def track_by_id(self, track_id: str) -> Track:
        return next(t for t in self.tracks if t.id == track_id)

    def patch_by_id(self, patch_id: str) -> Patch:
        return next(p for p in self.patches if p.id == patch_id)

    def find_clip(self, clip_id: str) -> tuple[Track, Clip] | None:
        return next(((t, c) for t in self.tracks for c in t.clips if c.id == clip_id), None)
