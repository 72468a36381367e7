"""What there is to say about a patch, as plain values: frame numbers, states in words, frames that need a look, sizes, costs.

Pure functions over the project and over what jobs found out. Frames are counted from 1 for people, from 0 inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from engine.compositing.mask import region_bounds
from engine.jobs.carried import FrameTrust
from engine.jobs.region_edit import CONTEXT_MAX_PX, CONTEXT_MIN_PX, CONTEXT_SHARE
from engine.jobs.review import Review
from engine.media.index import FrameIndex
from engine.motion.confidence import Level
from engine.project.model import Media, Patch, PatchState, PatchVersion, Region

STATE_NAMES = {
    PatchState.QUEUED: "Not run", PatchState.PROCESSING: "Working", PatchState.QA_READY: "Not accepted",
    PatchState.PUBLISHED: "Accepted", PatchState.REJECTED: "Rejected",
}  # fmt: skip
WORST_FIRST: tuple[Level, ...] = ("red", "amber", "green")
NEAR_FRAMES = 2
"""Ranges that need a look and lie closer than this are one range: nobody looks at two frames and skips one."""


@dataclass(frozen=True, slots=True)
class LookRange:
    """Neighbouring frames that need a look. Frames are counted from 0, `last` included."""

    first: int
    last: int
    level: Level
    """That of the worst of them."""
    worst: int
    time: Fraction
    """Source time of the worst frame."""
    reason: str

    @property
    def frames(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class TrustSummary:
    """How many frames of a patch hold, and where a look is needed."""

    hold: int = 0
    check: int = 0
    doubtful: int = 0
    ranges: tuple[LookRange, ...] = ()
    wanted: int = 0
    """Frames of the window; while it is being carried there are fewer."""

    @property
    def total(self) -> int:
        return self.hold + self.check + self.doubtful

    @property
    def sentence(self) -> str:
        """ "15 of 91 frames need a look", "All 91 frames hold", "57 of 91 frames carried"."""
        count = self.check + self.doubtful
        if not self.total:
            return ""
        if self.total < self.wanted:
            return f"{self.total} of {self.wanted} frames carried"
        if not count:
            return f"All {self.total} frames hold" if self.total > 1 else "The frame holds"
        return f"{count} of {self.total} frames {'needs' if count == 1 else 'need'} a look"


def summary_of(trusts: Sequence[FrameTrust], index: FrameIndex | None, wanted: int = 0) -> TrustSummary:
    """Counts levels and joins neighbouring frames that need a look; `wanted` is the number of frames in the window."""
    levels = [trust.level for trust in trusts]
    counts = levels.count("green"), levels.count("amber"), levels.count("red")
    return TrustSummary(*counts, tuple(_look_ranges(trusts, index)), wanted)


def _look_ranges(trusts: Sequence[FrameTrust], index: FrameIndex | None) -> list[LookRange]:
    found: list[list[tuple[int, FrameTrust]]] = []
    for place, trust in enumerate(trusts):
        if trust.level == "green":
            continue
        frame = index.frame_at(trust.time) if index is not None else place
        if found and frame - found[-1][-1][0] <= NEAR_FRAMES:
            found[-1].append((frame, trust))
        else:
            found.append([(frame, trust)])
    return [_range_of(run) for run in found]


def _range_of(run: list[tuple[int, FrameTrust]]) -> LookRange:
    frame, worst = min(run, key=lambda item: item[1].confidence)
    reason = worst.reasons[0] if worst.reasons else "the motion is not clear"
    return LookRange(run[0][0], run[-1][0], worst.level, frame, worst.time, reason[:1].upper() + reason[1:])


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a patch lies, counted in frames of its source from 0; `last` included. A still has one frame."""

    first: int
    anchor: int
    last: int

    @property
    def frames(self) -> int:
        return self.last - self.first + 1

    @property
    def before(self) -> int:
        return self.anchor - self.first

    @property
    def after(self) -> int:
        return self.last - self.anchor

    @property
    def words(self) -> str:
        """ "Frames 30 to 120, anchor 70"."""
        return self.short_words if self.frames == 1 else f"{self.short_words}, anchor {self.anchor + 1}"

    @property
    def short_words(self) -> str:
        """ "Frames 30 to 120"."""
        return f"Frame {self.anchor + 1}" if self.frames == 1 else f"Frames {self.first + 1} to {self.last + 1}"


def extent_of(patch: Patch, index: FrameIndex | None) -> Extent | None:
    """None while the frame index is not known (or the patch is on a still)."""
    if index is None:
        return None
    inside = index.frames_between(patch.window.start, patch.window.end)
    anchor = index.frame_at(patch.anchor)
    return Extent(min(inside.start, anchor), anchor, max(inside.stop - 1, anchor))


def is_outdated(patch: Patch) -> bool:
    """Whether what would be run now differs from what the shown version was made of; another variation of it does not."""
    version = patch.version
    if version is None or not _has_its_keys(patch, version):
        return True
    recipe = replace(patch.recipe, seed=version.recipe.seed)
    return (version.recipe, version.region, version.anchor) != (recipe, patch.region, patch.anchor)


def awaits_correction(patch: Patch) -> bool:
    """Whether nothing but the keys differs from what the shown version was made of: that is put right without asking anybody."""
    version = patch.version
    if version is None or (version.recipe, version.region, version.anchor) != (patch.recipe, patch.region, patch.anchor):
        return False
    return not _has_its_keys(patch, version)


def _has_its_keys(patch: Patch, version: PatchVersion) -> bool:
    return [(key.time, key.region) for key in patch.keys] == [(other.anchor, other.region) for other in version.others]


def crop_size(region: Region, media: Media) -> tuple[int, int]:
    """Width and height, in displayed pixels, of what a provider gets to see: the region with its surroundings."""
    left, top, right, bottom = region_bounds(region, media.width, media.height)
    reach = region.feather_px + 1
    box = (left - reach, top - reach, right + reach, bottom + reach)
    margin = min(CONTEXT_MAX_PX, max(CONTEXT_MIN_PX, round(max(box[2] - box[0], box[3] - box[1]) * CONTEXT_SHARE)))
    across = min(media.width, box[2] + margin) - max(0, box[0] - margin)
    down = min(media.height, box[3] + margin) - max(0, box[1] - margin)
    return round(across), round(down)


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """The numbers of a review, ready to read."""

    outside: int
    frames: int
    changed_area: str
    largest: str
    mean: str
    flicker: str

    @property
    def claim(self) -> str:
        return outside_words(self.outside)


def outside_words(count: int) -> str:
    """ "Outside: 0 px changed"."""
    return f"Outside: {count:,} px changed".replace(",", "\N{NARROW NO-BREAK SPACE}")


def figures_of(review: Review | None) -> ReviewFigures | None:
    """None without a measured frame."""
    if review is None or not review.frames:
        return None
    frames = review.frames
    area = max(frame.changed_share for frame in frames) * 100
    flicker = sum(frame.flicker for frame in frames[1:]) / max(1, len(frames) - 1)
    return ReviewFigures(
        review.outside_changed, len(frames), f"{area:.1f} % of the picture", f"{max(f.largest for f in frames)} of 255",
        f"{sum(frame.mean for frame in frames) / len(frames):.1f} of 255", f"{flicker:.1f}",
    )  # fmt: skip


def cost_words(version: PatchVersion) -> str:
    """ "Free, 0.8 s", "$0.04, 6.2 s"."""
    cost = f"${version.cost_usd:.2f}" if version.cost_usd else "Free"
    return f"{cost}, {version.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What there is to say of a version, ready to read."""

    name: str
    """ "v3 Gemini"."""
    cost: str
    asked: str
    """Words and settings it was made with; empty where there were none."""
    made: str
    """Model, seed, further anchors, when."""
    warnings: tuple[str, ...]

    @property
    def lines(self) -> str:
        """All of it, a line for each, for a tool tip."""
        return "\n".join(line for line in (f"{self.name}: {self.cost}", self.made, self.asked, *self.warnings) if line)


IN_WORDS = {"corners": "four corners set"}
"""Settings whose value says nothing to a reader."""


def facts_of(version: PatchVersion, provider: str) -> VersionFacts:
    """`provider` is the provider's name."""
    recipe = version.recipe
    settings = ", ".join(IN_WORDS.get(name) or f"{name.replace('_', ' ')} {value}" for name, value in recipe.params)
    prompt = f"“{recipe.prompt}”" if recipe.prompt else ""
    anchors = f"{1 + len(version.others)} anchors" if version.others else ""
    made = (version.model or recipe.provider, f"seed {recipe.seed}", anchors, _when(version.created))
    name = f"v{version.number} {provider}" if version.number else provider  # one whose patch was gone has no number
    return VersionFacts(
        name, cost_words(version), ", ".join(p for p in (prompt, settings) if p),
        ", ".join(word for word in made if word), version.warnings,
    )  # fmt: skip


def _when(created: str) -> str:
    """ "20 Nov 2026, 14:32" by this computer's clock; empty where it is not known."""
    try:
        time = datetime.fromisoformat(created).astimezone()
    except ValueError:
        return ""
    return f"{time.day} {time:%b %Y, %H:%M}"
