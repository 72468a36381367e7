"""What one moment of the timeline looks like: layers bottom to top, patches inside their media's picture.

The result has the output's pixel format; where a clip fills the canvas as it is and nothing lies on it, the result *is* the
source's picture, bit for bit. Never opens a file: pixels come from `Sources`. Knows nothing of keys, plans or encoding.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from fractions import Fraction

import numpy as np

from engine.compositing.layers import LayerImage, PlacedLayer, bitmap_image, picture_image, place
from engine.compositing.output import OutputFormat
from engine.compositing.replace import blend, replace_frame
from engine.compositing.sources import Sources
from engine.media.picture import Picture, Plane
from engine.project.lookup import clip_under, visible
from engine.project.model import AUDIO_KINDS, Clip, LayerKind, Media, MediaKind, Patch, PatchState, Project

_KEPT_LAYERS = 6
"""Placed stills and texts that are kept: they are the same on every frame."""


def frame(project: Project, time: Fraction, sources: Sources, output: OutputFormat, *, accepted_only: bool) -> Picture:
    """The output picture at a timeline time; half-open clips, gaps are black.

    With `accepted_only` only accepted (published) patches show, as in an export; else every visible one that has a version.
    """
    return Compositor(sources, output).frame(project, time, accepted_only=accepted_only)


def original_frame(project: Project, time: Fraction, sources: Sources, output: OutputFormat) -> Picture:
    """The same without any patch."""
    return Compositor(sources, output).original_frame(project, time)


def patched_picture(project: Project, media: Media, time: Fraction, sources: Sources, *, accepted_only: bool,
                    clip_id: str | None = None) -> Picture:
    """A media's stored picture at a source time with its patches; without `clip_id` those of one clip only are left out."""
    start = frame_time(media, time, sources)
    picture = sources.picture(media, start)
    for patch in showing_patches(project, media, start, accepted_only=accepted_only, clip_id=clip_id):
        carried = sources.patch_frame(media, patch, start)
        if carried is not None:
            picture = replace_frame(picture, carried)
    return picture


def frame_time(media: Media, time: Fraction, sources: Sources) -> Fraction:
    """Source time at which the frame shown at `time` begins; the time itself for a still."""
    if media.kind is not MediaKind.VIDEO:
        return time
    index = sources.index(media)
    return index.time_of(index.frame_at(time))


def showing_patches(project: Project, media: Media, time: Fraction, *, accepted_only: bool, clip_id: str | None) -> list[Patch]:
    """Patches that show on the frame of a media that begins at source time `time`, bottom to top."""
    here = (patch for patch in project.patches if patch.media_id == media.id and patch.window.contains(time))
    return [
        patch for patch in visible(project, here)
        if patch.state is not PatchState.REJECTED
        and (patch.state is PatchState.PUBLISHED or not accepted_only)
        and (patch.clip_id is None or patch.clip_id == clip_id)
    ]


def visible_clips(project: Project, time: Fraction) -> list[Clip]:
    """Clips of visible picture layers that show at a timeline time, bottom to top."""
    shown = (
        clip_under(track, time) for track in project.tracks
        if track.visible and track.kind not in AUDIO_KINDS and track.kind is not LayerKind.MOTION_PATCH
    )  # fmt: skip
    return [clip for clip in shown if clip is not None]


def black_picture(output: OutputFormat) -> Picture:
    """A black picture of an output format (opaque where it has alpha)."""
    form, colour = output.pixel_format, output.colour
    floor = 0 if form.is_rgb or colour.full_range else 16 << (form.bits - 8)
    chroma = 0 if form.is_rgb else 1 << (form.bits - 1)
    small = (-(-output.height >> form.shift_y), -(-output.width >> form.shift_x))
    whole = (output.height, output.width)
    planes = [_flat(whole, floor, form.bits), *(_flat(small, chroma, form.bits) for _ in range(2))]
    if form.has_alpha:
        planes.append(_flat(whole, form.peak, form.bits))
    return Picture(tuple(planes), form, colour)


def _flat(shape: tuple[int, int], value: int, bits: int) -> Plane:
    plane: Plane = np.full(shape, value, np.uint8) if bits == 8 else np.full(shape, value, np.uint16)
    plane.flags.writeable = False
    return plane


class Compositor:
    """Composes frames of one output. Keeps placed stills and texts between frames; belongs to one thread, like its sources."""

    def __init__(self, sources: Sources, output: OutputFormat) -> None:
        self._sources, self._output = sources, output
        self._placed: OrderedDict[Hashable, tuple[PlacedLayer | None, Picture | None]] = OrderedDict()
        self._black: Picture | None = None
        self._bottom: tuple[PlacedLayer, Picture] | None = None

    def frame(self, project: Project, time: Fraction, *, accepted_only: bool) -> Picture:
        """See the function of this name."""
        return self._composed(project, project, time, accepted_only)

    def original_frame(self, project: Project, time: Fraction) -> Picture:
        """See the function of this name."""
        return self._composed(project, None, time, False)

    def _composed(self, project: Project, patched: Project | None, time: Fraction, accepted_only: bool) -> Picture:
        result: Picture | None = None
        for clip in visible_clips(project, time):
            if clip.text is not None:
                result = self._laid(result, self._text(clip))
            elif clip.media_id is not None:
                result = self._media(result, project, patched, clip, time, accepted_only)
        return result if result is not None else self.black

    @property
    def black(self) -> Picture:
        """What a gap shows."""
        if self._black is None:
            self._black = black_picture(self._output)
        return self._black

    def _media(self, below: Picture | None, project: Project, patched: Project | None, clip: Clip, time: Fraction,
               accepted_only: bool) -> Picture:
        media = project.media_by_id(clip.media_id or "")
        source_time = clip.source_time(time)
        if patched is None:
            picture = self._sources.picture(media, frame_time(media, source_time, self._sources))
        else:
            picture = patched_picture(patched, media, source_time, self._sources, accepted_only=accepted_only, clip_id=clip.id)
        if self._fills(picture, media, clip) and (below is None or not picture.format.has_alpha):
            return picture
        return self._laid(below, self._placed_picture(picture, media, clip))

    def _fills(self, picture: Picture, media: Media, clip: Clip) -> bool:
        """True where the stored picture is the output's as it is."""
        out = self._output
        form = (picture.width, picture.height, picture.format, picture.colour)
        return (
            clip.transform.is_identity and form == (out.width, out.height, out.pixel_format, out.colour)
            and self._sources.rotation(media) == out.rotation and self._sources.pixel_aspect(media) == out.pixel_aspect
        )

    def _placed_picture(self, picture: Picture, media: Media, clip: Clip) -> PlacedLayer | None:
        rotation, aspect = self._sources.rotation(media), self._sources.pixel_aspect(media)
        if media.kind is not MediaKind.IMAGE:
            return place(picture_image(picture, rotation, aspect), clip.transform, self._output)
        key = (tuple(id(plane) for plane in picture.planes), clip.transform)
        return self._kept(key, lambda: picture_image(picture, rotation, aspect), clip, picture)

    def _text(self, clip: Clip) -> PlacedLayer | None:
        asset = clip.text.bitmap if clip.text is not None else ""
        if not asset:
            return None
        return self._kept((asset, clip.transform), lambda: bitmap_image(self._sources.bitmap(asset)), clip, None)

    def _kept(self, key: Hashable, image: Callable[[], LayerImage], clip: Clip, alive: Picture | None) -> PlacedLayer | None:
        """A placed layer from the last frames, or placed now. `alive` is held with it, so that its identity stays its own."""
        if key not in self._placed:
            self._placed[key] = (place(image(), clip.transform, self._output), alive)
        self._placed.move_to_end(key)
        while len(self._placed) > _KEPT_LAYERS:
            self._placed.popitem(last=False)
        return self._placed[key][0]

    def _laid(self, below: Picture | None, layer: PlacedLayer | None) -> Picture:
        if layer is None:
            return self.black if below is None else below
        if below is not None:
            return blend(below, layer.x, layer.y, layer.rgb, layer.alpha, spill=True)
        if self._bottom is None or self._bottom[0] is not layer:  # a still at the bottom is one picture for all its frames
            self._bottom = (layer, blend(self.black, layer.x, layer.y, layer.rgb, layer.alpha, spill=True))
        return self._bottom[1]
