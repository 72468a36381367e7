"""What a stretch of the timeline shows, as values: pictures laid on one another, and the patches inside them."""

from dataclasses import dataclass
from fractions import Fraction

from engine.project.model import Text, Transform
from engine.rational_time import TimeRange


@dataclass(frozen=True, slots=True)
class PatchUse:
    """A patch that shows, which of its versions, and what about it decides this part of its window."""

    patch_id: str
    version: int
    anchors: tuple[Fraction, ...] = ()
    """Source times of the anchors that the part is carried from: one, or the neighbours on both sides."""
    is_faded: bool = False


@dataclass(frozen=True, slots=True)
class PictureUse:
    """A picture laid on the canvas. Clips are not named: two halves of a split clip are one use."""

    media_id: str | None
    offset: Fraction
    """Timeline time minus source time; 0 for stills and texts."""
    transform: Transform
    text: Text | None = None
    patches: tuple[PatchUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the timeline with one recipe, bottom to top; an empty recipe is a gap."""

    range: TimeRange
    recipe: tuple[PictureUse, ...]

    @property
    def base(self) -> PictureUse | None:
        return self.recipe[0] if self.recipe else None

    @property
    def is_bare(self) -> bool:
        """Whether it shows nothing but the bottom picture as it is."""
        base = self.base
        if base is None or len(self.recipe) > 1:
            return False
        return base.text is None and not base.patches and base.transform.is_identity
