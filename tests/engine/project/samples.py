"""Small projects for the tests of this room: files that never existed, clips and patches of round numbers."""

from dataclasses import replace
from fractions import Fraction

from engine.project.clip_edits import append_clip
from engine.project.media_edits import add_media
from engine.project.model import Media, MediaKind, PatchVersion, Project, Recipe, Region, RegionKind
from engine.project.patch_edits import add_patch
from engine.project.track_edits import new_project
from engine.rational_time import TimeRange

BOX = Region(RegionKind.BOX, ((0.25, 0.25), (0.5, 0.5)))
RECIPE = Recipe("local.inpaint")


def seconds(start: float | Fraction, end: float | Fraction) -> TimeRange:
    return TimeRange.between(Fraction(start), Fraction(end))


def media(name: str, kind: MediaKind = MediaKind.VIDEO, length: int = 10, path: str = "") -> Media:
    is_picture = kind is not MediaKind.AUDIO
    return Media(
        id=name, kind=kind, name=f"{name}.mp4", path=path or f"/films/{name}.mp4", fingerprint=f"content of {name}",
        size_bytes=1000, mtime_ns=1, available_range=None if kind is MediaKind.IMAGE else seconds(0, length),
        width=640 * is_picture, height=360 * is_picture, rate=Fraction(30000, 1001) if kind is MediaKind.VIDEO else None,
        has_audio=kind is not MediaKind.IMAGE,
    )  # fmt: skip


def with_media() -> Project:
    """A bin with two videos, a still and a sound; nothing on the timeline."""
    project = new_project()
    for item in (media("one"), media("two", length=4), media("still", MediaKind.IMAGE), media("song", MediaKind.AUDIO, 30)):
        project = add_media(project, item)
    return project


def with_clips() -> Project:
    """| a: one, 0–10 | b: two, 10–14 | on V1."""
    return append_clip(append_clip(with_media(), "one", clip_id="a"), "two", clip_id="b")


def with_patch() -> Project:
    """The same, with the patch “logo” on media one: anchor 5, window 4–7."""
    return add_patch(with_clips(), "one", BOX, Fraction(5), seconds(4, 7), RECIPE, name="Logo", patch_id="logo")


def version(pixels: str = "a" * 40, cost_usd: float = 0.04) -> PatchVersion:
    return PatchVersion(0, RECIPE, BOX, Fraction(5), pixels, (10, 10, 64, 64), request_hash="r" + pixels, cost_usd=cost_usd)


def layout(project: Project, track_id: str = "V1") -> list[tuple[object, ...]]:
    """(id, start, end, start in the source) of every clip of a track."""
    return [(c.id, c.start, c.end, c.source_range.start) for c in project.track_by_id(track_id).clips]


def longer(project: Project, media_id: str, by: int) -> Media:
    """Another take of a media: other content, `by` seconds longer."""
    old = project.media_by_id(media_id)
    assert old.available_range is not None
    return replace(old, fingerprint="other", available_range=TimeRange(Fraction(0), old.available_range.duration + by))
