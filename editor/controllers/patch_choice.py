"""Which patch is meant, and where: the chosen patch, the clip it is seen in, its frames on the timeline. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from editor.patch_facts import LookRange, summary_of
from editor.patch_trust import PatchTrust
from editor.services import Services
from engine.media.index import FrameIndex
from engine.project.model import Clip, Media, MediaKind, Patch, Project
from engine.rational_time import TimeRange


@dataclass(frozen=True, slots=True)
class PatchChoice:
    """Answers about the chosen patch as the document and the session are now."""

    services: Services
    trust: PatchTrust

    @property
    def project(self) -> Project:
        return self.services.document.project

    def patch(self) -> Patch | None:
        """The one patch that is chosen; None where none or several are."""
        selection = self.services.session.selection
        chosen = [patch for patch in self.project.patches if patch.id in selection] if selection else []
        return chosen[0] if len(chosen) == 1 else None

    def media(self, patch: Patch) -> Media:
        return self.project.media_by_id(patch.media_id)

    def index(self, patch: Patch) -> FrameIndex | None:
        """The frames of the patch's video; None for a still, and while they are not known."""
        media = self.media(patch)
        return self.services.files.index(media) if media.kind is MediaKind.VIDEO else None

    def clips(self, patch: Patch) -> list[Clip]:
        """The clips in which a part of the patch is seen, by time."""
        return list(self.services.places.of(self.project).showing(patch))

    def patches_here(self) -> Iterator[tuple[Patch, Fraction]]:
        """Every patch that is seen at the playhead, bottom to top, with the source time of the frame that is shown."""
        places, playhead = self.services.places.of(self.project), self.services.session.playhead
        clips = [(c.media_id, c.source_time(playhead), places.is_still(c.media_id or "")) for c in places.under(playhead)]
        for patch in self.project.patches:
            for media_id, source, is_still in clips:
                if media_id == patch.media_id and (is_still or patch.window.contains(source)):
                    time = self.source_time(patch)
                    if time is not None:
                        yield patch, time
                    break

    def clip_here(self, patch: Patch) -> Clip | None:
        """The clip at the playhead that shows the patch's media, else the first that shows the patch."""
        time = self.services.session.playhead
        clips = self.clips(patch)
        return next((clip for clip in clips if clip.timeline_range.contains(time)), clips[0] if clips else None)

    def source_time(self, patch: Patch) -> Fraction | None:
        """Source time of the frame at the playhead, where the patch's clip is there; the anchor's for a still."""
        time = self.services.session.playhead
        clip = self.clip_here(patch)
        if clip is None or not clip.timeline_range.contains(time):
            return None
        if self.media(patch).kind is MediaKind.IMAGE:
            return patch.anchor
        index = self.index(patch)
        source = clip.source_time(time)
        return index.time_of(index.frame_at(source)) if index is not None else source

    def is_on_anchor(self, patch: Patch) -> bool:
        return self.source_time(patch) == patch.anchor

    def timeline_time(self, patch: Patch, source: Fraction) -> Fraction | None:
        """Where a source time of the patch is seen: in the clip at the playhead if possible."""
        here = self.clip_here(patch)
        clips = ([here] if here is not None else []) + self.clips(patch)
        inside = next((clip for clip in clips if clip.source_range.contains(source)), None)
        return inside.timeline_time(source) if inside is not None else None

    def looks(self) -> Iterator[tuple[Fraction, Patch, LookRange]]:
        """(timeline time, patch, range) of everything that needs a look, in every clip that shows it."""
        for patch in self.project.patches:
            if patch.visible and self.media(patch).kind is MediaKind.VIDEO:
                for item in summary_of(self.trust.frames(patch), self.index(patch)).ranges:
                    for clip in self.clips(patch):
                        if clip.source_range.contains(item.time):
                            yield clip.timeline_time(item.time), patch, item

    def window_of(self, patch: Patch, before: int, after: int) -> TimeRange | None:
        """The window with so many frames on each side of the anchor, as far as the clip at the playhead goes."""
        index, clip = self.index(patch), self.clip_here(patch)
        if index is None:
            return None
        anchor = index.frame_at(patch.anchor)
        first, last = anchor - before, anchor + after
        if clip is not None and clip.source_range.contains(patch.anchor):
            inside = index.frames_between(clip.source_range.start, clip.source_range.end)
            first, last = max(first, min(inside.start, anchor)), min(last, max(inside.stop - 1, anchor))
        first, last = max(first, 0), min(last, len(index) - 1)
        return TimeRange.between(index.time_of(first), index.end_of(last))
