"""A provider at work on every frame of a window, each with the region as it lies there: `Method.TRACK`, for blurs and colours."""

from fractions import Fraction

from engine.compositing.mask import RegionMask
from engine.compositing.sources import PatchFrame
from engine.errors import EditError
from engine.jobs.region_edit import Frame, ShotContext, edit_region
from engine.jobs.whole_picture import whole_picture
from engine.jobs.workspace import ProjectSources
from engine.project.model import Media, Method, Patch, Recipe
from engine.providers.registry import Registry
from engine.running import CancelToken, ignore


def refuse_remote_track(patch: Patch, recipe: Recipe, registry: Registry) -> None:
    """Raise EditError where a provider that is paid for each picture would get every frame of a window."""
    info = registry.get(recipe.provider).info
    if patch.carrying.method is Method.TRACK and info.is_remote:
        raise EditError(
            f"{info.name} is paid for every picture, so “{patch.name}” cannot ask it for each frame of its window.",
            "Carry the patch along with the motion instead.",
        )


class FrameEditor:
    """Asks one provider for frame after frame of a media. Belongs to the thread of its sources."""

    def __init__(
        self, media: Media, recipe: Recipe, registry: Registry, sources: ProjectSources, cancel: CancelToken
    ) -> None:
        self._media, self._recipe, self._sources, self._cancel = media, recipe, sources, cancel
        self._editor = registry.get(recipe.provider)
        self._params = registry.parameters(recipe.provider, dict(recipe.params))
        self._image = sources.bitmap(recipe.image) if recipe.image else None

    def edited(self, time: Fraction, region: PatchFrame) -> PatchFrame:
        """What the provider makes of the frame at a source time inside the alpha of `region`; its pixels are not looked at."""
        sources, media = self._sources, self._media
        frame = Frame(whole_picture(sources, media, time), sources.rotation(media), sources.pixel_aspect(media))
        context = None
        if self._editor.info.needs_context:
            context = ShotContext(sources.index(media), sources.shot(media, self._cancel), frame, time, self._cancel)
        made = edit_region(
            self._editor, frame, RegionMask(region.x, region.y, region.alpha), prompt=self._recipe.prompt, image=self._image,
            params=self._params, seed=self._recipe.seed, context=context, cancel=self._cancel, report=ignore,
        )
        made.pixels.flags.writeable = False
        return PatchFrame(made.x, made.y, made.pixels, region.alpha)
